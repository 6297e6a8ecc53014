/**
 * Expected and observed nonconforming fractions, Z.bench and the target-based indices (Cpm).
 * Cpm: Chan, Cheng & Spiring (1988); Cpm*: asymmetric target; interval: Boyles (1991).
 */
import { chiSquareInterval, type Interval } from './capability.ts';
import { normalSf, normalUpperQuantile } from './normal.ts';

/** Fractions (0 to 1) outside; a side without a limit is null and does not count. */
export interface Fractions {
  below: number | null;
  above: number | null;
  total: number;
}

export interface Tolerance {
  lsl: number | null;
  usl: number | null;
}

/** Fractions of a normal process outside the tolerance; null without a positive sigma. */
export function expectedOutside(
  mean: number,
  sigma: number | null,
  { lsl, usl }: Tolerance,
): Fractions | null {
  if (sigma === null || !(sigma > 0)) return null;
  const below = lsl === null ? null : normalSf((mean - lsl) / sigma);
  const above = usl === null ? null : normalSf((usl - mean) / sigma);
  return { below, above, total: (below ?? 0) + (above ?? 0) };
}

/** Fractions of the values strictly outside the tolerance; null for no values. */
export function observedOutside(
  values: readonly number[],
  { lsl, usl }: Tolerance,
): Fractions | null {
  const n = values.length;
  if (n === 0) return null;
  const below = lsl === null ? null : values.filter((x) => x < lsl).length / n;
  const above = usl === null ? null : values.filter((x) => x > usl).length / n;
  return { below, above, total: (below ?? 0) + (above ?? 0) };
}

/** The same in parts per million. */
export function perMillion(fractions: Fractions | null): Fractions | null {
  if (fractions === null) return null;
  const { below, above, total } = fractions;
  return {
    below: below === null ? null : below * 1e6,
    above: above === null ? null : above * 1e6,
    total: total * 1e6,
  };
}

/** The z whose upper tail is the whole expected fraction; null when that is 0 or 1. */
export function zBench(mean: number, sigma: number | null, tolerance: Tolerance): number | null {
  const outside = expectedOutside(mean, sigma, tolerance);
  return outside === null ? null : normalUpperQuantile(outside.total);
}

/** (USL - LSL)/(6 tau), tau^2 = sigma^2 + (mean - target)^2; null when anything is missing. */
export function cpm(
  mean: number,
  sigma: number | null,
  target: number | null,
  { lsl, usl }: Tolerance,
): number | null {
  if (lsl === null || usl === null || target === null || sigma === null) return null;
  const tau = Math.hypot(sigma, mean - target);
  return tau > 0 && usl > lsl ? (usl - lsl) / (6 * tau) : null;
}

/** Cpm* for a target that is not the middle: min(USL - T, T - LSL)/(3 tau). */
export function cpmStar(
  mean: number,
  sigma: number | null,
  target: number | null,
  { lsl, usl }: Tolerance,
): number | null {
  if (lsl === null || usl === null || target === null || sigma === null) return null;
  const tau = Math.hypot(sigma, mean - target);
  return tau > 0 && usl > lsl ? Math.min(usl - target, target - lsl) / (3 * tau) : null;
}

/** Boyles' degrees of freedom n (1 + d^2)^2 / (1 + 2 d^2), d = (mean - target)/sigma. */
export function cpmDf(
  mean: number,
  sigma: number | null,
  target: number | null,
  n: number,
): number | null {
  if (sigma === null || target === null || !(sigma > 0)) return null;
  const square = ((mean - target) / sigma) ** 2;
  return (n * (1 + square) ** 2) / (1 + 2 * square);
}

/** Boyles' two-sided interval of Cpm. */
export function cpmInterval(
  value: number | null,
  df: number | null,
  confidence: number,
): Interval | null {
  return df === null ? null : chiSquareInterval(value, df, confidence);
}
