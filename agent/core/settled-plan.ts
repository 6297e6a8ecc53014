import type { Weights } from '../charts/ewma.ts';
import type { PairRules } from '../rules/pair.ts';
import type { ChartPlan } from './layout.ts';

/** What stepping a usual characteristic needs, at hand; see settled.ts. */
export interface Settled {
  size: number;
  every: number;
  /** the spread of a subgroup is its standard deviation, not its range */
  deviates: boolean;
  pair: PairRules;
  /** where its words begin */
  words: number;
  charts: readonly ChartPlan[];
  /** which of the charts is an EWMA, a CUSUM, if any is */
  ewma: number;
  cusum: number;
  hasEwma: boolean;
  hasCusum: boolean;
  /** see CONSTANT */
  constants: Float64Array;
  weights: Weights | null;
}

export const CONSTANT = {
  newest: 0,
  before: 1,
  newestSquared: 2,
  beforeSquared: 3,
  slack: 4,
  count: 5,
} as const;

/** Null where the rules of the first chart are not judged in one, or the others stand otherwise. */
export function settledOf(
  charts: readonly ChartPlan[],
  size: number,
  every: number,
): Settled | null {
  const [first] = charts;
  if (first === undefined || first.pair === null) return null;
  const ewma = charts.findIndex((part) => part.weights !== null);
  const cusum = charts.findIndex((part) => part.sums !== null);
  if (cusum >= 0 && cusum < ewma) return null;
  const weights = charts[ewma]?.weights ?? null;
  const constants = new Float64Array(CONSTANT.count);
  constants[CONSTANT.newest] = weights?.newest ?? 0;
  constants[CONSTANT.before] = weights?.before ?? 0;
  constants[CONSTANT.newestSquared] = weights?.newestSquared ?? 0;
  constants[CONSTANT.beforeSquared] = weights?.beforeSquared ?? 0;
  constants[CONSTANT.slack] = charts[cusum]?.sums?.k ?? 0;
  return {
    size,
    every,
    deviates: first.spreads === 'sd',
    pair: first.pair,
    words: first.location.words,
    charts,
    ewma,
    cusum,
    hasEwma: ewma >= 0,
    hasCusum: cusum >= 0,
    constants,
    weights,
  };
}
