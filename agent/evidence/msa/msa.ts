/** A measurement-system study: table in, plain object out; the kind follows from the columns. */
import { InputError } from '../../runtime/errors.ts';
import type { Table } from '../tables/table.ts';
import { attribute, isAttribute } from './attribute.ts';
import { type Columns, levels, needed } from './columns.ts';
import { bias, linearity, type1 } from './gauge.ts';
import { crossedGrr, isNested, nestedGrr } from './grr.ts';
import type { MsaResult, MsaType, MsaWish } from './result.ts';

const STUDIES: Record<MsaType, (t: Table, c: Columns, w: MsaWish) => MsaResult> = {
  grr: crossedGrr,
  nested: nestedGrr,
  type1,
  bias,
  linearity,
  attribute,
};

/** Runs the study that was asked for, or the one that the columns are made for. */
export function msaStudy(
  table: Table,
  columns: Columns,
  wish: MsaWish,
  asked: MsaType | 'auto',
): MsaResult {
  if (table.rows === 0) throw new InputError(`${table.file}: there is no row of data`);
  return STUDIES[asked === 'auto' ? typeOf(table, columns, wish) : asked](table, columns, wish);
}

function typeOf(table: Table, columns: Columns, wish: MsaWish): MsaType {
  const { part, operator, reference } = columns;
  const value = needed(table, columns, 'value', 'the study');
  if (isAttribute(table, value)) return 'attribute';
  const references = reference === null ? 0 : levels(table, reference).length;
  if (references > 1) return 'linearity';
  if (part !== null && operator !== null && wish.reference === null && references === 0) {
    return isNested(table, part, operator) ? 'nested' : 'grr';
  }
  if (references === 1 || wish.reference !== null) {
    return wish.tolerance === null ? 'bias' : 'type1';
  }
  throw new InputError(
    `${table.file}: which study? Gage R&R needs columns part, operator and value; type 1 and bias ` +
      'need --reference N; linearity a column reference — or name it with --type',
  );
}
