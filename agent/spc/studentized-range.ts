/** Studentized range of k means with df degrees of freedom (Tukey); df may be Infinity. */
import { averageOverChi } from './chi-average.ts';
import { rangeCdf } from './constants.ts';
import { findRoot } from './solve.ts';

/** P(Q <= q). */
export function studentizedRangeCdf(q: number, k: number, df: number): number {
  if (q <= 0) return 0;
  if (df === Number.POSITIVE_INFINITY) return rangeCdf(q, k);
  return averageOverChi(df, (s) => rangeCdf(q * s, k), 2);
}

/** The q with P(Q <= q) = p; null outside 0 < p < 1. */
export function studentizedRangeQuantile(p: number, k: number, df: number): number | null {
  if (!(p > 0 && p < 1)) return null;
  let high = 4;
  while (high < 1e6 && studentizedRangeCdf(high, k, df) < p) high *= 2;
  return findRoot((q) => studentizedRangeCdf(q, k, df) - p, 1e-9, high);
}
