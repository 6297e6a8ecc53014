import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { crc32 } from 'node:zlib';
import { CHUNK, columns, decodeChunk } from './codec.ts';
import { numberOf, openForReading, openForWriting, statement } from './database.ts';
import { isPassing, StoreError, storeError } from './errors.ts';
import { takeFrames } from './frames.ts';
import { migrate, refuseForeign } from './migrations.ts';

/** What was found when the store was opened. */
export interface Opened {
  /** the file was made now */
  created: boolean;
  /** the run before did not close it: a crash or a power cut */
  recovered: boolean;
  /** where a damaged file was moved, when that was necessary */
  quarantined: string | null;
}

/** Rows that the check at the start reads at most: it must not take longer than people wait. */
const CHECKED_ROWS = 2000;
/** Files up to this many pages are checked whole. */
const CHECKED_PAGES = 1024;

/** Opens the file, or moves it aside and begins a new one when it is damaged. */
export function openStore(file: string): { db: DatabaseSync; opened: Opened } {
  try {
    return openSound(file);
  } catch (error) {
    const failed = storeError(`opening ${file}`, error);
    if (failed.failure !== 'damaged') throw failed;
    const quarantined = moveAside(file);
    rmSync(`${file}.suspect`, { force: true });
    const { db } = openSound(file);
    const note = db.prepare('INSERT INTO meta VALUES (?, ?)');
    note.run('quarantined', JSON.stringify({ file: quarantined, reason: failed.message }));
    return { db, opened: { created: true, recovered: false, quarantined } };
  }
}

/** Asks for a check of the whole file at the next start: SQLite found it damaged while running. */
export function suspect(file: string): void {
  writeFileSync(`${file}.suspect`, '');
}

/** Reads a number of the meta table. */
export function metaNumber(db: DatabaseSync, key: string): number {
  return Number(statement(db, 'SELECT value FROM meta WHERE key = ?').get(key)?.['value'] ?? 0);
}

/** True when the frames of a journal row are what was written. */
export function isSound(frames: Uint8Array, crc: number): boolean {
  return crc32(frames) === crc;
}

/** True when a row of the saved state is what was written; rows of older programs have no checksum. */
export function isSoundState(row: Record<string, unknown>): boolean {
  const json = String(row['json']);
  const { crc } = row;
  if (typeof crc === 'number') return crc32(json) === crc;
  try {
    JSON.parse(json);
    return true;
  } catch {
    return false;
  }
}

function openSound(file: string): { db: DatabaseSync; opened: Opened } {
  const created = !existsSync(file);
  if (!created) peek(file);
  const db = openForWriting(file);
  try {
    refuseForeign(db, file);
    migrate(db, file);
    check(db, existsSync(`${file}.suspect`));
    rmSync(`${file}.suspect`, { force: true });
    const clean = metaNumber(db, 'clean') === 1;
    db.exec("INSERT OR REPLACE INTO meta VALUES ('clean', '0')");
    return { db, opened: { created, recovered: !created && !clean, quarantined: null } };
  } catch (error) {
    db.close();
    throw error;
  }
}

/** A look that cannot change anything, so that a file of a newer Meyar stays as it is. */
function peek(file: string): void {
  let db: DatabaseSync;
  try {
    db = openForReading(file);
  } catch (error) {
    // Not in WAL mode yet (an empty file), or damaged: the writing connection finds out.
    if (error instanceof StoreError && error.failure !== 'version') return;
    throw error;
  }
  try {
    refuseForeign(db, file);
  } finally {
    db.close();
  }
}

/** Throws `damaged` when what the agent is about to build on cannot be read. */
function check(db: DatabaseSync, whole: boolean): void {
  try {
    if (whole || numberOf(db, 'PRAGMA page_count') <= CHECKED_PAGES) quickCheck(db);
    const head = numberOf(db, 'SELECT coalesce(max(seq), 0) FROM journal');
    const from = Math.max(0, Math.min(head - 64, metaNumber(db, 'statePosition')));
    const tail = db.prepare('SELECT seq, crc, frames FROM journal WHERE seq > ? LIMIT ?');
    for (const row of tail.iterate(from, CHECKED_ROWS)) {
      const frames = row['frames'] as Uint8Array;
      const seq = Number(row['seq']);
      if (!isSound(frames, Number(row['crc']))) throw damaged(`journal row ${seq} is damaged`);
      takeFrames(seq, frames);
    }
    const open = db.prepare('SELECT data FROM open_chunks LIMIT ?');
    const room = columns(CHUNK);
    for (const row of open.iterate(CHECKED_ROWS)) decodeChunk(row['data'] as Uint8Array, room);
    // A damaged row of the state is put together again from the rest: see `Remains`.
    db.prepare('SELECT * FROM state').all();
  } catch (error) {
    const failed = storeError('checking the store', error);
    // What cannot be decoded is damaged; that memory ran out or a lock was held says nothing of it.
    if (failed.failure !== 'other' || isPassing(error)) throw failed;
    throw damaged(failed.message);
  }
}

function quickCheck(db: DatabaseSync): void {
  const said = db.prepare('PRAGMA quick_check(1)').get();
  const text = said === undefined ? 'no answer' : String(Object.values(said)[0]);
  if (text !== 'ok') throw damaged(text);
}

const damaged = (why: string) => new StoreError('damaged', why);

function moveAside(file: string): string {
  let n = 1;
  while (existsSync(`${file}.damaged-${n}`)) n += 1;
  const target = `${file}.damaged-${n}`;
  for (const side of ['-wal', '-shm', '']) {
    if (existsSync(file + side)) renameSync(file + side, target + side);
  }
  return target;
}
