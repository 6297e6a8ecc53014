/**
 * Multivariate CUSUM of Crosier (1988), the vector form: the accumulated deviation is shrunk towards
 * zero by k in the metric of the covariance, so that only what persists is left.
 */
import { inverse, type Matrix, quadraticForm } from './matrix.ts';
import type { Rows } from './multivariate.ts';

export interface Mcusum {
  /** length of the accumulated deviation at every row */
  y: number[];
  /** rows with y above h, from 0 */
  signals: number[];
  /** row at which the sum last left zero before the first signal: the likely onset; null without */
  onset: number | null;
}

/**
 * C = |S + x - mean|; S = 0 where C <= k, else (S + x - mean)(1 - k/C); y = |S|. Lengths are in the
 * inverse covariance. null when the covariance has no inverse.
 */
export function mcusum(
  rows: Rows,
  mean: readonly number[],
  cov: Matrix,
  k: number,
  h: number,
): Mcusum | null {
  const metric = inverse(cov);
  if (metric === null) return null;
  let sum = mean.map(() => 0);
  let left = 0;
  let onset: number | null = null;
  const y: number[] = [];
  const signals: number[] = [];
  rows.forEach((row, i) => {
    const moved = sum.map((s, j) => s + (row[j] as number) - (mean[j] as number));
    const length = Math.sqrt(quadraticForm(metric, moved));
    if (y.length === 0 || y.at(-1) === 0) left = i;
    sum = length <= k ? moved.map(() => 0) : moved.map((s) => s * (1 - k / length));
    const now = length <= k ? 0 : length - k;
    y.push(now);
    if (now <= h) return;
    signals.push(i);
    onset ??= left;
  });
  return { y, signals, onset };
}
