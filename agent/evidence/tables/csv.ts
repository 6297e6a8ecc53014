/** Reads text tables row by row, in constant memory. */
import { createReadStream } from 'node:fs';
import { parse } from 'csv-parse';
import { InputError, messageOf } from '../../runtime/errors.ts';
import type { Cell } from './cells.ts';
import { type Dialect, type DialectWish, dialectOf, encodingOf } from './dialect.ts';

export type OnRow = (cells: readonly Cell[]) => void;

/** How the file is written, from its first bytes. */
export function csvDialect(start: Uint8Array, wish: DialectWish): Dialect {
  const encoding = encodingOf(start);
  const text = new TextDecoder(encoding).decode(start);
  return { encoding, ...dialectOf(text, wish) };
}

/**
 * Hands over every row that has no quotes, much faster than a full parser can; true when that was
 * all, false when quotes appeared: then nothing it handed over counts.
 */
export async function readPlain(file: string, dialect: Dialect, onRow: OnRow): Promise<boolean> {
  const { delimiter } = dialect;
  const decoder = new TextDecoder(dialect.encoding);
  let rest = '';
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 18 })) {
    const text = rest + decoder.decode(chunk as Uint8Array, { stream: true });
    if (text.includes('"')) return false;
    const lines = text.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onRow(cut(line, delimiter));
    // Files of very old programs end lines with a carriage return alone.
    if (lines.length === 0 && rest.includes('\r')) {
      const old = rest.split('\r');
      rest = old.pop() ?? '';
      for (const line of old) onRow(cut(line, delimiter));
    }
  }
  const last = rest + decoder.decode();
  for (const line of last.split(/\r(?!$)/)) if (line !== '') onRow(cut(line, delimiter));
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

function cut(line: string, delimiter: string): string[] {
  const text = line.endsWith('\r') ? line.slice(0, -1) : line;
  return text.split(delimiter);
}
