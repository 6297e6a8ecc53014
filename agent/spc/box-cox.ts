/** Box-Cox transformation (1964): profile likelihood, its maximum and interval. */
import { chiSquareUpperQuantile } from './distributions.ts';
import { findRoot } from './solve.ts';
import { meanOf, squaresOf } from './summation.ts';

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
  /** profile-likelihood interval; an end is null when it lies beyond +-10 */
  ci: [number | null, number | null];
}

/** The lambda with the largest profile likelihood, unrounded, and its interval. */
export function fitBoxCox(values: readonly number[], confidence = 0.95): BoxCoxFit | null {
  const scaled = byGeometricMean(values);
  const drop = chiSquareUpperQuantile(1 - confidence, 1);
  if (scaled === null || drop === null) return null;
  const lambda = maximiser((l) => profile(scaled, l), -LIMIT, LIMIT);
  const logLikMax = profile(scaled, lambda);
  const gap = (l: number) => profile(scaled, l) - logLikMax + drop / 2;
  return {
    lambda,
    logLikMax,
    ci: [findRoot(gap, -LIMIT, lambda), findRoot(gap, lambda, LIMIT)],
  };
}

const LIMIT = 10;

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
  const y = logs.map((log) => (lambda === 0 ? log : Math.expm1(lambda * log) / lambda));
  // Scaling by the geometric mean turns the Jacobian into the constant -n ln(mean).
  return -(n / 2) * Math.log(squaresOf(y) / n) - n * logMean;
}

/** Golden section after a coarse scan: the profile of a sample may have flat shoulders. */
function maximiser(f: (x: number) => number, low: number, high: number): number {
  const steps = 80;
  const width = (high - low) / steps;
  let best = low;
  for (let i = 0; i <= steps; i += 1) if (f(low + i * width) > f(best)) best = low + i * width;
  let a = Math.max(low, best - width);
  let b = Math.min(high, best + width);
  const ratio = (Math.sqrt(5) - 1) / 2;
  while (b - a > 1e-9) {
    const c = b - ratio * (b - a);
    const d = a + ratio * (b - a);
    if (f(c) > f(d)) b = d;
    else a = c;
  }
  return (a + b) / 2;
}
