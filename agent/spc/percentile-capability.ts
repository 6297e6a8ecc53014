/**
 * Indices of a characteristic that is not normal, by the percentiles of a fitted model:
 * ISO 22514-2, spread X99.865 - X0.135, location X50; beside it the z-score method. The method is
 * named beside the result.
 */

import type { Law } from './families.ts';
import { sortedCopy } from './moments.ts';
import type { Fractions, Tolerance } from './nonconforming.ts';
import { normalQuantile, normalUpperQuantile } from './normal.ts';
import { andersonDarlingStatistic } from './normality.ts';
import { sumOf } from './summation.ts';

export interface PercentileIndices {
  /** X0.135, X50 and X99.865 of the model */
  low: number | null;
  middle: number | null;
  high: number | null;
  pp: number | null;
  ppl: number | null;
  ppu: number | null;
  ppk: number | null;
}

/** Percentile indices; a side without a limit is null. */
export function percentileIndices(law: Law, { lsl, usl }: Tolerance): PercentileIndices {
  const low = law.quantile(0.00135);
  const middle = law.quantile(0.5);
  const high = law.upperQuantile(0.00135);
  const none = { low, middle, high, pp: null, ppl: null, ppu: null, ppk: null };
  if (low === null || middle === null || high === null || !(high > middle && middle > low)) {
    return none;
  }
  if (lsl !== null && usl !== null && !(usl > lsl)) return none;
  const ppl = lsl === null ? null : (middle - lsl) / (middle - low);
  const ppu = usl === null ? null : (usl - middle) / (high - middle);
  const pp = lsl === null || usl === null ? null : (usl - lsl) / (high - low);
  const ppk = ppl === null ? ppu : ppu === null ? ppl : Math.min(ppl, ppu);
  return { low, middle, high, pp, ppl, ppu, ppk };
}

/** Fractions of the model outside the tolerance. */
export function lawOutside(law: Law, { lsl, usl }: Tolerance): Fractions {
  const below = lsl === null ? null : law.cdf(lsl);
  const above = usl === null ? null : law.sf(usl);
  return { below, above, total: (below ?? 0) + (above ?? 0) };
}

/** Log-likelihood of the values under the model; null when a value is impossible. */
export function logLikelihood(law: Law, values: readonly number[]): number | null {
  const sum = sumOf(values.map((x) => law.logDensity(x)));
  return Number.isFinite(sum) ? sum : null;
}

/** Anderson-Darling statistic of the values against the model. */
export function andersonDarlingOf(law: Law, values: readonly number[]): number | null {
  return andersonDarlingStatistic(sortedCopy(values), law.cdf, law.sf);
}

/**
 * The other common method: z-scores of the limits under the model, Pp = (Zu - Zl)/6, PPL = -Zl/3,
 * PPU = Zu/3. null on a side whose limit lies outside the support.
 */
export function zScoreIndices(
  law: Law,
  tolerance: Tolerance,
): Pick<PercentileIndices, 'pp' | 'ppl' | 'ppu' | 'ppk'> {
  const { below, above } = lawOutside(law, tolerance);
  const zl = below === null ? null : normalQuantile(below);
  const zu = above === null ? null : normalUpperQuantile(above);
  const ppl = zl === null ? null : -zl / 3;
  const ppu = zu === null ? null : zu / 3;
  return {
    pp: zl === null || zu === null ? null : (zu - zl) / 6,
    ppl,
    ppu,
    ppk: ppl === null ? ppu : ppu === null ? ppl : Math.min(ppl, ppu),
  };
}
