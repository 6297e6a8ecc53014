/**
 * A study of a counted characteristic: defects in units, or nonconforming units among inspected
 * ones. Stability by the u or p chart comes first, then the rate with its exact interval.
 */
import { InputError } from '../../runtime/errors.ts';
import {
  defectsPerUnit,
  type Estimate,
  proportionCapability,
} from '../../spc/attribute-capability.ts';
import { laneyChart, pooledRate } from '../../spc/attributes.ts';
import type { ControlChart } from '../../spc/control-chart.ts';
import { normalUpperQuantile } from '../../spc/normal.ts';
import { sumOf } from '../../spc/summation.ts';
import type { Column, Table } from '../tables/table.ts';
import { type CountedSignal, countedChart, onSize, signalsOf, verdictOf } from './counted-chart.ts';
import { countedWarnings } from './counted-words.ts';
import { checkNumbers, columnOf } from './data.ts';
import type { Verdict } from './stability.ts';
import type { Warning } from './warnings.ts';

export interface CountedWish {
  kind: 'defects-per-unit' | 'proportion';
  counts: string;
  /** a column, or the units of every row */
  size: string;
  confidence: number;
}

export interface CountedStudy {
  kind: CountedWish['kind'];
  name: string;
  rows: number;
  missing: number;
  count: number;
  units: number;
  confidence: number;
  /** defects per unit, or proportion nonconforming, with the two-sided interval; null: nothing */
  rate: Estimate | null;
  /** one-sided upper bound of the rate */
  bound: number | null;
  /** share of units without a defect: 1 - p, or exp(-u) */
  yield: number | null;
  /** z whose upper tail is 1 - yield; the same for the bound */
  z: number | null;
  zBound: number | null;
  chart: 'p' | 'u';
  /** limits by probability, because fewer than 9 are expected in a row */
  exactLimits: boolean;
  verdict: Verdict;
  reason: string;
  signals: CountedSignal[];
  /** real over expected variation (Laney 2002) */
  sigmaZ: number | null;
  /** slope of the rate on the size, and its p; null for equal sizes */
  rateOnSize: { slope: number; p: number | null } | null;
  warnings: Warning[];
}

export interface CountedDetail {
  study: CountedStudy;
  chart: ControlChart;
}

/** Study of the rows of a table; throws InputError where they are no counts. */
export function countedStudy(table: Table, wish: CountedWish): CountedDetail {
  const { counts, sizes, missing, name } = countsOf(table, wish);
  const proportion = wish.kind === 'proportion';
  const model = proportion ? 'binomial' : 'poisson';
  const [count, units] = [sumOf(counts), sumOf(sizes)];
  const pooled = pooledRate(counts, sizes);
  const { chart, exact } = countedChart(model, counts, sizes, pooled);
  const signals = signalsOf(chart);
  const { verdict, reason } = verdictOf(chart, signals, pooled);
  const sigmaZ = laneyChart(model, counts, sizes, pooled).sigmaZ;
  const { rate, bound } = estimateOf(wish, count, units);
  const good = (r: number | null) => (r === null ? null : proportion ? 1 - r : Math.exp(-r));
  const study: CountedStudy = {
    ...{ kind: wish.kind, name, rows: counts.length, missing, count, units },
    ...{ confidence: wish.confidence, rate, bound, yield: good(rate?.value ?? null) },
    ...{ z: zOf(rate?.value ?? null, proportion), zBound: zOf(bound, proportion) },
    ...{ chart: proportion ? 'p' : 'u', exactLimits: exact, verdict, reason, signals, sigmaZ },
    ...{ rateOnSize: onSize(chart, sizes), warnings: [] },
  };
  study.warnings = countedWarnings(study);
  return { study, chart };
}

function countsOf(table: Table, { counts: asked, size, kind }: CountedWish) {
  const option = kind === 'proportion' ? '--nonconforming' : '--defects';
  const column = columnOf(table, asked, option);
  checkNumbers(table, column);
  const fixed = Number(size);
  const named = table.columns.some((c) => c.name.trim() === size.trim());
  const units = !named && fixed > 0 ? null : columnOf(table, size, '--size');
  if (units !== null) checkNumbers(table, units);
  const counts: number[] = [];
  const sizes: number[] = [];
  for (let row = 0; row < table.rows; row += 1) {
    const x = column.numbers[row] as number;
    const n = units === null ? fixed : (units.numbers[row] as number);
    if (Number.isNaN(x) || Number.isNaN(n)) continue;
    const wrong = wrongIn(x, n, kind);
    if (wrong !== null) throw new InputError(`${placeOf(table, row, column)}: ${wrong}`);
    counts.push(x);
    sizes.push(n);
  }
  if (counts.length === 0) throw new InputError(`${table.file}: there is no row with both numbers`);
  return { counts, sizes, missing: table.rows - counts.length, name: column.name };
}

function placeOf(table: Table, row: number, column: Column): string {
  return `${table.file}: row ${table.rowInFile(row)}, column '${column.name}'`;
}

function wrongIn(x: number, n: number, kind: CountedWish['kind']): string | null {
  if (!(x >= 0) || !Number.isInteger(x)) return `${x} is no count`;
  if (!(n > 0)) return `a size of ${n}: above 0 is needed`;
  if (kind === 'defects-per-unit') return null;
  if (!Number.isInteger(n)) return `${n} inspected units: a whole number is needed`;
  return x > n ? `${x} nonconforming among ${n} inspected` : null;
}

function estimateOf({ kind, confidence }: CountedWish, count: number, units: number) {
  // One side at this confidence is the upper end of the interval that leaves as much on both.
  const oneSided = 2 * confidence - 1;
  if (kind === 'defects-per-unit') {
    const bound = defectsPerUnit(count, units, oneSided)?.upper ?? null;
    return { rate: defectsPerUnit(count, units, confidence), bound };
  }
  const bound = proportionCapability(count, units, oneSided)?.p.upper ?? null;
  return { rate: proportionCapability(count, units, confidence)?.p ?? null, bound };
}

/** The z that leaves as much above it as there are units with a defect. */
function zOf(rate: number | null, proportion: boolean): number | null {
  if (rate === null) return null;
  const bad = proportion ? rate : -Math.expm1(-rate);
  return bad > 0 && bad < 1 ? normalUpperQuantile(bad) : null;
}
