/**
 * Families with a threshold or with bounds: three-parameter lognormal, Weibull and gamma, and beta
 * between two bounds. The threshold is found on the profile likelihood as a maximum inside a bounded
 * search (Cohen 1951; Smith 1985). The likelihood of some of them has no largest value where the
 * threshold meets the smallest reading, so only a maximum inside counts; where there is none, the fit
 * is refused with the reason, never forced.
 */

import { betaLaw, type Fit, fitBounded } from './beta-fit.ts';
import { type Law, lawOf, type Params } from './families.ts';
import { fitFamily } from './fitting.ts';
import { logLikelihood } from './percentile-capability.ts';
import { insideMaximum } from './profile-search.ts';

/** Names of the families, in the order they are offered. */
export const THRESHOLD_FAMILIES = ['lognormal-3', 'weibull-3', 'gamma-3', 'beta'] as const;
export type ThresholdFamily = (typeof THRESHOLD_FAMILIES)[number];

/** Fewer readings say nothing about a threshold. */
const FEWEST = 20;
/** Readings the coarse part of the search looks at. */
const MOST_COARSE = 1000;

/**
 * Parameters with the largest likelihood inside the bounded search: `threshold` in the unit of the
 * readings with those of the two-parameter family (fitting.ts) of what lies above it; `lower`,
 * `upper` with shapes `a`, `b` for beta. A reason instead for fewer than 20 readings, readings
 * without spread, and where no maximum lies inside.
 */
export function fitThreshold(
  family: ThresholdFamily,
  values: readonly number[],
): Fit | { refused: string } {
  const n = values.length;
  if (n < FEWEST) return { refused: `${n} readings say nothing about a threshold` };
  let low = Infinity;
  let high = -Infinity;
  for (const x of values) {
    if (x < low) low = x;
    if (x > high) high = x;
  }
  if (!(high > low) || !Number.isFinite(high - low)) {
    return { refused: 'the readings do not vary' };
  }
  // Everything in ranges above the smallest reading: neither unit nor offset matters.
  const scaled = values.map((x) => (x - low) / (high - low));
  const unit = { low, range: high - low };
  return family === 'beta' ? fitBounded(scaled, unit) : shifted(BASE[family], scaled, unit);
}

/** The law of a threshold family with its parameters; null where they allow none. */
export function thresholdLaw(family: ThresholdFamily, params: Params): Law | null {
  const get = (name: string) => params[name] ?? Number.NaN;
  if (family === 'beta') return betaLaw(get('lower'), get('upper'), get('a'), get('b'));
  const law = lawOf(BASE[family], params);
  return law === null || !Number.isFinite(get('threshold')) ? null : above(law, get('threshold'));
}

interface Unit {
  low: number;
  range: number;
}

const BASE = { 'lognormal-3': 'lognormal', 'weibull-3': 'weibull', 'gamma-3': 'gamma' } as const;
type Base = (typeof BASE)[keyof typeof BASE];

function shifted(base: Base, scaled: readonly number[], { low, range }: Unit) {
  const step = Math.ceil(scaled.length / MOST_COARSE);
  const coarse =
    step === 1 ? scaled : scaled.toSorted((a, b) => a - b).filter((_, i) => i % step === 0);
  const profileOf = (data: readonly number[]) => (u: number) => {
    const gap = Math.exp(u);
    const moved = data.map((x) => x + gap);
    const params = fitFamily(base, moved);
    const law = params === null ? null : lawOf(base, params);
    return (law === null ? null : logLikelihood(law, moved)) ?? -Infinity;
  };
  const u = insideMaximum(profileOf(coarse), profileOf(scaled));
  if (u === null)
    return { refused: 'the likelihood has no maximum at a threshold inside the search' };
  const gap = Math.exp(u);
  const params = fitFamily(
    base,
    scaled.map((x) => x + gap),
  );
  if (params === null) return { refused: 'no parameters above the threshold' };
  const inUnit = { threshold: low - gap * range, ...scaledBy(base, params, range) };
  const law = lawOf(base, inUnit);
  if (law === null) return { refused: 'no parameters above the threshold' };
  return {
    ...{ params: inUnit, free: 3, law: above(law, inUnit.threshold) },
    logLikelihood: profileOf(scaled)(u) - scaled.length * Math.log(range),
  };
}

/** Parameters of range * X from those of X. */
function scaledBy(base: Base, params: Params, range: number): Params {
  if (base === 'lognormal') {
    return { ...params, meanlog: (params['meanlog'] as number) + Math.log(range) };
  }
  return { ...params, scale: (params['scale'] as number) * range };
}

/** The law of X + threshold. */
function above(law: Law, threshold: number): Law {
  const moved = (x: number | null) => (x === null ? null : x + threshold);
  return {
    cdf: (x) => law.cdf(x - threshold),
    sf: (x) => law.sf(x - threshold),
    quantile: (p) => moved(law.quantile(p)),
    upperQuantile: (q) => moved(law.upperQuantile(q)),
    logDensity: (x) => law.logDensity(x - threshold),
  };
}
