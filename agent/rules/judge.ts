import type { Side } from '../model.ts';
import { type Numbers, PLOTTED, type Words } from '../spc/plotted.ts';
import type { CompiledRules } from './compile.ts';
import { forgetStep, judgeAny, lowestBit, stepBits } from './judge-any.ts';
import { FORM, forgetWords, LANES, PLANES, TABLE } from './usual.ts';

// Taken out of their tables: what a module keeps for itself is a constant to the compiler.
const { value: VALUE, cl: CL, lcl: LCL, ucl: UCL, up: UP, tolerance: TOLERANCE } = PLOTTED;
const { zones: ZONES, start: START } = TABLE;
const { limits: LIMITS, sides: SIDES, usual: USUAL } = FORM;
const [PLANE_COUNT, LANE] = [PLANES, LANES];
const LANE_BITS = (1 << LANE) - 1;

/** Numbers of state one statistic keeps for its steps: the value before, and how it was reached. */
export const STEP_SLOTS = 2;

/**
 * Conditions of the control limits that the statistic plotted at `at` breaks, as bits: all there is
 * to judge where `limitsOnly` says so.
 */
export function beyond(c: CompiledRules, numbers: Numbers, at: number): number {
  const value = numbers[at + VALUE] as number;
  const tolerance = numbers[at + TOLERANCE] as number;
  if (value > (numbers[at + UCL] as number) + tolerance) return c.beyondUpper;
  return value < (numbers[at + LCL] as number) - tolerance ? c.beyondLower : 0;
}

/**
 * Judges the statistic plotted at `at` and remembers it: `words` holds counters and histories at
 * `w`, `numbers` the step memory at `s`. Returns the conditions that hold, as bits. A hit resets
 * nothing (E8).
 */
export function judge(
  c: CompiledRules,
  words: Words,
  w: number,
  numbers: Numbers,
  at: number,
  s: number,
): number {
  if (c.form === USUAL) return judgeUsual(c, words, w, numbers, at, s);
  if (c.form === SIDES) return judgeSides(c, words, w, numbers, at);
  const now = beyond(c, numbers, at);
  return c.form === LIMITS ? now : judgeAny(c, words, w, numbers, at, s, now);
}

/**
 * `judge` for the usual form. Nothing here branches on which side a point falls or how far: no
 * processor can predict that.
 */
function judgeUsual(
  c: CompiledRules,
  words: Words,
  w: number,
  numbers: Numbers,
  at: number,
  s: number,
): number {
  const { borders, table } = c;
  const tolerance = numbers[at + TOLERANCE] as number;
  const above = (numbers[at + VALUE] as number) - (numbers[at + CL] as number);
  const side = Number(above < 0);
  const distance = Math.abs(above);
  // One sigma below stands behind one sigma above.
  const sigma = numbers[at + UP + side] as number;
  const zone =
    Number(distance > tolerance) +
    Number(distance > (borders[1] as number) * sigma + tolerance) +
    Number(distance > (borders[2] as number) * sigma + tolerance);
  let now = (table[ZONES + 4 * side + zone] as number) | beyond(c, numbers, at);
  if (c.steps === true) now |= stepBits(c, numbers, at, s);
  const complete = countRuns(table, words, w, now);
  if (c.counted === 0) return complete & c.conditions;
  // The four points before, newest first: of 2 of 3 one more of two, of 4 of 5 three of four.
  const last = words[w + PLANE_COUNT] as number;
  const second = last >>> LANE;
  const third = second >>> LANE;
  const fourth = third >>> LANE;
  const three = (last & second & (third | fourth)) | (third & fourth & (last | second));
  const enough = ((last | second) & c.twoOfThree) | (three & c.fourOfFive);
  const lane = c.lane;
  words[w + PLANE_COUNT] = (last << LANE) | ((now >>> lane) & LANE_BITS);
  return complete & c.conditions & ~(c.counted & ~(enough << lane));
}

/** `judge` where only the sides of the centre line and the control limits are asked about. */
function judgeSides(
  c: CompiledRules,
  words: Words,
  w: number,
  numbers: Numbers,
  at: number,
): number {
  const tolerance = numbers[at + TOLERANCE] as number;
  const above = (numbers[at + VALUE] as number) - (numbers[at + CL] as number);
  const zone = 4 * Number(above < 0) + Number(Math.abs(above) > tolerance);
  const now = (c.table[ZONES + zone] as number) | beyond(c, numbers, at);
  return countRuns(c.table, words, w, now) & c.conditions;
}

/**
 * Counts the runs of all bits at once in the four planes of the usual form: a bit that is not in
 * `now` goes back to its start, a full counter stays full, as in `remember`. Returns the full ones.
 */
function countRuns(table: Int32Array, words: Words, w: number, now: number): number {
  const one = words[w] as number;
  const two = words[w + 1] as number;
  const four = words[w + 2] as number;
  const eight = words[w + 3] as number;
  const carry = now & one;
  const carry2 = carry & two;
  const carry4 = carry2 & four;
  const full = carry4 & eight;
  const plane = ((one ^ now) & now) | ((table[START] as number) & ~now) | full;
  const plane2 = ((two ^ carry) & now) | ((table[START + 1] as number) & ~now) | full;
  const plane4 = ((four ^ carry2) & now) | ((table[START + 2] as number) & ~now) | full;
  const plane8 = ((eight ^ carry4) & now) | ((table[START + 3] as number) & ~now) | full;
  words[w] = plane;
  words[w + 1] = plane2;
  words[w + 2] = plane4;
  words[w + 3] = plane8;
  return plane & plane2 & plane4 & plane8 & now;
}

/** Forgets every point so far: new limits, a long gap, a reset (E11). */
export function forget(
  c: CompiledRules,
  words: Words,
  w: number,
  numbers: Numbers,
  s: number,
  shift = 0,
): void {
  forgetWords(c, words, w, shift);
  if (c.steps) forgetStep(numbers, s);
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
