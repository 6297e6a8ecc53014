import { existsSync, statfsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { StoreError, storeError } from './errors.ts';

/** First release without the WAL-reset fault, which can corrupt a file that two connections use. */
const OLDEST_SQLITE = [3, 51, 3] as const;
const PAGE_BYTES = 8192;
/** WAL pages after which SQLite copies them into the file by itself; `retain` checks the result. */
const CHECKPOINT_PAGES = 1000;
const WAL_LIMIT_BYTES = 64 * 1024 * 1024;
const CACHE_KIB = 2048;
/** Magic numbers of statfs: NFS, SMB, CIFS, SMB2. SQLite's locks cannot be relied on there. */
const REMOTE = new Set([0x6969, 0x517b, 0xff534d42, 0xfe534d42]);

/** The writing connection: creates the file when it is missing. Every pragma is read back. */
export function openForWriting(file: string): DatabaseSync {
  refuseOldSqlite(process.versions['sqlite'] ?? '0');
  refuseRemote(dirname(file));
  return opened(file, () => {
    const fresh = !existsSync(file) || statSync(file).size === 0;
    const db = new DatabaseSync(file, { enableForeignKeyConstraints: true, timeout: 2000 });
    return setUp(db, () => {
      if (fresh) db.exec(`PRAGMA page_size = ${PAGE_BYTES}; PRAGMA auto_vacuum = INCREMENTAL`);
      db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON');
      db.exec(`PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
      db.exec(`PRAGMA journal_size_limit = ${WAL_LIMIT_BYTES}`);
      assertPragma(db, 'wal_autocheckpoint', CHECKPOINT_PAGES);
      assertPragma(db, 'journal_size_limit', WAL_LIMIT_BYTES);
    });
  });
}

/** A read-only connection beside the writer, also of another thread or process. */
export function openForReading(file: string): DatabaseSync {
  refuseOldSqlite(process.versions['sqlite'] ?? '0');
  return opened(file, () => {
    const db = new DatabaseSync(file, { readOnly: true, timeout: 2000 });
    return setUp(db, () => db.exec('PRAGMA synchronous = FULL; PRAGMA query_only = ON'));
  });
}

/** Throws when SQLite is older than the first one that is safe with several connections. */
export function refuseOldSqlite(version: string): void {
  const parts = version.split('.').map(Number);
  for (const [i, wanted] of OLDEST_SQLITE.entries()) {
    const part = parts[i] ?? 0;
    if (part > wanted) return;
    if (part < wanted) {
      throw new StoreError(
        'version',
        `SQLite ${version} can damage a database that several connections use; ` +
          `Meyar needs ${OLDEST_SQLITE.join('.')} or newer. Install a newer Node.js 24.`,
      );
    }
  }
}

/** Throws when a setting that durability rests on did not take. */
export function assertPragma(db: DatabaseSync, name: string, wanted: string | number): void {
  const row = db.prepare(`PRAGMA ${name}`).get();
  const value = row === undefined ? undefined : Object.values(row)[0];
  if (value !== wanted) {
    throw new StoreError('refused', `SQLite did not accept ${name} = ${wanted}: it is ${value}`);
  }
}

/** The one number a query such as 'PRAGMA page_count' gives. */
export function numberOf(db: DatabaseSync, sql: string, ...values: number[]): number {
  const row = statement(db, sql).get(...values);
  return row === undefined ? 0 : Number(Object.values(row)[0]);
}

/** Asked many times a minute for as long as the agent runs; the texts are few and fixed. */
const statements = new WeakMap<DatabaseSync, Map<string, StatementSync>>();

/** A fixed text, prepared once per connection. */
export function statement(db: DatabaseSync, sql: string): StatementSync {
  let known = statements.get(db);
  if (known === undefined) {
    known = new Map();
    statements.set(db, known);
  }
  const old = known.get(sql);
  if (old !== undefined) return old;
  const made = db.prepare(sql);
  known.set(sql, made);
  return made;
}

function setUp(db: DatabaseSync, more: () => void): DatabaseSync {
  try {
    db.exec(`PRAGMA cache_size = -${CACHE_KIB}; PRAGMA mmap_size = 0`);
    more();
    assertPragma(db, 'journal_mode', 'wal');
    assertPragma(db, 'synchronous', 2);
    assertPragma(db, 'foreign_keys', 1);
    assertPragma(db, 'busy_timeout', 2000);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

function opened(file: string, open: () => DatabaseSync): DatabaseSync {
  try {
    return open();
  } catch (error) {
    throw storeError(`opening ${file}`, error);
  }
}

function refuseRemote(folder: string): void {
  if (!REMOTE.has(statfsSync(folder).type)) return;
  throw new StoreError(
    'refused',
    `${folder} is on a network file system, where a power cut can lose committed data. ` +
      'Choose a folder on a local disk.',
  );
}
