/** Shapiro-Wilk W and its p-value: Royston (1995), Applied Statistics algorithm AS R94. */

import { normalQuantile, normalSf } from './normal.ts';
import { standardised } from './normality.ts';
import { sumOf } from './summation.ts';

/** W and p for 3 to 5000 values; null outside or when all values are equal. */
export function shapiroWilk(values: readonly number[]): { w: number; p: number } | null {
  const n = values.length;
  const z = n < 3 || n > 5000 ? null : standardised(values);
  if (z === null) return null;
  const a = weights(n);
  const line = sumOf(a.map((weight, i) => weight * ((z[n - 1 - i] as number) - (z[i] as number))));
  const squares = sumOf(z.map((x) => x * x));
  // 1 - W as a product keeps its digits when W is close to 1.
  const length = Math.sqrt(2 * sumOf(a.map((weight) => weight * weight)));
  const scale = Math.sqrt(squares) * length;
  const missing = ((scale - line) * (scale + line)) / (scale * scale);
  return { w: 1 - missing, p: pValue(1 - missing, missing, n) };
}

/** The first half of the antisymmetric weights, largest first, as positive numbers. */
function weights(n: number): number[] {
  const half = Math.floor(n / 2);
  if (n === 3) return [Math.SQRT1_2];
  const m = Array.from(
    { length: half },
    (_, i) => -(normalQuantile((i + 0.625) / (n + 0.25)) ?? 0),
  );
  const total = 2 * sumOf(m.map((x) => x * x));
  const root = Math.sqrt(total);
  const u = 1 / Math.sqrt(n);
  const [m1, m2] = [m[0] as number, m[1] as number];
  const a1 = poly([0, 0.221157, -0.147981, -2.07119, 4.434685, -2.706056], u) + m1 / root;
  if (n <= 5) {
    const factor = Math.sqrt((total - 2 * m1 ** 2) / (1 - 2 * a1 ** 2));
    return m.map((x, i) => (i === 0 ? a1 : x / factor));
  }
  const a2 = poly([0, 0.042981, -0.293762, -1.752461, 5.682633, -3.582633], u) + m2 / root;
  const factor = Math.sqrt((total - 2 * m1 ** 2 - 2 * m2 ** 2) / (1 - 2 * a1 ** 2 - 2 * a2 ** 2));
  return m.map((x, i) => (i === 0 ? a1 : i === 1 ? a2 : x / factor));
}

function pValue(w: number, missing: number, n: number): number {
  if (n === 3) {
    const p = (6 / Math.PI) * (Math.asin(Math.sqrt(w)) - Math.asin(Math.sqrt(0.75)));
    return Math.max(0, p);
  }
  const y = Math.log(missing);
  if (n <= 11) {
    const gamma = poly([-2.273, 0.459], n);
    if (y >= gamma) return 0;
    const mean = poly([0.544, -0.39978, 0.025054, -6.714e-4], n);
    const sd = Math.exp(poly([1.3822, -0.77857, 0.062767, -0.0020322], n));
    return normalSf((-Math.log(gamma - y) - mean) / sd);
  }
  const log = Math.log(n);
  const mean = poly([-1.5861, -0.31082, -0.083751, 0.0038915], log);
  const sd = Math.exp(poly([-0.4803, -0.082676, 0.0030302], log));
  return normalSf((y - mean) / sd);
}

function poly(coefficients: number[], x: number): number {
  return coefficients.reduceRight((sum, c) => sum * x + c, 0);
}
