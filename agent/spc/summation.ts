/**
 * Sums and means that survive a large offset with a tiny spread: compensated summation (Neumaier
 * 1974, by simple-statistics) and two-pass moments about a mean corrected by its own residual. A
 * missing answer is null.
 */
import { median, sum } from 'simple-statistics';

/** Sum of the values, compensated; 0 for no values. */
export function sumOf(values: ArrayLike<number>): number {
  return sum(values as number[]);
}

/** Arithmetic mean to the last bit or so; null for no values. */
export function meanOf(values: ArrayLike<number>): number | null {
  const n = values.length;
  if (n === 0) return null;
  // Deviations from one of the values are small, so their mean is exact where it matters.
  const origin = values[0] as number;
  // The same compensated sum as above, without a copy: this is the inner loop of every study.
  let sum = 0;
  let correction = 0;
  for (let i = 1; i < n; i += 1) {
    const x = (values[i] as number) - origin;
    const next = sum + x;
    correction += Math.abs(sum) >= Math.abs(x) ? sum - next + x : x - next + sum;
    sum = next;
  }
  return origin + (sum + correction) / n;
}

/** Sum of squared deviations from the mean; 0 for fewer than two values. */
export function squaresOf(values: ArrayLike<number>): number {
  const n = values.length;
  if (n < 2) return 0;
  const origin = values[0] as number;
  let first = 0;
  for (let i = 0; i < n; i += 1) first += (values[i] as number) - origin;
  const shift = first / n;
  let residual = 0;
  let squares = 0;
  for (let i = 0; i < n; i += 1) {
    const d = (values[i] as number) - origin - shift;
    residual += d;
    squares += d * d;
  }
  return Math.max(0, squares - (residual * residual) / n);
}

/** Variance with n - 1; null for fewer than two values, and where squares leave the range. */
export function varianceOf(values: ArrayLike<number>): number | null {
  if (values.length < 2) return null;
  const variance = squaresOf(values) / (values.length - 1);
  return Number.isFinite(variance) ? variance : null;
}

/** Standard deviation with n - 1; null for fewer than two values. */
export function sdOf(values: ArrayLike<number>): number | null {
  const variance = varianceOf(values);
  return variance === null ? null : Math.sqrt(variance);
}

/** Largest minus smallest; null for no values. */
export function rangeOf(values: ArrayLike<number>): number | null {
  if (values.length === 0) return null;
  let min = values[0] as number;
  let max = min;
  for (let i = 1; i < values.length; i += 1) {
    const x = values[i] as number;
    if (x < min) min = x;
    if (x > max) max = x;
  }
  return max - min;
}

/** Middle value, or the mean of the two middle values; null for no values. */
export function medianOf(values: ArrayLike<number>): number | null {
  return values.length === 0 ? null : median(Array.from(values));
}
