/** Reads text tables row by row, in constant memory. */
import { closeSync, createReadStream, openSync, readSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { parse } from 'csv-parse';
import { InputError, messageOf } from '../../runtime/errors.ts';
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

/** Takes bytes, hands over their complete lines, and answers how many bytes those took. */
export type Scanner = (bytes: Uint8Array) => number;

/**
 * Feeds a file without quotes to a scanner, much faster than a full parser can read it. True when
 * that was all, false when quotes appeared: then nothing the scanner handed over counts.
 */
export function readPlain(file: string, scanner: Scanner): boolean {
  const handle = openSync(file, 'r');
  try {
    // One buffer for the whole file: what is left of a line moves to its beginning. Reading waits
    // for the disk: the work between two reads is far longer, and the system reads ahead.
    let buffer = Buffer.allocUnsafe(CHUNK);
    let held = 0;
    for (;;) {
      if (held > LONGEST_LINE) {
        throw new InputError(`${file}: a line is longer than 16 MB — is this a table?`);
      }
      if (held === buffer.length) buffer = Buffer.concat([buffer, Buffer.allocUnsafe(held)]);
      const bytesRead = readSync(handle, buffer, held, buffer.length - held, null);
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
    closeSync(handle);
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
  // Feeding ends with the parser, also when a row or a mistake ends that first.
  const fed = pipeline(text, parser).catch(() => {});
  try {
    for await (const row of parser) onRow(row as string[]);
  } catch (error) {
    throw new InputError(`${file}: ${messageOf(error)} — look for a quote that is not closed`);
  } finally {
    await fed;
  }
}
