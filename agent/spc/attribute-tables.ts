/**
 * Single and double attribute plans by lot size and AQL: the tables of MIL-STD-105E (1989, public
 * domain). Code letters and the plans of normal and tightened inspection are those of ISO 2859-1 and
 * ANSI/ASQ Z1.4 as well; reduced inspection and double plans are those of 105E and Z1.4, where the
 * later ISO differs. The tables are diagonals: with the letter's and the AQL's place in their series
 * the acceptance number depends on the sum of the two alone. Checked cell by cell against public
 * copies; a cell that we have not seen in one is null with a reason.
 */

export const LETTERS = 'ABCDEFGHJKLMNPQRS';

const SIZES = [2, 3, 5, 8, 13, 20, 32, 50, 80, 125, 200, 315, 500, 800, 1250, 2000, 3150];

/** Percent nonconforming up to 10; beyond that nonconformities per 100 units. */
export const AQLS = [
  0.01, 0.015, 0.025, 0.04, 0.065, 0.1, 0.15, 0.25, 0.4, 0.65, 1, 1.5, 2.5, 4, 6.5, 10, 15, 25, 40,
  65, 100, 150, 250, 400, 650, 1000,
];

export const LEVELS = ['S-1', 'S-2', 'S-3', 'S-4', 'I', 'II', 'III'] as const;
export type Level = (typeof LEVELS)[number];

export const SEVERITIES = ['normal', 'tightened', 'reduced'] as const;
export type Severity = (typeof SEVERITIES)[number];

const LOTS_TO = [8, 15, 25, 50, 90, 150, 280, 500, 1200, 3200, 10_000, 35_000, 150_000, 500_000];

const CODES: Record<Level, string> = {
  'S-1': 'AAAABBBBCCCCDDD',
  'S-2': 'AAABBBCCCDDDEEE',
  'S-3': 'AABBCCDDEEFFGGH',
  'S-4': 'AABCCDEEFGGHJJK',
  I: 'AABCCDEFGHJKLMN',
  II: 'ABCDEFGHJKLMNPQ',
  III: 'BCDEFGHJKLMNPQR',
};

export interface SinglePlan {
  letter: string;
  n: number;
  /** accept up to so many; reject from so many on */
  ac: number;
  re: number;
}

export interface DoubleTablePlan {
  letter: string;
  /** size of each of the two samples */
  n: number;
  ac1: number;
  re1: number;
  /** of both samples together */
  ac2: number;
  re2: number;
}

/** A plan, or why there is none. */
export type Found<Plan> = { plan: Plan; reason: null } | { plan: null; reason: string };

/** The sample size code letter; null for a lot of fewer than two. */
export function codeLetter(lot: number, level: Level): string | null {
  if (!(lot >= 2)) return null;
  const row = LOTS_TO.findIndex((most) => lot <= most);
  return CODES[level][row === -1 ? LOTS_TO.length : row] ?? null;
}

/** The single plan of a letter and an AQL, arrows followed. */
export function singlePlan(letter: string, aql: number, severity: Severity): Found<SinglePlan> {
  const start = LETTERS.indexOf(letter);
  const j = AQLS.indexOf(aql);
  if (j === -1) return none(`AQL ${aql} is not in the series of the table`);
  if (start === -1 || letter.length !== 1) return none(`there is no code letter ${letter}`);
  const last = severity === 'tightened' ? LETTERS.length - 1 : LETTERS.length - 2;
  for (let i = start, way = 0; i >= 0 && i <= last; i += way) {
    const cell = CELL[severity](i, j);
    if (cell === 'unknown') break;
    if (typeof cell === 'object') {
      return {
        plan: { letter: LETTERS[i] as string, n: sizeOf(i, severity), ...cell },
        reason: null,
      };
    }
    way = cell === 'down' ? 1 : -1;
  }
  return none(`no plan is held for letter ${letter}, AQL ${aql}, ${severity} inspection`);
}

/** The double plan of normal inspection that belongs to the single one. */
export function doublePlan(letter: string, aql: number): Found<DoubleTablePlan> {
  const single = singlePlan(letter, aql, 'normal');
  if (single.plan === null) return single;
  const i = LETTERS.indexOf(single.plan.letter);
  const numbers = DOUBLE[single.plan.ac];
  if (single.plan.ac === 0) return none('an acceptance number of 0 has no double plan');
  if (numbers === undefined || i === 0) {
    return none(`no double plan is held for letter ${single.plan.letter}, AQL ${aql}`);
  }
  const [ac1, re1, ac2, re2] = numbers;
  const n = SIZES[i - 1] as number;
  return { plan: { letter: single.plan.letter, n, ac1, re1, ac2, re2 }, reason: null };
}

type Cell = { ac: number; re: number } | 'up' | 'down' | 'unknown';

const LAST_SMALL = LETTERS.indexOf('E');
const [NORMAL, TIGHTENED] = [
  [1, 2, 3, 5, 7, 10, 14, 21, 30, 44],
  [1, 2, 3, 5, 8, 12, 18, 27, 41],
];

/** Ac, Re on the diagonals of reduced inspection from the sum 17 on. */
const REDUCED = [
  [0, 2],
  [1, 3],
  [1, 4],
  [2, 5],
  [3, 6],
  [5, 8],
  [7, 10],
  [10, 13],
];

/** By the acceptance number of the single plan. */
const DOUBLE: Record<number, [number, number, number, number]> = {
  1: [0, 2, 1, 2],
  2: [0, 3, 3, 4],
  3: [1, 4, 4, 5],
  5: [2, 5, 6, 7],
  7: [3, 7, 8, 9],
  10: [5, 9, 12, 13],
  14: [7, 11, 18, 19],
  21: [11, 16, 26, 27],
};

const CELL: Record<Severity, (i: number, j: number) => Cell> = {
  normal(i, j) {
    const sum = i + j;
    if (sum === 14) return { ac: 0, re: 1 };
    // Nothing lies above A and nothing below R: their arrows point the other way.
    if (sum === 15) return i === 0 ? 'down' : 'up';
    if (sum === 16) return i === LETTERS.indexOf('R') ? 'up' : 'down';
    if (sum < 14) return 'down';
    return diagonal(NORMAL, sum - 17, i);
  },
  tightened(i, j) {
    const sum = i + j;
    if (sum === 15) return i === 0 ? 'down' : { ac: 0, re: 1 };
    if (sum < 18) return i === LETTERS.indexOf('S') ? 'unknown' : 'down';
    return diagonal(TIGHTENED, sum - 18, i);
  },
  reduced(i, j) {
    const sum = i + j;
    if (sum === 14) return { ac: 0, re: 1 };
    if (sum === 15) return i === 0 ? 'down' : 'up';
    if (sum === 16) return i === LETTERS.indexOf('R') ? 'up' : 'down';
    if (sum < 14) return 'down';
    const [ac, re] = REDUCED[sum - 17] ?? [];
    // A and B break the pattern of the reduced table.
    return i < 2 || ac === undefined || re === undefined ? 'unknown' : { ac, re };
  },
};

/** 30 and 44 (27 and 41) are for the first five letters; the others point up from there. */
function diagonal(numbers: readonly number[], place: number, i: number): Cell {
  const ac = numbers[place];
  const beyond = ac === undefined || (ac > 21 && i > LAST_SMALL);
  return beyond ? 'up' : { ac, re: ac + 1 };
}

function sizeOf(i: number, severity: Severity): number {
  return SIZES[severity === 'reduced' ? Math.max(0, i - 2) : i] as number;
}

function none(reason: string): { plan: null; reason: string } {
  return { plan: null, reason };
}
