import { copyFileSync, existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { crc32 } from 'node:zlib';
import { type Checked, checkDatabase } from './checks.ts';
import { numberOf, openForReading, openForWriting } from './database.ts';
import { StoreError, storeError } from './errors.ts';
import { freeName, moveDatabase, putInPlace, removeDatabase } from './files.ts';
import { lockStore } from './lock.ts';
import { refuseForeign } from './migrations.ts';

export interface Backup extends Checked {
  bytes: number;
}

/**
 * Copies a store, also of an agent that is running, into a new file, and reads the copy back whole:
 * a backup that was never opened is none. `more` may check what only others understand. Until all
 * that is done the copy has another name. Throws `StoreError`.
 */
export function backupStore(
  file: string,
  target: string,
  more: (copy: string) => void = () => {},
): Backup {
  if (existsSync(target)) throw new StoreError('refused', `${target} exists already`);
  if (!existsSync(file)) throw new StoreError('refused', `there is no store ${file}`);
  const part = `${target}.part`;
  removeDatabase(part);
  try {
    copy(file, part);
    const checked = verifyStore(part);
    more(part);
    closeWell(part);
    putInPlace(part, target);
    return checked;
  } catch (error) {
    removeDatabase(part);
    throw error;
  }
}

function copy(file: string, target: string): void {
  const db = openForReading(file);
  try {
    refuseForeign(db, file);
    // The file stays read-only; this lets SQLite write the other one.
    db.exec('PRAGMA query_only = OFF');
    db.prepare('VACUUM INTO ?').run(target);
  } catch (error) {
    throw storeError(`copying ${file}`, error);
  } finally {
    db.close();
  }
}

/** Checks all of a store that nobody writes to. Throws `StoreError` when something is damaged. */
export function verifyStore(file: string): Backup {
  if (!existsSync(file)) throw new StoreError('refused', `${file} does not exist`);
  const db = openForWriting(file);
  try {
    refuseForeign(db, file);
    const checked = checkDatabase(db);
    if (!checked.ok) throw new StoreError('damaged', `${file}: ${checked.found.join('; ')}`);
    return { ...checked, bytes: statSync(file).size };
  } catch (error) {
    throw storeError(`checking ${file}`, error);
  } finally {
    db.close();
  }
}

/** Leaves one file: whoever read it last may have left an empty log beside it. */
function closeWell(file: string): void {
  openForWriting(file).close();
}

const NAME = /^meyar-\d{8}T\d{6}Z(-\d+)?\.db$/;

/** Name of a backup made at this time, in a folder of them. */
export function backupName(folder: string, wallMs: number): string {
  const time = new Date(wallMs).toISOString().replace(/[-:]|\.\d+/g, '');
  const path = join(folder, `meyar-${time}`);
  return existsSync(`${path}.db`) ? `${freeBackup(path)}.db` : `${path}.db`;
}

function freeBackup(path: string): string {
  let n = 1;
  while (existsSync(`${path}-${n}.db`)) n += 1;
  return `${path}-${n}`;
}

/** Removes the oldest backups of a folder beyond `keep`; call it once the newest was verified. */
export function rotateBackups(folder: string, keep: number): string[] {
  const names = readdirSync(folder)
    .filter((name) => NAME.test(name))
    .sort();
  const old = names.slice(0, Math.max(0, names.length - Math.max(1, keep)));
  for (const name of old) rmSync(join(folder, name), { force: true });
  return old;
}

export interface Restored extends Backup {
  /** where the store that was there is now; null when there was none */
  kept: string | null;
}

/**
 * Puts a backup in the place of a store. The backup itself is only read: a copy of it is checked
 * and takes the place. Refuses while an agent holds the store. The restored store gets a name of
 * its own, since its transaction numbers will be given out a second time.
 */
export function restoreStore(backup: string, file: string, newStoreId: string): Restored {
  if (!existsSync(backup)) throw new StoreError('refused', `there is no backup ${backup}`);
  const lock = lockStore(file);
  const part = `${file}.restoring`;
  try {
    removeDatabase(part);
    copyFileSync(backup, part);
    const checked = verifyStore(part);
    rename(part, newStoreId);
    const kept = freeName(`${file}.before-restore`);
    const moved = moveDatabase(file, kept);
    putInPlace(part, file);
    return { ...checked, kept: moved ? kept : null };
  } catch (error) {
    removeDatabase(part);
    throw storeError(`restoring ${backup}`, error);
  } finally {
    lock.release();
  }
}

function rename(file: string, newStoreId: string): void {
  const db = openForWriting(file);
  try {
    const json = JSON.stringify(newStoreId);
    // Copies of older formats have no checksum there.
    db.prepare("UPDATE state SET json = ? WHERE key = 'store-id'").run(json);
    const sql = "SELECT count(*) FROM pragma_table_info('state') WHERE name = 'crc'";
    if (numberOf(db, sql) === 0) return;
    db.prepare("UPDATE state SET crc = ? WHERE key = 'store-id'").run(crc32(json));
  } finally {
    db.close();
  }
}

/** Format of a store as its file says it; null when there is no store. Throws `StoreError`. */
export function storeFormat(file: string): number | null {
  if (!existsSync(file)) return null;
  const db = openForReading(file);
  try {
    return numberOf(db, 'PRAGMA user_version');
  } catch (error) {
    throw storeError(`reading ${file}`, error);
  } finally {
    db.close();
  }
}

/** The copy that was made before the last upgrade of a store; null when there is none. */
export function beforeUpgrade(file: string): string | null {
  const start = `${basename(file)}.before-v`;
  const versions = (existsSync(dirname(file)) ? readdirSync(dirname(file)) : [])
    .filter((name) => name.startsWith(start) && /^\d+$/.test(name.slice(start.length)))
    .map((name) => Number(name.slice(start.length)));
  return versions.length === 0 ? null : `${file}.before-v${Math.max(...versions)}`;
}
