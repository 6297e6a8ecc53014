import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { InputError } from '../runtime/errors.ts';
import type { Statement } from './statement.ts';
import { readTar } from './tar.ts';

/**
 * Where versions live: `versions/1.2.3/`, and two links, `current` and `previous`. A version is
 * whole before a link leads to it, and a link is replaced in one step, so that a power cut leaves
 * the one before or the new one, and nothing in between.
 */
export interface Place {
  folder: string;
  /** told before every step that changes something; tests end the world there */
  step?: (what: string) => void;
}

/** Version a link leads to; null when there is none. */
export function versionAt({ folder }: Place, link: 'current' | 'previous'): string | null {
  try {
    return /^versions\/(\d+\.\d+\.\d+)$/.exec(readlinkSync(join(folder, link)))?.[1] ?? null;
  } catch {
    return null;
  }
}

/** Puts a checked archive beside the versions that are there; nothing leads to it yet. */
export function unpack(place: Place, tarFile: string, about: Statement): void {
  const versions = join(place.folder, 'versions');
  const part = join(versions, `.part-${about.version}`);
  const done = join(versions, about.version);
  place.step?.('unpack');
  rmSync(part, { recursive: true, force: true });
  const from = openSync(tarFile, 'r');
  try {
    const folders = new Set<string>([part]);
    for (const { path, executable, bytes } of readTar(reader(from), statSync(tarFile).size)) {
      const file = join(part, path);
      mkdirSync(dirname(file), { recursive: true, mode: 0o755 });
      folders.add(dirname(file));
      writeDurably(file, bytes, executable ? 0o755 : 0o644);
    }
    const text = `${JSON.stringify(about)}\n`;
    writeDurably(join(part, 'release.json'), Buffer.from(text), 0o644);
    for (const one of folders) syncFolder(one);
  } finally {
    closeSync(from);
  }
  const { version } = JSON.parse(readFileSync(join(part, 'package.json'), 'utf8')) as Statement;
  if (version !== about.version) throw new InputError('the archive holds another version');
  place.step?.('name');
  rmSync(done, { recursive: true, force: true });
  renameSync(part, done);
  syncFolder(versions);
}

/** Makes a version the one that runs from the next start on; the one until now stays beside it. */
export function switchTo(place: Place, version: string): void {
  const before = versionAt(place, 'current');
  if (before !== null && before !== version) pointTo(place, 'previous', before);
  pointTo(place, 'current', version);
}

/** What a version said of itself when it was installed; null for one that nobody signed. */
export function statementOf({ folder }: Place, version: string): Statement | null {
  try {
    const text = readFileSync(join(folder, 'versions', version, 'release.json'), 'utf8');
    return JSON.parse(text) as Statement;
  } catch {
    return null;
  }
}

/** Removes versions that neither runs nor is the way back. */
export function removeOld(place: Place): void {
  place.step?.('remove');
  const kept = [versionAt(place, 'current'), versionAt(place, 'previous')];
  const versions = join(place.folder, 'versions');
  for (const name of readdirSync(versions)) {
    if (!kept.includes(name)) rmSync(join(versions, name), { recursive: true, force: true });
  }
}

function pointTo(place: Place, link: 'current' | 'previous', version: string): void {
  const made = join(place.folder, `.${link}.new`);
  rmSync(made, { force: true });
  symlinkSync(`versions/${version}`, made);
  place.step?.(link);
  renameSync(made, join(place.folder, link));
  syncFolder(place.folder);
}

function writeDurably(file: string, bytes: Buffer, mode: number): void {
  const fd = openSync(file, 'wx', mode);
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function syncFolder(folder: string): void {
  const fd = openSync(folder, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** Reads exactly so many bytes, or as many as there are. */
function reader(fd: number) {
  return (at: number, length: number): Buffer => {
    const bytes = Buffer.alloc(length);
    let got = 0;
    while (got < length) {
      const n = readSync(fd, bytes, got, length - got, at + got);
      if (n === 0) break;
      got += n;
    }
    return bytes.subarray(0, got);
  };
}
