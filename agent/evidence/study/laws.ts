/** Laws a study can fit beyond the families: thresholds, mixtures, Johnson, Box-Cox, the readings. */
import { boxCox, fitBoxCox } from '../../spc/box-cox.ts';
import { FAMILIES, type FamilyName, type Law, lawOf, type Params } from '../../spc/families.ts';
import { fitFamily } from '../../spc/fitting.ts';
import { fitJohnson, type JohnsonFit, johnsonQuantiles, johnsonScore } from '../../spc/johnson.ts';
import { fitMixture, mixtureLaw } from '../../spc/mixture.ts';
import { quantileOfSorted, sortedCopy } from '../../spc/moments.ts';
import {
  normalCdf,
  normalPdf,
  normalQuantile,
  normalSf,
  normalUpperQuantile,
} from '../../spc/normal.ts';
import { meanOf, sdOf } from '../../spc/summation.ts';
import {
  fitThreshold,
  THRESHOLD_FAMILIES,
  type ThresholdFamily,
} from '../../spc/threshold-fits.ts';

/** What `--distribution` takes beside auto. */
export const DISTRIBUTIONS = [
  ...FAMILIES,
  ...THRESHOLD_FAMILIES,
  'mixture-2',
  'mixture-3',
  'johnson',
  'box-cox',
  'empirical',
] as const;
export type Distribution = (typeof DISTRIBUTIONS)[number];

export interface Fitted {
  distribution: Distribution;
  /** Johnson tells its form (SB, SL, SU) here */
  form: string | null;
  params: Params;
  /** number of fitted parameters */
  free: number;
  law: Law;
}

/** Johnson's z; 0.524 puts the quantiles at 6, 30, 70 and 94 % (Slifker & Shapiro 1980). */
const JOHNSON_Z = 0.524;
/** A 0.135 % quantile read off the readings needs at least so many. */
const FEWEST_EMPIRICAL = 1000;

/** Fits one distribution; null when the readings cannot be of it. */
export function fitLaw(distribution: Distribution, values: readonly number[]): Fitted | null {
  if (distribution === 'johnson') return johnson(values);
  if (distribution === 'box-cox') return boxCoxLaw(values);
  if (distribution === 'empirical') return empirical(values);
  if (distribution === 'normal') return normal(values);
  if (distribution === 'mixture-2') return mixture(2, values);
  if (distribution === 'mixture-3') return mixture(3, values);
  const threshold = THRESHOLD_FAMILIES.find((name) => name === distribution);
  if (threshold !== undefined) return withThreshold(threshold, values);
  return family(distribution as FamilyName, values);
}

/** Why fitLaw gives none. */
export function whyNotFitted(distribution: Distribution, values: readonly number[]): string {
  const threshold = THRESHOLD_FAMILIES.find((name) => name === distribution);
  const fit =
    threshold !== undefined
      ? fitThreshold(threshold, searched(values))
      : distribution === 'mixture-2' || distribution === 'mixture-3'
        ? fitMixture(searched(values), distribution === 'mixture-2' ? 2 : 3)
        : null;
  if (fit !== null && 'refused' in fit) return fit.refused;
  return distribution === 'empirical'
    ? `${values.length} readings are fewer than ${FEWEST_EMPIRICAL}`
    : 'these readings cannot be of it';
}

function normal(values: readonly number[]): Fitted | null {
  const mean = meanOf(values);
  const sd = sdOf(values);
  if (mean === null || sd === null) return null;
  const law = lawOf('normal', { mean, sd });
  return law && { distribution: 'normal', form: null, params: { mean, sd }, free: 2, law };
}

function family(distribution: FamilyName, values: readonly number[]): Fitted | null {
  const params = fitFamily(distribution, values);
  const law = params === null ? null : lawOf(distribution, params);
  if (params === null || law === null) return null;
  return { distribution, form: null, params, free: Object.keys(params).length, law };
}

/** A search over thresholds or parts looks at every reading a hundred times: at most so many. */
function searched(values: readonly number[]): readonly number[] {
  const step = Math.ceil(values.length / MOST_SEARCHED);
  return step === 1 ? values : values.filter((_, i) => i % step === 0);
}

const MOST_SEARCHED = 5000;

function withThreshold(name: ThresholdFamily, values: readonly number[]): Fitted | null {
  const fit = fitThreshold(name, searched(values));
  if (!('params' in fit)) return null;
  return { distribution: name, form: null, params: fit.params, free: fit.free, law: fit.law };
}

/** Parameters are numbered from the part with the smallest mean. */
function mixture(k: 2 | 3, values: readonly number[]): Fitted | null {
  const fit = fitMixture(searched(values), k);
  const law = 'parts' in fit ? mixtureLaw(fit.parts) : null;
  if (!('parts' in fit) || law === null) return null;
  const params: Params = {};
  fit.parts.forEach(({ weight, mean, sd }, i) => {
    params[`share${i + 1}`] = weight;
    params[`mean${i + 1}`] = mean;
    params[`sd${i + 1}`] = sd;
  });
  return { distribution: `mixture-${k}`, form: null, params, free: fit.free, law };
}

function johnson(values: readonly number[]): Fitted | null {
  const quantiles = johnsonQuantiles(values, JOHNSON_Z);
  const fit = quantiles === null ? null : fitJohnson(quantiles, JOHNSON_Z);
  if (fit === null) return null;
  const { gamma, eta, epsilon } = fit;
  const params: Params = { gamma, eta, epsilon };
  if (fit.lambda !== null) params['lambda'] = fit.lambda;
  const law = normalised(
    (x) => johnsonScore(fit, x) ?? outside(fit, x),
    (z) => johnsonValue(fit, z),
  );
  return { distribution: 'johnson', form: fit.type, params, free: 4, law };
}

function outside(fit: JohnsonFit, x: number): number {
  return x <= fit.epsilon ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

function johnsonValue(fit: JohnsonFit, z: number): number {
  const u = (z - fit.gamma) / fit.eta;
  const lambda = fit.lambda ?? 1;
  if (fit.type === 'SU') return fit.epsilon + lambda * Math.sinh(u);
  return fit.epsilon + (fit.type === 'SB' ? lambda / (1 + Math.exp(-u)) : Math.exp(u));
}

function boxCoxLaw(values: readonly number[]): Fitted | null {
  const fit = fitBoxCox(values);
  if (fit === null) return null;
  const lambda = rounded(fit.lambda, fit.ci);
  const moved = values.map((x) => boxCox(x, lambda) ?? Number.NaN);
  const mean = meanOf(moved);
  const sd = sdOf(moved);
  if (mean === null || sd === null || !(sd > 0)) return null;
  const back = (y: number) => {
    if (lambda === 0) return Math.exp(y);
    const base = 1 + lambda * y;
    return base > 0 ? base ** (1 / lambda) : lambda > 0 ? 0 : Number.POSITIVE_INFINITY;
  };
  const score = (x: number) => {
    const y = boxCox(x, lambda);
    return y === null ? Number.NEGATIVE_INFINITY : (y - mean) / sd;
  };
  const law = normalised(score, (z) => back(mean + sd * z));
  const params = { lambda, mean, sd };
  return { distribution: 'box-cox', form: null, params, free: 3, law };
}

/** The nearest half within -2 … 2 when the interval allows it: easier to explain. */
function rounded(lambda: number, ci: readonly (number | null)[]): number {
  const half = Math.min(2, Math.max(-2, Math.round(2 * lambda) / 2)) + 0;
  const [low, high] = ci;
  const inside = half >= (low ?? lambda) && half <= (high ?? lambda);
  return inside ? half : lambda;
}

/** The law of a value whose score is standard normal; the density by a central difference. */
function normalised(score: (x: number) => number, value: (z: number) => number): Law {
  const map = (z: number | null) => {
    const x = z === null ? Number.NaN : value(z);
    return Number.isFinite(x) ? x : null;
  };
  return {
    cdf: (x) => normalCdf(score(x)),
    sf: (x) => normalSf(score(x)),
    quantile: (p) => map(normalQuantile(p)),
    upperQuantile: (q) => map(normalUpperQuantile(q)),
    logDensity: (x) => {
      const z = score(x);
      if (!Number.isFinite(z)) return Number.NEGATIVE_INFINITY;
      const step = 1e-5 * Math.max(Math.abs(value(z + 1) - value(z - 1)), Number.MIN_VALUE);
      const slope = (score(x + step) - score(x - step)) / (2 * step);
      return Math.log(normalPdf(z)) + Math.log(slope);
    },
  };
}

/** The readings as their own law: quantiles between neighbours (Hyndman & Fan type 6). */
function empirical(values: readonly number[]): Fitted | null {
  const n = values.length;
  if (n < FEWEST_EMPIRICAL) return null;
  const sorted = sortedCopy(values);
  const below = (x: number) => {
    let low = 0;
    let high = n;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((sorted[middle] as number) < x) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  const law: Law = {
    cdf: (x) => below(x) / n,
    sf: (x) => 1 - below(x) / n,
    quantile: (p) => quantileOfSorted(sorted, p, 6),
    upperQuantile: (q) => quantileOfSorted(sorted, 1 - q, 6),
    logDensity: () => Number.NaN,
  };
  return { distribution: 'empirical', form: null, params: {}, free: 0, law };
}
