import { resolve } from 'node:path';
import { messageOf } from '../../runtime/errors.ts';
import type { DeadLetters } from '../mqtt/dead-letters.ts';
import type { SourceContext } from '../source.ts';
import { type Found, findFiles, moveAway, nameTest } from './folder.ts';
import { type LineMemory, lineMemory } from './memory.ts';
import { rowReader } from './rows.ts';
import type { FileSettings } from './settings.ts';
import { readOn, startTail, type Tail } from './tail.ts';

/** What a file source counts, by the names that health shows. */
export interface FileCounters {
  files: number;
  lines: number;
  readings: number;
  badLines: number;
  filesMoved: number;
  truncated: number;
  filesWaiting: number;
}

/** Follows all files of one folder. */
export interface FolderReader {
  /** looks once, and reads what is new; rejects when the folder cannot be read */
  round(): Promise<void>;
  committed(upTo: number): void;
  tails(): Tail[];
  /** what needs a person, '' when nothing does */
  trouble(): string;
  lastDataMs(): number | null;
  counters: FileCounters;
}

export interface FolderReaderOptions {
  own: FileSettings;
  context: SourceContext;
  letters: DeadLetters;
  mayGoOn(): boolean;
}

/** Files whose lines are remembered. */
const MOST_REMEMBERED = 20;

interface Work extends FolderReaderOptions {
  counters: FileCounters;
  tails: Map<string, Tail>;
  /** by name of the file */
  memories: Map<string, LineMemory>;
  delivered: number;
  durable: number;
  lastDataMs: number | null;
  trouble: string;
}

export function folderReader(o: FolderReaderOptions): FolderReader {
  const w: Work = {
    ...o,
    counters: {
      files: 0,
      lines: 0,
      readings: 0,
      badLines: 0,
      filesMoved: 0,
      truncated: 0,
      filesWaiting: 0,
    },
    tails: new Map(),
    memories: new Map(),
    delivered: 0,
    durable: 0,
    lastDataMs: null,
    trouble: '',
  };
  const fits = nameTest(o.own.pattern);
  // Office programs and editors lay their lock and temporary files beside the real one.
  const ours = (name: string) => fits(name) && !/^(\.|~\$)/.test(name);
  return {
    counters: w.counters,
    round: () => round(w, ours),
    committed(upTo) {
      w.durable = Math.max(w.durable, upTo);
    },
    tails: () => [...w.tails.values()],
    trouble: () => w.trouble,
    lastDataMs: () => w.lastDataMs,
  };
}

async function round(w: Work, ours: (name: string) => boolean): Promise<void> {
  const known = [...w.tails.values()].map((tail) => tail.name);
  // A rotated file is read to its end under the name that it began with.
  const fits = (name: string) => ours(name) || known.some((one) => name.startsWith(one));
  const { files, more } = await findFiles(w.own.folder, fits);
  w.counters.filesWaiting = more;
  w.trouble = more > 0 ? `${more} more files wait: move finished ones away (moveTo)` : '';
  const here = new Set(files.map((one) => one.id));
  for (const id of w.tails.keys()) if (!here.has(id)) w.tails.delete(id);
  for (const one of files) {
    if (!w.mayGoOn()) return;
    const tail = tailOf(w, one, ours);
    if (tail !== null) await follow(w, tail, one);
  }
}

function tailOf(w: Work, one: Found, ours: (name: string) => boolean): Tail | null {
  const known = w.tails.get(one.id);
  if (known !== undefined && one.size >= known.offset) return known;
  if (known !== undefined) w.counters.truncated += 1;
  else if (!ours(one.name)) return null;
  const name = known?.name ?? one.name;
  const memory = memoryOf(w, name);
  const tail = startTail({
    name,
    maxLineBytes: w.own.maxLineBytes,
    reader: rowReader({
      own: w.own,
      file: name,
      tagNumber: w.context.tagNumber,
      late: memory.late,
      deliver(delivery) {
        w.delivered = w.context.deliver(delivery);
        w.lastDataMs = delivery.receiveMs;
      },
    }),
    memory,
    counters: w.counters,
    letters: w.letters,
    now: w.context.clock.now,
    delivered: () => w.delivered,
  });
  w.counters.files += 1;
  w.tails.set(one.id, tail);
  return tail;
}

/** A name that is seen again is a file that was written anew; of too many only the newest are known. */
function memoryOf(w: Work, name: string): LineMemory {
  const known = w.memories.get(name);
  const memory = known ?? lineMemory();
  if (known === undefined && w.memories.size >= MOST_REMEMBERED) {
    w.memories.delete(w.memories.keys().next().value ?? '');
  }
  w.memories.set(name, memory);
  if (known !== undefined) memory.again();
  return memory;
}

async function follow(w: Work, tail: Tail, one: Found): Promise<void> {
  try {
    if (!(await readOn(tail, one, w.mayGoOn))) {
      w.counters.truncated += 1;
      w.tails.delete(one.id);
      return;
    }
    const settled = w.context.clock.now() - one.changedMs >= w.own.settleAfter;
    if (!w.mayGoOn() || !settled || tail.offset < one.size) return;
    if (w.own.lastLine === 'take') tail.splitter.finish();
    const durable = w.durable >= tail.delivered;
    if (w.own.moveTo === undefined || tail.splitter.pending() > 0 || !durable) return;
    await moveAway(one.path, resolve(w.own.folder, w.own.moveTo), one.name);
    w.tails.delete(one.id);
    w.memories.delete(tail.name);
    w.counters.filesMoved += 1;
  } catch (error) {
    w.trouble = `${one.name}: ${messageOf(error)}`;
  }
}
