/** The descriptive part of a study: location, spread, shape, dependence. */
import { effectiveSize } from '../../spc/dependence.ts';
import type { Law } from '../../spc/families.ts';
import { autocorrelation, moments } from '../../spc/moments.ts';
import { andersonDarling } from '../../spc/normality.ts';
import { shapiroWilk } from '../../spc/shapiro-wilk.ts';
import { meanOf, medianOf, sdOf } from '../../spc/summation.ts';
import type { StudyData } from './data.ts';
import type { Normality, Study } from './result.ts';
import { unbiased, type WithinSigma } from './sigma.ts';

const MOST_SHAPIRO = 5000;
const P_LIMIT = 0.05;

export type Description = Pick<
  Study,
  | 'name'
  | 'n'
  | 'missing'
  | 'subgroups'
  | 'mean'
  | 'median'
  | 'min'
  | 'max'
  | 'sigmaWithin'
  | 'sigmaOverall'
  | 'sigmaOverallUnbiased'
  | 'estimator'
  | 'estimatorWords'
  | 'withinDf'
>;

/** Location and spread of the readings, with the estimator of sigma within. */
export function describe(
  data: StudyData,
  readings: Float64Array,
  groups: readonly Float64Array[] | null,
  within: WithinSigma,
): Description {
  const s = sdOf(readings);
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (const x of readings) {
    if (x < min) min = x;
    if (x > max) max = x;
  }
  return {
    name: data.name,
    n: readings.length,
    missing: data.missing,
    subgroups: groups === null ? null : groups.length,
    mean: meanOf(readings) as number,
    median: medianOf(readings) as number,
    min,
    max,
    sigmaWithin: within.sigma,
    sigmaOverall: s,
    sigmaOverallUnbiased: unbiased(s, readings.length),
    estimator: within.estimator,
    estimatorWords: within.words,
    withinDf: within.df,
  };
}

/** Anderson-Darling decides; Shapiro-Wilk, skewness and kurtosis stand beside it. */
export function testNormality(sample: readonly number[]): Normality {
  const test = andersonDarling(sample);
  const { skewnessG1, kurtosisG2 } = moments(sample);
  return {
    test: 'Anderson-Darling',
    statistic: test?.statistic ?? null,
    adjusted: test?.adjusted ?? null,
    p: test?.p ?? null,
    normal: test === null ? null : test.p >= P_LIMIT,
    shapiroWilk: sample.length > MOST_SHAPIRO ? null : shapiroWilk(sample),
    skewness: skewnessG1,
    kurtosis: kurtosisG2,
    tested: sample.length,
  };
}

/** Lag-1 autocorrelation of the plotted means or readings, and what they are worth. */
export function dependence(series: readonly number[]): Study['autocorrelation'] {
  const r1 = autocorrelation(series, 1);
  if (r1 === null || series.length < 8) return { r1, significant: null, effectiveN: null };
  const significant = Math.abs(r1) > 2 / Math.sqrt(series.length);
  return { r1, significant, effectiveN: effectiveSize(series.length, r1) };
}

/** X0.135, X50 and X99.865 of the model. */
export function percentilesOf(law: Law): Study['percentiles'] {
  const low = law.quantile(0.00135);
  const middle = law.quantile(0.5);
  const high = law.upperQuantile(0.00135);
  return low === null || middle === null || high === null ? null : { low, middle, high };
}
