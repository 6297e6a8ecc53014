import { type Numbers, PLACES, PLOTTED, type Words } from '../spc/plotted.ts';
import type { CompiledRules } from './compile.ts';
import { FORM, LANES, PLANES, TABLE } from './usual.ts';

/**
 * The rules of a mean and of its spread, judged in one: the bits of the spread stand above those of
 * the location in the same words. For charts whose numbers stand at PLACES.
 */
export interface PairRules {
  /** see TABLE; behind it the bits of the spread at, above and below its centre */
  table: Int32Array;
  borders: Float64Array;
  steps: boolean;
  upper: number;
  lower: number;
  spreadUpper: number;
  spreadLower: number;
  conditions: number;
  counted: number;
  lane: number;
  twoOfThree: number;
  fourOfFive: number;
  /** bits of the location below, of the spread from here on */
  shift: number;
  spreadBits: number;
}

// Taken out of their tables: what a module keeps for itself is a constant to the compiler.
const { pair: PAIR, spread: SPREAD, steps: STEPS } = PLACES;
const [VALUE, CL, LCL, UCL] = [PAIR, PAIR + PLOTTED.cl, PAIR + PLOTTED.lcl, PAIR + PLOTTED.ucl];
const [UP, TOLERANCE] = [PAIR + PLOTTED.up, PAIR + PLOTTED.tolerance];
const [RANGE, RANGE_CL] = [SPREAD, SPREAD + PLOTTED.cl];
const [RANGE_LCL, RANGE_UCL] = [SPREAD + PLOTTED.lcl, SPREAD + PLOTTED.ucl];
const RANGE_TOLERANCE = SPREAD + PLOTTED.tolerance;
const [LAST, DIRECTION] = [STEPS, STEPS + 1];
const NOTHING = 2;
const { steps: STEP_BITS, start: START, count: SPREAD_ZONES } = TABLE;
const HISTORY = PLANES;
const LANE = LANES;
const LANE_BITS = (1 << LANES) - 1;

/** Joins the rules of both statistics; null where they are not of the usual forms. */
export function pairOf(location: CompiledRules, spread: CompiledRules): PairRules | null {
  const usual = location.form === FORM.usual || location.form === FORM.sides;
  const shift = location.bits;
  if (!usual || spread.form !== FORM.sides || shift + spread.bits > 31) return null;
  const table = new Int32Array(TABLE.count + 3);
  table.set(location.table);
  for (let plane = 0; plane < PLANES; plane += 1) {
    const own = (location.table[TABLE.start + plane] ?? 0) & ((1 << shift) - 1);
    table[TABLE.start + plane] = own | ((spread.table[TABLE.start + plane] ?? 0) << shift);
  }
  const [centre = 0, above = 0] = spread.table;
  table.set(
    [centre, above, spread.table[5] ?? 0].map((bits) => bits << shift),
    TABLE.count,
  );
  const { borders, steps, counted, lane, twoOfThree, fourOfFive } = location;
  return {
    ...{ table, borders, steps, counted, lane, twoOfThree, fourOfFive, shift },
    upper: location.beyondUpper,
    lower: location.beyondLower,
    spreadUpper: spread.beyondUpper << shift,
    spreadLower: spread.beyondLower << shift,
    conditions: location.conditions | (spread.conditions << shift),
    spreadBits: ((1 << spread.bits) - 1) << shift,
  };
}

/**
 * Judges both statistics of the chart at PLACES in `v` and remembers them, as `judge` does each:
 * counters and histories stand in `words` at `w`. `alone`: there is no spread. Returns the conditions
 * that hold.
 */
export function judgePair(
  p: PairRules,
  words: Words,
  w: number,
  v: Numbers,
  alone: boolean,
): number {
  const { table, borders } = p;
  const value = v[VALUE] as number;
  const tolerance = v[TOLERANCE] as number;
  const above = value - (v[CL] as number);
  const side = Number(above < 0);
  const distance = Math.abs(above);
  // One sigma below stands behind one sigma above.
  const sigma = v[UP + side] as number;
  const zone =
    4 * side +
    Number(distance > tolerance) +
    Number(distance > (borders[1] as number) * sigma + tolerance) +
    Number(distance > (borders[2] as number) * sigma + tolerance);
  const range = v[RANGE] as number;
  const rangeTolerance = v[RANGE_TOLERANCE] as number;
  const wide = range - (v[RANGE_CL] as number);
  const spreadZone =
    SPREAD_ZONES + Number(wide > rangeTolerance) + 2 * Number(wide < -rangeTolerance);
  let now = (table[zone] as number) | (table[spreadZone] as number);
  if (p.steps === true) {
    const step = value - (v[LAST] as number);
    const before = (v[DIRECTION] as number) | 0;
    const direction = Number(step > tolerance) - Number(step < -tolerance);
    v[LAST] = value;
    v[DIRECTION] = before === NOTHING ? 0 : direction;
    now |= table[STEP_BITS + 5 + 4 * direction + before] as number;
  }
  if (value > (v[UCL] as number) + tolerance) now |= p.upper;
  else if (value < (v[LCL] as number) - tolerance) now |= p.lower;
  if (range > (v[RANGE_UCL] as number) + rangeTolerance) now |= p.spreadUpper;
  else if (range < (v[RANGE_LCL] as number) - rangeTolerance) now |= p.spreadLower;
  const place = w & INDEX;
  const complete = countRuns(p, words, place, now, alone ? p.spreadBits : 0);
  return p.counted === 0 ? complete : countLast(p, words, place + HISTORY, now, complete);
}

/** Keeps sums of places from being asked whether they overflow. */
const INDEX = 0x3fff_ffff;

/** Counts runs as `judge` does, but for the bits of `held`. Small enough to be compiled into its caller. */
function countRuns(p: PairRules, words: Words, w: number, now: number, held: number): number {
  const { table } = p;
  const one = words[w] as number;
  const two = words[w + 1] as number;
  const four = words[w + 2] as number;
  const eight = words[w + 3] as number;
  const carry = now & one;
  const carry2 = carry & two;
  const carry4 = carry2 & four;
  const full = carry4 & eight;
  const plane = (~one & now) | ((table[START] as number) & ~now) | full;
  const plane2 = ((two ^ carry) & now) | ((table[START + 1] as number) & ~now) | full;
  const plane4 = ((four ^ carry2) & now) | ((table[START + 2] as number) & ~now) | full;
  const plane8 = ((eight ^ carry4) & now) | ((table[START + 3] as number) & ~now) | full;
  words[w] = plane ^ ((plane ^ one) & held);
  words[w + 1] = plane2 ^ ((plane2 ^ two) & held);
  words[w + 2] = plane4 ^ ((plane4 ^ four) & held);
  words[w + 3] = plane8 ^ ((plane8 ^ eight) & held);
  return plane & plane2 & plane4 & plane8 & now & p.conditions & ~held;
}

/** Keeps of the complete conditions those that hold of enough of the last 3 or 5 points. */
function countLast(p: PairRules, words: Words, w: number, now: number, complete: number): number {
  const { counted, lane } = p;
  // The four points before, newest first: of 2 of 3 one more of two, of 4 of 5 three of four.
  const last = words[w] as number;
  const second = last >>> LANE;
  const third = second >>> LANE;
  const fourth = third >>> LANE;
  const three = (last & second & (third | fourth)) | (third & fourth & (last | second));
  const enough = ((last | second) & p.twoOfThree) | (three & p.fourOfFive);
  words[w] = (last << LANE) | ((now >>> lane) & LANE_BITS);
  return complete & ~(counted & ~(enough << lane));
}
