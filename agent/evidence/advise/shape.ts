/** Distribution and resolution, as far as a chart cares. */
import { FAMILIES, type FamilyName, lawOf } from '../../spc/families.ts';
import { fitFamily } from '../../spc/fitting.ts';
import { moments, sortedCopy } from '../../spc/moments.ts';
import { andersonDarling } from '../../spc/normality.ts';
import { logLikelihood } from '../../spc/percentile-capability.ts';

export interface Shape {
  skewness: number | null;
  /** Anderson-Darling p of normality; null without spread */
  p: number | null;
  skewed: boolean;
  /** family with the highest likelihood */
  family: FamilyName | null;
}

/** Node 8 of the tree: this much is certain, not just suspected. */
const NOT_NORMAL = 0.005;
const LEAST_SKEWNESS = 0.3;
const MOST_FITTED = 2000;

export function shapeOf(values: readonly number[]): Shape {
  const { skewnessG1 } = moments(values);
  const p = andersonDarling(values)?.p ?? null;
  const skewed = p !== null && p < NOT_NORMAL && Math.abs(skewnessG1 ?? 0) > LEAST_SKEWNESS;
  return { skewness: skewnessG1, p, skewed, family: skewed ? bestFamily(values) : null };
}

function bestFamily(values: readonly number[]): FamilyName | null {
  const used = values.slice(0, MOST_FITTED);
  let best: { family: FamilyName; fit: number } | null = null;
  for (const family of FAMILIES) {
    const params = fitFamily(family, used);
    const law = params === null ? null : lawOf(family, params);
    const fit = law === null ? null : logLikelihood(law, used);
    if (fit !== null && fit > (best?.fit ?? -Infinity)) best = { family, fit };
  }
  return best?.family ?? null;
}

/** Smallest distance between different readings; null when all are equal. */
export function stepOf(values: readonly number[]): number | null {
  const sorted = sortedCopy(values);
  const span = (sorted.at(-1) ?? 0) - (sorted[0] ?? 0);
  let least = Infinity;
  for (let i = 1; i < sorted.length; i += 1) {
    const step = (sorted[i] as number) - (sorted[i - 1] as number);
    // Steps far below the spread are rounding of decimal numbers, not the gauge.
    if (step > 1e-9 * span) least = Math.min(least, step);
  }
  return least === Infinity ? null : least;
}
