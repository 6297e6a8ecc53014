import { type Numbers, PLOTTED, type Words } from '../spc/plotted.ts';
import { type CompiledRules, TERM } from './compile.ts';
import { TABLE } from './usual.ts';

// Taken out of their tables: what a module keeps for itself is a constant to the compiler.
const { value: VALUE, cl: CL, up: UP, down: DOWN, tolerance: TOLERANCE } = PLOTTED;
const { steps: STEPS } = TABLE;

// The step memory of a statistic: the value before, and how it was reached.
const LAST = 0;
/** 1 up, -1 down, 0 level or the first point */
const DIRECTION = 1;
const NOTHING = 2;

/** `judge` for rules of any number and length; `limits` are the conditions of the control limits. */
export function judgeAny(
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

/** Bits of the step from the point before; equal neighbours are no step (E4). */
export function stepBits(c: CompiledRules, numbers: Numbers, at: number, s: number): number {
  const value = numbers[at + VALUE] as number;
  const tolerance = numbers[at + TOLERANCE] as number;
  const step = value - (numbers[s + LAST] as number);
  const before = (numbers[s + DIRECTION] as number) | 0;
  const direction = Number(step > tolerance) - Number(step < -tolerance);
  numbers[s + LAST] = value;
  numbers[s + DIRECTION] = before === NOTHING ? 0 : direction;
  return c.table[STEPS + 4 * (1 + direction) + 1 + before] as number;
}

/** Forgets the step before. */
export function forgetStep(numbers: Numbers, s: number): void {
  numbers[s + LAST] = 0;
  numbers[s + DIRECTION] = NOTHING;
}

/** Number of the lowest bit that is set. */
export const lowestBit = (word: number) => 31 - Math.clz32(word & -word);

/** Borders strictly passed above the centre, or below it as a negative number (E2). */
function zoneOf(borders: Float64Array, numbers: Numbers, at: number): number {
  const above = (numbers[at + VALUE] as number) - (numbers[at + CL] as number);
  const tolerance = numbers[at + TOLERANCE] as number;
  const up = numbers[at + UP] as number;
  const down = numbers[at + DOWN] as number;
  let zone = 0;
  for (let i = 0; i < borders.length; i += 1) {
    const border = borders[i] as number;
    zone += Number(above > border * up + tolerance) - Number(-above > border * down + tolerance);
  }
  return zone;
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

/** How many bits are set (Warren, Hacker's Delight, 5-1). */
function ones(word: number): number {
  let x = word - ((word >>> 1) & 0x5555_5555);
  x = (x & 0x3333_3333) + ((x >>> 2) & 0x3333_3333);
  return Math.imul((x + (x >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24;
}
