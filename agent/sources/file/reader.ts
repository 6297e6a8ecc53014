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
  linesNotKept: number;
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

/** Files whose lines are remembered, and lines of all of them together. */
const MOST_REMEMBERED = 1000;
const MOST_LINES = 500_000;

interface Work extends FolderReaderOptions {
  counters: FileCounters;
  tails: Map<string, Tail>;
  /** by name of the file */
  memories: Map<string, LineMemory>;
  /** blocks of lines that an earlier process kept, by name of the file */
  kept: Map<string, string[]> | null;
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
      linesNotKept: 0,
    },
    tails: new Map(),
    memories: new Map(),
    kept: null,
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
  const current = { inside: false };
  const tail = startTail({
    name,
    maxLineBytes: w.own.maxLineBytes,
    reader: rowReader({
      own: w.own,
      file: name,
      tagNumber: w.context.tagNumber,
      late: (sourceMs) => memory.late(sourceMs, current.inside),
      deliver(delivery) {
        w.delivered = w.context.deliver(delivery);
        w.lastDataMs = delivery.receiveMs;
      },
    }),
    memory,
    current,
    keep: () => keep(w, name, memory),
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
  w.kept ??= keptLines(w);
  const known = w.memories.get(name);
  const memory = known ?? lineMemory(w.kept.get(name));
  w.kept.delete(name);
  let lines = 0;
  for (const one of w.memories.values()) lines += one.size();
  for (const [other, one] of w.memories) {
    if (w.memories.size < MOST_REMEMBERED && lines < MOST_LINES) break;
    if (other === name) continue;
    lines -= one.size();
    forget(w, other);
  }
  w.memories.set(name, memory);
  if (known !== undefined) memory.again();
  return memory;
}

function forget(w: Work, name: string): void {
  const records = w.memories.get(name)?.forget() ?? [];
  w.memories.delete(name);
  for (const one of records) void w.context.shelf?.put(recordName(name, one), null);
}

async function keep(w: Work, name: string, memory: LineMemory): Promise<void> {
  const { shelf } = w.context;
  if (shelf === undefined) return;
  for (const [block, text] of memory.unsaved()) {
    if (!(await shelf.put(recordName(name, block), text))) w.counters.linesNotKept += 1;
  }
}

const recordName = (name: string, block: number) => `${block}/${name}`;

function keptLines({ context: { shelf } }: Work): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const [record, text] of shelf?.load() ?? []) {
    const name = record.slice(record.indexOf('/') + 1);
    const blocks = found.get(name);
    if (blocks !== undefined) blocks.push(text);
    else if (found.size < MOST_REMEMBERED) found.set(name, [text]);
    else void shelf?.put(record, null);
  }
  return found;
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
    if (w.own.lastLine === 'take' && tail.splitter.finish()) await tail.flush();
    await sayChanges(w, tail.name);
    const durable = w.durable >= tail.delivered;
    if (w.own.moveTo === undefined || tail.splitter.pending() > 0 || !durable) return;
    await moveAway(one.path, resolve(w.own.folder, w.own.moveTo), one.name);
    w.tails.delete(one.id);
    forget(w, tail.name);
    w.counters.filesMoved += 1;
  } catch (error) {
    w.trouble = `${one.name}: ${messageOf(error)}`;
  }
}

/** What was done with a file that is another than it was; that it was said is kept, too. */
async function sayChanges(w: Work, name: string): Promise<void> {
  const memory = w.memories.get(name);
  const said = memory?.changes() ?? '';
  if (memory === undefined || said === '') return;
  const timeMs = w.context.clock.now();
  w.context.report({ kind: 'note', severity: 'info', text: `file '${name}' ${said}`, timeMs });
  await keep(w, name, memory);
}
