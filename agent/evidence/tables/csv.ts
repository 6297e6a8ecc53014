/** Reads text tables row by row, in constant memory. */
import { createReadStream } from 'node:fs';
import { parse } from 'csv-parse';
import { InputError, messageOf } from '../../runtime/errors.ts';
import { scanBytes } from './bytes.ts';
import type { Cell } from './cells.ts';
import { type Dialect, type DialectWish, dialectOf, encodingOf } from './dialect.ts';

const QUOTE = 0x22;
const CHUNK = 1 << 18;
const LONGEST_LINE = 1 << 24;

export type OnRow = (cells: readonly Cell[]) => void;

/** How the file is written, from its first bytes. */
export function csvDialect(start: Uint8Array, wish: DialectWish): Dialect {
  const encoding = encodingOf(start);
  const text = new TextDecoder(encoding).decode(start);
  return { encoding, ...dialectOf(text, wish) };
}

/**
 * Hands over every row of a file without quotes, much faster than a full parser can: numbers are
 * read from the bytes. The array is reused. True when that was all, false when quotes appeared:
 * then nothing it handed over counts.
 */
export async function readPlain(file: string, dialect: Dialect, onRow: OnRow): Promise<boolean> {
  const scanner = scanBytes(dialect, onRow);
  if (scanner === null) return false;
  let rest: Uint8Array = new Uint8Array(0);
  for await (const chunk of createReadStream(file, { highWaterMark: CHUNK })) {
    const fresh = chunk as Buffer;
    if (fresh.includes(QUOTE)) return false;
    const bytes = rest.length === 0 ? fresh : Buffer.concat([rest, fresh]);
    rest = bytes.subarray(scanner(bytes));
    if (rest.length > LONGEST_LINE) {
      throw new InputError(`${file}: a line is longer than 16 MB — is this a table?`);
    }
  }
  if (rest.length > 0) scanner(Buffer.concat([rest, Buffer.from('\n')]));
  return true;
}

/** Hands over every row, quotes, and line ends inside quotes, included (RFC 4180). */
export async function readQuoted(file: string, dialect: Dialect, onRow: OnRow): Promise<void> {
  const decoder = new TextDecoder(dialect.encoding);
  const parser = parse({ delimiter: dialect.delimiter, relax_column_count: true });
  const text = async function* () {
    for await (const chunk of createReadStream(file)) {
      yield decoder.decode(chunk as Uint8Array, { stream: true });
    }
    yield decoder.decode();
  };
  const fed = feed(parser, text());
  try {
    for await (const row of parser) onRow(row as string[]);
    await fed;
  } catch (error) {
    await fed;
    throw new InputError(`${file}: ${messageOf(error)} — look for a quote that is not closed`);
  }
}

async function feed(to: NodeJS.WritableStream, from: AsyncIterable<string>): Promise<void> {
  for await (const text of from) {
    if (!(to as { writable?: boolean }).writable) return;
    if (!to.write(text)) await new Promise((resolve) => to.once('drain', resolve));
  }
  to.end();
}
