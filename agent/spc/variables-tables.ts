/**
 * Variables plans by lot size and AQL, sigma unknown, one limit: accept when (limit - mean)/s >= k.
 * Table of ANSI/ASQ Z1.9 (standard deviation method, form 1), as far as we have seen it printed.
 * Beside it the plan in the way ISO 3951-1 is built: the k-plan whose operating characteristic runs
 * through that of the attribute plan for the same lot and AQL, computed.
 */
import { AQLS, type Found, type Severity } from './attribute-tables.ts';
import { acceptance, variablesPlans } from './sampling.ts';
import { findRoot } from './solve.ts';

export const VARIABLES_LEVELS = ['S3', 'S4', 'I', 'II', 'III'] as const;
export type VariablesLevel = (typeof VARIABLES_LEVELS)[number];

const LOTS_TO = [
  8, 15, 25, 50, 90, 150, 280, 400, 500, 1200, 3200, 10_000, 35_000, 150_000, 500_000,
];

const CODES: Record<VariablesLevel, string> = {
  S3: 'BBBBBBBCCDEFGHHH',
  S4: 'BBBBBCDEEFGHIJKK',
  I: 'BBBCDEFGGHIJKLMN',
  II: 'BBCDEFGHIJKLMNPP',
  III: 'CDEFGHIJJKLMNPPP',
};

export interface VariablesPlan {
  letter: string;
  n: number;
  k: number;
}

/** The code letter of Z1.9, which is not that of attributes; null for a lot of fewer than two. */
export function variablesLetter(lot: number, level: VariablesLevel): string | null {
  if (!(lot >= 2)) return null;
  const row = LOTS_TO.findIndex((most) => lot <= most);
  return CODES[level][row === -1 ? LOTS_TO.length : row] ?? null;
}

/** The plan of a letter, arrows followed; tightened is the next smaller AQL. */
export function variablesPlan(
  letter: string,
  aql: number,
  severity: Severity,
): Found<VariablesPlan> {
  const none = (reason: string) => ({ plan: null, reason });
  if (severity === 'reduced') return none('plans for reduced inspection are not held');
  const j = AQLS.indexOf(aql);
  // The first column is for tightened 0.10 alone.
  const first = severity === 'tightened' ? 0 : 1;
  const column = j - FIRST + first;
  const start = ROWS.findIndex((row) => row.letter === letter);
  if (j === -1 || column < first || column >= COLUMNS)
    return none(`AQL ${aql} is not in the table`);
  if (start === -1) return none(`there is no code letter ${letter}`);
  for (const { letter: at, n, k } of ROWS.slice(start)) {
    const found = k[column];
    if (found === undefined) break;
    if (found !== null) return { plan: { letter: at, n, k: found }, reason: null };
  }
  return none(`no plan is held for letter ${letter}, AQL ${aql}`);
}

export interface MatchedPlan {
  /** quality accepted with 95 % and with 10 % by the attribute plan */
  p95: number;
  p10: number;
  n: number;
  k: number;
}

/** The k-plan (sigma unknown) through the 95 % and 10 % points of a single attribute plan. */
export function matchedVariablesPlan(n: number, ac: number): MatchedPlan | null {
  const at = (pa: number) => findRoot((p) => acceptance('binomial', n, ac, p) - pa, 1e-9, 1 - 1e-9);
  const [p95, p10] = [at(0.95), at(0.1)];
  if (p95 === null || p10 === null) return null;
  const plans = variablesPlans({ p1: p95, p2: p10, alpha: 0.05, beta: 0.1 });
  if (plans === null) return null;
  const { kMin, kMax, n: size } = plans.unknownExact;
  return { p95, p10, n: size, k: (kMin + kMax) / 2 };
}

const FIRST = AQLS.indexOf(0.1);
/** normal 0.10 to 10; the column before them is tightened 0.10 */
const COLUMNS = 12;

/** null: use the first plan below. Columns that are left out we have not seen printed. */
const ROWS: { letter: string; n: number; k: (number | null)[] }[] = [
  row('B', 3, '- - - - - - - - 1.12 .958 .765 .566'),
  row('C', 4, '- - - - - - 1.45 1.34 1.17 1.01 .814 .617'),
  row('D', 5, '- - - - - 1.65 1.53 1.40 1.24 1.07 .874 .675'),
  row('E', 7, '- - - 2.00 1.88 1.75 1.62 1.50 1.33 1.15 .955 .755'),
  row('F', 10, '- - 2.24 2.11 1.98 1.84 1.72 1.58 1.41 1.23 1.03 .828'),
  row('G', 15, '2.53 2.42 2.32 2.20 2.06 1.91 1.79 1.65'),
  row('H', 20, '2.58 2.47 2.36 2.24 2.11 1.96 1.82 1.69'),
  row('I', 25, '2.61 2.50 2.40 2.26 2.14 1.98 1.85 1.72'),
  row('J', 35, '2.65 2.54 2.45 2.31 2.18 2.03 1.89 1.76'),
  row('K', 50, '2.71 2.60 2.50 2.35 2.22 2.08 1.93 1.80'),
  row('L', 75, '2.77 2.66 2.55 2.41 2.27 2.12 1.98 1.84'),
  row('M', 100, '2.80 2.69 2.58 2.43 2.29 2.14 2.00 1.86'),
  row('N', 150, '2.84 2.73 2.61 2.47 2.33 2.18 2.03 1.89'),
  row('P', 200, '2.85 2.73 2.62 2.47 2.33 2.18 2.04 1.89'),
];

function row(letter: string, n: number, k: string) {
  return { letter, n, k: k.split(' ').map((x) => (x === '-' ? null : Number(x))) };
}
