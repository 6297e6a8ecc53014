/** A measurement-system study: table in, plain object out; the kind follows from the columns. */
import { InputError } from '../../runtime/errors.ts';
import type { Table } from '../tables/table.ts';
import { attribute, isAttribute } from './attribute.ts';
import { withBeside } from './beside.ts';
import { type Columns, levels, needed } from './columns.ts';
import { conformity } from './conformity.ts';
import { bias, linearity, type1 } from './gauge.ts';
import { crossedGrr, isNested, nestedGrr } from './grr.ts';
import type { MsaResult, MsaType, MsaWish } from './result.ts';
import { stability } from './stability.ts';
import { isBudget, uncertainty } from './uncertainty.ts';

const STUDIES: Record<MsaType, (t: Table, c: Columns, w: MsaWish) => MsaResult> = {
  grr: crossedGrr,
  nested: nestedGrr,
  type1,
  bias,
  linearity,
  attribute,
  stability,
  uncertainty,
  conformity,
};

/** Runs the study that was asked for, or the one that the columns are made for. */
export function msaStudy(
  table: Table,
  columns: Columns,
  wish: MsaWish,
  asked: MsaType | 'auto',
): MsaResult {
  if (table.rows === 0) throw new InputError(`${table.file}: there is no row of data`);
  const type = asked === 'auto' ? typeOf(table, columns, wish) : asked;
  return withBeside(STUDIES[type](table, columns, wish), table, columns, wish);
}

function typeOf(table: Table, columns: Columns, wish: MsaWish): MsaType {
  const { part, operator, reference, group } = columns;
  if (isBudget(table)) return 'uncertainty';
  const value = needed(table, columns, 'value', 'the study');
  if (wish.standardUncertainty !== null) return 'conformity';
  if (isAttribute(table, value)) return 'attribute';
  if (group !== null && part === null && operator === null) {
    // A time of its own for every reading is a stamp; repeats at one time are a study over time.
    const times = levels(table, group).length;
    if (times > 1 && times < table.rows) return 'stability';
  }
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
      'need --reference N; linearity a column reference; stability a column time with repeats; a ' +
      'budget a column influence — or name it with --type',
  );
}
