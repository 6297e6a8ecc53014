import { crc32 } from 'node:zlib';
import { guarded, type WriterState } from './connection.ts';
import { StoreError } from './errors.ts';
import { takeFrames } from './frames.ts';
import { isSound, isSoundState, metaNumber } from './opening.ts';
import { keepRejected } from './rejected.ts';
import { remainsOf } from './remains.ts';
import type { Frame, Writer } from './store.ts';

/** The part of the writer that outlives a transaction: numbers, state, journal, cursors. */
export interface Saved
  extends Pick<
    Writer,
    'numbers' | 'saveState' | 'loadState' | 'remains' | 'frames' | 'cursor' | 'reject' | 'forgive'
  > {
  /** seq that each reader got to */
  cursors(): Record<string, number>;
  /** a reader that is no longer configured: it must not hold the journal for ever */
  forget(reader: string): void;
}

const FRAMES_AT_ONCE = 64;

export function saved(w: WriterState): Saved {
  return {
    numbers: (ids) =>
      guarded(w, 'numbering characteristics', () => {
        const { db, names } = w.connection;
        const own = w.transaction.seq === 0;
        if (own) db.exec('BEGIN IMMEDIATE');
        const numbers = new Map(ids.map((id) => [id, names.characteristic(id)]));
        if (own) db.exec('COMMIT');
        return numbers;
      }),
    saveState: (entries) =>
      guarded(w, 'saving the state', () => {
        if (w.transaction.seq === 0) throw new Error('no transaction is open');
        const { insert } = w.connection;
        for (const [key, json] of entries) {
          if (json === '') insert.noState.run(key);
          else insert.state.run(key, json, crc32(json));
        }
        w.transaction.saves = true;
      }),
    loadState() {
      const { db } = w.connection;
      const entries = new Map<string, string>();
      const damaged: string[] = [];
      for (const row of db.prepare('SELECT * FROM state').iterate()) {
        const key = String(row['key']);
        if (isSoundState(row)) entries.set(key, String(row['json']));
        else damaged.push(key);
      }
      const seq = metaNumber(db, 'statePosition');
      return { seq, entries, ...(damaged.length > 0 ? { damaged } : {}) };
    },
    remains: () => guarded(w, 'reading what is left', () => remainsOf(w)),
    frames: (after) => framesAfter(w, after),
    cursor: (reader, seq, ahead = []) =>
      guarded(w, 'moving a cursor', () => {
        w.connection.insert.cursor.run(reader, seq, JSON.stringify(ahead));
      }),
    ...keepRejected(w),
    cursors: () =>
      Object.fromEntries(
        w.connection.db
          .prepare('SELECT reader, seq FROM cursors')
          .all()
          .map((row) => [String(row['reader']), Number(row['seq'])]),
      ),
    forget: (reader) =>
      guarded(w, 'forgetting a reader', () => {
        w.connection.db.prepare('DELETE FROM cursors WHERE reader = ?').run(reader);
      }),
  };
}

/** A few rows at a time, so that the journal of a day does not have to fit in memory. */
function* framesAfter(w: WriterState, after: number): Generator<Frame> {
  const sql = 'SELECT seq, crc, frames FROM journal WHERE seq > ? ORDER BY seq LIMIT ?';
  let from = after;
  let more = true;
  while (more) {
    const frames = guarded(w, 'reading the journal', () => {
      const page = w.connection.db.prepare(sql).all(from, FRAMES_AT_ONCE);
      more = page.length === FRAMES_AT_ONCE;
      return page.flatMap((row) => {
        from = Number(row['seq']);
        const bytes = row['frames'] as Uint8Array;
        if (isSound(bytes, Number(row['crc']))) return takeFrames(from, bytes);
        throw new StoreError('damaged', `journal row ${from} is damaged`);
      });
    });
    yield* frames;
  }
}
