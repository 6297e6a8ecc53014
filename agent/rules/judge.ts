import type { Side } from '../model.ts';
import { PLOTTED } from '../spc/plotted.ts';
import type { CompiledRules } from './compile.ts';

/** Numbers of state one statistic keeps for its steps: the value before, and how it was reached. */
export const STEP_SLOTS = 2;
const LAST = 0;
/** 1 up, -1 down, 0 level or the first point */
const DIRECTION = 1;
const NOTHING = 2;

/**
 * Judges the statistic plotted at `at` and remembers it: `words` holds counters and histories at
 * `w`, `numbers` the step memory at `s`. Returns the conditions that hold, as bits. A hit resets
 * nothing (E8).
 */
export function judge(
  c: CompiledRules,
  words: number[],
  w: number,
  numbers: number[],
  at: number,
  s: number,
): number {
  const value = numbers[at + PLOTTED.value] as number;
  const tolerance = numbers[at + PLOTTED.tolerance] as number;
  let now = 0;
  if (value > (numbers[at + PLOTTED.ucl] as number) + tolerance) now = c.beyondUpper;
  else if (value < (numbers[at + PLOTTED.lcl] as number) - tolerance) now = c.beyondLower;
  if (c.limitsOnly) return now;
  const zone = zoneOf(c.borders, numbers, at);
  now |= c.zones[c.centre + zone] as number;
  if (c.steps) now |= stepBits(c, numbers, at, s);
  return c.words === 0 ? now : remember(c, words, w, now, zone === 0 ? c.skipping : 0);
}

/** Forgets every point so far: new limits, a long gap, a reset (E11). */
export function forget(
  c: CompiledRules,
  words: number[],
  w: number,
  numbers: number[],
  s: number,
): void {
  for (let i = 0; i < c.words; i += 1) words[w + i] = i < c.planes ? (c.start[i] as number) : 0;
  if (!c.steps) return;
  numbers[s + LAST] = 0;
  numbers[s + DIRECTION] = NOTHING;
}

/** Rules broken, as bits in the order of the rule list (E9: all of them, not the lowest alone). */
export function rulesBroken(c: CompiledRules, conditions: number): number {
  let broken = 0;
  for (let left = conditions; left !== 0; left &= left - 1) {
    broken |= 1 << (c.ruleOf[lowestBit(left)] as number);
  }
  return broken;
}

/** The side on which a rule was broken, from the conditions that hold. */
export function sideBroken(c: CompiledRules, conditions: number, rule: number): Side {
  let found: Side | null = null;
  for (let left = conditions; left !== 0; left &= left - 1) {
    const condition = lowestBit(left);
    if (c.ruleOf[condition] !== rule) continue;
    const side = c.sideOf[condition] as Side;
    if (found !== null && found !== side) return 'both';
    found = side;
  }
  return found ?? 'both';
}

/**
 * Borders strictly passed above the centre, or below it as a negative number (E2). Here and in the
 * steps nothing branches on the value: which side a point falls on, no processor can predict.
 */
function zoneOf(borders: readonly number[], numbers: number[], at: number): number {
  const value = numbers[at + PLOTTED.value] as number;
  const deviation = value - (numbers[at + PLOTTED.cl] as number);
  const tolerance = numbers[at + PLOTTED.tolerance] as number;
  const up = numbers[at + PLOTTED.up] as number;
  const down = numbers[at + PLOTTED.down] as number;
  let zone = 0;
  for (let i = 0; i < borders.length; i += 1) {
    const border = borders[i] as number;
    zone += Number(deviation > border * up + tolerance);
    zone -= Number(-deviation > border * down + tolerance);
  }
  return zone;
}

/** Bits of the step from the point before; equal neighbours are no step (E4). */
function stepBits(c: CompiledRules, numbers: number[], at: number, s: number): number {
  const value = numbers[at + PLOTTED.value] as number;
  const tolerance = numbers[at + PLOTTED.tolerance] as number;
  const step = value - (numbers[s + LAST] as number);
  const before = numbers[s + DIRECTION] as number;
  numbers[s + LAST] = value;
  if (before === NOTHING) {
    numbers[s + DIRECTION] = 0;
    return 0;
  }
  const rises = Number(step > tolerance);
  const falls = Number(step < -tolerance);
  const direction = rises - falls;
  const turns = Number(direction * before < 0);
  numbers[s + DIRECTION] = direction;
  return (-rises & c.rising) | (-falls & c.falling) | (-turns & c.alternating);
}

/**
 * Counts runs and keeps histories. Every counter is a column of bits across the planes, so one
 * addition with carry steps all of them; a bit that is not in `now` goes back to its start.
 */
function remember(c: CompiledRules, words: number[], w: number, now: number, held: number): number {
  const { planes, start, source } = c;
  let carry = now;
  let complete = now;
  for (let i = 0; i < planes; i += 1) {
    const before = words[w + i] as number;
    const next =
      ((before ^ carry) & now) | ((start[i] as number) & ~(now | held)) | (before & held);
    carry &= before;
    complete &= next;
    words[w + i] = next;
  }
  if (carry !== 0) {
    // A full counter stays full: the run goes on and keeps flagging.
    for (let i = 0; i < planes; i += 1) words[w + i] = (words[w + i] as number) | carry;
    complete |= carry;
  }
  for (let i = 0; i < source.length; i += 1) {
    const bit = source[i] as number;
    const at = w + planes + i;
    const word = words[at] as number;
    if (((held >>> bit) & 1) === 0) words[at] = (word << 1) | ((now >>> bit) & 1);
  }
  const counted = complete & c.counted;
  return (
    (counted === 0 ? complete : settle(c, words, w + planes, complete, counted)) & c.conditions
  );
}

/** Keeps of the counted conditions those whose histories hold enough points. */
function settle(
  c: CompiledRules,
  words: number[],
  histories: number,
  complete: number,
  counted: number,
): number {
  let holds = complete;
  for (let left = counted; left !== 0; left &= left - 1) {
    const condition = lowestBit(left);
    const end = c.firstTerm[condition + 1] as number;
    for (let t = c.firstTerm[condition] as number; t < end; t += 1) {
      const seen = (words[histories + t] as number) & (c.window[t] as number);
      if (ones(seen) < (c.least[t] as number)) holds &= ~(1 << condition);
    }
  }
  return holds;
}

const lowestBit = (word: number) => 31 - Math.clz32(word & -word);

/** How many bits are set (Warren, Hacker's Delight, 5-1). */
function ones(word: number): number {
  let x = word - ((word >>> 1) & 0x5555_5555);
  x = (x & 0x3333_3333) + ((x >>> 2) & 0x3333_3333);
  return Math.imul((x + (x >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24;
}
