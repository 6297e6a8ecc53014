import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { type AuditLog, openAuditLog } from './audit.ts';
import { numberOf } from './database.ts';
import { type Derived, openDerived } from './derived.ts';
import { StoreError, storeError } from './errors.ts';
import type { Figures } from './figures.ts';
import type { FrameBuffer } from './frames.ts';
import { type History, openHistory } from './history.ts';
import { type Names, openNames } from './names.ts';
import { type Opened, openStore, suspect } from './opening.ts';
import { openPointBlocks, type PointBlocks } from './point-blocks.ts';
import { checkpoint, type Keep, openRetention, type Removed } from './retention.ts';

/** Everything the writer knows; one plain record that its functions work on. */
export interface WriterState {
  file: string;
  keep: Keep;
  monotonic: () => number;
  connection: Connection;
  transaction: Transaction;
  figures: Figures;
  /** why the writer refuses to work until it is reopened */
  failure: StoreError | undefined;
  closed: boolean;
  head: number;
  unshipped: number;
  /** rejected rows that made room for newer ones */
  rejectedDropped: number;
  /** times that a checkpoint could not finish because somebody was reading */
  checkpointsBusy: number;
}

/** The open transaction; `seq` is 0 when there is none. */
export interface Transaction {
  seq: number;
  ordinal: number;
  wallMs: number;
  readings: number;
  frames: FrameBuffer;
  saves: boolean;
}

/** The database and what is prepared on it; replaced as a whole by `reopen`. */
export interface Connection {
  db: DatabaseSync;
  opened: Opened;
  names: Names;
  history: History;
  derived: Derived;
  points: PointBlocks;
  audit: AuditLog;
  retain: (wallMs: number) => Removed;
  /** wall time of the newest mark */
  markMs: number;
  head: number;
  insert: Record<'journal' | 'mark' | 'state' | 'noState' | 'cursor' | 'meta', StatementSync>;
  /** readings that the journal ever held */
  readings: number;
}

const READINGS = `SELECT coalesce(max(first_reading + readings), 0) FROM journal
  WHERE first_reading >= 0 AND seq = (SELECT max(seq) FROM journal)`;

export function connect(
  file: string,
  keep: Keep,
  monotonic: () => number,
  transaction: Transaction,
): Connection {
  const { db, opened } = openStore(file);
  try {
    const names = openNames(db);
    const insert = (table: string, columns: number) =>
      db.prepare(`INSERT OR REPLACE INTO ${table} VALUES (${Array(columns).fill('?').join(', ')})`);
    return {
      db,
      opened,
      names,
      history: openHistory(db, () => transaction.seq),
      derived: openDerived(db, names),
      points: openPointBlocks(db, names),
      audit: openAuditLog(db),
      retain: openRetention(db, keep, monotonic),
      markMs: numberOf(db, 'SELECT coalesce(max(wall_ms), -9e15) FROM marks'),
      head: numberOf(db, 'SELECT coalesce(max(seq), 0) FROM journal'),
      insert: {
        journal: db.prepare('INSERT INTO journal VALUES (?, ?, ?, ?, ?, ?, ?)'),
        mark: insert('marks', 2),
        state: insert('state', 3),
        noState: db.prepare('DELETE FROM state WHERE key = ?'),
        cursor: insert('cursors', 3),
        meta: insert('meta', 2),
      },
      readings: Math.max(0, numberOf(db, READINGS)),
    };
  } catch (error) {
    db.close();
    throw storeError(`opening ${file}`, error);
  }
}

/** Runs a write. Whatever goes wrong in it ends the transaction and stops the writer. */
export function guarded<T>(w: WriterState, doing: string, write: () => T): T {
  refuseIfStopped(w);
  try {
    return write();
  } catch (error) {
    throw fail(w, doing, error);
  }
}

export function refuseIfStopped(w: WriterState): void {
  if (w.failure !== undefined) throw w.failure;
  if (w.closed) throw new StoreError('refused', `${w.file} is closed`);
}

/** Marks the writer as stopped and gives the error to throw. */
export function fail(w: WriterState, doing: string, error: unknown): StoreError {
  const failed = storeError(doing, error);
  w.failure = failed;
  try {
    if (w.connection.db.isTransaction) w.connection.db.exec('ROLLBACK');
  } catch {
    // SQLite has rolled back by itself, or cannot; either way nothing was committed.
  }
  if (failed.failure === 'damaged') suspect(w.file);
  endTransaction(w.transaction);
  return failed;
}

/**
 * After a failed sync the kernel may show what never reached the disk, and the next sync of the
 * same file succeeds without writing it. So nothing of the log is believed before it was copied
 * into the file itself and that was synced; the log then begins anew. A write for which there was
 * no room says nothing about syncs before it, and copying would need room itself.
 */
export function trustLog(w: WriterState): void {
  if (w.failure?.failure === 'full') return;
  if (renewLog(w.connection.db)) return;
  w.connection.db.close();
  throw new StoreError('locked', `${w.file}: a reader was in the way of checking it`);
}

/**
 * Copies the log into the file and begins it anew; false when a reader was in the way. Until the
 * emptied log is itself on the disk, a power cut would bring the old one back, which may end before
 * what was copied: a commit writes its beginning, and syncs it.
 */
export function renewLog(db: DatabaseSync): boolean {
  try {
    if (!checkpoint(db, 'TRUNCATE')) return false;
    db.exec("INSERT OR REPLACE INTO meta VALUES ('clean', '0')");
    return true;
  } catch (error) {
    db.close();
    throw storeError('writing the log into the file', error);
  }
}

export function endTransaction(t: Transaction): void {
  t.seq = 0;
  t.ordinal = 0;
  t.readings = 0;
  t.frames.length = 0;
  t.saves = false;
}

/** Closes the file. Whatever fails here fails on what is given up anyway: all that counts is committed. */
export function closeConnection(w: WriterState): void {
  const { db } = w.connection;
  endTransaction(w.transaction);
  if (!db.isOpen) return;
  try {
    if (db.isTransaction) db.exec('ROLLBACK');
    if (w.failure === undefined) checkpoint(db, 'TRUNCATE');
  } catch (error) {
    fail(w, 'closing', error);
  }
  db.close();
}
