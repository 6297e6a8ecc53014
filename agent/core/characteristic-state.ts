import type { Limits } from '../model.ts';
import { forget } from '../rules/judge.ts';
import { type Baseline, emptyBaseline } from './baseline.ts';
import type { CharacteristicPlan, ChartPlan, GivenLimits, Watch } from './characteristic-plan.ts';
import { forgetRecent } from './recent.ts';

/**
 * All that is remembered of one characteristic: plain data, so a snapshot is JSON.stringify and
 * nothing else. What every reading touches lies in two flat arrays whose places the plan gives
 * out: at 100 000 characteristics that is four times faster than nested records.
 */
export interface CharacteristicState {
  /** good and bad readings, readings out of tolerance, subgroups dropped at a gap */
  readings: number;
  bad: number;
  outOfTolerance: number;
  dropped: number;
  /** readings that came after a later one of their stream (E10) */
  late: number;
  lastValue: number;
  lastMs: number;
  lastOut: 0 | 1;
  /** points so far, and the loudest frozen-limits signal of the last one: 0, 1 warning, 2 alarm */
  points: number;
  loudness: number;
  /** 1 until limits judge: learning, or waiting for approval */
  phase: 1 | 2;
  /** run memory is to be broken before the next reading */
  broken: 0 | 1;
  /** the current limits have been reported */
  announced: 0 | 1;
  /** subgroup size the lines in `numbers` hold for; 0 = none are drawn */
  linesFor: number;
  limits: Limits | null;
  baseline: Baseline;
  /** finished blocks of the capability window, oldest first */
  blocks: number[];
  numbers: number[];
  words: number[];
}

/** The state before the first reading. */
export function startCharacteristic(plan: CharacteristicPlan): CharacteristicState {
  const state: CharacteristicState = {
    readings: 0,
    bad: 0,
    outOfTolerance: 0,
    dropped: 0,
    late: 0,
    lastValue: 0,
    lastMs: 0,
    lastOut: 0,
    points: 0,
    loudness: 0,
    phase: plan.limits.kind === 'fixed' ? 2 : 1,
    broken: 0,
    announced: 0,
    linesFor: 0,
    limits: plan.limits.kind === 'fixed' ? givenLimits(plan.id, plan.limits) : null,
    baseline: emptyBaseline(),
    blocks: [],
    numbers: filled(plan.numbers, 0.5).fill(0),
    words: filled(plan.words, 1).fill(0),
  };
  forgetRuns(plan, state);
  return state;
}

/** Asks that the next reading starts all runs and time-weighted charts afresh. */
export function resetRun(state: CharacteristicState): void {
  state.broken = 1;
}

/** Breaks the run memory: rule histories, steps, EWMA and CUSUM start afresh (E11, E12). */
export function forgetRuns(plan: CharacteristicPlan, state: CharacteristicState): void {
  for (const part of plan.charts) {
    part.chart.restart(state.numbers, part.at);
    forgetRecent(part, state.numbers, state.points);
    for (const watch of watchesOf(part)) {
      forget(watch.rules, state.words, watch.words, state.numbers, watch.steps);
    }
  }
  state.broken = 0;
}

/** The stream was interrupted: an open subgroup is dropped as well, and counted. */
export function breakRuns(plan: CharacteristicPlan, state: CharacteristicState): void {
  state.dropped += plan.subgrouper.interrupt(state.numbers, 0);
  forgetRuns(plan, state);
}

const watchesOf = (part: ChartPlan): Watch[] =>
  part.spread === null ? [part.location] : [part.location, part.spread];

function givenLimits(id: string, fixed: GivenLimits): Limits {
  return {
    characteristic: id,
    version: 1,
    origin: 'settings',
    center: fixed.center,
    sigma: fixed.sigma,
    ...(fixed.parameters === undefined ? {} : { parameters: fixed.parameters }),
    estimator: 'given',
    subgroups: 0,
    readings: 0,
    baselineOutside: 0,
    frozenAtMs: 0,
    approvedBy: null,
    approvedAtMs: null,
    note: '',
  };
}

/** An array without holes; one that begins with 0.5 V8 keeps as bare doubles from the start. */
function filled(length: number, first: number): number[] {
  const array: number[] = [];
  for (let i = 0; i < length; i += 1) array.push(first);
  return array;
}
