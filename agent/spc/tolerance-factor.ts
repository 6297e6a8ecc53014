/**
 * Normal tolerance factors: mean + k s covers a share of the population with a confidence. One
 * sided exact by noncentral t; two-sided exact by integration (Wald & Wolfowitz 1946; ISO 16269-6)
 * and Howe's approximation (1969).
 */
import { chiSquareQuantile, chiSquareSf } from './distributions.ts';
import { noncentralTQuantile } from './noncentral-t.ts';
import { normalPdf, normalSf, normalUpperQuantile } from './normal.ts';
import { findRoot } from './solve.ts';

export interface ToleranceFactors {
  oneSided: number;
  twoSidedHowe: number;
  twoSidedExact: number;
}

/** Factors for n values; null for n < 2 or shares outside (0, 1). */
export function toleranceFactors(
  n: number,
  coverage: number,
  confidence: number,
): ToleranceFactors | null {
  const df = n - 1;
  const root = Math.sqrt(n);
  const one = normalUpperQuantile(1 - coverage);
  const two = normalUpperQuantile((1 - coverage) / 2);
  const low = chiSquareQuantile(1 - confidence, df);
  if (one === null || two === null || low === null || !(df > 0)) return null;
  const t = noncentralTQuantile(confidence, df, root * one);
  const twoSidedHowe = Math.sqrt((df * (1 + 1 / n) * two * two) / low);
  const exact = twoSided(n, coverage, confidence, twoSidedHowe);
  return t === null || exact === null
    ? null
    : { oneSided: t / root, twoSidedHowe, twoSidedExact: exact };
}

/** Average over the sample mean of the chance that s is large enough. */
function twoSided(n: number, coverage: number, confidence: number, guess: number): number | null {
  const df = n - 1;
  const step = 1 / 16;
  const grid: { weight: number; needed: number }[] = [];
  for (let i = 0; i * step <= 9; i += 1) {
    const u = i * step;
    const needed = halfWidth(u / Math.sqrt(n), coverage);
    if (needed === null) return null;
    grid.push({ weight: (i === 0 ? 1 : 2) * normalPdf(u) * step, needed });
  }
  const reached = (k: number) =>
    grid.reduce((sum, g) => sum + g.weight * chiSquareSf((df * g.needed ** 2) / (k * k), df), 0);
  return findRoot((k) => reached(k) - confidence, guess / 4, guess * 4);
}

/** The r with Phi(z + r) - Phi(z - r) = coverage. */
function halfWidth(z: number, coverage: number): number | null {
  const error = (r: number) => normalSf(z - r) - normalSf(z + r) - coverage;
  return findRoot(error, 0, Math.abs(z) + 40);
}
