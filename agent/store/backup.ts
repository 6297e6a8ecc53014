import { existsSync, statSync } from 'node:fs';
import { numberOf, openForReading, openForWriting } from './database.ts';
import { StoreError, storeError } from './errors.ts';
import { refuseForeign } from './migrations.ts';

export interface Backup {
  /** seq of the last transaction in the copy */
  head: number;
  bytes: number;
}

/**
 * Copies a store, also of an agent that is running, into a new file, and reads the copy back whole:
 * a backup that was never opened is none. Throws `StoreError`.
 */
export function backupStore(file: string, target: string): Backup {
  if (existsSync(target)) throw new StoreError('refused', `${target} exists already`);
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
  return verifyStore(target);
}

/** Checks every page of a store that nobody writes to. Throws `StoreError` when one is damaged. */
export function verifyStore(file: string): Backup {
  if (!existsSync(file)) throw new StoreError('refused', `${file} does not exist`);
  const db = openForWriting(file);
  try {
    refuseForeign(db, file);
    const said = db.prepare('PRAGMA integrity_check(1)').get();
    const text = said === undefined ? 'no answer' : String(Object.values(said)[0]);
    if (text !== 'ok') throw new StoreError('damaged', `${file}: ${text}`);
    const head = numberOf(db, 'SELECT coalesce(max(seq), 0) FROM journal');
    return { head, bytes: statSync(file).size };
  } catch (error) {
    throw storeError(`checking ${file}`, error);
  } finally {
    db.close();
  }
}
