import type { Side } from '../model.ts';
import { type Numbers, PLOTTED, type Words } from '../spc/plotted.ts';
import { type CompiledRules, TERM } from './compile.ts';

/** Numbers of state one statistic keeps for its steps: the value before, and how it was reached. */
export const STEP_SLOTS = 2;
const LAST = 0;
/** 1 up, -1 down, 0 level or the first point */
const DIRECTION = 1;
const NOTHING = 2;

/**
 * Conditions of the control limits that the statistic plotted at `at` breaks, as bits: all there is
 * to judge where `limitsOnly` says so.
 */
export function beyond(c: CompiledRules, numbers: Numbers, at: number): number {
  const value = numbers[at + PLOTTED.value] as number;
  const tolerance = numbers[at + PLOTTED.tolerance] as number;
  if (value > (numbers[at + PLOTTED.ucl] as number) + tolerance) return c.beyondUpper;
  return value < (numbers[at + PLOTTED.lcl] as number) - tolerance ? c.beyondLower : 0;
}

/**
 * Judges the statistic plotted at `at` and remembers it: `words` holds counters and histories at
 * `w`, `numbers` the step memory at `s`. Returns the conditions that hold, as bits. A hit resets
 * nothing (E8).
 *
 * Nothing here branches on the value: which side a point falls on, no processor can predict. What
 * the named sets of rules need is written out in one piece: up to three borders, the four digits of
 * runs of 8 to 15 points, histories of up to five points.
 */
export function judge(
  c: CompiledRules,
  words: Words,
  w: number,
  numbers: Numbers,
  at: number,
  s: number,
): number {
  let now = beyond(c, numbers, at);
  if (c.limitsOnly) return now;
  const { borders, start, terms } = c;
  if (borders.length > 3 || start.length !== 4 || c.wide || c.skipping !== 0) {
    return judgeAny(c, words, w, numbers, at, s, now);
  }
  const tolerance = numbers[at + PLOTTED.tolerance] as number;
  const up = numbers[at + PLOTTED.up] as number;
  const down = numbers[at + PLOTTED.down] as number;
  const above = (numbers[at + PLOTTED.value] as number) - (numbers[at + PLOTTED.cl] as number);
  const first = borders[0] as number;
  const second = borders[1] as number;
  const third = borders[2] as number;
  const zone =
    Number(above > first * up + tolerance) +
    Number(above > second * up + tolerance) +
    Number(above > third * up + tolerance) -
    Number(-above > first * down + tolerance) -
    Number(-above > second * down + tolerance) -
    Number(-above > third * down + tolerance);
  now |= c.zones[c.centre + zone] as number;
  if (c.steps) now |= stepBits(c, numbers, at, s);
  // As in `remember`, the four planes side by side.
  const one = words[w] as number;
  const two = words[w + 1] as number;
  const four = words[w + 2] as number;
  const eight = words[w + 3] as number;
  const carry = now & one;
  const carry2 = carry & two;
  const carry4 = carry2 & four;
  const full = carry4 & eight;
  const plane = ((one ^ now) & now) | ((start[0] as number) & ~now) | full;
  const plane2 = ((two ^ carry) & now) | ((start[1] as number) & ~now) | full;
  const plane4 = ((four ^ carry2) & now) | ((start[2] as number) & ~now) | full;
  const plane8 = ((eight ^ carry4) & now) | ((start[3] as number) & ~now) | full;
  words[w] = plane;
  words[w + 1] = plane2;
  words[w + 2] = plane4;
  words[w + 3] = plane8;
  let lacking = 0;
  for (let t = 0, h = w + 4; t < terms.length; t += TERM.count, h += 1) {
    const word = ((words[h] as number) << 1) | ((now >>> (terms[t + TERM.source] as number)) & 1);
    const short = (terms[t + TERM.short] as number) >>> (word & (terms[t + TERM.window] as number));
    words[h] = word;
    lacking |= (short & 1) << (terms[t + TERM.condition] as number);
  }
  return plane & plane2 & plane4 & plane8 & now & ~lacking & c.conditions;
}

/** `judge` for rules of any number and length; `limits` are the conditions of the control limits. */
function judgeAny(
  c: CompiledRules,
  words: Words,
  w: number,
  numbers: Numbers,
  at: number,
  s: number,
  limits: number,
): number {
  const zone = zoneOf(c.borders, numbers, at);
  let now = limits | (c.zones[c.centre + zone] as number);
  if (c.steps) now |= stepBits(c, numbers, at, s);
  return c.words === 0 ? now : remember(c, words, w, now, zone === 0 ? c.skipping : 0);
}

/** Forgets every point so far: new limits, a long gap, a reset (E11). */
export function forget(
  c: CompiledRules,
  words: Words,
  w: number,
  numbers: Numbers,
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

/** Borders strictly passed above the centre, or below it as a negative number (E2). */
function zoneOf(borders: Float64Array, numbers: Numbers, at: number): number {
  const above = (numbers[at + PLOTTED.value] as number) - (numbers[at + PLOTTED.cl] as number);
  const tolerance = numbers[at + PLOTTED.tolerance] as number;
  const up = numbers[at + PLOTTED.up] as number;
  const down = numbers[at + PLOTTED.down] as number;
  let zone = 0;
  for (let i = 0; i < borders.length; i += 1) {
    const border = borders[i] as number;
    zone += Number(above > border * up + tolerance) - Number(-above > border * down + tolerance);
  }
  return zone;
}

/** Bits of the step from the point before; equal neighbours are no step (E4). */
function stepBits(c: CompiledRules, numbers: Numbers, at: number, s: number): number {
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
function remember(c: CompiledRules, words: Words, w: number, now: number, held: number): number {
  const { planes, start, terms } = c;
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
  for (let t = 0, at = w + planes; t < terms.length; t += TERM.count, at += 1) {
    const bit = terms[t + TERM.source] as number;
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
  words: Words,
  histories: number,
  complete: number,
  counted: number,
): number {
  let holds = complete;
  for (let left = counted; left !== 0; left &= left - 1) {
    const condition = lowestBit(left);
    const end = c.firstTerm[condition + 1] as number;
    for (let t = c.firstTerm[condition] as number; t < end; t += 1) {
      const term = t * TERM.count;
      const seen = (words[histories + t] as number) & (c.terms[term + TERM.window] as number);
      if (ones(seen) < (c.terms[term + TERM.least] as number)) holds &= ~(1 << condition);
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
