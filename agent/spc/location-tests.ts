/**
 * Does the location of a process move, and how? Three views of the means of subgroups in process
 * order: against the spread within, against their order, against their neighbours.
 */
import { fSf } from './distributions.ts';
import { oneWay } from './homogeneity.ts';
import { normalSf } from './normal.ts';
import { leastSquares } from './regression.ts';
import { meanOf, medianOf, squaresOf, sumOf } from './summation.ts';

/** One test as it is reported; null where it does not apply. */
export interface Test {
  question: string;
  test: string;
  statistic: number | null;
  df1: number | null;
  df2: number | null;
  p: number | null;
  /** whether the answer to the question is taken as yes (for shapes: no longer normal) */
  found: boolean;
}

export interface LocationTests {
  tests: [anova: Test, trend: Test, smooth: Test, neighbours: Test];
  /** of the true means, by moments; not below 0 */
  varianceOfLocation: number;
}

/** The four tests of subgroups of two and more readings; `within` is their pooled variance. */
export function locationTests(
  groups: readonly (readonly number[])[],
  within: number,
  alpha: number,
): LocationTests {
  const means = groups.map((group) => meanOf(group) as number);
  const sizes = groups.map((group) => group.length);
  const n = sumOf(sizes);
  const df = n - groups.length;
  const one = oneWay(groups);
  const usualSize = (n - sumOf(sizes.map((size) => size * size)) / n) / (groups.length - 1);
  const between = (one?.statistic ?? 1) * within;
  const anova: Test = {
    ...{ question: 'does the location change?', test: 'analysis of variance' },
    ...{ statistic: one?.statistic ?? null, df1: one?.df1 ?? null, df2: one?.df2 ?? null },
    ...{ p: one?.p ?? null, found: one !== null && one.p < alpha },
  };
  return {
    tests: [
      anova,
      trend(means, sizes, within, df, alpha),
      smooth(means, alpha),
      neighbours(means, sizes, within, df, alpha),
    ],
    varianceOfLocation: Math.max(0, (between - within) / usualSize),
  };
}

/** What the four tests say together. */
export function changesOf({ tests: [anova, trendTest, smoothTest, neighbourTest] }: LocationTests) {
  const systematic = trendTest.found || (anova.found && smoothTest.found);
  const random = anova.found && neighbourTest.found;
  return { changes: anova.found || trendTest.found, systematic, random };
}

/** Regression on the order, against the lack of fit where there is one, else against the spread. */
function trend(
  means: readonly number[],
  sizes: readonly number[],
  within: number,
  df: number,
  alpha: number,
): Test {
  const order = means.map((_, i) => i);
  const line = leastSquares(order, means);
  const none = { statistic: null, df1: null, df2: null, p: null, found: false };
  const base = { question: 'does the location drift?', test: 'regression on the order' };
  if (line === null) return { ...base, ...none };
  const size = sumOf(sizes) / sizes.length;
  const lackDf = means.length - 2;
  const lack = (size * sumOf(line.residuals.map((r) => r * r))) / lackDf;
  const lacks = fSf(lack / within, lackDf, df) < alpha;
  const error = lacks ? lack : (lack * lackDf + within * df) / (lackDf + df);
  const df2 = lacks ? lackDf : lackDf + df;
  const statistic = (size * line.slope * line.slope * line.squaresX) / error;
  const p = fSf(statistic, 1, df2);
  return { ...base, statistic, df1: 1, df2, p, found: p < alpha };
}

/** Neighbouring means alike: the ratio of von Neumann, one-sided, in its normal form. */
function smooth(means: readonly number[], alpha: number): Test {
  const k = means.length;
  const base = { question: 'are neighbouring means alike?', test: 'von Neumann ratio' };
  const squares = squaresOf(means);
  if (!(squares > 0)) {
    return { ...base, statistic: null, df1: null, df2: null, p: null, found: false };
  }
  const steps = sumOf(means.slice(1).map((mean, i) => (mean - (means[i] as number)) ** 2));
  const ratio = steps / squares;
  const p = normalSf((1 - ratio / 2) * Math.sqrt((k * k - 1) / (k - 2)));
  return { ...base, statistic: ratio, df1: null, df2: null, p, found: p < alpha };
}

/**
 * Steps between neighbouring means against the spread within: what is left after anything smooth.
 * Single jumps (a tool change) are set aside. The mean square of k - 1 overlapping steps is worth
 * about 2(k - 1)/3 degrees of freedom (von Neumann 1941).
 */
function neighbours(
  means: readonly number[],
  sizes: readonly number[],
  within: number,
  df: number,
  alpha: number,
): Test {
  const steps = means.slice(1).map((mean, i) => {
    const weight = 1 / (sizes[i] as number) + 1 / (sizes[i + 1] as number);
    return (mean - (means[i] as number)) / Math.sqrt(weight);
  });
  const middle = medianOf(steps) ?? 0;
  const away = steps.map((step) => step - middle);
  const usual = (medianOf(away.map(Math.abs)) ?? 0) / 0.6744897501960817;
  const kept = away.filter((step) => Math.abs(step) <= JUMP * Math.max(usual, Math.sqrt(within)));
  const df1 = (2 * kept.length) / 3;
  const statistic = (meanOf(kept.map((step) => step * step)) ?? 0) / (KEPT * within);
  const p = fSf(statistic, df1, df);
  return {
    ...{ question: 'do neighbouring means differ at random?', test: 'successive differences' },
    ...{ statistic, df1, df2: df, p, found: p < alpha },
  };
}

/** Steps beyond so many sigmas are single jumps; the rest of a normal has this mean square. */
const JUMP = 2;
const KEPT = 0.773741;
