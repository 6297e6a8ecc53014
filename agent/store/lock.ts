import { rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { StoreError, storeError } from './errors.ts';

/**
 * Sees to it that one agent writes. The lock is an open write transaction of a small database
 * beside the file: the kernel takes it back when the process dies, however it dies, and the number
 * of the holder stays readable to everybody else. It is never synced: what a power cut leaves of it
 * means nothing, so one that cannot be read is made anew.
 */
export function lockStore(file: string): { release(): void } {
  const path = `${file}.lock`;
  let held: DatabaseSync;
  try {
    held = lock(file, path);
  } catch (error) {
    // Never while somebody holds it: what a living process has written reads well.
    if (!(error instanceof StoreError) || error.failure !== 'damaged') throw error;
    rmSync(path, { force: true });
    held = lock(file, path);
  }
  return { release: () => held.close() };
}

function lock(file: string, path: string): DatabaseSync {
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(path, { timeout: 0 });
    db.exec('PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; BEGIN IMMEDIATE');
    db.exec('CREATE TABLE IF NOT EXISTS holder (one INTEGER PRIMARY KEY, pid INTEGER) STRICT');
    db.prepare('INSERT OR REPLACE INTO holder VALUES (1, ?)').run(process.pid);
    db.exec('COMMIT; BEGIN IMMEDIATE');
    return db;
  } catch (error) {
    const failed = storeError(`locking ${path}`, error);
    const pid = failed.failure === 'locked' && db !== undefined ? holder(db) : undefined;
    db?.close();
    if (failed.failure !== 'locked') throw failed;
    throw new StoreError(
      'locked',
      `${file} is in use by another Meyar${pid === undefined ? '' : ` (process ${pid})`}. ` +
        'Stop it first, or give this one a data folder of its own.',
    );
  }
}

function holder(db: DatabaseSync): number | undefined {
  try {
    const row = db.prepare('SELECT pid FROM holder').get();
    return row === undefined ? undefined : Number(row['pid']);
  } catch {
    return undefined;
  }
}
