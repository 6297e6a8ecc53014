import { existsSync, renameSync, rmSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { numberOf } from './database.ts';
import { StoreError } from './errors.ts';
import { syncFile } from './files.ts';
import {
  ALERT_HISTORY,
  AUDIT,
  EVENTS,
  LANES,
  POINT_BLOCKS,
  ROW_SUMS,
  STATE_CRC,
  TABLES,
} from './schema.ts';

/** Step n makes version n from version n − 1. Never changed once released; only added to. */
export const MIGRATIONS: readonly string[] = [
  TABLES,
  EVENTS,
  AUDIT,
  LANES,
  STATE_CRC,
  ALERT_HISTORY,
  POINT_BLOCKS,
  ROW_SUMS,
];
/** 'MEYR': tells our files from every other SQLite database. */
const APPLICATION_ID = 0x4d45_5952;

/** Throws when the file is of a newer Meyar or of another program. Changes nothing. */
export function refuseForeign(db: DatabaseSync, file: string, newest = MIGRATIONS.length): void {
  const version = numberOf(db, 'PRAGMA user_version');
  const application = numberOf(db, 'PRAGMA application_id');
  const tables = numberOf(db, 'SELECT count(*) FROM sqlite_schema');
  if (application !== APPLICATION_ID && (tables > 0 || version > 0)) {
    throw new StoreError('version', `${file} is a database of another program; it was not touched`);
  }
  if (version > newest) {
    throw new StoreError(
      'version',
      `${file} was written by a newer Meyar (format ${version}, this one knows ${newest}); ` +
        'it was not touched. Install the newer version again, or go back to the store as it was ' +
        "before the upgrade with 'meyar restore --before-upgrade --data DIR'.",
    );
  }
}

/**
 * Brings the file to the newest version, all steps in one transaction. A file that holds data is
 * copied first, to `<file>.before-v<N>`.
 */
export function migrate(db: DatabaseSync, file: string, steps = MIGRATIONS): void {
  const from = numberOf(db, 'PRAGMA user_version');
  if (from >= steps.length) return;
  if (from > 0) keepCopy(db, `${file}.before-v${steps.length}`);
  db.exec('BEGIN IMMEDIATE');
  try {
    for (const step of steps.slice(from)) db.exec(step);
    db.exec(`PRAGMA user_version = ${steps.length}; PRAGMA application_id = ${APPLICATION_ID}`);
    db.exec('COMMIT');
  } catch (error) {
    db.exec('ROLLBACK');
    throw error;
  }
}

/** Whole or not there: a copy that a power cut broke off must not pass for one. */
function keepCopy(db: DatabaseSync, copy: string): void {
  if (existsSync(copy)) return;
  rmSync(`${copy}.part`, { force: true });
  db.prepare('VACUUM INTO ?').run(`${copy}.part`);
  syncFile(`${copy}.part`);
  renameSync(`${copy}.part`, copy);
}
