/**
 * Sums and means that survive a large offset with a tiny spread: compensated summation (Neumaier
 * 1974) and two-pass moments about a mean corrected by its own residual. A missing answer is null.
 */

/** Sum of the values, compensated. */
export function sumOf(values: ArrayLike<number>): number {
  let sum = 0;
  let lost = 0;
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i] as number;
    const next = sum + value;
    lost += Math.abs(sum) >= Math.abs(value) ? sum - next + value : value - next + sum;
    sum = next;
  }
  return sum + lost;
}

/** Arithmetic mean to the last bit or so; null for no values. */
export function meanOf(values: ArrayLike<number>): number | null {
  const n = values.length;
  if (n === 0) return null;
  // Deviations from one of the values are small, so their mean is exact where it matters.
  const origin = values[0] as number;
  let sum = 0;
  let lost = 0;
  for (let i = 0; i < n; i += 1) {
    const value = (values[i] as number) - origin;
    const next = sum + value;
    lost += Math.abs(sum) >= Math.abs(value) ? sum - next + value : value - next + sum;
    sum = next;
  }
  return origin + (sum + lost) / n;
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
  let sum = 0;
  for (let i = 0; i < n; i += 1) {
    const d = (values[i] as number) - origin - shift;
    residual += d;
    sum += d * d;
  }
  return Math.max(0, sum - (residual * residual) / n);
}

/** Variance with n - 1; null for fewer than two values. */
export function varianceOf(values: ArrayLike<number>): number | null {
  return values.length < 2 ? null : squaresOf(values) / (values.length - 1);
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
    const value = values[i] as number;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return max - min;
}

/** Middle value, or the mean of the two middle values; null for no values. */
export function medianOf(values: ArrayLike<number>): number | null {
  const n = values.length;
  if (n === 0) return null;
  const sorted = Float64Array.from(values).sort();
  const low = sorted[(n - 1) >> 1] as number;
  return low + ((sorted[n >> 1] as number) - low) / 2;
}
