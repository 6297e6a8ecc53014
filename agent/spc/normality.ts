/**
 * Tests of normality with estimated mean and sd. Anderson-Darling with the p-value of D'Agostino &
 * Stephens (1986); Shapiro-Wilk by Royston (1995, AS R94); Lilliefors with Dallal & Wilkinson
 * (1986) and Stephens (1974); probability-plot correlation with Blom scores; Jarque-Bera. A test
 * is null when there are too few values or all are equal.
 */
import { moments, sortedCopy } from './moments.ts';
import { normalCdf, normalQuantile, normalSf } from './normal.ts';
import { sdOf, squaresOf, sumOf } from './summation.ts';

/** A^2 of ascending values under a law given by both tails. */
export function andersonDarlingStatistic(
  sorted: readonly number[],
  cdf: (x: number) => number,
  sf: (x: number) => number,
): number | null {
  const n = sorted.length;
  if (n === 0) return null;
  const terms = sorted.map((x, i) => {
    const mirrored = sorted[n - 1 - i] as number;
    return (2 * i + 1) * (Math.log(cdf(x)) + Math.log(sf(mirrored)));
  });
  const statistic = -n - sumOf(terms) / n;
  return Number.isFinite(statistic) ? statistic : null;
}

export interface AndersonDarling {
  statistic: number;
  /** A^2 (1 + 0.75/n + 2.25/n^2) */
  adjusted: number;
  p: number;
}

/** Anderson-Darling test of normality. */
export function andersonDarling(values: readonly number[]): AndersonDarling | null {
  const z = standardised(values);
  if (z === null) return null;
  const statistic = andersonDarlingStatistic(z, normalCdf, normalSf);
  if (statistic === null) return null;
  const n = values.length;
  const adjusted = statistic * (1 + 0.75 / n + 2.25 / (n * n));
  return { statistic, adjusted, p: andersonDarlingP(adjusted) };
}

/** Lilliefors (Kolmogorov-Smirnov with estimated parameters); from 5 values. */
export function lilliefors(values: readonly number[]): { d: number; p: number } | null {
  const z = standardised(values);
  const n = values.length;
  if (z === null || n < 5) return null;
  const d = Math.max(
    ...z.map((x, i) => Math.max((i + 1) / n - normalCdf(x), normalCdf(x) - i / n)),
  );
  return { d, p: lillieforsP(d, n) };
}

/** Correlation of the ordered values with Blom scores (i - 3/8)/(n + 1/4). */
export function probabilityPlotCorrelation(values: readonly number[]): number | null {
  const z = standardised(values);
  if (z === null) return null;
  const scores = blomScores(z.length);
  const products = sumOf(z.map((x, i) => x * (scores[i] as number)));
  return products / Math.sqrt(squaresOf(z) * squaresOf(scores));
}

/** Jarque-Bera with its chi-square p-value (2 degrees of freedom). */
export function jarqueBera(values: readonly number[]): { statistic: number; pChi2: number } | null {
  const { n, skewnessPopulation, kurtosisPopulationExcess } = moments(values);
  if (skewnessPopulation === null || kurtosisPopulationExcess === null) return null;
  const statistic = (n / 6) * (skewnessPopulation ** 2 + kurtosisPopulationExcess ** 2 / 4);
  return { statistic, pChi2: Math.exp(-statistic / 2) };
}

/** Expected order statistics of N(0, 1) by Blom's approximation, ascending. */
function blomScores(n: number): number[] {
  return Array.from({ length: n }, (_, i) => normalQuantile((i + 0.625) / (n + 0.25)) ?? 0);
}

/** (x - mean)/sd in ascending order; null when there is no spread. */
export function standardised(values: readonly number[]): number[] | null {
  const sd = sdOf(values);
  if (sd === null || !(sd > 0)) return null;
  const origin = values[0] as number;
  const shift = sumOf(values.map((x) => x - origin)) / values.length;
  return sortedCopy(values.map((x) => (x - origin - shift) / sd));
}

function andersonDarlingP(a: number): number {
  if (a < 0.2) return 1 - Math.exp(-13.436 + 101.14 * a - 223.73 * a * a);
  if (a < 0.34) return 1 - Math.exp(-8.318 + 42.796 * a - 59.938 * a * a);
  if (a < 0.6) return Math.exp(0.9177 - 4.279 * a - 1.38 * a * a);
  if (a < 10) return Math.exp(1.2937 - 5.709 * a + 0.0186 * a * a);
  return 3.7e-24;
}

function lillieforsP(d: number, n: number): number {
  const size = Math.min(n, 100);
  const scaled = d * Math.max(1, n / 100) ** 0.49;
  const root = size + 2.78019;
  const p = Math.exp(
    -7.01256 * scaled ** 2 * root +
      2.99587 * scaled * Math.sqrt(root) -
      0.122119 +
      0.974598 / Math.sqrt(size) +
      1.67997 / size,
  );
  return p <= 0.1 ? p : stephensP((Math.sqrt(n) - 0.01 + 0.85 / Math.sqrt(n)) * d);
}

function stephensP(k: number): number {
  const poly = (c: number[]) => c.reduceRight((sum, x) => sum * k + x, 0);
  if (k <= 0.302) return 1;
  if (k <= 0.5) return poly([2.76773, -19.828315, 80.709644, -138.55152, 81.218052]);
  if (k <= 0.9) return poly([-4.901232, 40.662806, -97.490286, 94.029866, -32.355711]);
  if (k <= 1.31) return poly([6.198765, -19.558097, 23.186922, -12.234627, 2.423045]);
  return 0;
}
