/** Does a fitted distribution describe the readings? Three tests on one scale. */
import type { Law } from '../../spc/families.ts';
import { normalQuantile, normalUpperQuantile } from '../../spc/normal.ts';
import { andersonDarling, lilliefors } from '../../spc/normality.ts';
import { shapiroWilk } from '../../spc/shapiro-wilk.ts';

export interface FitTests {
  /** Anderson-Darling; null when there are too few readings */
  p: number | null;
  pShapiroWilk: number | null;
  pLilliefors: number | null;
}

const MOST_SHAPIRO = 5000;

/**
 * Goodness of fit with fitted parameters for any distribution: the readings' probabilities become
 * normal scores, and those are tested for normality (Chen & Balakrishnan 1995). A reading that the
 * law does not allow gives p = 0.
 */
export function fitTests(law: Law, values: readonly number[]): FitTests {
  const scores: number[] = [];
  for (const x of values) {
    // A reading on the very edge of a law that allows it (flatness 0) counts as just inside.
    const edge = law.cdf(x) <= 0 && Number.isFinite(law.logDensity(x));
    const below = edge ? 0.25 / values.length : law.cdf(x);
    const z = below < 0.5 ? normalQuantile(below) : normalUpperQuantile(law.sf(x));
    if (z === null || !Number.isFinite(z)) return { p: 0, pShapiroWilk: 0, pLilliefors: 0 };
    scores.push(z);
  }
  return {
    p: andersonDarling(scores)?.p ?? null,
    pShapiroWilk: scores.length > MOST_SHAPIRO ? null : (shapiroWilk(scores)?.p ?? null),
    pLilliefors: lilliefors(scores)?.p ?? null,
  };
}
