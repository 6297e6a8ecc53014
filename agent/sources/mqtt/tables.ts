import { rowOf, splitCsv } from '../csv-line.ts';
import type { Getter } from './paths.ts';
import { PayloadError } from './payload.ts';

/** How lines are divided; without columns the first line names them. */
export interface CsvForm {
  delimiter: string;
  columns?: readonly string[] | undefined;
}

/** The rows of a CSV payload as objects. Throws a PayloadError that names the line. */
export function csvRows(text: string, form: CsvForm): unknown[] {
  const rows: unknown[] = [];
  const fields: string[] = [];
  let columns = form.columns;
  for (const [at, raw] of text.split('\n').entries()) {
    const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
    if (line.trim() === '') continue;
    const fault = splitCsv(line, form.delimiter, fields);
    if (fault !== undefined) throw new PayloadError(`line ${at + 1}: ${fault}`);
    if (columns === undefined) columns = [...fields];
    else rows.push(rowOf(columns, fields));
  }
  return rows;
}

/** The rows of `{cols: [...], rows: [[...], ...]}` as objects. */
export function tableRows(root: unknown, columns: Getter, rows: Getter): unknown[] {
  const names = columns(root);
  const list = rows(root);
  if (!Array.isArray(names) || !names.every((name) => typeof name === 'string')) {
    throw new PayloadError('no list of column names');
  }
  if (!Array.isArray(list)) throw new PayloadError('no list of rows');
  return list.map((row, at) => {
    if (!Array.isArray(row)) throw new PayloadError(`row ${at + 1} is no list`);
    return rowOf(names, row);
  });
}
