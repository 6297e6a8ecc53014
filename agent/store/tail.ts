import type { Point, Signal } from '../model.ts';
import { openForReading } from './database.ts';
import { StoreError } from './errors.ts';
import { takeFrames } from './frames.ts';
import { refuseForeign } from './migrations.ts';
import { isSoundState, metaNumber } from './opening.ts';
import { openReader } from './reader.ts';
import type { Frame } from './store.ts';

/** The saved state of a store that nobody writes to, and the journal behind it. */
export interface Tail {
  state: Map<string, string>;
  numbers: Map<string, number>;
  frames(): Iterable<Frame>;
  /** points and signals of the transactions behind the state */
  derived(): { points: Point[]; signals: Signal[] };
  close(): void;
}

export function openTail(file: string): Tail {
  const db = openForReading(file);
  refuseForeign(db, file);
  const reader = openReader(file);
  const position = metaNumber(db, 'statePosition');
  const state = db.prepare('SELECT * FROM state').all();
  const bad = state.find((row) => !isSoundState(row));
  if (bad !== undefined) throw new StoreError('damaged', `saved state ${bad['key']} is damaged`);
  const names = db.prepare('SELECT id, number FROM characteristics').all();
  return {
    state: new Map(state.map((row) => [String(row['key']), String(row['json'])])),
    numbers: new Map(names.map((row) => [String(row['id']), Number(row['number'])])),
    *frames() {
      const sql = 'SELECT seq, frames FROM journal WHERE seq > ? ORDER BY seq';
      for (const row of db.prepare(sql).iterate(position)) {
        yield* takeFrames(Number(row['seq']), row['frames'] as Uint8Array);
      }
    },
    derived() {
      const head = reader.head();
      const points: Point[] = [];
      const signals: Signal[] = [];
      for (let after = position; after < head; ) {
        const rows = reader.rows(after, 50_000);
        points.push(...rows.points);
        signals.push(...rows.signals);
        after = Math.max(after + 1, rows.upTo);
      }
      return { points, signals };
    },
    close() {
      reader.close();
      db.close();
    },
  };
}
