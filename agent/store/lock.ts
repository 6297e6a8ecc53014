import { DatabaseSync } from 'node:sqlite';
import { StoreError, storeError } from './errors.ts';

/**
 * Sees to it that one agent writes. The lock is an open write transaction of a small database
 * beside the file: the kernel takes it back when the process dies, however it dies, and the number
 * of the holder stays readable to everybody else.
 */
export function lockStore(file: string): { release(): void } {
  const path = `${file}.lock`;
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(path, { timeout: 0 });
    db.exec('PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; BEGIN IMMEDIATE');
    db.exec('CREATE TABLE IF NOT EXISTS holder (one INTEGER PRIMARY KEY, pid INTEGER) STRICT');
    db.prepare('INSERT OR REPLACE INTO holder VALUES (1, ?)').run(process.pid);
    db.exec('COMMIT; BEGIN IMMEDIATE');
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
  const held = db;
  return { release: () => held.close() };
}

function holder(db: DatabaseSync): number | undefined {
  try {
    const row = db.prepare('SELECT pid FROM holder').get();
    return row === undefined ? undefined : Number(row['pid']);
  } catch {
    return undefined;
  }
}
