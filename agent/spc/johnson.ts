/** Johnson's system by quantiles: Slifker & Shapiro (1980). z-score = gamma + eta f(x). */

import { quantileOfSorted, sortedCopy } from './moments.ts';
import { normalCdf } from './normal.ts';

export interface JohnsonFit {
  /** at -3z, -z, z, 3z */
  quantiles: number[];
  /** mn/p^2: below 1 bounded, above 1 unbounded, 1 lognormal */
  qr: number;
  type: 'SB' | 'SU' | 'SL';
  eta: number;
  gamma: number;
  /** null for SL, which has none */
  lambda: number | null;
  epsilon: number;
}

/** The four sample quantiles (type 7) the fit rests on; null for no values. */
export function johnsonQuantiles(values: readonly number[], z: number): number[] | null {
  const sorted = sortedCopy(values);
  const found = [-3 * z, -z, z, 3 * z].map((at) => quantileOfSorted(sorted, normalCdf(at), 7));
  const known = found.filter((value) => value !== null);
  return known.length === 4 ? known : null;
}

/** Fit through four quantiles; null when they are not strictly increasing. */
export function fitJohnson(
  quantiles: readonly number[],
  z: number,
  slTolerance = 1e-12,
): JohnsonFit | null {
  const [x1, x2, x3, x4] = quantiles as [number, number, number, number];
  const m = x4 - x3;
  const n = x2 - x1;
  const p = x3 - x2;
  if (!(m > 0 && n > 0 && p > 0 && z > 0)) return null;
  const qr = (m * n) / (p * p);
  const shape = { m, n, p, z, middle: (x2 + x3) / 2 };
  const type = Math.abs(qr - 1) <= slTolerance ? 'SL' : qr < 1 ? 'SB' : 'SU';
  const solved = type === 'SU' ? unbounded(shape) : type === 'SB' ? bounded(shape) : log(shape);
  const sound = Number.isFinite(solved.eta) && Number.isFinite(solved.gamma);
  return sound ? { quantiles: [...quantiles], qr, type, ...solved } : null;
}

/** z-score of a value; null outside the support. */
export function johnsonScore(fit: JohnsonFit, x: number): number | null {
  const { eta, gamma, epsilon } = fit;
  const lambda = fit.lambda ?? 1;
  const from = x - epsilon;
  if (fit.type === 'SU') return gamma + eta * Math.asinh(from / lambda);
  if (!(from > 0) || (fit.type === 'SB' && !(from < lambda))) return null;
  return gamma + eta * Math.log(fit.type === 'SB' ? from / (lambda - from) : from);
}

interface Shape {
  m: number;
  n: number;
  p: number;
  z: number;
  middle: number;
}

type Solved = Pick<JohnsonFit, 'eta' | 'gamma' | 'lambda' | 'epsilon'>;

function unbounded({ m, n, p, z, middle }: Shape): Solved {
  const a = m / p;
  const b = n / p;
  const root = Math.sqrt(a * b - 1);
  const eta = (2 * z) / Math.acosh((a + b) / 2);
  return {
    eta,
    gamma: eta * Math.asinh((b - a) / (2 * root)),
    lambda: (2 * p * root) / ((a + b - 2) * Math.sqrt(a + b + 2)),
    epsilon: middle + (p * (b - a)) / (2 * (a + b - 2)),
  };
}

function bounded({ m, n, p, z, middle }: Shape): Solved {
  const a = p / m;
  const b = p / n;
  const product = (1 + a) * (1 + b);
  const eta = z / Math.acosh(0.5 * Math.sqrt(product));
  const lambda = (p * Math.sqrt((product - 2) ** 2 - 4)) / (a * b - 1);
  return {
    eta,
    gamma: eta * Math.asinh(((b - a) * Math.sqrt(product - 4)) / (2 * (a * b - 1))),
    lambda,
    epsilon: middle - lambda / 2 + (p * (b - a)) / (2 * (a * b - 1)),
  };
}

function log({ m, p, z, middle }: Shape): Solved {
  const a = m / p;
  const eta = (2 * z) / Math.log(a);
  return {
    eta,
    gamma: eta * Math.log((a - 1) / (p * Math.sqrt(a))),
    lambda: null,
    epsilon: middle - (p / 2) * ((a + 1) / (a - 1)),
  };
}
