/**
 * Goodness of fit against a fully specified law: Kolmogorov-Smirnov with the exact p-value of
 * Marsaglia, Tsang & Wang (2003), Cramer-von Mises.
 */
import type { Law } from './families.ts';
import { sortedCopy } from './moments.ts';
import { sumOf } from './summation.ts';

export interface KolmogorovSmirnov {
  d: number;
  dPlus: number;
  dMinus: number;
  /** null for more than 100 values, where the exact computation is too long */
  pExact: number | null;
}

/** Two-sided Kolmogorov-Smirnov test; null for no values. */
export function kolmogorovSmirnov(values: readonly number[], law: Law): KolmogorovSmirnov | null {
  const n = values.length;
  if (n === 0) return null;
  const u = sortedCopy(values).map((x) => law.cdf(x));
  const dPlus = Math.max(...u.map((p, i) => (i + 1) / n - p));
  const dMinus = Math.max(...u.map((p, i) => p - i / n));
  const d = Math.max(dPlus, dMinus);
  return { d, dPlus, dMinus, pExact: n <= 100 ? 1 - exactCdf(d, n) : null };
}

/** Cramer-von Mises statistic; null for no values. */
export function cramerVonMises(values: readonly number[], law: Law): number | null {
  const n = values.length;
  if (n === 0) return null;
  const u = sortedCopy(values).map((x) => law.cdf(x));
  return 1 / (12 * n) + sumOf(u.map((p, i) => ((2 * i + 1) / (2 * n) - p) ** 2));
}

/** P(D_n < d): n!/n^n times one element of the n-th power of a matrix. */
function exactCdf(d: number, n: number): number {
  const k = Math.floor(n * d) + 1;
  const size = 2 * k - 1;
  const h = k - n * d;
  const matrix = startMatrix(size, h);
  let power: number[][] = matrix.map((row, i) => row.map((_, j) => (i === j ? 1 : 0)));
  let result = 1;
  for (let i = 1; i <= n; i += 1) {
    power = multiply(power, matrix);
    // Scaled by i/n in every step: the factor n!/n^n without overflow.
    power = power.map((row) => row.map((x) => (x * i) / n));
  }
  result *= power[k - 1]?.[k - 1] ?? 0;
  return Math.min(1, Math.max(0, result));
}

function startMatrix(size: number, h: number): number[][] {
  const matrix = Array.from({ length: size }, (_, i) =>
    Array.from({ length: size }, (_unused, j) => (i - j + 1 >= 0 ? 1 : 0) as number),
  );
  const set = (i: number, j: number, change: number) => {
    const row = matrix[i] as number[];
    row[j] = (row[j] as number) + change;
  };
  for (let i = 0; i < size; i += 1) {
    set(i, 0, -(h ** (i + 1)));
    set(size - 1, i, -(h ** (size - i)));
  }
  set(size - 1, 0, 2 * h - 1 > 0 ? (2 * h - 1) ** size : 0);
  return matrix.map((row, i) =>
    row.map((x, j) => {
      let value = x;
      for (let g = 1; g <= i - j + 1; g += 1) value /= g;
      return value;
    }),
  );
}

function multiply(a: number[][], b: number[][]): number[][] {
  return a.map((row) =>
    row.map((_, j) => row.reduce((sum, x, l) => sum + x * (b[l]?.[j] ?? 0), 0)),
  );
}
