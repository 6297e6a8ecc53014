/** Box-Cox transformation (1964): profile likelihood, its maximum and interval. */
import { chiSquareUpperQuantile } from './distributions.ts';
import { findRoot } from './solve.ts';
import { meanOf, sdOf, squaresOf, sumOf } from './summation.ts';

/** (x^lambda - 1)/lambda, or ln x for lambda 0; null for x <= 0. */
export function boxCox(x: number, lambda: number): number | null {
  if (!(x > 0)) return null;
  const log = Math.log(x);
  return lambda === 0 ? log : Math.expm1(lambda * log) / lambda;
}

/** -n/2 ln(mean squared deviation) + (lambda - 1) sum ln x; null unless all x > 0 and spread. */
export function boxCoxLogLikelihood(values: readonly number[], lambda: number): number | null {
  const scaled = byGeometricMean(values);
  if (scaled === null) return null;
  return profile(scaled, lambda);
}

export interface BoxCoxFit {
  lambda: number;
  logLikMax: number;
  /** profile-likelihood interval; an end is null where the likelihood never falls so far */
  ci: [number | null, number | null];
}

/** The lambda with the largest profile likelihood, unrounded, and its interval. */
export function fitBoxCox(values: readonly number[], confidence = 0.95): BoxCoxFit | null {
  const scaled = byGeometricMean(values);
  const drop = chiSquareUpperQuantile(1 - confidence, 1);
  if (scaled === null || drop === null) return null;
  const grid = lambdas(scaled.logs);
  const heights = grid.map((l) => profile(scaled, l));
  const best = heights.reduce((top, height, i) => (height > (heights[top] as number) ? i : top), 0);
  const slope = (l: number) => steepness(scaled, l);
  const lambda = findRoot(slope, grid[best - 1] ?? 0, grid[best + 1] ?? 0) ?? grid[best] ?? 0;
  const logLikMax = profile(scaled, lambda);
  const gap = (l: number) => profile(scaled, l) - logLikMax + drop / 2;
  const end = (side: readonly number[]) => {
    const past = side.find((l) => gap(l) < 0);
    return past === undefined ? null : findRoot(gap, lambda, past);
  };
  const ci: BoxCoxFit['ci'] = [end(grid.slice(0, best).reverse()), end(grid.slice(best + 1))];
  return { lambda, logLikMax, ci };
}

/** What the indices of transformed readings rest on. */
export interface BoxCoxScale {
  /** of the transformed readings */
  mean: number;
  sd: number | null;
  /** (y(x) - mean)/sd of a value; null for x <= 0 or no spread */
  score(x: number): number | null;
}

/**
 * Mean, spread and scores of the transformed readings. They are worked out about the geometric
 * mean: (x^lambda - 1)/lambda of large values with lambda below 0 is -1/lambda in every digit.
 */
export function boxCoxScale(values: readonly number[], lambda: number): BoxCoxScale | null {
  const first = values[0];
  if (first === undefined || values.some((x) => !(x > 0))) return null;
  const unit = Math.exp(meanOf(values.map((x) => Math.log(x))) as number);
  const near = (x: number) => power(Math.log(x / unit), lambda);
  const moved = values.map(near);
  const middle = meanOf(moved) as number;
  const sd = sdOf(moved);
  const stretch = Math.exp(lambda * Math.log(unit));
  return {
    mean: power(Math.log(unit), lambda) + stretch * middle,
    sd: sd === null ? null : stretch * sd,
    score: (x) => (x > 0 && sd !== null && sd > 0 ? (near(x) - middle) / sd : null),
  };
}

interface Scaled {
  logs: number[];
  logMean: number;
}

/** Logs of x over the geometric mean: keeps powers near 1 whatever the unit. */
function byGeometricMean(values: readonly number[]): Scaled | null {
  if (values.length < 2 || values.some((x) => !(x > 0))) return null;
  const logs = values.map((x) => Math.log(x));
  const logMean = meanOf(logs) as number;
  return squaresOf(logs) > 0 ? { logs: logs.map((log) => log - logMean), logMean } : null;
}

function profile({ logs, logMean }: Scaled, lambda: number): number {
  const n = logs.length;
  const y = logs.map((log) => power(log, lambda));
  // Scaling by the geometric mean turns the Jacobian into the constant -n ln(mean).
  return -(n / 2) * Math.log(squaresOf(y) / n) - n * logMean;
}

/** Derivative of the profile by lambda, divided by -n: its sign tells on which side the top is. */
function steepness({ logs }: Scaled, lambda: number): number {
  const y = logs.map((log) => power(log, lambda));
  const middle = meanOf(y) as number;
  return sumOf(y.map((v, i) => (v - middle) * powerSlope(logs[i] as number, lambda)));
}

/** (e^(lambda u) - 1)/lambda */
function power(u: number, lambda: number): number {
  return lambda === 0 ? u : Math.expm1(lambda * u) / lambda;
}

/** Derivative of `power` by lambda; near 0 its series, where the closed form cancels. */
function powerSlope(u: number, lambda: number): number {
  const t = lambda * u;
  if (Math.abs(t) > 0.5) return (u * u * (t * Math.exp(t) - Math.expm1(t))) / (t * t);
  let sum = 0;
  let term = 0.5;
  for (let k = 0; k < 18; k += 1) {
    sum += (k + 1) * term;
    term *= t / (k + 3);
  }
  return u * u * sum;
}

/**
 * Lambdas to look at, from fine steps about 0 to wide ones. A tight sample far from 0 leaves lambda
 * open over hundreds, so the steps go by the spread of the logs, as far as powers stay numbers.
 */
function lambdas(logs: readonly number[]): number[] {
  const highest = 300 / Math.max(...logs);
  const lowest = 300 / -Math.min(...logs);
  return Array.from({ length: 2 * STEPS + 1 }, (_, i) => {
    const v = (i - STEPS) / STEPS;
    return ((v < 0 ? lowest : highest) * Math.sinh(5 * v)) / Math.sinh(5);
  });
}

const STEPS = 80;
