import type { Plotted, Side } from '../model.ts';
import type { CompiledRules } from './compile.ts';

/** Numbers of state one statistic keeps for its steps: the value before, and how it was reached. */
export const STEP_SLOTS = 2;
const LAST = 0;
const TRAIL = 1;
const NOTHING = 0;
const FIRST = 1;
const UP = 2;
const DOWN = 3;

/**
 * Judges one point and remembers it. `words` holds the histories at `w`, `slots` the step memory
 * at `s`. Returns the conditions that hold, as bits; histories are never reset by a hit (E8).
 */
export function judge(
  c: CompiledRules,
  words: number[],
  w: number,
  slots: number[],
  s: number,
  p: Plotted,
): number {
  const deviation = p.value - p.cl;
  const tolerance = p.tolerance;
  let now: number;
  if (deviation > tolerance) now = zoneWord(c.upper, c.borders, deviation, p.up, tolerance);
  else if (deviation < -tolerance) {
    now = zoneWord(c.lower, c.borders, -deviation, p.down, tolerance);
  } else now = c.upper[0] as number;
  if (p.value > p.ucl + tolerance) now |= c.beyondUpper;
  else if (p.value < p.lcl - tolerance) now |= c.beyondLower;
  if (c.steps) now |= stepWord(c, slots, s, p.value, tolerance);
  remember(c, words, w, now, Math.abs(deviation) <= tolerance ? c.skipping : 0);
  return holding(c, words, w, now);
}

/** Forgets every point so far: new limits, a long gap, a reset (E11). */
export function forget(
  c: CompiledRules,
  words: number[],
  w: number,
  slots: number[],
  s: number,
): void {
  for (let i = 0; i < c.histories; i += 1) words[w + i] = 0;
  slots[s + LAST] = 0;
  slots[s + TRAIL] = NOTHING;
}

/** Rules broken, as bits in the order of the rule list (E9: all of them, not the lowest alone). */
export function rulesBroken(c: CompiledRules, conditions: number): number {
  let broken = 0;
  for (let left = conditions; left !== 0; left &= left - 1) {
    broken |= 1 << (c.ruleOf[31 - Math.clz32(left & -left)] as number);
  }
  return broken;
}

/** The side on which a rule was broken, from the conditions that hold. */
export function sideBroken(c: CompiledRules, conditions: number, rule: number): Side {
  let side: Side | undefined;
  for (let i = 0; i < c.sideOf.length; i += 1) {
    if (c.ruleOf[i] !== rule || (conditions & (1 << i)) === 0) continue;
    const own = c.sideOf[i] as Side;
    side = side === undefined || side === own ? own : 'both';
  }
  return side ?? 'both';
}

/** Bits of a point off the centre; without a sigma on that side it only has a side. */
function zoneWord(
  table: Int32Array,
  borders: Float64Array,
  distance: number,
  sigma: number,
  tolerance: number,
): number {
  let zone = 1;
  if (sigma > 0) {
    while (zone < borders.length && distance > (borders[zone] as number) * sigma + tolerance) {
      zone += 1;
    }
  }
  return table[zone] as number;
}

function stepWord(
  c: CompiledRules,
  slots: number[],
  s: number,
  value: number,
  tolerance: number,
): number {
  const trail = slots[s + TRAIL] as number;
  const step = value - (slots[s + LAST] as number);
  slots[s + LAST] = value;
  if (trail === NOTHING || Math.abs(step) <= tolerance) {
    slots[s + TRAIL] = FIRST;
    return 0;
  }
  if (step > 0) {
    slots[s + TRAIL] = UP;
    return trail === DOWN ? c.rising | c.alternating : c.rising;
  }
  slots[s + TRAIL] = DOWN;
  return trail === UP ? c.falling | c.alternating : c.falling;
}

function remember(c: CompiledRules, words: number[], w: number, now: number, skip: number): void {
  const histories = c.histories;
  for (let i = 0; i < histories; i += 1) {
    if (skip !== 0 && (skip & (1 << i)) !== 0) continue;
    words[w + i] = ((words[w + i] as number) << 1) | ((now >>> i) & 1);
  }
}

function holding(c: CompiledRules, words: number[], w: number, now: number): number {
  const need = c.need;
  const count = need.length;
  let holds = 0;
  for (let i = 0; i < count; i += 1) {
    const asked = need[i] as number;
    if ((now & asked) === asked && termsHold(c, words, w, i)) holds |= 1 << i;
  }
  return holds;
}

function termsHold(c: CompiledRules, words: number[], w: number, condition: number): boolean {
  const end = c.firstTerm[condition + 1] as number;
  for (let t = c.firstTerm[condition] as number; t < end; t += 1) {
    const seen = (words[w + (c.history[t] as number)] as number) & (c.mask[t] as number);
    if (ones(seen) < (c.least[t] as number)) return false;
  }
  return true;
}

/** How many bits are set (Warren, Hacker's Delight, 5-1). */
function ones(word: number): number {
  let x = word - ((word >>> 1) & 0x5555_5555);
  x = (x & 0x3333_3333) + ((x >>> 2) & 0x3333_3333);
  return Math.imul((x + (x >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24;
}
