import type { DatabaseSync } from 'node:sqlite';
import { numberOf } from './database.ts';
import { metaNumber } from './opening.ts';
import { chunkId, rowId } from './schema.ts';

/** How long rows are kept, and how large the file may become. */
export interface Keep {
  journalKeepMs: number;
  historyKeepMs: number;
  pointsKeepMs: number;
  maxBytes: number;
}

export interface Removed {
  journalRows: number;
  chunks: number;
  points: number;
  /** journal rows that some reader had not got yet, removed because the file was too large */
  unshipped: number;
}

/** Rows removed in one step, steps stop when the time is up. */
const STEP_ROWS = 100;
const STEPS = 5;
const BUDGET_MS = 50;
/** Free pages given back to the file system in one call. */
const VACUUM_PAGES = 256;
const CHUNKS_AT_ONCE = 10;
/** Oldest rows whose age is looked at in one call. */
const LOOKED_AT = { journal: 1000, marks: 20_000 };
/** Times before 2020 are of a clock that was not set yet: they say nothing about age. */
const CLOCK_SET_MS = 1_577_836_800_000;

/**
 * One bounded piece of cleaning up. By age: journal rows that every reader has got and no replay
 * needs, then points and history. By size: the journal first, even what is not shipped (counted),
 * then points, then history. Alerts, limits and the newest journal row always stay.
 */
export function openRetention(db: DatabaseSync, keep: Keep, monotonic: () => number) {
  const steps = openSteps(db);
  return (wallMs: number): Removed => {
    const removed: Removed = { journalRows: 0, chunks: 0, points: 0, unshipped: 0 };
    const until = monotonic() + BUDGET_MS;
    const shipped = numberOf(db, 'SELECT coalesce(min(seq), 9e15) FROM cursors');
    const head = numberOf(db, 'SELECT coalesce(max(seq), 0) FROM journal');
    const replayable = Math.min(metaNumber(db, 'statePosition'), head - 1);
    const ofJournal = agedSeq(db, 'journal', wallMs - keep.journalKeepMs);
    const journalTo = Math.min(ofJournal, shipped, replayable);
    const ofPoints = agedSeq(db, 'marks', wallMs - keep.pointsKeepMs);
    const pointsTo = Math.min(ofPoints, shipped, replayable);
    const historyTo = agedSeq(db, 'marks', wallMs - keep.historyKeepMs);
    db.exec('BEGIN IMMEDIATE');
    try {
      for (let i = 0; i < STEPS && monotonic() < until; i += 1) {
        removed.journalRows += steps.journal(journalTo);
        removed.points += steps.points(pointsTo);
        removed.chunks += steps.history(historyTo);
        if (usedBytes(db) > keep.maxBytes) shrink(steps, shipped, replayable, removed);
      }
      db.prepare('DELETE FROM marks WHERE seq < ?').run(Math.min(pointsTo, historyTo));
      db.exec('COMMIT');
    } catch (error) {
      if (db.isTransaction) db.exec('ROLLBACK');
      throw error;
    }
    db.exec(`PRAGMA incremental_vacuum(${VACUUM_PAGES})`);
    return removed;
  };
}

/** Bytes of the file that hold something. */
export function usedBytes(db: DatabaseSync): number {
  const pages = numberOf(db, 'PRAGMA page_count') - numberOf(db, 'PRAGMA freelist_count');
  return pages * numberOf(db, 'PRAGMA page_size');
}

/**
 * Copies the write-ahead log into the file. False when a reader was in the way of some of it;
 * throws when the disk fails, which the checkpoint that SQLite makes by itself would hide.
 * PASSIVE waits for nobody; TRUNCATE waits and then empties the log.
 */
export function checkpoint(db: DatabaseSync, mode: 'PASSIVE' | 'TRUNCATE'): boolean {
  const row = db.prepare(`PRAGMA wal_checkpoint(${mode})`).get();
  return row !== undefined && row['busy'] === 0 && row['log'] === row['checkpointed'];
}

function shrink(steps: Steps, shipped: number, replayable: number, removed: Removed): void {
  const before = steps.oldest(replayable);
  const rows = steps.journal(replayable);
  if (rows > 0) {
    removed.journalRows += rows;
    removed.unshipped += before.filter((seq) => seq > shipped).length;
    return;
  }
  const points = steps.points(replayable);
  removed.points += points;
  if (points === 0) removed.chunks += steps.history(replayable);
}

/**
 * Newest seq that is certainly older than `wallMs`, 0 when none is. Transactions are in order of
 * true time, so a row that shows an old time makes all before it old, whatever the clock showed.
 */
function agedSeq(db: DatabaseSync, table: 'journal' | 'marks', wallMs: number): number {
  const rows = `SELECT seq, wall_ms FROM ${table} ORDER BY seq LIMIT ${LOOKED_AT[table]}`;
  const old = `wall_ms >= ${CLOCK_SET_MS} AND wall_ms < ${wallMs}`;
  return numberOf(db, `SELECT coalesce(max(seq), 0) FROM (${rows}) WHERE ${old}`);
}

interface Steps {
  /** seqs of the oldest journal rows, as many as a step removes */
  oldest(upTo: number): number[];
  journal(upTo: number): number;
  points(upTo: number): number;
  history(upTo: number): number;
}

function openSteps(db: DatabaseSync): Steps {
  const ofJournal = 'SELECT seq FROM journal WHERE seq <= ? ORDER BY seq LIMIT ?';
  const ofPoints = 'SELECT id FROM points WHERE id < ? ORDER BY id LIMIT ?';
  const oldest = db.prepare(ofJournal);
  const journal = db.prepare(`DELETE FROM journal WHERE seq IN (${ofJournal})`);
  const points = db.prepare(`DELETE FROM points WHERE id IN (${ofPoints})`);
  const rest = ['signals', 'gaps'].map((table) => db.prepare(`DELETE FROM ${table} WHERE id < ?`));
  const first = db.prepare('SELECT coalesce(min(id), 0) AS id FROM points');
  return {
    oldest: (upTo) => oldest.all(upTo, STEP_ROWS).map((row) => Number(row['seq'])),
    journal: (upTo) => Number(journal.run(upTo, STEP_ROWS).changes),
    points(upTo) {
      const removed = Number(points.run(rowId(upTo + 1, 0), STEP_ROWS).changes);
      const oldestLeft = Number(first.get()?.['id']);
      if (removed > 0) for (const statement of rest) statement.run(oldestLeft);
      return removed;
    },
    history: openHistoryStep(db, () => Number(first.get()?.['id'])),
  };
}

/** Goes round over the characteristics, call after call, and removes what is oldest of each. */
function openHistoryStep(db: DatabaseSync, firstPoint: () => number): (upTo: number) => number {
  const next = db.prepare('SELECT min(number) AS n FROM characteristics WHERE number > ?');
  const oldest = db.prepare(
    'SELECT id, seq FROM summaries WHERE id >= ? AND id < ? ORDER BY id LIMIT ?',
  );
  const summary = db.prepare('DELETE FROM summaries WHERE id = ?');
  const data = db.prepare('DELETE FROM chunks WHERE id = ?');
  const runs = db.prepare('DELETE FROM point_runs WHERE characteristic = ? AND last < ?');
  let number = -1;
  return (upTo) => {
    const point = firstPoint();
    let removed = 0;
    for (let visited = 0; visited < STEP_ROWS && removed < STEP_ROWS; visited += 1) {
      const n = next.get(number)?.['n'];
      number = n === null || n === undefined ? -1 : Number(n);
      if (number < 0) break;
      runs.run(number, point);
      for (const chunk of oldest.all(chunkId(number, 0), chunkId(number + 1, 0), CHUNKS_AT_ONCE)) {
        if (Number(chunk['seq']) > upTo) break;
        summary.run(Number(chunk['id']));
        data.run(Number(chunk['id']));
        removed += 1;
      }
    }
    return removed;
  };
}
