import { readdir, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** A file of the folder that the pattern fits. */
export interface Found {
  name: string;
  path: string;
  /** device, number and birth of the file: it keeps them when it gets another name */
  id: string;
  size: number;
  changedMs: number;
}

/** Files looked at in one round; more are counted and wait until others are gone. */
export const MOST_FILES = 10_000;

/** Files that fit, oldest change first; `more` says how many were not looked at. */
export async function findFiles(
  folder: string,
  fits: (name: string) => boolean,
): Promise<{ files: Found[]; more: number }> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((e) => e.isFile() && fits(e.name)).map((e) => e.name);
  names.sort();
  const files: Found[] = [];
  for (const name of names.slice(0, MOST_FILES)) {
    const path = join(folder, name);
    // It may be gone since the folder was read.
    const s = await stat(path).catch(() => null);
    if (s === null) continue;
    const id = `${s.dev}:${s.ino}:${s.birthtimeMs}`;
    files.push({ name, path, id, size: s.size, changedMs: s.mtimeMs });
  }
  files.sort((a, b) => a.changedMs - b.changedMs);
  return { files, more: Math.max(0, names.length - MOST_FILES) };
}

/**
 * 'cell-*.csv' as a test of names; * stands for any signs, ? for one. No regular expression: with
 * many stars that one would take for ever on a long name.
 */
export function nameTest(pattern: string): (name: string) => boolean {
  return (name) => {
    let [at, p, star, mark] = [0, 0, -1, 0];
    while (at < name.length) {
      if (pattern[p] === '*') {
        star = p;
        mark = at;
        p += 1;
      } else if (p < pattern.length && (pattern[p] === '?' || pattern[p] === name[at])) {
        at += 1;
        p += 1;
      } else if (star < 0) return false;
      else {
        // The last star takes one sign more; earlier ones need not be tried again.
        mark += 1;
        at = mark;
        p = star + 1;
      }
    }
    while (pattern[p] === '*') p += 1;
    return p === pattern.length;
  };
}

const MOST_COPIES = 1000;

/** Moves a file without replacing another of that name: then it becomes name.1, name.2 … */
export async function moveAway(path: string, folder: string, name: string): Promise<void> {
  for (let i = 0; i < MOST_COPIES; i += 1) {
    const target = join(folder, i === 0 ? name : `${name}.${i}`);
    const taken = await stat(target).catch(() => null);
    if (taken !== null) continue;
    await rename(path, target);
    return;
  }
  throw new Error(`${folder} holds ${MOST_COPIES} files called ${name}`);
}
