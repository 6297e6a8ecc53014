/** Binomial, Poisson and hypergeometric probabilities, through the incomplete beta and gamma. */
import { betaTails } from './beta.ts';
import { deviance, gammaP, gammaQ, poissonTerm, stirlingError } from './gamma.ts';

/** P(X <= x), X binomial. */
export function binomialCdf(x: number, n: number, p: number): number {
  const c = Math.floor(x);
  if (c < 0) return 0;
  if (c >= n) return 1;
  return betaTails(p, c + 1, n - c).upper;
}

/** P(X > x), X binomial. */
export function binomialSf(x: number, n: number, p: number): number {
  const c = Math.floor(x);
  if (c < 0) return 1;
  if (c >= n) return 0;
  return betaTails(p, c + 1, n - c).lower;
}

/** P(X = x), X binomial; by Loader's saddle point. */
export function binomialPmf(x: number, n: number, p: number): number {
  if (x < 0 || x > n || !Number.isInteger(x)) return 0;
  if (p <= 0 || x === 0) return p <= 0 ? (x === 0 ? 1 : 0) : Math.exp(n * Math.log1p(-p));
  if (p >= 1 || x === n) return p >= 1 ? (x === n ? 1 : 0) : p ** n;
  const stirling = stirlingError(n) - stirlingError(x) - stirlingError(n - x);
  const spread = deviance(x, n * p) + deviance(n - x, n * (1 - p));
  return Math.exp(stirling - spread) * Math.sqrt(n / (2 * Math.PI * x * (n - x)));
}

/** P(X <= x), X Poisson. */
export function poissonCdf(x: number, mean: number): number {
  const c = Math.floor(x);
  return c < 0 ? 0 : gammaQ(c + 1, mean);
}

/** P(X > x), X Poisson. */
export function poissonSf(x: number, mean: number): number {
  const c = Math.floor(x);
  return c < 0 ? 1 : gammaP(c + 1, mean);
}

/** P(X = x), X Poisson. */
export function poissonPmf(x: number, mean: number): number {
  return x < 0 || !Number.isInteger(x) ? 0 : poissonTerm(x, mean);
}

/** P(X <= x) nonconforming in a sample of n from a lot of `lot` with `bad` nonconforming. */
export function hypergeometricCdf(x: number, lot: number, bad: number, n: number): number {
  let sum = 0;
  for (let i = 0; i <= Math.min(Math.floor(x), n, bad); i += 1) {
    sum += hypergeometricPmf(i, lot, bad, n);
  }
  return Math.min(1, sum);
}

/** P(X = x) as binomial probabilities (Loader): exact for any lot. */
function hypergeometricPmf(x: number, lot: number, bad: number, n: number): number {
  if (x < 0 || x > bad || n - x > lot - bad || n - x < 0) return 0;
  // The whole lot is the sample: it holds every bad unit.
  if (n === lot) return x === bad ? 1 : 0;
  const p = n / lot;
  return (binomialPmf(x, bad, p) * binomialPmf(n - x, lot - bad, p)) / binomialPmf(n, lot, p);
}

/** Smallest whole x with P(X <= x) >= p; null outside 0 < p < 1. */
export function discreteQuantile(cdf: (x: number) => number, p: number): number | null {
  if (!(p > 0 && p < 1)) return null;
  // A cdf rounded just below p must not move the answer by one.
  const wanted = p * (1 - 64 * Number.EPSILON);
  return smallest((x) => cdf(x) >= wanted);
}

/** Smallest whole x with P(X > x) <= q; null outside 0 < q < 1. */
export function discreteUpperQuantile(sf: (x: number) => number, q: number): number | null {
  if (!(q > 0 && q < 1)) return null;
  const wanted = q * (1 + 64 * Number.EPSILON);
  return smallest((x) => sf(x) <= wanted);
}

/** Smallest whole number from 0 on which a condition, once true, stays true. */
function smallest(holds: (x: number) => boolean): number {
  let high = 1;
  while (!holds(high) && high < 2 ** 50) high *= 2;
  let low = -1;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (holds(middle)) high = middle;
    else low = middle;
  }
  return high;
}
