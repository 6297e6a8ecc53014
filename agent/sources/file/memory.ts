import { createHash } from 'node:crypto';

/**
 * The lines of one file as it was, by their contents: lines move when one is put in before them, so
 * their place alone does not say which they are. A line keeps the number that it was counted by, over
 * an editor that writes all of it again and over a restart; the core knows by it what it has.
 */
export interface LineMemory {
  /** the file is read from its first line again */
  again(): void;
  /** what the next line is to be counted by; null when this process has handed it over */
  number(bytes: Buffer, line: number): LineNumber | null;
  /** a line of this time that stands inside: no newer than the newest line that was read before */
  late(sourceMs: number, inside: boolean): boolean;
  /** lines that are remembered */
  size(): number;
  /** what is not kept yet, record by record; null: there is no such record any more */
  unsaved(): [block: number, text: string | null][];
  /** the records that are kept, which nobody needs any more */
  forget(): number[];
  /** what another file of that name became, in words; '' when it was only added to, or was said */
  changes(): string;
}

export interface LineNumber {
  number: number;
  /** it is new and stands before lines that were read already, or in the place of one */
  inside: boolean;
}

/** Of a longer file the rest is known by its number only. */
const MOST_LINES = 50_000;
/** Lines kept in one record. */
const BLOCK = 1000;
/** The record of the newest time, beside the blocks 0, 1 … */
const NEWEST = -1;

interface Entry {
  key: string;
  number: number;
  /** handed over by this process */
  sent: boolean;
  /** it is no longer in the file, and that was said */
  gone: boolean;
}

interface State {
  /** lines as they were last given out to be kept */
  disk: Entry[];
  /** lines as they stand now, in their order */
  order: Entry[];
  /** lines of before that have not been met again, by key */
  before: Map<string, Entry[]>;
  left: number;
  next: number;
  rewritten: boolean;
  whole: boolean;
  newestMs: number;
  newestBefore: number;
  newestKept: number;
  told: boolean;
  met: number;
  added: number;
  putIn: number;
  firstDirty: number;
  blocks: number;
}

/** `kept`: the blocks of an earlier process, in any order. */
export function lineMemory(kept: readonly string[] = []): LineMemory {
  const s: State = {
    ...{ disk: [], order: [], before: new Map(), left: 0, next: 1, rewritten: false, whole: true },
    ...{ newestMs: Number.NEGATIVE_INFINITY, newestBefore: Number.NEGATIVE_INFINITY },
    ...{ told: true, met: 0, added: 0, putIn: 0, firstDirty: Number.POSITIVE_INFINITY },
    ...{ newestKept: Number.NEGATIVE_INFINITY, blocks: 0 },
  };
  s.order = entriesOf(kept, s);
  s.disk = s.order;
  s.blocks = Math.ceil(s.order.length / BLOCK);
  s.newestKept = s.newestMs;
  if (s.order.length > 0) again(s);
  return {
    again: () => again(s),
    number: (bytes, line) => numberOf(s, keyOf(bytes), line),
    late(sourceMs, inside) {
      s.newestMs = Math.max(s.newestMs, sourceMs);
      const late = inside && sourceMs <= s.newestBefore;
      if (late) s.putIn += 1;
      return late;
    },
    size: () => s.order.length + s.left,
    unsaved: () => unsaved(s),
    forget: () => [NEWEST, ...Array(s.blocks).keys()],
    changes() {
      const { putIn, met, added } = s;
      if (s.told) return '';
      const left = [...s.before.values()].flat().filter(({ gone }) => !gone).length;
      const changed = s.rewritten && (left > 0 || putIn > 0);
      s.told = true;
      if (!changed) return '';
      for (const entry of [...s.before.values()].flat()) entry.gone = true;
      s.firstDirty = Math.min(s.firstDirty, Math.floor(s.order.length / BLOCK));
      return (
        `is another than it was: ${met} lines are known and count once, ${added - putIn} are new, ` +
        `${putIn} were put in or corrected (history), ${left} are gone from the file and stay recorded`
      );
    },
  };
}

function again(s: State): void {
  // A look at a file that was being written may have seen half of it: the rest is known as well.
  const all = [...s.order, ...[...s.before.values()].flat()].slice(0, MOST_LINES);
  // What cannot be remembered whole would come back as new: its numbers have to do.
  s.rewritten = s.whole && all.length > 0;
  s.before = new Map();
  for (const entry of all) {
    const same = s.before.get(entry.key);
    if (same === undefined) s.before.set(entry.key, [entry]);
    else same.push(entry);
  }
  s.left = all.length;
  s.order = [];
  s.newestBefore = s.newestMs;
  s.next = s.rewritten ? 1 + all.reduce((most, { number }) => Math.max(most, number), 0) : 1;
  s.whole = true;
  s.met = 0;
  s.added = 0;
  s.putIn = 0;
  s.told = false;
}

function numberOf(s: State, key: string, line: number): LineNumber | null {
  const same = s.rewritten ? s.before.get(key) : undefined;
  const found = same?.shift();
  if (found !== undefined) {
    s.left -= 1;
    found.gone = false;
    s.met += 1;
    remember(s, found);
    const { sent } = found;
    found.sent = true;
    // The first line may name the columns, which a new reader has to know.
    return sent && line > 1 ? null : { number: found.number, inside: false };
  }
  const number = s.rewritten ? s.next : line;
  s.next = number + 1;
  s.added += 1;
  remember(s, { key, number, sent: true, gone: false });
  return { number, inside: s.rewritten && s.left > 0 };
}

function remember(s: State, entry: Entry): void {
  if (s.order.length >= MOST_LINES) {
    s.whole = false;
    return;
  }
  const at = s.order.length;
  if (s.disk[at] !== entry) s.firstDirty = Math.min(s.firstDirty, Math.floor(at / BLOCK));
  s.order.push(entry);
}

function unsaved(s: State): [number, string | null][] {
  const newest: [number, string | null][] =
    s.newestMs === s.newestKept || !s.whole ? [] : [[NEWEST, `${NEWEST} ${s.newestMs}`]];
  s.newestKept = s.newestMs;
  if (s.whole && s.firstDirty === Number.POSITIVE_INFINITY) return newest;
  // While a file is read again its other lines stay kept: no number of them is given twice.
  const wanted = s.whole ? [...s.order, ...[...s.before.values()].flat()] : [];
  const blocks = Math.ceil(wanted.length / BLOCK);
  const list = newest;
  for (let b = Math.min(s.firstDirty, blocks); b < blocks; b += 1) {
    const some = wanted.slice(b * BLOCK, (b + 1) * BLOCK);
    const lines = some.map(({ key, number, gone }) => `${key} ${number}${gone ? ' gone' : ''}`);
    list.push([b, [`${b}`, ...lines].join('\n')]);
  }
  for (let b = blocks; b < s.blocks; b += 1) list.push([b, null]);
  s.blocks = blocks;
  s.disk = wanted;
  s.firstDirty = Number.POSITIVE_INFINITY;
  return list;
}

function entriesOf(kept: readonly string[], s: State): Entry[] {
  const blocks = kept.map((text) => {
    const [head = '', ...lines] = text.split('\n');
    const [number = 0, newest = Number.NaN] = head.split(' ').map(Number);
    if (newest > s.newestMs) s.newestMs = newest;
    return { number, lines };
  });
  blocks.sort((a, b) => a.number - b.number);
  return blocks.flatMap(({ lines }) =>
    lines.map((line) => {
      const [key = '', number = '', gone] = line.split(' ');
      return { key, number: Number(number), sent: false, gone: gone !== undefined };
    }),
  );
}

const keyOf = (bytes: Buffer) => createHash('md5').update(bytes).digest('base64').slice(0, 16);
