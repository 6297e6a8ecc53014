/**
 * Estimators of the within (short-term) standard deviation. Every result that rests on one names
 * it. Sources: Montgomery, Introduction to Statistical Quality Control; the weighted forms are the
 * minimum-variance linear unbiased ones (Burr 1969). null when the data cannot support a value.
 */
import { c4, c5, d2, d3, d4, isSize } from './constants.ts';
import { meanOf, medianOf, rangeOf, sdOf, squaresOf, sumOf } from './summation.ts';

/** Names of the estimators from subgroups. */
export const SUBGROUP_SIGMAS = [
  'range-unweighted',
  'range-weighted',
  's-unweighted',
  's-weighted',
  'pooled',
  'pooled-uncorrected',
] as const;
export type SubgroupSigma = (typeof SUBGROUP_SIGMAS)[number];

/** Names of the estimators from individual values. */
export const INDIVIDUAL_SIGMAS = ['mr-mean', 'mr-median', 'sd', 'sd-c4'] as const;
export type IndividualSigma = (typeof INDIVIDUAL_SIGMAS)[number];

type Subgroups = readonly ArrayLike<number>[];

/** Sigma by one named estimator; subgroups of fewer than two values do not count. */
export function subgroupSigma(method: SubgroupSigma, subgroups: Subgroups): number | null {
  const usable = subgroups.filter((group) => isSize(group.length));
  if (usable.length === 0) return null;
  switch (method) {
    case 'range-unweighted':
      return meanOf(usable.map((group) => (rangeOf(group) ?? 0) / d2(group.length)));
    case 'range-weighted':
      return weightedMean(
        usable.map((group) => (rangeOf(group) ?? 0) / d2(group.length)),
        usable.map((group) => (d2(group.length) / d3(group.length)) ** 2),
      );
    case 's-unweighted':
      return meanOf(usable.map((group) => (sdOf(group) ?? 0) / c4(group.length)));
    case 's-weighted':
      return weightedMean(
        usable.map((group) => (sdOf(group) ?? 0) / c4(group.length)),
        usable.map((group) => (c4(group.length) / c5(group.length)) ** 2),
      );
    case 'pooled':
      return pooledSd(usable) / c4(1 + pooledDf(usable));
    case 'pooled-uncorrected':
      return pooledSd(usable);
  }
}

/** All estimators from subgroups, by name. */
export function subgroupSigmas(subgroups: Subgroups): Record<SubgroupSigma, number | null> {
  const entries = SUBGROUP_SIGMAS.map((method) => [method, subgroupSigma(method, subgroups)]);
  return Object.fromEntries(entries) as Record<SubgroupSigma, number | null>;
}

/** Degrees of freedom behind the pooled estimate: the sum of (n_i - 1). */
export function pooledDf(subgroups: Subgroups): number {
  return subgroups.reduce((sum, group) => sum + Math.max(0, group.length - 1), 0);
}

/**
 * Sigma of individual values in process order (null = missing) by one named estimator; moving
 * ranges over `span` neighbours, none across a missing value.
 */
export function individualSigma(
  method: IndividualSigma,
  values: readonly (number | null)[],
  span = 2,
): number | null {
  if (method === 'mr-mean' || method === 'mr-median') {
    const ranges = movingRanges(values, span).filter((range) => range !== null);
    const typical = method === 'mr-mean' ? meanOf(ranges) : medianOf(ranges);
    if (typical === null) return null;
    return typical / (method === 'mr-mean' ? d2(span) : d4(span));
  }
  const present = values.filter((value) => value !== null);
  const sd = sdOf(present);
  if (sd === null || method === 'sd') return sd;
  return isSize(present.length) ? sd / c4(present.length) : null;
}

/** All estimators from individual values, by name. */
export function individualSigmas(
  values: readonly (number | null)[],
  span = 2,
): Record<IndividualSigma, number | null> {
  const entries = INDIVIDUAL_SIGMAS.map((name) => [name, individualSigma(name, values, span)]);
  return Object.fromEntries(entries) as Record<IndividualSigma, number | null>;
}

/** Range of the last `span` values at every place; null before there are enough and at gaps. */
export function movingRanges(values: readonly (number | null)[], span = 2): (number | null)[] {
  return values.map((_, i) => {
    if (i < span - 1) return null;
    const window = values.slice(i - span + 1, i + 1).filter((value) => value !== null);
    return window.length < span ? null : rangeOf(window);
  });
}

function pooledSd(subgroups: Subgroups): number {
  return Math.sqrt(sumOf(subgroups.map((group) => squaresOf(group))) / pooledDf(subgroups));
}

function weightedMean(values: number[], weights: number[]): number {
  return sumOf(values.map((value, i) => value * (weights[i] ?? 0))) / sumOf(weights);
}
