import { open } from 'node:fs/promises';
import type { DeadLetters } from '../mqtt/dead-letters.ts';
import type { Found } from './folder.ts';
import { type LineSplitter, lineSplitter } from './lines.ts';
import { LineError, type RowReader } from './rows.ts';

/** How far one file has been read. */
export interface Tail {
  name: string;
  offset: number;
  lines: number;
  /** delivery number of its last reading */
  delivered: number;
  splitter: LineSplitter;
}

export interface TailCounters {
  lines: number;
  readings: number;
  badLines: number;
}

export interface TailOptions {
  name: string;
  maxLineBytes: number;
  reader: RowReader;
  counters: TailCounters;
  letters: DeadLetters;
  now(): number;
  delivered(): number;
}

const CHUNK = 65_536;

/** Begins with the first line. */
export function startTail(o: TailOptions): Tail {
  const tail: Tail = {
    name: o.name,
    offset: 0,
    lines: 0,
    delivered: 0,
    splitter: lineSplitter(o.maxLineBytes, (bytes, whole) => {
      tail.lines += 1;
      o.counters.lines += 1;
      try {
        if (!whole) throw new LineError(`longer than ${o.maxLineBytes} bytes (maxLineBytes)`);
        o.counters.readings += o.reader.line(bytes, tail.lines, o.now());
        tail.delivered = o.delivered();
      } catch (error) {
        if (!(error instanceof LineError)) throw error;
        o.counters.badLines += 1;
        const place = `${o.name}:${tail.lines}`;
        o.letters.add(o.now(), place, error.message, bytes, bytes.length);
      }
    }),
  };
  return tail;
}

/** Reads what is new, piece by piece; stops between two pieces when `mayGoOn` says so. */
export async function readOn(tail: Tail, file: Found, mayGoOn: () => boolean): Promise<void> {
  if (file.size <= tail.offset) return;
  const handle = await open(file.path, 'r');
  try {
    const chunk = Buffer.alloc(CHUNK);
    while (mayGoOn()) {
      const { bytesRead } = await handle.read(chunk, 0, CHUNK, tail.offset);
      if (bytesRead === 0 || !mayGoOn()) return;
      tail.offset += bytesRead;
      tail.splitter.push(chunk.subarray(0, bytesRead));
    }
  } finally {
    await handle.close();
  }
}
