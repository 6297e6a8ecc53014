import type { Capability } from '../model.ts';
import { bissellLower, chiSquareLower, indices } from '../spc/capability.ts';
import { c4, d2 } from '../spc/constants.ts';
import type { Numbers, Subgroup } from '../spc/plotted.ts';

/** Numbers of state the window takes beside its finished blocks. */
export const WINDOW_SLOTS = 7;
// Slots, and the columns of a finished block: points, readings, mean, sum of squares about the
// mean, what the within sigma is made of (squares or moving ranges), and how many.
const POINTS = 0;
const READINGS = 1;
const MEAN = 2;
const SQUARES = 3;
const WITHIN = 4;
const DEGREES = 5;
const COLUMNS = 6;
/** where in the ring the oldest block stands */
const OLDEST = 6;

const BLOCK_POINTS = 25;
/** The same for who widens the window without asking. */
export const WINDOW = {
  ...{ points: POINTS, readings: READINGS, mean: MEAN, squares: SQUARES, within: WITHIN },
  ...{ degrees: DEGREES, blockPoints: BLOCK_POINTS },
} as const;
const BLOCKS = 40;

const CONFIDENCE = 0.95;

/**
 * Takes a subgroup into the window: the last 40 blocks of 25 points. Means and squares are merged
 * by Chan, Golub and LeVeque (1979), which loses no digits to a large offset.
 */
export function widen(numbers: Numbers, at: number, blocks: number[], subgroup: Subgroup): void {
  const size = subgroup.size;
  const before = numbers[at + READINGS] as number;
  const readings = before + size;
  const distance = subgroup.mean - (numbers[at + MEAN] as number);
  const share = size / readings;
  numbers[at + READINGS] = readings;
  numbers[at + MEAN] = (numbers[at + MEAN] as number) + distance * share;
  numbers[at + SQUARES] =
    (numbers[at + SQUARES] as number) + subgroup.squares + distance * distance * before * share;
  if (size > 1) {
    numbers[at + WITHIN] = (numbers[at + WITHIN] as number) + subgroup.squares;
    numbers[at + DEGREES] = (numbers[at + DEGREES] as number) + size - 1;
  } else if (subgroup.range >= 0) {
    numbers[at + WITHIN] = (numbers[at + WITHIN] as number) + subgroup.range;
    numbers[at + DEGREES] = (numbers[at + DEGREES] as number) + 1;
  }
  const points = (numbers[at + POINTS] as number) + 1;
  numbers[at + POINTS] = points;
  if (points === BLOCK_POINTS) closeBlock(numbers, at, blocks);
}

/** The sums of the whole window as one row, of the form that a finished block has. */
export function totalRow(numbers: Numbers, at: number, blocks: readonly number[]): number[] {
  const { readings, mean, squares, within, degrees } = total(numbers, at, blocks);
  return [BLOCK_POINTS, readings, mean, squares, within, degrees];
}

/** Finished blocks join the ring as its newest, such as `totalRow` makes them. */
export function addRows(numbers: Numbers, at: number, blocks: number[], rows: number[]): void {
  const open = Array.from(numbers.subarray(at, at + COLUMNS));
  for (let row = 0; row < rows.length; row += COLUMNS) {
    for (let i = 0; i < COLUMNS; i += 1) numbers[at + i] = rows[row + i] as number;
    closeBlock(numbers, at, blocks);
  }
  for (let i = 0; i < COLUMNS; i += 1) numbers[at + i] = open[i] as number;
}

/** Forgets what was counted; the caller empties the blocks. */
export function clearWindow(numbers: Numbers, at: number): void {
  numbers.fill(0, at, at + WINDOW_SLOTS);
}

/** The tolerance the indices are about. */
export interface Tolerance {
  lsl: number | null;
  usl: number | null;
  /** a bound that values cannot pass by nature: its side takes no part */
  natural: 'lower' | 'upper' | 'none';
  /** individuals: the within sums are moving ranges */
  individuals: boolean;
}

/** Indices of the window with one-sided 95 % lower bounds; null with a reason when undefined. */
export function capabilityOf(
  numbers: Numbers,
  at: number,
  blocks: readonly number[],
  tolerance: Tolerance,
): Capability {
  const w = total(numbers, at, blocks);
  const lsl = tolerance.natural === 'lower' ? null : tolerance.lsl;
  const usl = tolerance.natural === 'upper' ? null : tolerance.usl;
  const sigmaWithin = withinSigma(w, tolerance.individuals);
  const sigmaOverall = w.readings < 2 ? null : Math.sqrt(w.squares / (w.readings - 1));
  const index = indices({ mean: w.mean, sigmaWithin, sigmaOverall, lsl, usl });
  const { readings: n, degrees } = w;
  return {
    n,
    mean: n === 0 ? null : w.mean,
    sigmaWithin,
    sigmaOverall,
    estimator: tolerance.individuals ? 'mrbar/d2' : 'pooled/c4',
    method: 'Bissell for Cpk and Ppk, chi-square for Cp and Pp; one-sided 95 %',
    cp: index.cp,
    cpk: index.cpk,
    pp: index.pp,
    ppk: index.ppk,
    cpLower95: lowerOf(index.cp, degrees),
    cpkLower95: bissellLower(index.cpk, n, degrees, CONFIDENCE),
    ppLower95: lowerOf(index.pp, n - 1),
    ppkLower95: bissellLower(index.ppk, n, n - 1, CONFIDENCE),
    reason: reasonOf(w, lsl, usl, sigmaWithin, sigmaOverall),
  };
}

/** Chi-square bound of an index of 1 by degrees of freedom: a full window meets few of them. */
const factors = new Map<number, number | null>();
const MAX_FACTORS = 4096;

/** The quantile costs more than all the rest of a summary, and does not depend on the index. */
function lowerOf(index: number | null, degrees: number): number | null {
  let factor = factors.get(degrees);
  if (factor === undefined) {
    factor = chiSquareLower(1, degrees, CONFIDENCE);
    if (factors.size >= MAX_FACTORS) factors.clear();
    factors.set(degrees, factor);
  }
  return index === null || factor === null ? null : index * factor;
}

interface Total {
  readings: number;
  mean: number;
  squares: number;
  within: number;
  degrees: number;
}

function total(numbers: Numbers, at: number, blocks: readonly number[]): Total {
  const sum: Total = { readings: 0, mean: 0, squares: 0, within: 0, degrees: 0 };
  const oldest = numbers[at + OLDEST] as number;
  for (let b = oldest; b < blocks.length; b += COLUMNS) merge(sum, blocks, b);
  for (let b = 0; b < oldest; b += COLUMNS) merge(sum, blocks, b);
  merge(sum, numbers, at);
  return sum;
}

function merge(sum: Total, from: ArrayLike<number>, at: number): void {
  const count = from[at + READINGS] as number;
  if (count === 0) return;
  const readings = sum.readings + count;
  const distance = (from[at + MEAN] as number) - sum.mean;
  const share = count / readings;
  sum.squares += (from[at + SQUARES] as number) + distance * distance * sum.readings * share;
  sum.mean += distance * share;
  sum.readings = readings;
  sum.within += from[at + WITHIN] as number;
  sum.degrees += from[at + DEGREES] as number;
}

/** Moving ranges over d2(2), or the pooled sd over c4 of its degrees of freedom plus one. */
function withinSigma(w: Total, individuals: boolean): number | null {
  if (w.degrees === 0) return null;
  if (individuals) return w.within / w.degrees / d2(2);
  return Math.sqrt(w.within / w.degrees) / c4(w.degrees + 1);
}

function reasonOf(
  w: Total,
  lsl: number | null,
  usl: number | null,
  within: number | null,
  overall: number | null,
): string | null {
  if (lsl === null && usl === null) return 'no tolerance is stated';
  if (w.readings === 0) return 'no subgroup is complete yet';
  if (within === null || overall === null) return 'too few readings for a standard deviation';
  if (within === 0 || overall === 0) return 'all readings are equal: sigma is 0';
  return lsl === null || usl === null ? 'one-sided tolerance: Cp and Pp are not defined' : null;
}

/** A full block joins the ring in place of the oldest. */
export function closeBlock(numbers: Numbers, at: number, blocks: number[]): void {
  let to = numbers[at + OLDEST] as number;
  if (blocks.length < BLOCKS * COLUMNS) {
    for (let i = 0; i < COLUMNS; i += 1) blocks.push(numbers[at + i] as number);
  } else {
    for (let i = 0; i < COLUMNS; i += 1) blocks[to + i] = numbers[at + i] as number;
    to += COLUMNS;
    numbers[at + OLDEST] = to === blocks.length ? 0 : to;
  }
  for (let i = 0; i < COLUMNS; i += 1) numbers[at + i] = 0;
}
