/** What a study needs to know of its readings, however they were read: all in memory, or once by. */
import type { Fractions } from '../../spc/nonconforming.ts';
import { observedOutside } from '../../spc/nonconforming.ts';
import { meanOf } from '../../spc/summation.ts';
import type { StudyData } from './data.ts';
import { type Description, describe } from './describe.ts';
import { gapless, subgroupsOf, thinned } from './readings.ts';
import type { StudyWish } from './result.ts';
import { type WithinSigma, withinSigma } from './sigma.ts';
import { BLOCK } from './time-dependent.ts';
import { effective } from './tolerance.ts';

export interface Facts {
  description: Description;
  within: WithinSigma;
  /** evenly spaced readings in order, for tests, fits and the page */
  sample: readonly number[];
  /** for the page; the sample where not all are at hand */
  readings: Float64Array;
  /** neighbouring readings, or means of subgroups, for dependence */
  series: readonly number[];
  /** individuals with their gaps for a judgement on another scale; null for subgroups */
  individuals: Float64Array | null;
  groups: readonly Float64Array[];
  grouping: string;
  observed: Fractions | null;
  /** different readings, counted up to ten */
  distinct: number;
  notes: string[];
}

/** Readings of a long study that are enough for tests and fits. */
export const MOST_FITTED = 20_000;
/** Neighbours must stay neighbours to be compared: the first so many. */
export const MOST_IN_ORDER = 200_000;
/** Subgroups that are enough to tell a model over time. */
export const MOST_GROUPS = 4000;

/** Facts of readings in memory. */
export function factsOf(data: StudyData, wish: StudyWish): Facts {
  const readings = gapless(data.values);
  const groups = data.bounds === null ? null : subgroupsOf(data.values, data.bounds);
  const within = withinSigma(data.values, groups, wish.estimator);
  return {
    description: describe(data, readings, groups, within),
    within,
    sample: thinned(readings, MOST_FITTED),
    readings,
    series:
      groups === null
        ? Array.from(readings.subarray(0, MOST_IN_ORDER))
        : groups.map((group) => meanOf(group) as number),
    individuals: data.bounds === null ? data.values : null,
    groups: evenly(groups ?? blocksOf(readings)),
    grouping: groupingOf(groups === null),
    observed: observedOutside(readings as unknown as number[], effective(wish)),
    distinct: distinctUpTo(readings, 10),
    notes: data.notes,
  };
}

/** How readings were put together to see a model over time. */
export function groupingOf(individuals: boolean): string {
  return individuals ? `blocks of ${BLOCK} neighbouring readings` : 'the subgroups';
}

function blocksOf(readings: Float64Array): Float64Array[] {
  return Array.from({ length: Math.floor(readings.length / BLOCK) }, (_, i) =>
    readings.subarray(BLOCK * i, BLOCK * i + BLOCK),
  );
}

function evenly(groups: readonly Float64Array[]): Float64Array[] {
  const n = groups.length;
  if (n <= MOST_GROUPS) return [...groups];
  return Array.from(
    { length: MOST_GROUPS },
    (_, i) => groups[Math.floor((i * n) / MOST_GROUPS)] as Float64Array,
  );
}

function distinctUpTo(readings: Float64Array, enough: number): number {
  const seen = new Set<number>();
  for (const x of readings) {
    seen.add(x);
    if (seen.size >= enough) break;
  }
  return seen.size;
}
