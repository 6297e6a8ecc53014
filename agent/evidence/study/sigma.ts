/** The within (short-term) sigma of a study, with its name and its degrees of freedom. */
import { InputError } from '../../runtime/errors.ts';
import { c4, c5, d2, d3, d4, isSize } from '../../spc/constants.ts';
import { pooledDf, type SubgroupSigma, subgroupSigma } from '../../spc/sigma.ts';
import { meanOf, medianOf } from '../../spc/summation.ts';

export interface WithinSigma {
  /** e.g. 'pooled/c4' */
  estimator: string;
  /** in words, for people */
  words: string;
  sigma: number | null;
  /** for confidence intervals; a fraction for ranges */
  df: number;
  /** exactly chi-square distributed, so that exact bounds apply */
  exact: boolean;
}

/** What `--estimator` takes; the first of each list is the default. */
export const GROUPED_ESTIMATORS = [
  'pooled/c4',
  'pooled-uncorrected',
  'rbar/d2',
  'rbar/d2-weighted',
  'sbar/c4',
  'sbar/c4-weighted',
] as const;
export const SINGLE_ESTIMATORS = ['mrbar/d2', 'mrmedian/d4', 'mssd'] as const;

type Grouped = (typeof GROUPED_ESTIMATORS)[number];
type Single = (typeof SINGLE_ESTIMATORS)[number];

const METHOD: Record<Grouped, [SubgroupSigma, string]> = {
  'pooled/c4': ['pooled', 'pooled standard deviation of the subgroups, unbiased by c4'],
  'pooled-uncorrected': ['pooled-uncorrected', 'pooled standard deviation of the subgroups'],
  'rbar/d2': ['range-unweighted', 'mean range of the subgroups over d2'],
  'rbar/d2-weighted': ['range-weighted', 'ranges over d2, weighted for unequal subgroups'],
  'sbar/c4': ['s-unweighted', 'mean standard deviation of the subgroups over c4'],
  'sbar/c4-weighted': ['s-weighted', 'standard deviations over c4, weighted for unequal subgroups'],
};

const SINGLE_WORDS: Record<Single, string> = {
  'mrbar/d2': 'mean moving range of two over d2',
  'mrmedian/d4': 'median moving range of two over d4',
  mssd: 'root of half the mean squared successive difference',
};

/** Short and foreign names of the estimators. */
const ALSO: Record<string, string> = {
  rbar: 'rbar/d2',
  range: 'rbar/d2',
  'range-unweighted': 'rbar/d2',
  'range-weighted': 'rbar/d2-weighted',
  sbar: 'sbar/c4',
  's-unweighted': 'sbar/c4',
  's-weighted': 'sbar/c4-weighted',
  pooled: 'pooled/c4',
  mr: 'mrbar/d2',
  mrbar: 'mrbar/d2',
  'mr-mean': 'mrbar/d2',
  'mr-median': 'mrmedian/d4',
};

/** Sigma of subgroups (values without gaps) or, when there are none, of individuals in order. */
export function withinSigma(
  individuals: Float64Array,
  subgroups: readonly Float64Array[] | null,
  asked: string | undefined,
): WithinSigma {
  const known: readonly string[] = subgroups === null ? SINGLE_ESTIMATORS : GROUPED_ESTIMATORS;
  const name = asked === undefined ? (known[0] as string) : (ALSO[asked] ?? asked);
  if (!known.includes(name)) {
    const what = subgroups === null ? 'individual readings' : 'subgroups';
    throw new InputError(`--estimator ${name}: for ${what} there are ${known.join(', ')}`);
  }
  return subgroups === null
    ? ofIndividuals(name as Single, individuals)
    : ofSubgroups(name as Grouped, subgroups);
}

/** What readings that came by once have left: sums by size of a subgroup, or of moving ranges. */
export interface SpreadSums {
  bySize: Map<number, { count: number; ranges: number; sds: number; squares: number }>;
  ranges: { count: number; sum: number; squares: number };
}

/** The same from sums; null for an estimator that needs the readings themselves (median range). */
export function sigmaFromSums(
  sums: SpreadSums,
  asked: string | undefined,
  grouped: boolean,
): WithinSigma | null {
  const known: readonly string[] = grouped ? GROUPED_ESTIMATORS : SINGLE_ESTIMATORS;
  const name = asked === undefined ? (known[0] as string) : (ALSO[asked] ?? asked);
  if (!known.includes(name)) return null;
  if (grouped) return groupedFromSums(name as Grouped, [...sums.bySize]);
  const { count, sum, squares } = sums.ranges;
  if (name === 'mrmedian/d4' || count === 0) return null;
  const sigma = name === 'mssd' ? Math.sqrt(squares / count / 2) : sum / count / d2(2);
  return { estimator: name, words: SINGLE_WORDS[name as Single], sigma, df: count, exact: false };
}

type SizeSums = [number, { count: number; ranges: number; sds: number; squares: number }];

function groupedFromSums(estimator: Grouped, all: readonly SizeSums[]): WithinSigma | null {
  const [method, words] = METHOD[estimator];
  const usable = all.filter(([size]) => isSize(size));
  const df = usable.reduce((sum, [size, { count }]) => sum + count * (size - 1), 0);
  if (df === 0) return null;
  const pooled = Math.sqrt(usable.reduce((sum, [, one]) => sum + one.squares, 0) / df);
  const weighted = method.endsWith('-weighted');
  const ofRange = method.startsWith('range');
  let top = 0;
  let bottom = 0;
  for (const [size, { count, ranges, sds }] of usable) {
    const [unit, noise] = ofRange ? [d2(size), d3(size)] : [c4(size), c5(size)];
    const weight = weighted ? (unit / noise) ** 2 : 1;
    top += (weight * (ofRange ? ranges : sds)) / unit;
    bottom += weight * count;
  }
  const readings = all.reduce((sum, [size, { count }]) => sum + count * size, 0);
  const size = readings / all.reduce((sum, [, { count }]) => sum + count, 0);
  const factor = ofRange ? 0.9 : method.startsWith('s-') ? factorOfMeanSd(size) : 1;
  const sigma =
    method === 'pooled'
      ? pooled / c4(1 + df)
      : method === 'pooled-uncorrected'
        ? pooled
        : top / bottom;
  return { estimator, words, sigma, df: df * factor, exact: factor === 1 };
}

/**
 * Degrees of freedom as Minitab states them: about 0.9 k(n - 1) for ranges, a factor by size for
 * mean standard deviations, exact for the pooled estimate.
 */
function ofSubgroups(estimator: Grouped, subgroups: readonly Float64Array[]): WithinSigma {
  const [method, words] = METHOD[estimator];
  const df = pooledDf(subgroups);
  const factor = method.startsWith('range')
    ? 0.9
    : method.startsWith('s-')
      ? factorOfMeanSd(meanOf(subgroups.map((group) => group.length)) ?? 0)
      : 1;
  return {
    estimator,
    words,
    sigma: subgroupSigma(method, subgroups),
    df: df * factor,
    exact: factor === 1,
  };
}

function factorOfMeanSd(size: number): number {
  const steps: [number, number][] = [
    [2.5, 0.88],
    [3.5, 0.92],
    [4.5, 0.94],
    [5.5, 0.95],
    [7.5, 0.96],
    [9.5, 0.97],
    [17.5, 0.98],
    [64.5, 0.99],
  ];
  return steps.find(([below]) => size < below)?.[1] ?? 1;
}

function ofIndividuals(estimator: Single, values: Float64Array): WithinSigma {
  const ranges = movingRanges(values);
  const df = ranges.length;
  const words = SINGLE_WORDS[estimator];
  return { estimator, words, sigma: singleSigma(estimator, ranges), df, exact: false };
}

function singleSigma(estimator: Single, ranges: Float64Array): number | null {
  if (ranges.length === 0) return null;
  if (estimator === 'mrbar/d2') return (meanOf(ranges) as number) / d2(2);
  if (estimator === 'mrmedian/d4') return (medianOf(ranges) as number) / d4(2);
  return Math.sqrt((meanOf(ranges.map((range) => range * range)) as number) / 2);
}

/** Ranges of two neighbours; none across a missing reading. */
export function movingRanges(values: Float64Array): Float64Array {
  const ranges = new Float64Array(Math.max(0, values.length - 1));
  let count = 0;
  for (let i = 1; i < values.length; i += 1) {
    const range = Math.abs((values[i] as number) - (values[i - 1] as number));
    if (Number.isNaN(range)) continue;
    ranges[count] = range;
    count += 1;
  }
  return ranges.slice(0, count);
}

/** s over c4: the overall sigma without its small bias, shown beside s. */
export function unbiased(sd: number | null, n: number): number | null {
  return sd === null || !isSize(n) ? null : sd / c4(n);
}
