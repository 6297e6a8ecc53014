import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';

/** What SQLite keeps beside a database. */
const SIDES = ['-wal', '-shm', '-journal'];

/** Makes sure that the bytes of a file are on the disk. */
export function syncFile(path: string): void {
  const handle = openSync(path, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** Puts a whole file in the place of another; after it the name means one or the other. */
export function putInPlace(from: string, to: string): void {
  syncFile(from);
  renameSync(from, to);
  syncFile(dirname(to));
}

/** Moves a database with what belongs to it; false when there is none. */
export function moveDatabase(from: string, to: string): boolean {
  if (!existsSync(from)) return false;
  for (const side of [...SIDES, '']) {
    if (existsSync(from + side)) renameSync(from + side, to + side);
  }
  return true;
}

/** Removes a database with what belongs to it. */
export function removeDatabase(file: string): void {
  for (const side of [...SIDES, '']) rmSync(file + side, { force: true });
}

/** A name that is not taken yet: `path`-1, -2 … */
export function freeName(path: string): string {
  let n = 1;
  while (existsSync(`${path}-${n}`)) n += 1;
  return `${path}-${n}`;
}

/** What a command found about a store, kept beside it for the agent and the next command. */
export function writeNote(path: string, value: object): void {
  writeFileSync(`${path}.part`, JSON.stringify(value), { mode: 0o600 });
  putInPlace(`${path}.part`, path);
}

/** The note, or null when there is none, or none that can be read. */
export function readNote(path: string): Record<string, unknown> | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
  } catch {
    return null;
  }
}
