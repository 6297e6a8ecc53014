/**
 * From a table to the readings of a study: which column holds them, and how they are grouped.
 * What cannot be known is asked for, never guessed silently; what was assumed is said in `notes`.
 */
import { InputError } from '../../runtime/errors.ts';
import type { Column, Table } from '../tables/table.ts';

export interface StudyData {
  /** where the readings are from, and the name of what was measured */
  file: string;
  name: string;
  /** readings in process order, subgroup after subgroup; NaN is a missing one */
  values: Float64Array;
  /** first reading of each subgroup, and the end of the last; null for individuals */
  bounds: Int32Array | null;
  missing: number;
  /** what was assumed about the table, in words */
  notes: string[];
}

export interface DataWish {
  /** column or columns (a comma between) that hold the readings */
  value?: string | undefined;
  /** size of a subgroup, or the column that names it */
  subgroup?: string | undefined;
}

const MOST_MISTAKES = 5;
const LARGEST_SUBGROUP = 100;
/** Columns that count or name rows and hold no readings. */
const COUNTING =
  /^(#|no\.?|nr\.?|id|idx|index|i|obs|observation|row|n|seq|sequence|time|timestamp|ts|date|datetime|sample|samples|subgroup|sub group|subgroup id|group|grp|lot|batch|part|piece|serial|sn|trial|operator|shift|hour|day|machine|cavity|spindle|(gauge|gage)([ _-]?(id|name|no|sn|serial))?)$/i;
const GROUPING = /^(subgroup|sub group|subgroup id|sample|group|grp)$/i;
/** x1 x2 x3, M1 M2, 1 2 3, reading 1 …: members of one subgroup. */
const NUMBERED = /^(?:[a-z][a-z _.-]{0,20}?)?[ _.-]?(\d{1,3})$/i;

/** Finds the readings and their subgroups; throws InputError when the table does not say. */
export function studyData(table: Table, wish: DataWish): StudyData {
  if (table.rows === 0) {
    throw new InputError(
      `${table.file}: there is no row of data${table.hasHeader ? ' below the header' : ''}`,
    );
  }
  const notes: string[] = [];
  const columns = valueColumns(table, wish.value, notes);
  for (const column of columns) checkNumbers(table, column);
  if (columns.length > 1) return wide(table, columns, wish, notes);
  return long(table, columns[0] as Column, wish, notes);
}

/** The column of that name, or at that position when there is no such name. */
export function columnOf(table: Table, name: string, option: string): Column {
  const wanted = name.trim().toLowerCase();
  const found =
    table.columns.find((c) => c.name.trim().toLowerCase() === wanted) ??
    table.columns.find((c) => String(c.place) === wanted);
  if (found !== undefined) return found;
  const names = table.columns.map((c) => `'${c.name}'`).join(', ');
  throw new InputError(
    `${table.file}: ${option}: there is no column '${name}' — there are ${names}`,
  );
}

/** Throws with row and column of what is not a number where numbers are needed. */
export function checkNumbers(table: Table, column: Column): void {
  if (column.words === 0) return;
  const wrong: string[] = [];
  for (let row = 0; row < table.rows && wrong.length < MOST_MISTAKES; row += 1) {
    if (!Number.isNaN(column.numbers[row]) || column.text(row) === '') continue;
    wrong.push(
      `${table.file}: row ${table.rowInFile(row)}, column '${column.name}': ` +
        `'${column.text(row).slice(0, 40)}' is not a number`,
    );
  }
  const more = column.words - wrong.length;
  if (more > 0) wrong.push(`and ${more} more cells like these`);
  wrong.push(
    'correct them, or leave the cell empty where a reading is missing' +
      (wrong[0]?.match(/'[\d.,]+' is/) ? '; the decimal sign can be named with --decimal' : ''),
  );
  throw new InputError(wrong.join('\n'));
}

/** The columns that hold the readings; throws InputError when the table does not say. */
export function valueColumns(table: Table, asked: string | undefined, notes: string[]): Column[] {
  if (asked !== undefined) {
    const whole = table.columns.find((c) => c.name === asked);
    if (whole !== undefined) return [whole];
    return asked.split(',').map((name) => columnOf(table, name, '--value'));
  }
  const withNumbers = table.columns.filter((c) => c.words + c.missing < table.rows);
  const usable = withNumbers.filter((c) => !isCounting(table, c));
  const candidates = usable.length > 0 ? usable : withNumbers;
  const [first] = candidates;
  if (first === undefined) {
    const seen = table.columns.slice(0, 3).map((c) => `'${c.name}' begins with '${c.text(0)}'`);
    throw new InputError(
      `${table.file}: no column holds numbers (${seen.join(', ')}) — check the file, or --decimal`,
    );
  }
  if (candidates.length === 1) {
    if (table.columns.length > 1) notes.push(`readings are taken from column '${first.name}'`);
    return [first];
  }
  const numbered = candidates.every((c) => NUMBERED.test(c.name)) || !table.hasHeader;
  if (!numbered) {
    const names = candidates.map((c) => `'${c.name}'`).join(', ');
    throw new InputError(
      `${table.file}: several columns hold numbers: ${names} — name the one to study with ` +
        '--value NAME, or the members of a subgroup with --value NAME,NAME,…',
    );
  }
  notes.push(`each row is taken as one subgroup of ${candidates.length} columns`);
  return candidates;
}

/** By its name, or, without a header, because it counts 1, 2, 3 … */
function isCounting(table: Table, column: Column): boolean {
  if (table.hasHeader) return COUNTING.test(column.name.trim());
  if (column.place !== 1 || table.rows < 3) return false;
  const start = column.numbers[0] ?? Number.NaN;
  return column.numbers.every((x, i) => x === start + i);
}

function wide(table: Table, columns: Column[], wish: DataWish, notes: string[]): StudyData {
  const size = columns.length;
  if (wish.subgroup !== undefined && Number(wish.subgroup) !== size) {
    const one = wish.subgroup === '1';
    if (!one) {
      throw new InputError(
        `${table.file}: --subgroup ${wish.subgroup}: each row already is a subgroup of ${size} ` +
          'columns — leave the option out, or use --subgroup 1 for individuals',
      );
    }
  }
  const values = new Float64Array(table.rows * size);
  for (let row = 0; row < table.rows; row += 1) {
    for (let i = 0; i < size; i += 1) {
      values[row * size + i] = columns[i]?.numbers[row] ?? Number.NaN;
    }
  }
  const individuals = wish.subgroup === '1';
  const bounds = individuals ? null : evenBounds(values.length, size);
  const name = table.hasHeader ? columns.map((c) => c.name).join(', ') : 'value';
  return finish(table, name, values, bounds, notes);
}

function long(table: Table, column: Column, wish: DataWish, notes: string[]): StudyData {
  const name = table.hasHeader ? column.name : 'value';
  const { subgroup } = wish;
  if (subgroup !== undefined && /^\d+$/.test(subgroup)) {
    const size = Number(subgroup);
    if (size < 1 || size > LARGEST_SUBGROUP) {
      throw new InputError(
        `--subgroup ${subgroup}: a size from 1 to ${LARGEST_SUBGROUP} is needed`,
      );
    }
    const bounds = size === 1 ? null : evenBounds(column.numbers.length, size);
    if (bounds !== null && table.rows % size !== 0) {
      notes.push(`the last subgroup has ${table.rows % size} of ${size} readings`);
    }
    return finish(table, name, column.numbers, bounds, notes);
  }
  const by =
    subgroup !== undefined
      ? columnOf(table, subgroup, '--subgroup')
      : table.columns.find((c) => c !== column && table.hasHeader && groups(table, c));
  if (by === undefined) return finish(table, name, column.numbers, null, notes);
  if (subgroup === undefined) {
    notes.push(`readings are grouped by column '${by.name}'; --subgroup 1 makes them individuals`);
  }
  return byLabel(table, name, column, by, notes);
}

/** A column named like a subgroup number whose entries repeat. */
export function groups(table: Table, column: Column): boolean {
  if (!GROUPING.test(column.name.trim())) return false;
  const seen = new Set<string>();
  for (let row = 0; row < table.rows; row += 1) seen.add(column.text(row));
  return seen.size * 2 <= table.rows;
}

/** Readings of one label belong together, in the order in which the labels first appear. */
function byLabel(table: Table, name: string, column: Column, by: Column, notes: string[]) {
  const rowsOf = new Map<string, number[]>();
  let last = '';
  const returned = new Set<string>();
  for (let row = 0; row < table.rows; row += 1) {
    const label = by.text(row);
    const list = rowsOf.get(label);
    if (list === undefined) rowsOf.set(label, [row]);
    else {
      if (label !== last) returned.add(label);
      list.push(row);
    }
    last = label;
  }
  if (returned.size > 0) {
    notes.push(
      `${returned.size} labels of '${by.name}' come back later in the file; all readings of a ` +
        'label are one subgroup',
    );
  }
  const values = new Float64Array(table.rows);
  const bounds = [0];
  let at = 0;
  for (const rows of rowsOf.values()) {
    for (const row of rows) {
      values[at] = column.numbers[row] ?? Number.NaN;
      at += 1;
    }
    bounds.push(at);
  }
  const largest = Math.max(...bounds.map((b, i) => b - (bounds[i - 1] ?? 0)));
  if (largest > LARGEST_SUBGROUP) {
    throw new InputError(
      `${table.file}: a subgroup of '${by.name}' has ${largest} readings, at most ` +
        `${LARGEST_SUBGROUP} are possible — name the column of the subgroup with --subgroup`,
    );
  }
  return finish(table, name, values, Int32Array.from(bounds), notes);
}

function evenBounds(length: number, size: number): Int32Array {
  const count = Math.ceil(length / size);
  return Int32Array.from({ length: count + 1 }, (_, i) => Math.min(length, i * size));
}

function finish(
  table: Table,
  name: string,
  values: Float64Array,
  bounds: Int32Array | null,
  notes: string[],
): StudyData {
  let missing = 0;
  for (const value of values) if (Number.isNaN(value)) missing += 1;
  if (missing === values.length) {
    throw new InputError(`${table.file}: column '${name}' holds no number`);
  }
  if (missing > 0) notes.push(`${missing} missing readings were counted and left out`);
  return { file: table.file, name, values, bounds, missing, notes };
}
