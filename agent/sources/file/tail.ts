import { open } from 'node:fs/promises';
import type { DeadLetters } from '../mqtt/dead-letters.ts';
import type { Found } from './folder.ts';
import { type LineSplitter, lineSplitter } from './lines.ts';
import type { LineMemory } from './memory.ts';
import { LineError, type RowReader } from './rows.ts';

/** How far one file has been read. */
export interface Tail {
  name: string;
  offset: number;
  lines: number;
  /** the last bytes that were read: a file that was written anew has others there */
  mark: Buffer;
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
  memory: LineMemory;
  counters: TailCounters;
  letters: DeadLetters;
  now(): number;
  delivered(): number;
}

const CHUNK = 65_536;
const MARK = 64;

/** Begins with the first line. */
export function startTail(o: TailOptions): Tail {
  const tail: Tail = {
    name: o.name,
    offset: 0,
    lines: 0,
    mark: Buffer.alloc(0),
    delivered: 0,
    splitter: lineSplitter(o.maxLineBytes, (bytes, whole) => {
      tail.lines += 1;
      o.counters.lines += 1;
      try {
        if (!whole) throw new LineError(`longer than ${o.maxLineBytes} bytes (maxLineBytes)`);
        const number = o.memory.number(bytes, tail.lines);
        if (number === null) return;
        o.counters.readings += o.reader.line(bytes, number, o.now());
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

/**
 * Reads what is new, piece by piece; stops between two pieces when `mayGoOn` says so. False when the
 * file was written anew in its place: what was read is no longer what stands there.
 */
export async function readOn(tail: Tail, file: Found, mayGoOn: () => boolean): Promise<boolean> {
  if (file.size <= tail.offset) return true;
  const handle = await open(file.path, 'r');
  try {
    const { length } = tail.mark;
    const stands = Buffer.alloc(length);
    await handle.read(stands, 0, length, tail.offset - length);
    if (!stands.equals(tail.mark)) return false;
    const chunk = Buffer.alloc(CHUNK);
    while (mayGoOn()) {
      const { bytesRead } = await handle.read(chunk, 0, CHUNK, tail.offset);
      if (bytesRead === 0 || !mayGoOn()) return true;
      const piece = chunk.subarray(0, bytesRead);
      tail.offset += bytesRead;
      tail.mark = Buffer.concat([tail.mark, piece.subarray(-MARK)]).subarray(-MARK);
      tail.splitter.push(piece);
    }
    return true;
  } finally {
    await handle.close();
  }
}
