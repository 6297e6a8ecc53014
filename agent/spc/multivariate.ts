/**
 * Multivariate charts: Hotelling's T^2 with Phase I and II limits (Tracy, Young & Mason 1992),
 * contributions T^2 - T^2 without the variable (Mason, Tracy & Young 1995), MEWMA (Lowry et al.
 * 1992), generalised variance (Montgomery). null when the covariance cannot be inverted.
 */

import { bandAround, type ControlChart, clipped, controlChart } from './control-chart.ts';
import { betaUpperQuantile, chiSquareUpperQuantile, fUpperQuantile } from './distributions.ts';
import { determinant, inverse, type Matrix, quadraticForm } from './matrix.ts';
import { deviationsOf } from './moments.ts';
import { meanOf, sumOf } from './summation.ts';

export type Rows = readonly (readonly number[])[];

/** Mean of every column. */
export function columnMeans(rows: Rows): number[] {
  return (rows[0] ?? []).map((_, j) => meanOf(rows.map((row) => row[j] as number)) as number);
}

/** Sample covariance (n - 1). */
export function covariance(rows: Rows): Matrix {
  const columns = (rows[0] ?? []).map((_, j) => deviationsOf(rows.map((row) => row[j] as number)));
  return columns.map((a) =>
    columns.map((b) => sumOf(a.map((x, i) => x * (b[i] as number))) / (rows.length - 1)),
  );
}

/** Covariance from successive differences (Holmes & Mergen 1993): robust against drifts. */
export function successiveCovariance(rows: Rows): Matrix {
  const steps = rows.slice(1).map((row, i) => row.map((x, j) => x - (rows[i]?.[j] as number)));
  const size = rows[0]?.length ?? 0;
  return Array.from({ length: size }, (_, a) =>
    Array.from(
      { length: size },
      (_unused, b) =>
        sumOf(steps.map((step) => (step[a] as number) * (step[b] as number))) /
        (2 * (rows.length - 1)),
    ),
  );
}

/** Element by element mean of several matrices. */
export function meanMatrix(matrices: readonly Matrix[]): Matrix {
  return (matrices[0] ?? []).map((row, i) =>
    row.map((_, j) => meanOf(matrices.map((m) => m[i]?.[j] as number)) as number),
  );
}

export interface TSquared {
  t2: number[];
  /** per row and variable: how much T^2 falls without the variable */
  contributions: number[][];
}

/** n (x - mean)' S^-1 (x - mean) of every row. */
export function tSquared(rows: Rows, mean: readonly number[], cov: Matrix, n = 1): TSquared | null {
  const inv = inverse(cov);
  if (inv === null || mean.length === 0) return null;
  const away = rows.map((row) => row.map((x, j) => x - (mean[j] as number)));
  return {
    t2: away.map((d) => n * quadraticForm(inv, d)),
    contributions: away.map((d) =>
      inv.map((row, j) => {
        const weighted = sumOf(row.map((x, i) => x * (d[i] as number)));
        return (n * weighted * weighted) / (row[j] as number);
      }),
    ),
  };
}

export interface TSquaredLimits {
  uclPhase1: number | null;
  uclPhase2: number | null;
  uclChiSquare: number | null;
}

/** Upper limits for m rows (n = 1) or m subgroups of n, p variables, false-alarm rate alpha. */
export function tSquaredLimits(m: number, n: number, p: number, alpha: number): TSquaredLimits {
  const uclChiSquare = chiSquareUpperQuantile(alpha, p);
  if (n === 1) {
    const beta = betaUpperQuantile(alpha, p / 2, (m - p - 1) / 2);
    const f = fUpperQuantile(alpha, p, m - p);
    return {
      uclPhase1: beta === null ? null : ((m - 1) ** 2 / m) * beta,
      uclPhase2: f === null ? null : ((p * (m + 1) * (m - 1)) / (m * m - m * p)) * f,
      uclChiSquare,
    };
  }
  const df = m * n - m - p + 1;
  const f = fUpperQuantile(alpha, p, df);
  return {
    uclPhase1: f === null ? null : ((p * (m - 1) * (n - 1)) / df) * f,
    uclPhase2: f === null ? null : ((p * (m + 1) * (n - 1)) / df) * f,
    uclChiSquare,
  };
}

export interface Mewma {
  /** smoothed deviations from the mean */
  z: number[][];
  /** T^2 of z with its exact covariance, and with the covariance it settles at */
  t2: number[];
  t2Asymptotic: number[];
}

/** Multivariate EWMA of rows that are means of n values. */
export function mewma(
  rows: Rows,
  mean: readonly number[],
  cov: Matrix,
  lambda: number,
  n = 1,
): Mewma | null {
  const inv = inverse(cov);
  if (inv === null) return null;
  let now: number[] = mean.map(() => 0);
  const z = rows.map((row) => {
    now = row.map((x, j) => lambda * (x - (mean[j] as number)) + (1 - lambda) * (now[j] as number));
    return now;
  });
  const steady = lambda / ((2 - lambda) * n);
  const plain = z.map((one) => quadraticForm(inv, one) / steady);
  return {
    z,
    t2: plain.map((t2, i) => t2 / -Math.expm1(2 * (i + 1) * Math.log1p(-lambda))),
    t2Asymptotic: plain,
  };
}

export interface GeneralizedVariance {
  detS: number[];
  /** determinant of the mean covariance */
  detSBar: number;
  b1: number;
  b2: number;
  /** estimate of the determinant of the true covariance */
  sigmaDet: number;
  chart: ControlChart;
}

/** |S| chart of subgroups[subgroup][row][variable], equal sizes; null for too few values. */
export function generalizedVariance(subgroups: readonly Rows[], k = 3): GeneralizedVariance | null {
  const n = subgroups[0]?.length ?? 0;
  const p = subgroups[0]?.[0]?.length ?? 0;
  if (subgroups.length === 0 || n <= p) return null;
  const matrices = subgroups.map(covariance);
  const detS = matrices.map(determinant);
  const detSBar = determinant(meanMatrix(matrices));
  const { b1, b2, center, half } = shape(n, p, k, detSBar, true);
  const band = clipped(bandAround(center, half), 0);
  return { detS, detSBar, b1, b2, sigmaDet: detSBar / b1, chart: controlChart(detS, () => band) };
}

/**
 * Lines of |S| for a determinant: of the mean covariance of subgroups of n (`estimated`), else of the
 * true covariance. p variables, k standard deviations; lcl may be below 0.
 */
export function determinantBand(det: number, n: number, p: number, k: number, estimated: boolean) {
  const { center, half } = shape(n, p, k, det, estimated);
  return { cl: center, lcl: center - half, ucl: center + half };
}

function shape(n: number, p: number, k: number, det: number, estimated: boolean) {
  const product = (shift: number) =>
    Array.from({ length: p }, (_, i) => n - 1 - i + shift).reduce((a, b) => a * b, 1);
  const b1 = product(0) / (n - 1) ** p;
  const b2 = (product(0) * (product(2) - product(0))) / (n - 1) ** (2 * p);
  const sigmaDet = estimated ? det / b1 : det;
  return { b1, b2, center: b1 * sigmaDet, half: k * sigmaDet * Math.sqrt(b2) };
}
