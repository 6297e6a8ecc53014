/** Why a line is not CSV, undefined when it is; the fields go into `into`. */
export type CsvFault = 'an open quote' | 'text after a closing quote' | 'too many fields';

const MAX_FIELDS = 1000;

/**
 * Splits one line into fields (RFC 4180, without line breaks inside quotes): a field may stand in
 * quotes, and a quote inside is written twice. Blanks around fields are cut off.
 */
export function splitCsv(line: string, delimiter: string, into: string[]): CsvFault | undefined {
  into.length = 0;
  let at = 0;
  for (;;) {
    if (into.length === MAX_FIELDS) return 'too many fields';
    while (line[at] === ' ' && delimiter !== ' ') at += 1;
    if (line[at] !== '"') {
      const end = line.indexOf(delimiter, at);
      into.push(line.slice(at, end < 0 ? undefined : end).trim());
      if (end < 0) return undefined;
      at = end + delimiter.length;
      continue;
    }
    let field = '';
    for (;;) {
      const close = line.indexOf('"', at + 1);
      if (close < 0) return 'an open quote';
      field += line.slice(at + 1, close);
      at = close + 1;
      if (line[at] !== '"') break;
      field += '"';
    }
    into.push(field);
    while (line[at] === ' ' && delimiter !== ' ') at += 1;
    if (at >= line.length) return undefined;
    if (!line.startsWith(delimiter, at)) return 'text after a closing quote';
    at += delimiter.length;
  }
}

/** A row as an object by column name, without a prototype so that no name means anything else. */
export function rowOf(columns: readonly string[], fields: readonly unknown[]) {
  const row: Record<string, unknown> = Object.create(null);
  for (let i = 0; i < columns.length && i < fields.length; i += 1) {
    row[columns[i] as string] = fields[i];
  }
  return row;
}
