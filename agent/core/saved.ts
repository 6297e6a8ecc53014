import { restoreWords, saveWords } from '../rules/usual.ts';
import type { CharacteristicPlan } from './characteristic-plan.ts';
import { type CharacteristicState, startCharacteristic } from './characteristic-state.ts';
import { watchesOf } from './layout.ts';
import { HEAD, type Memory } from './memory.ts';
import { RECENT_SLOTS, restoreRing, savedRing } from './recent.ts';

type Placed =
  | 'id'
  | 'view'
  | 'settled'
  | 'numbers'
  | 'words'
  | 'base'
  | 'at'
  | 'wordsAt'
  | 'recent'
  | 'recentAt'
  | 'forgotten'
  | 'layout';

/** A state as plain data: what stands in a snapshot. */
export interface SavedState extends Omit<CharacteristicState, Placed> {
  readings: number;
  outOfTolerance: number;
  lastValue: number;
  lastMs: number;
  lastOut: 0 | 1;
  /** those that the plan lays out, then the last points */
  numbers: number[];
  words: number[];
}

/** Plain data of a state; a copy but for limits, baseline and blocks. */
export function savedState(plan: CharacteristicPlan, state: CharacteristicState): SavedState {
  const {
    id: _id,
    view: _v,
    settled: _s,
    numbers,
    words,
    base,
    at,
    wordsAt,
    layout: _layout,
    recent: _recent,
    recentAt: _recentAt,
    forgotten: _forgotten,
    ...rest
  } = state;
  return {
    ...rest,
    readings: numbers[base + HEAD.readings] as number,
    outOfTolerance: numbers[base + HEAD.outOfTolerance] as number,
    lastValue: numbers[base + HEAD.lastValue] as number,
    lastMs: numbers[base + HEAD.lastMs] as number,
    lastOut: numbers[base + HEAD.lastOut] === 1 ? 1 : 0,
    numbers: [
      ...plan.saved.flatMap(({ at: from, count }) =>
        Array.from(numbers.subarray(at + from, at + from + count)),
      ),
      ...savedRing(state),
    ],
    words: plan.charts
      .flatMap(watchesOf)
      .flatMap((watch) => saveWords(watch.rules, words, wordsAt + watch.words, watch.shift)),
  };
}

/** Was it laid out as the plan says? A newer agent may keep more of the same chart. */
export function fits(plan: CharacteristicPlan, saved: SavedState): boolean {
  const numbers = plan.saved.reduce((sum, { count }) => sum + count, RECENT_SLOTS);
  return saved.numbers.length === numbers && saved.words.length === plan.savedWords;
}

/** The state that plain data of the same plan says; takes its limits, baseline and blocks over. */
export function restoredState(
  plan: CharacteristicPlan,
  saved: SavedState,
  memory?: Memory,
): CharacteristicState {
  const state = startCharacteristic(plan, memory);
  const { readings, outOfTolerance, lastValue, lastMs, lastOut, numbers, words, ...rest } = saved;
  Object.assign(state, rest, {
    versions: versionsOf(saved),
    segments: saved.segments ?? null,
  });
  setHead(state, saved);
  let from = 0;
  for (const { at, count } of plan.saved) {
    state.numbers.set(numbers.slice(from, from + count), state.at + at);
    from += count;
  }
  restoreRing(state, numbers.slice(from));
  from = 0;
  for (const { rules, words: at, shift } of plan.charts.flatMap(watchesOf)) {
    const own = words.slice(from, from + rules.savedWords);
    restoreWords(rules, state.words, state.wordsAt + at, shift, own);
    from += rules.savedWords;
  }
  return state;
}

/** Limits that were ever in force; older snapshots only say which are. */
export function versionsOf(saved: SavedState): number {
  return saved.versions ?? saved.limits?.version ?? 0;
}

/** What a reading touches, as it was saved. */
export function setHead(
  { numbers, base }: CharacteristicState,
  saved: Pick<SavedState, 'readings' | 'outOfTolerance' | 'lastValue' | 'lastMs' | 'lastOut'>,
): void {
  numbers[base + HEAD.readings] = saved.readings;
  numbers[base + HEAD.outOfTolerance] = saved.outOfTolerance;
  numbers[base + HEAD.lastValue] = saved.lastValue;
  numbers[base + HEAD.lastMs] = saved.lastMs;
  numbers[base + HEAD.lastOut] = saved.lastOut;
}
