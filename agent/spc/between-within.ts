/**
 * Between-within (three-way) estimates: moving range of the subgroup means against the within
 * sigma. sigma_between^2 = max(0, sigma_xbar(MR)^2 - sigma_within^2/n), as Minitab's I-MR-R/S.
 */
import { individualSigma, type SubgroupSigma, subgroupSigma } from './sigma.ts';
import { meanOf } from './summation.ts';

export interface BetweenWithin {
  within: number;
  between: number;
  /** sqrt(between^2 + within^2): what a single part varies by */
  total: number;
  /** sigma of the plotted means, from their moving range: the limits of the I chart */
  ofMeans: number;
}

/** Variance components of equal subgroups; null for fewer than two or without a within sigma. */
export function betweenWithin(
  subgroups: readonly (readonly number[])[],
  method: SubgroupSigma = 'range-unweighted',
): BetweenWithin | null {
  const n = subgroups[0]?.length ?? 0;
  const within = subgroupSigma(method, subgroups);
  const ofMeans = individualSigma('mr-mean', subgroups.map(meanOf));
  if (within === null || ofMeans === null || subgroups.some((group) => group.length !== n)) {
    return null;
  }
  const between = Math.sqrt(Math.max(0, ofMeans ** 2 - within ** 2 / n));
  return { within, between, total: Math.hypot(between, within), ofMeans };
}
