/**
 * Which variables made T^2 large: decomposition of Mason, Tracy & Young (1995), searched in the order
 * of their 1997 scheme. T^2 of a set G and of G with one variable j more differ by a term T^2(j | G):
 * how far j is from where the variables in G say it should be.
 */
import { chiSquareUpperQuantile, fUpperQuantile } from './distributions.ts';
import { inverse, type Matrix, quadraticForm } from './matrix.ts';
import { tSquaredLimits } from './multivariate.ts';

/** A term beyond its limit: variable j, the variables it was compared with, and T^2(j | G). */
export interface Cause {
  variable: number;
  given: number[];
  t2: number;
}

/** What mean and covariance rest on: m rows, or m subgroups of n. */
export interface Basis {
  m: number;
  n: number;
}

/** T^2 of a future point of q variables; `basis` null: mean and covariance are known (chi-square). */
export function tSquaredLimit(q: number, alpha: number, n: number, basis: Basis | null) {
  if (basis === null) return chiSquareUpperQuantile(alpha, q);
  return tSquaredLimits(basis.m, n, q, alpha).uclPhase2;
}

/**
 * Limit of a term given k variables: (m + 1)/m v/(v - k) F(1, v - k), v = m - 1 or m(n - 1)
 * (Mason, Tracy & Young 1995); chi-square with 1 degree where the parameters are known.
 */
export function termLimit(k: number, alpha: number, basis: Basis | null): number | null {
  if (basis === null) return chiSquareUpperQuantile(alpha, 1);
  const { m, n } = basis;
  const degrees = n === 1 ? m - 1 : m * (n - 1);
  const f = fUpperQuantile(alpha, 1, degrees - k);
  return f === null ? null : ((m + 1) / m) * (degrees / (degrees - k)) * f;
}

/** T^2 of some of the variables: n d' S^-1 d; null when their covariance has no inverse. */
export function tSquaredOf(
  which: readonly number[],
  away: readonly number[],
  cov: Matrix,
  n = 1,
): number | null {
  const part = which.map((a) => which.map((b) => cov[a]?.[b] as number));
  const inv = inverse(part);
  if (inv === null) return null;
  const some = which.map((a) => away[a] as number);
  return n * quadraticForm(inv, some);
}

/**
 * The variables behind a T^2 beyond its limit: first those that are far from their own mean; what is
 * left is searched for pairs, then threes, … that do not go together, until T^2 of the rest is within
 * its limit. Empty where no single term is beyond its limit. `away`: deviations of the mean of n rows.
 */
export function causesOf(
  away: readonly number[],
  cov: Matrix,
  n: number,
  alpha: number,
  basis: Basis | null,
): Cause[] {
  const causes: Cause[] = [];
  let left = away.map((_, j) => j);
  for (let k = 0; k < left.length; k += 1) {
    const limit = termLimit(k, alpha, basis);
    if (limit === null) return causes;
    const found = termsOf(left, k, away, cov, n).filter(({ t2 }) => t2 > limit);
    causes.push(...found);
    const named = new Set(found.flatMap(({ variable, given }) => [variable, ...given]));
    left = left.filter((j) => !named.has(j));
    const rest = left.length === 0 ? null : tSquaredOf(left, away, cov, n);
    const whole = tSquaredLimit(left.length, alpha, n, basis);
    if (rest === null || whole === null || rest <= whole) return causes;
  }
  return causes;
}

/** All terms of the variables that are left, given k of the others. */
function termsOf(
  left: readonly number[],
  k: number,
  away: readonly number[],
  cov: Matrix,
  n: number,
): Cause[] {
  return subsets(left, k).flatMap((given) => {
    const without = given.length === 0 ? 0 : tSquaredOf(given, away, cov, n);
    return left
      .filter((j) => !given.includes(j))
      .flatMap((variable) => {
        const whole = tSquaredOf([...given, variable], away, cov, n);
        return whole === null || without === null ? [] : [{ variable, given, t2: whole - without }];
      });
  });
}

function subsets(of: readonly number[], size: number): number[][] {
  if (size === 0) return [[]];
  return of.flatMap((first, i) => subsets(of.slice(i + 1), size - 1).map((r) => [first, ...r]));
}
