import { open } from 'node:fs/promises';
import type { DeadLetters } from '../mqtt/dead-letters.ts';
import type { Found } from './folder.ts';
import { type LineSplitter, lineSplitter } from './lines.ts';
import type { LineMemory } from './memory.ts';
import { LineError, type RowReader } from './rows.ts';

/** How far one file has been read. */
export interface Tail {
  name: string;
  /** lines that were read and are not handed over yet: first it is kept what they are counted by */
  waiting: Waiting[];
  offset: number;
  lines: number;
  /** the last bytes that were read: a file that was written anew has others there */
  mark: Buffer;
  /** delivery number of its last reading */
  delivered: number;
  /** hands over the lines that wait */
  flush(): Promise<void>;
  splitter: LineSplitter;
}

interface Waiting {
  bytes: Buffer;
  place: string;
  number: number;
  inside: boolean;
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
  /** keeps what the memory has not kept yet */
  keep(): Promise<void>;
  /** the line that is handed over now stands before lines that were read already */
  current: { inside: boolean };
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
    ...{ name: o.name, waiting: [], offset: 0, lines: 0, mark: Buffer.alloc(0), delivered: 0 },
    flush: () => flush(tail, o),
    splitter: lineSplitter(o.maxLineBytes, (bytes, whole) => {
      tail.lines += 1;
      o.counters.lines += 1;
      const place = `${o.name}:${tail.lines}`;
      if (!whole) {
        setAside(o, place, `longer than ${o.maxLineBytes} bytes (maxLineBytes)`, bytes);
        return;
      }
      const counted = o.memory.number(bytes, tail.lines);
      // The bytes are a view that is used again.
      if (counted !== null) tail.waiting.push({ ...counted, place, bytes: Buffer.from(bytes) });
    }),
  };
  return tail;
}

/**
 * What a line is counted by is on disk before the line goes on: a kill in between finds it again, and
 * a kill behind it is known to the core by the same number, wherever the line stands by then.
 */
async function flush(tail: Tail, o: TailOptions): Promise<void> {
  if (tail.waiting.length === 0) return;
  await o.keep();
  for (const { bytes, place, number, inside } of tail.waiting) {
    o.current.inside = inside;
    try {
      o.counters.readings += o.reader.line(bytes, number, o.now());
      tail.delivered = o.delivered();
    } catch (error) {
      if (!(error instanceof LineError)) throw error;
      setAside(o, place, error.message, bytes);
    }
  }
  tail.waiting.length = 0;
  await o.keep();
}

function setAside(o: TailOptions, place: string, reason: string, bytes: Buffer): void {
  o.counters.badLines += 1;
  o.letters.add(o.now(), place, reason, bytes, bytes.length);
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
      await tail.flush();
    }
    return true;
  } finally {
    await handle.close();
  }
}
