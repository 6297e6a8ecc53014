/** Reads one sheet of an Excel workbook. */
import { readSheet } from 'read-excel-file/node';
import { InputError, messageOf } from '../../runtime/errors.ts';
import type { Cell } from './cells.ts';
import type { OnRow } from './csv.ts';

/** Hands over every row of the named sheet, or of the first. */
export async function readWorkbook(file: string, sheet: string | null, onRow: OnRow) {
  let rows: unknown[][];
  try {
    rows = (await (sheet === null ? readSheet(file) : readSheet(file, sheet))) as unknown[][];
  } catch (error) {
    const hint = sheet === null ? 'is it a workbook saved as .xlsx?' : 'check --sheet';
    throw new InputError(`${file}: cannot be read as .xlsx: ${messageOf(error)} — ${hint}`);
  }
  for (const row of rows) onRow(row.map(cellOf));
}

function cellOf(value: unknown): Cell {
  if (value === null || value === undefined) return null;
  if (typeof value === 'number' || typeof value === 'string') return value;
  return value instanceof Date ? value.toISOString() : String(value);
}
