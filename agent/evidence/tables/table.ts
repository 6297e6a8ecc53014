/**
 * A table in columns: numbers as one typed array each, words as codes into a list, so that a row
 * costs no object. Rows are counted as in the file, from 1 and with the header.
 */
import { InputError } from '../../runtime/errors.ts';
import { type Cell, type Decimal, isMissing, numberIn, textIn } from './cells.ts';

export interface Column {
  name: string;
  /** position from 1 */
  place: number;
  /** NaN where there is no number */
  numbers: Float64Array;
  /** cells that hold something that is not a number */
  words: number;
  /** cells that hold nothing */
  missing: number;
  /** what stands in a row (from 0), as text; '' for missing */
  text(row: number): string;
}

export interface Table {
  file: string;
  columns: Column[];
  rows: number;
  hasHeader: boolean;
  /** row of the file, from 1, for a row of the table, from 0 */
  rowInFile(row: number): number;
}

export interface TableBuilder {
  row(cells: readonly Cell[]): void;
  done(): Table;
}

interface Growing {
  numbers: Float64Array;
  codes: Int32Array;
  list: string[];
  index: Map<string, number>;
  words: number;
}

const IS_NUMBER = -1;
const IS_MISSING = -2;

/** Takes rows and makes a table of them; decides with the second row whether there is a header. */
export function tableBuilder(file: string, decimal: Decimal): TableBuilder {
  const columns: Growing[] = [];
  const pending: Cell[][] = [];
  let header: string[] | null = null;
  let rows = 0;
  /** rows up to the last one that holds anything: empty lines at the end are not data */
  let used = 0;

  const put = (cells: readonly Cell[]) => {
    if (header !== null && cells.length > header.length) checkSurplus(cells, header, rows, file);
    while (columns.length < cells.length) columns.push(growing(rows));
    for (let i = 0; i < columns.length; i += 1) {
      const column = columns[i] as Growing;
      if (put1(column, rows, cells[i] ?? null, decimal)) used = rows + 1;
    }
    rows += 1;
  };
  const settle = () => {
    const [first, second] = pending;
    pending.length = 0;
    if (first === undefined) return;
    if (isHeader(first, second, decimal)) header = namesOf(first);
    else put(first);
    if (second !== undefined) put(second);
  };
  let begun = false;
  return {
    row(cells) {
      if (begun) return put(cells);
      if (pending.length === 0 && cells.every(isMissing)) return;
      pending.push([...cells]);
      begun = pending.length === 2;
      if (begun) settle();
    },
    done() {
      if (!begun) settle();
      const offset = header === null ? 1 : 2;
      return {
        file,
        columns: nameColumns(columns, header, used),
        rows: used,
        hasHeader: header !== null,
        rowInFile: (row) => row + offset,
      };
    },
  };
}

function growing(rows: number): Growing {
  const size = Math.max(1024, rows);
  const codes = new Int32Array(size).fill(IS_MISSING);
  const numbers = new Float64Array(size).fill(Number.NaN);
  return { numbers, codes, list: [], index: new Map(), words: 0 };
}

/** Stores one cell; true when it holds something. */
function put1(column: Growing, row: number, cell: Cell, decimal: Decimal): boolean {
  if (row >= column.numbers.length) {
    const wider = new Float64Array(2 * row);
    wider.set(column.numbers);
    column.numbers = wider;
    const codes = new Int32Array(2 * row);
    codes.set(column.codes);
    column.codes = codes;
  }
  const value = numberIn(cell, decimal);
  column.numbers[row] = value;
  if (Number.isFinite(value)) {
    column.codes[row] = IS_NUMBER;
    return true;
  }
  column.numbers[row] = Number.NaN;
  if (isMissing(cell)) {
    column.codes[row] = IS_MISSING;
    return false;
  }
  const word = textIn(cell);
  let code = column.index.get(word);
  if (code === undefined) {
    code = column.list.push(word) - 1;
    column.index.set(word, code);
  }
  column.words += 1;
  column.codes[row] = code;
  return true;
}

/** Words over numbers, or no number at all in the first row: it names the columns. */
function isHeader(first: readonly Cell[], second: readonly Cell[] | undefined, decimal: Decimal) {
  const isNumber = (cell: Cell | undefined) => !Number.isNaN(numberIn(cell ?? null, decimal));
  if (!first.some(isNumber)) return first.some((cell) => !isMissing(cell));
  return first.some((cell, i) => !isNumber(cell) && !isMissing(cell) && isNumber(second?.[i]));
}

function missingIn(codes: Int32Array): number {
  let count = 0;
  for (const code of codes) if (code === IS_MISSING) count += 1;
  return count;
}

function namesOf(cells: readonly Cell[]): string[] {
  const names = cells.map((cell, i) => textIn(cell) || `column ${i + 1}`);
  while (names.length > 1 && isMissing(cells[names.length - 1] ?? null)) names.pop();
  return names;
}

function checkSurplus(cells: readonly Cell[], header: string[], rows: number, file: string): void {
  if (cells.slice(header.length).every(isMissing)) return;
  throw new InputError(
    `${file}: row ${rows + 2} has ${cells.length} cells, but the header names ${header.length} ` +
      'columns — remove what is too much, or name the delimiter with --delimiter and the ' +
      'decimal sign with --decimal',
  );
}

function nameColumns(columns: Growing[], header: string[] | null, rows: number): Column[] {
  const all = header === null ? columns : header.map((_, i) => columns[i] ?? growing(0));
  return all.map((column, i) => ({
    name: header?.[i] ?? `column ${i + 1}`,
    place: i + 1,
    numbers: column.numbers.subarray(0, rows),
    words: column.words,
    missing: missingIn(column.codes.subarray(0, rows)),
    text(row) {
      const code = column.codes[row] ?? IS_MISSING;
      if (code === IS_NUMBER) return String(column.numbers[row]);
      return column.list[code] ?? '';
    },
  }));
}
