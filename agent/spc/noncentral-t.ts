/**
 * Noncentral t: T = (Z + ncp)/s with s = chi/sqrt(df). Used for exact bounds of one-sided
 * capability, tolerance factors and variables sampling plans. By averaging the normal distribution
 * over s (Owen 1968 gives the same as a finite sum for whole df).
 */
import { averageOverChi } from './chi-average.ts';
import { normalCdf, normalSf } from './normal.ts';
import { findRoot } from './solve.ts';

/** P(T <= t). */
export function noncentralTCdf(t: number, df: number, ncp: number): number {
  return averageOverChi(df, (s) => normalCdf(t * s - ncp), Math.abs(ncp) + 1);
}

/** P(T > t). */
export function noncentralTSf(t: number, df: number, ncp: number): number {
  return averageOverChi(df, (s) => normalSf(t * s - ncp), Math.abs(ncp) + 1);
}

/** The t with P(T <= t) = p; null outside 0 < p < 1 or for df <= 0. */
export function noncentralTQuantile(p: number, df: number, ncp: number): number | null {
  if (!(p > 0 && p < 1 && df > 0)) return null;
  const error = (t: number) =>
    p < 0.5 ? noncentralTCdf(t, df, ncp) - p : 1 - p - noncentralTSf(t, df, ncp);
  let width = 2 + Math.abs(ncp) / Math.sqrt(df);
  let low = ncp - width;
  let high = ncp + width;
  for (let i = 0; i < 60 && error(low) > 0; i += 1) {
    width *= 2;
    low -= width;
  }
  for (let i = 0; i < 60 && error(high) < 0; i += 1) {
    width *= 2;
    high += width;
  }
  return findRoot(error, low, high);
}

/** The ncp with P(T <= t) = p; null outside 0 < p < 1 or for df <= 0. */
export function noncentralTParameter(p: number, df: number, t: number): number | null {
  if (!(p > 0 && p < 1 && df > 0)) return null;
  const error = (ncp: number) => noncentralTCdf(t, df, ncp) - p;
  const width = 10 + Math.abs(t) * (10 / Math.sqrt(df));
  return findRoot(error, t - width, t + width);
}
