/**
 * Agreement of raters: Cohen's kappa with the standard errors of Fleiss, Cohen & Everitt (1969),
 * weighted kappa, Fleiss' kappa (Fleiss, Nee & Landis 1979), and the attribute study of AIAG MSA
 * with Clopper-Pearson limits.
 */
import { betaQuantile } from './distributions.ts';
import { normalSf } from './normal.ts';
import { sumOf } from './summation.ts';

export interface CohenKappa {
  kappa: number;
  observedAgreement: number;
  expectedAgreement: number;
  /** standard error under independence: for z */
  seNull: number;
  z: number | null;
  pOneSided: number | null;
  /** standard error for intervals */
  se: number;
}

type Table = readonly (readonly number[])[];

/** Cohen's kappa of a square table of counts; null for no counts or certain chance agreement. */
export function cohenKappa(table: Table): CohenKappa | null {
  const { n, share, rows, columns } = margins(table);
  if (!(n > 0)) return null;
  const observed = sumOf(table.map((_, i) => share(i, i)));
  const expected = sumOf(rows.map((row, i) => row * (columns[i] as number)));
  if (!(expected < 1)) return null;
  const kappa = (observed - expected) / (1 - expected);
  const cross = sumOf(rows.map((row, i) => row * at(columns, i) * (row + at(columns, i))));
  // One rater with one answer for all leaves 0 here; what rounding leaves instead is no spread.
  const whole = expected + expected ** 2;
  const independent = whole - cross > 16 * Number.EPSILON * whole ? whole - cross : 0;
  const seNull = Math.sqrt(independent / n) / (1 - expected);
  const diagonal = sumOf(
    rows.map((row, i) => share(i, i) * (1 - (row + at(columns, i)) * (1 - kappa)) ** 2),
  );
  const rest = sumOf(
    table.flatMap((row, i) =>
      row.map((_, j) => (i === j ? 0 : share(i, j) * (at(columns, i) + at(rows, j)) ** 2)),
    ),
  );
  const center = (kappa - expected * (1 - kappa)) ** 2;
  const spread = Math.max(0, diagonal + (1 - kappa) ** 2 * rest - center);
  const z = seNull > 0 ? kappa / seNull : null;
  return {
    kappa,
    observedAgreement: observed,
    expectedAgreement: expected,
    seNull,
    z,
    pOneSided: z === null ? null : normalSf(z),
    se: Math.sqrt(spread / n) / (1 - expected),
  };
}

/** Kappa with linear or quadratic weights; null for fewer than three categories. */
export function weightedKappa(table: Table, weights: 'linear' | 'quadratic'): number | null {
  const { n, share, rows, columns } = margins(table);
  const size = table.length;
  if (!(n > 0) || size < 3) return null;
  const weight = (i: number, j: number) => {
    const distance = Math.abs(i - j) / (size - 1);
    return 1 - (weights === 'linear' ? distance : distance * distance);
  };
  const cells = table.flatMap((row, i) => row.map((_, j) => [i, j] as const));
  const observed = sumOf(cells.map(([i, j]) => weight(i, j) * share(i, j)));
  const expected = sumOf(cells.map(([i, j]) => weight(i, j) * at(rows, i) * at(columns, j)));
  return expected < 1 ? (observed - expected) / (1 - expected) : null;
}

export interface FleissKappa {
  kappa: number;
  observedAgreement: number;
  expectedAgreement: number;
  seNull: number;
  z: number;
  /** null for a category nobody used, or the only one used */
  byCategory: ({ kappa: number; seNull: number; z: number } | null)[];
}

/** Fleiss' kappa of counts[unit][category]; null unless all units were judged equally often. */
export function fleissKappa(counts: Table): FleissKappa | null {
  const units = counts.length;
  const raters = sumOf(counts[0] ?? []);
  if (units === 0 || raters < 2 || counts.some((row) => sumOf(row) !== raters)) return null;
  const pairs = units * raters * (raters - 1);
  const used = (counts[0] ?? []).map(
    (_, j) => sumOf(counts.map((row) => at(row, j))) / (units * raters),
  );
  const agreed = sumOf(counts.map((row) => sumOf(row.map((c) => c * c)) - raters));
  const observed = agreed / pairs;
  const expected = sumOf(used.map((p) => p * p));
  if (!(expected < 1)) return null;
  const kappa = (observed - expected) / (1 - expected);
  const spread = sumOf(used.map((p) => p * (1 - p)));
  const skew = sumOf(used.map((p) => p * (1 - p) * (1 - 2 * p)));
  const seNull = (Math.SQRT2 / (spread * Math.sqrt(pairs))) * Math.sqrt(spread ** 2 - skew);
  const seOne = Math.sqrt(2 / pairs);
  const byCategory = used.map((p, j) => {
    if (!(p > 0 && p < 1)) return null;
    const apart = sumOf(counts.map((row) => at(row, j) * (raters - at(row, j))));
    const own = 1 - apart / (pairs * p * (1 - p));
    return { kappa: own, seNull: seOne, z: own / seOne };
  });
  return {
    kappa,
    observedAgreement: observed,
    expectedAgreement: expected,
    seNull,
    z: kappa / seNull,
    byCategory,
  };
}

export interface Share {
  matched: number;
  inspected: number;
  percent: number | null;
  lower: number | null;
  upper: number | null;
}

/** matched of inspected as a percentage with Clopper-Pearson limits. */
export function clopperPearson(matched: number, inspected: number, confidence = 0.95): Share {
  const tail = (1 - confidence) / 2;
  const missed = inspected - matched;
  if (inspected <= 0) return { matched, inspected, percent: null, lower: null, upper: null };
  const lower = matched === 0 ? 0 : betaQuantile(tail, matched, missed + 1);
  const upper = missed === 0 ? 1 : betaQuantile(1 - tail, matched + 1, missed);
  const percent = (x: number | null) => (x === null ? null : 100 * x);
  const own = (100 * matched) / inspected;
  return { matched, inspected, percent: own, lower: percent(lower), upper: percent(upper) };
}

interface Margins {
  n: number;
  share(i: number, j: number): number;
  rows: number[];
  columns: number[];
}

function margins(table: Table): Margins {
  const n = sumOf(table.flat());
  const rows = table.map((row) => sumOf(row) / n);
  const columns = table.map((_, j) => sumOf(table.map((row) => at(row, j))) / n);
  return { n, share: (i, j) => at(table[i] ?? [], j) / n, rows, columns };
}

function at(values: readonly number[], i: number): number {
  return values[i] ?? 0;
}
