/** Gage repeatability and reproducibility with the verdict of the AIAG bands. */
import { InputError } from '../../runtime/errors.ts';
import { discriminationRatio } from '../../spc/gage.ts';
import { type Crossed, crossedStudy, nestedStudy, rangeStudy } from '../../spc/gage-rr.ts';
import { checkNumbers } from '../study/data.ts';
import type { Column, Table } from '../tables/table.ts';
import { type Columns, cube, levels, needed } from './columns.ts';
import type { MsaResult, MsaVerdict, MsaWish } from './result.ts';

const GOOD = 10;
const POOR = 30;
const FEWEST_CATEGORIES = 5;

/** True when every part was measured by one operator only: then the study is nested. */
export function isNested(table: Table, part: Column, operator: Column): boolean {
  const owner = new Map<string, string>();
  for (let row = 0; row < table.rows; row += 1) {
    const known = owner.get(part.text(row));
    if (known !== undefined && known !== operator.text(row)) return false;
    owner.set(part.text(row), operator.text(row));
  }
  return levels(table, operator).length > 1;
}

/** Crossed study by ANOVA, with the range method beside it. */
export function crossedGrr(table: Table, columns: Columns, wish: MsaWish): MsaResult {
  const part = needed(table, columns, 'part', 'gage R&R');
  const operator = needed(table, columns, 'operator', 'gage R&R');
  const { outer, inner, cells } = cube(table, part, operator, reader(table, columns));
  const trials = cells[0]?.[0]?.length ?? 0;
  const scale = { tolerance: wish.tolerance, studyVarMultiplier: wish.studyVarMultiplier };
  const range = rangeStudy(cells, scale);
  const anova = crossedStudy(cells, scale, wish.alpha);
  const size = { parts: outer.length, operators: inner.length, trials, readings: table.rows };
  if (anova === null) {
    if (range === null) throw tooSmall(table, 'two parts, two operators and two trials');
    const grr = { study: range.pctGrr, tolerance: range.pctToleranceGrr };
    const ndc = wholeNdc(range.ndcRaw);
    const notes = ['One operator: the range method alone, without reproducibility.'];
    const figures = { range, ndc, method: 'range' };
    return { type: 'grr', size, ...judge(grr, ndc, wish), figures, notes };
  }
  const chosen = anova[anova.chosen];
  const { grr } = chosen.components;
  const ndc = wholeNdc(chosen.ndcRaw);
  const shares = { study: grr?.pctStudyVar ?? null, tolerance: grr?.pctTolerance ?? null };
  return {
    type: 'grr',
    size,
    ...judge(shares, ndc, wish),
    figures: {
      method: 'anova',
      model: anova.chosen,
      anova: anova.chosen === 'pooled' ? anova.anovaPooled : anova.anovaWithInteraction,
      interaction: anova.anovaWithInteraction['interaction'],
      components: chosen.components,
      ndc,
      ndcRaw: chosen.ndcRaw,
      discriminationRatio: ratioOf(chosen.components),
      range,
    },
    notes: [
      anova.chosen === 'pooled'
        ? `The interaction of part and operator is not significant (p above ${wish.alpha}) and was pooled.`
        : 'Part and operator interact: operators measure different parts differently. Look why.',
      ...small(size),
    ],
  };
}

/** Every operator has parts of his own, as in destructive tests. */
export function nestedGrr(table: Table, columns: Columns, wish: MsaWish): MsaResult {
  const part = needed(table, columns, 'part', 'gage R&R');
  const operator = needed(table, columns, 'operator', 'gage R&R');
  const valueAt = reader(table, columns);
  const byOperator = new Map<string, Map<string, number[]>>();
  for (let row = 0; row < table.rows; row += 1) {
    const parts = byOperator.get(operator.text(row)) ?? new Map<string, number[]>();
    byOperator.set(operator.text(row), parts);
    const trials = parts.get(part.text(row)) ?? [];
    parts.set(part.text(row), [...trials, valueAt(row)]);
  }
  const cells: Crossed = [...byOperator.values()].map((parts) => [...parts.values()]);
  const parts = cells[0]?.length ?? 0;
  const trials = cells[0]?.[0]?.length ?? 0;
  const even = cells.every((one) => one.length === parts && one.every((t) => t.length === trials));
  if (!even) {
    throw new InputError(
      `${table.file}: a nested study needs as many parts for every operator and as many trials ` +
        'for every part',
    );
  }
  const scale = { tolerance: wish.tolerance, studyVarMultiplier: wish.studyVarMultiplier };
  const study = nestedStudy(cells, scale);
  if (study === null) throw tooSmall(table, 'two operators, two parts each, two trials');
  const { grr } = study.components;
  const ndc = wholeNdc(study.ndcRaw);
  const shares = { study: grr?.pctStudyVar ?? null, tolerance: grr?.pctTolerance ?? null };
  const size = { operators: cells.length, partsPerOperator: parts, trials, readings: table.rows };
  return {
    type: 'nested',
    size,
    ...judge(shares, ndc, wish),
    figures: {
      method: 'nested anova',
      ...study,
      ndc,
      discriminationRatio: ratioOf(study.components),
    },
    notes: ['Every part was measured by one operator: parts within operators (nested).'],
  };
}

function ratioOf({ part, grr }: Record<string, { sd: number }>): number | null {
  return part === undefined || grr === undefined ? null : discriminationRatio(part.sd, grr.sd);
}

function reader(table: Table, columns: Columns): (row: number) => number {
  const value = needed(table, columns, 'value', 'gage R&R');
  checkNumbers(table, value);
  return (row) => {
    const x = value.numbers[row] ?? Number.NaN;
    if (!Number.isNaN(x)) return x;
    throw new InputError(
      `${table.file}: row ${table.rowInFile(row)}, column '${value.name}': a measurement is ` +
        'missing — gage R&R needs all of them: measure again',
    );
  };
}

interface Shares {
  study: number | null;
  tolerance: number | null;
}

/** The bands of AIAG MSA, 4th edition: below 10 % good, to 30 % conditional; ndc from 5. */
function judge(shares: Shares, ndc: number | null, wish: MsaWish) {
  const against = shares.tolerance === null ? 'the study variation' : 'the tolerance';
  // Without any variation a share of the tolerance is 0 too, and says as little.
  const share = shares.study === null ? null : (shares.tolerance ?? shares.study);
  const { tolerance } = wish;
  if (share === null) {
    const reasons = ['All measurements are equal: nothing can be said about the gauge.'];
    return { tolerance, verdict: 'no verdict' as MsaVerdict, reasons };
  }
  const reasons = [`%GRR is ${share.toFixed(1)} % of ${against} (${bandOf(share)}).`];
  if (shares.tolerance !== null && shares.study !== null) {
    reasons.push(`It is ${shares.study.toFixed(1)} % of the study variation.`);
  }
  const coarse = ndc !== null && ndc < FEWEST_CATEGORIES;
  if (ndc !== null) {
    const tell = coarse ? 'fewer than the 5 that are wanted' : '5 are wanted';
    reasons.push(`It tells ${ndc} groups of parts apart (ndc); ${tell}.`);
  }
  const band: MsaVerdict =
    share < GOOD ? 'acceptable' : share <= POOR ? 'conditional' : 'not acceptable';
  const verdict: MsaVerdict = coarse && band === 'acceptable' ? 'conditional' : band;
  return { tolerance, verdict, reasons };
}

function bandOf(share: number): string {
  if (share < GOOD) return 'below 10 %: good';
  return share <= POOR ? '10 to 30 %: may be acceptable for the use' : 'above 30 %: not acceptable';
}

function wholeNdc(raw: number | null): number | null {
  return raw === null ? null : Math.max(1, Math.floor(raw));
}

function small({ parts, operators, trials }: { parts: number; operators: number; trials: number }) {
  if (parts >= 10 && operators >= 2 && trials >= 2) return [];
  return [`${parts} parts × ${operators} operators × ${trials} trials; 10 × 3 × 3 are usual.`];
}

function tooSmall(table: Table, least: string): InputError {
  return new InputError(`${table.file}: gage R&R needs at least ${least}`);
}
