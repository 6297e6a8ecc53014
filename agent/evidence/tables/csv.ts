/** Reads text tables row by row, in constant memory. */
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
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
  const handle = await open(file);
  try {
    // One buffer for the whole file: what is left of a line moves to its beginning.
    let buffer = Buffer.allocUnsafe(CHUNK);
    let held = 0;
    for (;;) {
      if (held > LONGEST_LINE) {
        throw new InputError(`${file}: a line is longer than 16 MB — is this a table?`);
      }
      if (held === buffer.length) buffer = Buffer.concat([buffer, Buffer.allocUnsafe(held)]);
      const { bytesRead } = await handle.read(buffer, held, buffer.length - held, null);
      if (bytesRead === 0) break;
      const end = held + bytesRead;
      if (buffer.subarray(held, end).includes(QUOTE)) return false;
      const taken = scanner(buffer.subarray(0, end));
      buffer.copyWithin(0, taken, end);
      held = end - taken;
    }
    if (held > 0) scanner(Buffer.concat([buffer.subarray(0, held), Buffer.from('\n')]));
    return true;
  } finally {
    await handle.close();
  }
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
