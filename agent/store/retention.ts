import type { DatabaseSync } from 'node:sqlite';
import type { Stretch } from '../model.ts';
import { numberOf } from './database.ts';
import { metaNumber } from './opening.ts';
import { chunkId, rowId, seqOf } from './schema.ts';

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
  /** which readers those were */
  lostBy: string[];
}

/** One step removes this much at most; steps stop when the time is up or nothing is left to do. */
const STEP = { journal: 100, points: 1000, characteristics: 100, chunksEach: 10 };
const STEPS = 100;
const BUDGET_MS = 50;
/** Free pages given back to the file system in one call, and the share that is kept for reuse. */
const VACUUM_PAGES = 256;
const FREE_SHARE = 1 / 8;
/** Times before 2020 are of a clock that was not set yet: they say nothing about age. */
const CLOCK_SET_MS = 1_577_836_800_000;

/**
 * One bounded piece of cleaning up. By age: journal rows that every reader has got and no replay
 * needs, then points and history. By size: the journal first, even what is not shipped (counted),
 * then points, then history. Alerts, limits and the newest journal row always stay.
 */
export function openRetention(db: DatabaseSync, keep: Keep, monotonic: () => number) {
  const steps = openSteps(db);
  const marks = db.prepare('DELETE FROM marks WHERE seq < ?');
  return (wallMs: number): Removed => {
    const removed: Removed = { journalRows: 0, chunks: 0, points: 0, unshipped: 0, lostBy: [] };
    const until = monotonic() + BUDGET_MS;
    const bounds = boundsOf(db, keep, wallMs);
    db.exec('BEGIN IMMEDIATE');
    // The first step always runs: on a slow disk every call still gets somewhere.
    for (let i = 0; i < STEPS && (i === 0 || monotonic() < until); i += 1) {
      const before = removed.journalRows + removed.points + removed.chunks;
      removed.journalRows += steps.journal(bounds.journal);
      removed.points += steps.points(bounds.points);
      removed.chunks += steps.history(bounds.history);
      if (usedBytes(db) > keep.maxBytes) shrink(db, steps, bounds, removed);
      if (removed.journalRows + removed.points + removed.chunks === before) break;
    }
    marks.run(Math.min(bounds.points, bounds.history));
    db.exec('COMMIT');
    const free = numberOf(db, 'PRAGMA freelist_count');
    if (free > FREE_SHARE * numberOf(db, 'PRAGMA page_count')) {
      db.exec(`PRAGMA incremental_vacuum(${VACUUM_PAGES})`);
    }
    return removed;
  };
}

/** Newest seq that may be removed by age, of each kind; and the newest that may go at all. */
interface Bounds {
  journal: number;
  points: number;
  history: number;
  removable: number;
}

function boundsOf(db: DatabaseSync, keep: Keep, wallMs: number): Bounds {
  const shipped = numberOf(db, 'SELECT coalesce(min(seq), 9e15) FROM cursors');
  const head = numberOf(db, 'SELECT coalesce(max(seq), 0) FROM journal');
  const removable = Math.min(metaNumber(db, 'statePosition'), head - 1);
  const sent = Math.min(shipped, removable);
  return {
    journal: Math.min(agedSeq(db, wallMs - keep.journalKeepMs), sent),
    points: Math.min(agedSeq(db, wallMs - keep.pointsKeepMs), sent),
    history: agedSeq(db, wallMs - keep.historyKeepMs),
    removable,
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

function shrink(db: DatabaseSync, steps: Steps, { removable }: Bounds, removed: Removed): void {
  const oldest = steps.oldest(removable);
  if (oldest.length > 0) {
    const waiting = waitingReaders(db);
    const lost = oldest.filter((seq) => waiting.some((reader) => reader.needs(seq)));
    removed.journalRows += steps.journal(removable);
    removed.unshipped += lost.length;
    for (const { name, needs } of waiting) {
      if (!removed.lostBy.includes(name) && lost.some(needs)) removed.lostBy.push(name);
    }
    return;
  }
  const points = steps.points(removable);
  removed.points += points;
  if (points === 0) removed.chunks += steps.history(removable);
}

/**
 * Newest seq that is certainly older than `wallMs`, 0 when none is. Transactions are in order of
 * true time, so a mark that shows an old time makes all before it old, whatever the clock showed.
 */
function agedSeq(db: DatabaseSync, wallMs: number): number {
  const old = 'SELECT coalesce(max(seq), 0) FROM marks WHERE wall_ms >= ? AND wall_ms < ?';
  return numberOf(db, old, CLOCK_SET_MS, wallMs);
}

/** Every reader with its cursor and what it got ahead of that. */
export const STRETCHES = 'SELECT reader, seq, ahead FROM cursors';

function waitingReaders(db: DatabaseSync): { name: string; needs(seq: number): boolean }[] {
  return db
    .prepare(STRETCHES)
    .all()
    .map((row) => {
      const cursor = Number(row['seq']);
      const ahead = JSON.parse(String(row['ahead'])) as Stretch[];
      const has = (seq: number) => ahead.some(({ after, upTo }) => seq > after && seq <= upTo);
      return { name: String(row['reader']), needs: (seq) => seq > cursor && !has(seq) };
    });
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
  const oldPoints = db.prepare(`DELETE FROM points WHERE id IN (${ofPoints})`);
  const blocks = openBlockStep(db);
  const rest = ['signals', 'gaps', 'events'].map((table) =>
    db.prepare(`DELETE FROM ${table} WHERE id < ?`),
  );
  const firstRow = db.prepare('SELECT min(id) AS id FROM points');
  const firstBlock = db.prepare('SELECT coalesce(min(seq), 0) AS seq FROM point_blocks');
  const first = () => {
    const row = firstRow.get()?.['id'] ?? null;
    return row === null ? rowId(Number(firstBlock.get()?.['seq']), 0) : Number(row);
  };
  return {
    oldest: (upTo) => oldest.all(upTo, STEP.journal).map((row) => Number(row['seq'])),
    journal: (upTo) => Number(journal.run(upTo, STEP.journal).changes),
    points(upTo) {
      // Rows of older programs go first: they are older than every block.
      const rows = Number(oldPoints.run(rowId(upTo + 1, 0), STEP.points).changes);
      const removed = rows > 0 ? rows : blocks(upTo);
      const oldestLeft = first();
      if (removed > 0) for (const statement of rest) statement.run(oldestLeft);
      return removed;
    },
    history: openHistoryStep(db, first),
  };
}

/** Removes the oldest blocks with about as many points as one step may remove, one at least. */
function openBlockStep(db: DatabaseSync): (upTo: number) => number {
  const oldest = db.prepare('SELECT seq, points FROM point_blocks WHERE seq <= ? ORDER BY seq');
  const remove = db.prepare('DELETE FROM point_blocks WHERE seq <= ?');
  return (upTo) => {
    let points = 0;
    let last = 0;
    for (const row of oldest.iterate(upTo)) {
      points += Number(row['points']);
      last = Number(row['seq']);
      if (points >= STEP.points) break;
    }
    if (points > 0) remove.run(last);
    return points;
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
  const oldRuns = db.prepare('DELETE FROM point_runs WHERE characteristic = ? AND last < ?');
  const runs = db.prepare('DELETE FROM point_seqs WHERE characteristic = ? AND last < ?');
  let number = -1;
  return (upTo) => {
    const point = firstPoint();
    let removed = 0;
    for (let visited = 0; visited < STEP.characteristics; visited += 1) {
      const n = next.get(number)?.['n'];
      number = n === null || n === undefined ? -1 : Number(n);
      if (number < 0) break;
      oldRuns.run(number, point);
      runs.run(number, seqOf(point));
      for (const chunk of oldest.all(chunkId(number, 0), chunkId(number + 1, 0), STEP.chunksEach)) {
        if (Number(chunk['seq']) > upTo) break;
        summary.run(Number(chunk['id']));
        data.run(Number(chunk['id']));
        removed += 1;
      }
    }
    return removed;
  };
}
