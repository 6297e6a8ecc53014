import type { Limits } from '../model.ts';
import { forget } from '../rules/judge.ts';
import type { Numbers, Words } from '../spc/plotted.ts';
import { type Baseline, emptyBaseline } from './baseline.ts';
import type { CharacteristicPlan, GivenLimits } from './characteristic-plan.ts';
import { type Layout, watchesOf } from './layout.ts';
import { HEAD, type Memory, memoryFor, numbersAt, wordsAt } from './memory.ts';
import { type Recent, restoreRing } from './recent.ts';
import type { Segments } from './segments.ts';
import type { Settled } from './settled-plan.ts';

/**
 * All that is remembered of one characteristic. What every reading touches lies in two flat arrays
 * that all characteristics share and whose places the plan gives out: at 100 000 characteristics
 * that is many times faster than nested records. `savedState` makes plain data of it.
 */
export interface CharacteristicState {
  id: string;
  /** of `numbers`, from `base` on */
  view: Numbers;
  /** of the layout, while nothing is out of the ordinary: limits are frozen and drawn, runs go on */
  settled: Settled | null;
  numbers: Numbers;
  words: Words;
  /** where it begins in the block: see HEAD */
  base: number;
  /** where the numbers and the words that the plan lays out begin */
  at: number;
  wordsAt: number;
  /** the last points, and where its own begin in them; those up to `forgotten` no longer count */
  recent: Recent;
  recentAt: number;
  forgotten: number;
  layout: Layout;
  /** run memory is to be broken before the next reading */
  broken: 0 | 1;
  /** the current limits have been reported */
  announced: 0 | 1;
  /** 1 until limits judge: learning, or waiting for approval */
  phase: 1 | 2;
  /** subgroup size the lines in `numbers` hold for; 0 = none are drawn */
  linesFor: number;
  /** points so far, and the loudest frozen-limits signal of the last one: 0, 1 warning, 2 alarm */
  points: number;
  loudness: number;
  limits: Limits | null;
  /** limits that were ever in force: the next ones get the next version */
  versions: number;
  baseline: Baseline;
  /** finished blocks of the capability window, oldest first */
  blocks: number[];
  /** bad readings, subgroups dropped at a gap */
  bad: number;
  dropped: number;
  /** readings that came after a later one of their stream (E10) */
  late: number;
  /** which gauge measures, and what others measured before; null while no reading says */
  segments: Segments | null;
}

/** The state before the first reading, in a place of its own or in one it is given. */
export function startCharacteristic(
  plan: CharacteristicPlan,
  memory: Memory = memoryFor([plan])[0] as Memory,
): CharacteristicState {
  const state: CharacteristicState = {
    view: memory.view,
    settled: null,
    words: memory.words,
    wordsAt: wordsAt(plan, memory.base),
    points: 0,
    loudness: 0,
    recent: memory.recent,
    recentAt: memory.recentAt,
    forgotten: 0,
    blocks: [],
    id: plan.id,
    numbers: memory.numbers,
    base: memory.base,
    at: numbersAt(memory.base),
    layout: plan.layout,
    broken: 0,
    announced: 0,
    phase: plan.limits.kind === 'fixed' ? 2 : 1,
    linesFor: 0,
    limits: plan.limits.kind === 'fixed' ? givenLimits(plan.id, plan.limits) : null,
    versions: plan.limits.kind === 'fixed' ? 1 : 0,
    baseline: emptyBaseline(),
    bad: 0,
    dropped: 0,
    late: 0,
    segments: null,
  };
  state.numbers.fill(0, state.base, state.at + plan.numbers);
  state.words.fill(0, state.wordsAt, state.wordsAt + plan.words);
  restoreRing(state, []);
  state.numbers[state.base + HEAD.low] = plan.low;
  state.numbers[state.base + HEAD.high] = plan.high;
  state.numbers[state.base + HEAD.maxGapMs] = plan.maxGapMs;
  forgetRuns(plan, state);
  return state;
}

/** The states of all characteristics of a core, in one block. */
export function startCharacteristics(plans: readonly CharacteristicPlan[]): CharacteristicState[] {
  const memories = memoryFor(plans);
  return plans.map((plan, i) => startCharacteristic(plan, memories[i]));
}

/** Asks that the next reading starts all runs and time-weighted charts afresh. */
export function resetRun(state: CharacteristicState): void {
  state.broken = 1;
  state.settled = null;
}

/**
 * Breaks the run memory: rule histories, steps, EWMA and CUSUM start afresh (E11, E12). `sameTool`:
 * only the limits are new, so that a tool is as old as it was.
 */
export function forgetRuns(
  plan: CharacteristicPlan,
  state: CharacteristicState,
  sameTool = false,
): void {
  const { numbers, words, at } = state;
  state.forgotten = state.points;
  for (const part of plan.charts) {
    if (!sameTool || part.chart.wears !== true) part.chart.restart(numbers, at + part.at);
    for (const watch of watchesOf(part)) {
      const { rules, steps, shift } = watch;
      forget(rules, words, state.wordsAt + watch.words, numbers, at + steps, shift);
    }
  }
  state.broken = 0;
  state.settled = null;
}

/** The stream was interrupted: an open subgroup is dropped as well, and counted. */
export function breakRuns(plan: CharacteristicPlan, state: CharacteristicState): void {
  state.dropped += plan.subgrouper.interrupt(state.numbers, state.at);
  forgetRuns(plan, state);
}

/** A tool was changed: runs break on charts that follow its wear (E11); true when there are any. */
export function toolChanged(plan: CharacteristicPlan, state: CharacteristicState): boolean {
  if (!plan.charts.some((part) => part.chart.wears === true)) return false;
  breakRuns(plan, state);
  return true;
}

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
