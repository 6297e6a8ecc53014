/**
 * Descriptive statistics. Skewness and kurtosis as in Joanes & Gill (1998): g1, G1, g2, G2;
 * quantiles as in Hyndman & Fan (1996), types 6 and 7. Not defined is null.
 */
import { meanOf, medianOf, rangeOf, sdOf, varianceOf } from './summation.ts';

export interface Moments {
  n: number;
  mean: number | null;
  min: number | null;
  max: number | null;
  range: number | null;
  median: number | null;
  variance: number | null;
  sd: number | null;
  /** corrected for n, as Minitab, Excel and SAS print it */
  skewnessG1: number | null;
  skewnessPopulation: number | null;
  /** excess, corrected for n */
  kurtosisG2: number | null;
  kurtosisPopulationExcess: number | null;
  lag1Autocorrelation: number | null;
}

/** All descriptive statistics of the values in their order. */
export function moments(values: readonly number[]): Moments {
  const sorted = sortedCopy(values);
  return {
    n: values.length,
    mean: meanOf(values),
    min: sorted[0] ?? null,
    max: sorted[sorted.length - 1] ?? null,
    range: rangeOf(values),
    median: medianOf(values),
    variance: varianceOf(values),
    sd: sdOf(values),
    ...shape(values),
    lag1Autocorrelation: autocorrelation(values, 1),
  };
}

/** Values in ascending order, as a copy. */
export function sortedCopy(values: ArrayLike<number>): number[] {
  return Array.from(Float64Array.from(values).sort());
}

/** Deviations from the mean, computed so that a large offset costs no digits. */
export function deviationsOf(values: readonly number[]): number[] {
  const origin = values[0] ?? 0;
  const shift = meanOf(values.map((value) => value - origin)) ?? 0;
  return values.map((value) => value - origin - shift);
}

/** Sum of lagged products over the sum of squares, about the overall mean. */
export function autocorrelation(values: readonly number[], lag: number): number | null {
  const d = deviationsOf(values);
  let products = 0;
  let squares = 0;
  for (let i = 0; i < d.length; i += 1) {
    const here = d[i] as number;
    squares += here * here;
    if (i >= lag) products += here * (d[i - lag] as number);
  }
  return squares > 0 && d.length > lag ? products / squares : null;
}

/**
 * Quantile of ascending values: type 6 stands at p(n + 1) (Minitab, Excel .EXC), type 7 at
 * 1 + p(n - 1) (R's default); positions outside are drawn to the ends.
 */
export function quantileOfSorted(sorted: ArrayLike<number>, p: number, type: 6 | 7): number | null {
  const n = sorted.length;
  if (n === 0 || !(p >= 0 && p <= 1)) return null;
  const position = type === 6 ? p * (n + 1) : 1 + p * (n - 1);
  const place = Math.min(Math.max(position, 1), n);
  const below = Math.floor(place);
  const low = sorted[below - 1] as number;
  const high = sorted[Math.min(below, n - 1)] as number;
  return low + (place - below) * (high - low);
}

type Shape = Pick<
  Moments,
  'skewnessG1' | 'skewnessPopulation' | 'kurtosisG2' | 'kurtosisPopulationExcess'
>;

function shape(values: readonly number[]): Shape {
  const n = values.length;
  const d = deviationsOf(values);
  const scale = d.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  if (!(scale > 0)) {
    return {
      skewnessG1: null,
      skewnessPopulation: null,
      kurtosisG2: null,
      kurtosisPopulationExcess: null,
    };
  }
  const power = (k: number) => d.reduce((sum, x) => sum + (x / scale) ** k, 0) / n;
  const m2 = power(2);
  const g1 = power(3) / m2 ** 1.5;
  const g2 = power(4) / (m2 * m2) - 3;
  return {
    skewnessG1: n > 2 ? (g1 * Math.sqrt(n * (n - 1))) / (n - 2) : null,
    skewnessPopulation: g1,
    kurtosisG2: n > 3 ? ((n - 1) / ((n - 2) * (n - 3))) * ((n + 1) * g2 + 6) : null,
    kurtosisPopulationExcess: g2,
  };
}
