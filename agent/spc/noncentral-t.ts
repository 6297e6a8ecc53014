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
  return quantile(p, 1 - p, df, ncp);
}

/** The t with P(T > t) = q; keeps tiny q exact. */
export function noncentralTUpperQuantile(q: number, df: number, ncp: number): number | null {
  return quantile(1 - q, q, df, ncp);
}

/** The ncp with P(T <= t) = p; null outside 0 < p < 1 or for df <= 0. */
export function noncentralTParameter(p: number, df: number, t: number): number | null {
  if (!(p > 0 && p < 1 && df > 0)) return null;
  const error = (ncp: number) => noncentralTCdf(t, df, ncp) - p;
  const width = 10 + Math.abs(t) * (10 / Math.sqrt(df));
  return findRoot(error, t - width, t + width);
}

/** Solves the smaller of the two tails, in logarithms, from a bracket that grows as needed. */
function quantile(p: number, q: number, df: number, ncp: number): number | null {
  // With a q below the last bit of 1, p rounds to 1: only the smaller tail has to be inside (0, 1).
  const smaller = Math.min(p, q);
  if (!(smaller > 0 && smaller <= 0.5 && df > 0)) return null;
  const log = (tail: number) => (tail > 0 ? Math.log(tail) : -750);
  const error = (t: number) =>
    p < q
      ? log(noncentralTCdf(t, df, ncp)) - Math.log(p)
      : Math.log(q) - log(noncentralTSf(t, df, ncp));
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
