/** Reads a table from a CSV or Excel file, whichever it is. */
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { InputError, messageOf } from '../../runtime/errors.ts';
import { scanBytes } from './bytes.ts';
import type { Cell, Decimal } from './cells.ts';
import { csvDialect, readPlain, readQuoted } from './csv.ts';
import type { DialectWish } from './dialect.ts';
import { scanQuick, type Wanted } from './quick.ts';
import { type Table, type TableBuilder, tableBuilder } from './table.ts';
import { readWorkbook } from './xlsx.ts';

export interface ReadWish extends DialectWish {
  /** sheet of a workbook; the first when left out */
  sheet?: string | undefined;
}

const START_BYTES = 1 << 16;

/** The table in a file; throws InputError with the file and what to do. */
export async function readTable(file: string, wish: ReadWish = {}): Promise<Table> {
  return readInto(file, wish, (decimal) => tableBuilder(file, decimal));
}

/** The same into any builder: one that keeps everything, or one that keeps sums. */
export async function readInto<Built>(
  file: string,
  wish: ReadWish,
  make: (decimal: Decimal) => Pick<TableBuilder, 'row'> & { done(): Built },
): Promise<Built> {
  const start = startOf(file);
  if (isZip(start)) {
    // Numbers of a workbook have no sign; those written as text are read as the wish says.
    const builder = make(wish.decimal ?? '.');
    await readWorkbook(file, wish.sheet ?? null, builder.row);
    return builder.done();
  }
  if (start[0] === 0xd0 && start[1] === 0xcf) {
    throw new InputError(`${file}: this is the old Excel format — save it as .xlsx or CSV`);
  }
  if (wish.sheet !== undefined) {
    throw new InputError(`${file}: --sheet is for Excel files, and this is not one`);
  }
  const dialect = csvDialect(start, wish);
  const plain = make(dialect.decimal);
  const scanner = start.includes(QUOTE) ? null : scanBytes(dialect, plain.row);
  if (scanner !== null && readPlain(file, scanner)) return plain.done();
  const quoted = make(dialect.decimal);
  await readQuoted(file, dialect, quoted.row);
  return quoted.done();
}

/** A plain text table that is too large to keep: its first rows, and passes over all of them. */
export interface PlainFile {
  head: Table;
  decimal: Decimal;
  /** hands over all rows, header included; false when quotes appeared and nothing counts */
  pass(wanted: Wanted, rows: Rows): boolean;
}

/** Where the rows of a pass go. */
export interface Rows {
  /** the cells of a row that is not plain numbers; the array is reused */
  row(cells: readonly Cell[]): void;
  /** the wanted numbers of many rows one after another; the array is reused */
  numbers(readings: Float64Array): void;
  /** true once the header has gone by: only then are there `numbers` */
  ready(): boolean;
}

/** null for a file below `bytes`, a workbook, and text that only a full parser can read. */
export function plainFile(file: string, wish: ReadWish, bytes: number): PlainFile | null {
  if (wish.sheet !== undefined) return null;
  if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) < bytes) return null;
  const start = startOf(file);
  if (isZip(start) || start.includes(QUOTE)) return null;
  const dialect = csvDialect(start, wish);
  const builder = tableBuilder(file, dialect.decimal);
  const scan = scanBytes(dialect, builder.row);
  if (scan === null) return null;
  scan(start);
  return {
    head: builder.done(),
    decimal: dialect.decimal,
    pass(wanted, { row, numbers, ready }) {
      const slow = scanBytes(dialect, row);
      if (slow === null) return false;
      return readPlain(file, scanQuick(dialect, wanted, { slow, ready, take: numbers }));
    },
  };
}

const QUOTE = 0x22;

const isZip = (start: Uint8Array) =>
  start[0] === 0x50 && start[1] === 0x4b && start[2] === 3 && start[3] === 4;

function startOf(file: string): Uint8Array {
  let handle: number;
  try {
    handle = openSync(file, 'r');
  } catch (error) {
    throw new InputError(`${file}: cannot be read: ${messageOf(error)}`);
  }
  try {
    const start = Buffer.alloc(START_BYTES);
    const read = readSync(handle, start, 0, START_BYTES, 0);
    if (read === 0) throw new InputError(`${file}: the file is empty`);
    return start.subarray(0, read);
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(`${file}: cannot be read: ${messageOf(error)}`);
  } finally {
    closeSync(handle);
  }
}
