import type { Numbers, Words } from '../spc/plotted.ts';
import type { CharacteristicPlan } from './characteristic-plan.ts';
import { type Recent, recentAt, recentFor } from './recent.ts';

/**
 * Where the numbers of a characteristic stand: all characteristics of a core lie one behind the
 * other in one block, each from a cache line of its own, so that a reading finds what it needs
 * side by side and the processor fetches the next characteristic before it is asked for.
 */
export interface Memory {
  numbers: Numbers;
  /** the same block as whole numbers of 32 bits */
  words: Words;
  /** where this characteristic begins in `numbers` */
  base: number;
  /** its own numbers, from `base` on */
  view: Numbers;
  /** its last points, which stand apart: see there */
  recent: Recent;
  recentAt: number;
}

/** What every reading touches, in front of what the plan lays out. */
export const HEAD = {
  lastMs: 0,
  lastValue: 1,
  readings: 2,
  /** 1 when the last good reading was out of tolerance */
  lastOut: 3,
  outOfTolerance: 4,
  // Out of the plan, to have them at hand.
  low: 5,
  high: 6,
  maxGapMs: 7,
  count: 8,
} as const;

/** Numbers of 8 bytes in a cache line of 64. */
const LINE = 8;

/** Makes room for characteristics; what `startCharacteristic` writes into. */
export function memoryFor(plans: readonly CharacteristicPlan[]): Memory[] {
  const bases: number[] = [];
  let length = 0;
  for (const plan of plans) {
    bases.push(length);
    length += Math.ceil((HEAD.count + plan.numbers + Math.ceil(plan.words / 2)) / LINE) * LINE;
  }
  const numbers = new Float64Array(length);
  const words = new Int32Array(numbers.buffer);
  // Views made one after the other stay side by side in memory.
  const views = bases.map((base, i) => {
    return numbers.subarray(base, numbersAt(base) + (plans[i]?.numbers ?? 0));
  });
  const recent = recentFor(plans.length);
  return bases.map((base, i) => ({
    ...{ numbers, words, base, recent, recentAt: recentAt(i) },
    view: views[i] as Numbers,
  }));
}

/** Where the numbers that the plan lays out begin. */
export const numbersAt = (base: number): number => base + HEAD.count;

/** Where the words that the plan lays out begin. */
export const wordsAt = (plan: CharacteristicPlan, base: number): number =>
  2 * (base + HEAD.count + plan.wordsAt);
