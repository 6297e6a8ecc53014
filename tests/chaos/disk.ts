import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Record } from './recording.ts';

const SECTOR = 512;

/** How much of what was not synced reached the disk. */
export const MODES = ['all', 'none', 'prefix', 'subset', 'torn'] as const;
export type Mode = (typeof MODES)[number];

/** A disk as a power cut leaves it: what was synced is there, of the rest anything may be. */
export interface Disk {
  /** `failedSyncsLose`: what a failed sync did not write, a later one does not write either */
  take(record: Record): void;
  /** writes the folder as it may stand after a cut now */
  image(folder: string, mode: Mode, chance: () => number): void;
}

interface Change {
  at: number;
  /** null: truncated to `at` */
  bytes: Buffer | null;
}

interface Node {
  synced: Buffer;
  size: number;
  pending: Change[];
}

type Naming = (names: Map<string, Node>) => void;

export function createDisk(dir: string, o: { failedSyncsLose: boolean }): Disk {
  const now = new Map<string, Node>();
  const durable = new Map<string, Node>();
  let naming: Naming[] = [];
  const open = new Map<number, Node>();
  const name = (change: Naming) => {
    change(now);
    naming.push(change);
  };
  const take = ({ type, what, offset, bytes }: Record) => {
    if (type === 'O') opened(what, bytes.toString(), offset === 1);
    else if (type === 'U') name((names) => void names.delete(bytes.toString()));
    else if (type === 'N') rename(bytes.toString());
    else if (type === 'D') {
      for (const change of naming) change(durable);
      naming = [];
    }
    const node = open.get(what);
    if (node === undefined) return;
    if (type === 'W') node.pending.push({ at: offset, bytes });
    else if (type === 'T') node.pending.push({ at: offset, bytes: null });
    else if (type === 'S') sync(node);
    else if (type === 'F' && o.failedSyncsLose) node.pending = [];
  };
  const opened = (what: number, path: string, emptied: boolean) => {
    let node = now.get(path);
    if (node === undefined) {
      const made = { synced: Buffer.alloc(0), size: 0, pending: [] };
      node = made;
      name((names) => void names.set(path, made));
    } else if (emptied) node.pending.push({ at: 0, bytes: null });
    open.set(what, node);
  };
  const rename = (both: string) => {
    const [from = '', to = ''] = both.split('\0');
    name((names) => {
      const node = names.get(from);
      names.delete(from);
      if (node !== undefined) names.set(to, node);
    });
  };
  return {
    take,
    image(folder, mode, chance) {
      const names = new Map(durable);
      const kept = mode === 'all' ? 1 : mode === 'none' ? 0 : chance();
      for (const change of naming.slice(0, Math.round(kept * naming.length))) change(names);
      for (const [path, node] of names) {
        const file = join(folder, path.slice(dir.length));
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, contents(node, mode, chance));
      }
    },
  };
}

function sync(node: Node): void {
  const whole = { bytes: node.synced, size: node.size };
  for (const change of node.pending) apply(whole, change);
  node.synced = whole.bytes;
  node.size = whole.size;
  node.pending = [];
}

function contents(node: Node, mode: Mode, chance: () => number): Buffer {
  const made = { bytes: Buffer.from(node.synced), size: node.size };
  const { pending } = node;
  const upTo = mode === 'prefix' ? Math.floor(chance() * (pending.length + 1)) : pending.length;
  if (mode === 'none') return made.bytes.subarray(0, made.size);
  for (const change of pending.slice(0, upTo)) {
    if (mode === 'subset' && chance() < 0.5) continue;
    if (mode === 'torn' && change.bytes !== null) tear(made, change.at, change.bytes, chance);
    else apply(made, change);
  }
  return made.bytes.subarray(0, made.size);
}

function tear(
  made: { bytes: Buffer; size: number },
  at: number,
  bytes: Buffer,
  chance: () => number,
): void {
  // Sectors lie on the disk, not in the write.
  for (let from = 0; from < bytes.length; ) {
    const end = Math.min(bytes.length, from + SECTOR - ((at + from) % SECTOR));
    if (chance() < 0.5) apply(made, { at: at + from, bytes: bytes.subarray(from, end) });
    from = end;
  }
}

function apply(made: { bytes: Buffer; size: number }, { at, bytes }: Change): void {
  if (bytes === null) {
    // What is cut off must not come back when the file grows again.
    if (at < made.size) made.bytes.fill(0, at, made.size);
    made.size = at;
    if (made.bytes.length < at) made.bytes = grown(made.bytes, at);
    return;
  }
  const end = at + bytes.length;
  if (end > made.bytes.length) made.bytes = grown(made.bytes, end);
  bytes.copy(made.bytes, at);
  made.size = Math.max(made.size, end);
}

function grown(bytes: Buffer, size: number): Buffer {
  const larger = Buffer.alloc(Math.max(size, 2 * bytes.length));
  bytes.copy(larger);
  return larger;
}
