import type { DatabaseSync } from 'node:sqlite';
import { guarded, type WriterState } from './connection.ts';
import type { Reader, Writer } from './store.ts';

/** Rejected rows kept of one sink, and the longest that one may be. */
const MOST_KEPT = 10_000;
const MOST_CHARACTERS = 65_536;

/** Rows that the other side of a sink refused: each once, the newest ones. */
export function keepRejected(w: WriterState): Pick<Writer, 'reject' | 'forgive'> {
  return {
    reject: (sink, rows) =>
      guarded(w, 'keeping rejected rows', () => {
        const { db } = w.connection;
        const insert = db.prepare(
          `INSERT INTO rejected (sink, time_ms, row, reason) VALUES (?, ?, ?, ?)
            ON CONFLICT (sink, row) DO UPDATE SET reason = excluded.reason`,
        );
        for (const { row, reason, timeMs } of rows.slice(-MOST_KEPT)) {
          insert.run(sink, timeMs, row.slice(0, MOST_CHARACTERS), reason);
        }
        const oldest = db.prepare(
          `DELETE FROM rejected WHERE sink = ? AND id <= (
            SELECT id FROM rejected WHERE sink = ? ORDER BY id DESC LIMIT 1 OFFSET ?)`,
        );
        w.rejectedDropped += Number(oldest.run(sink, sink, MOST_KEPT).changes);
      }),
    forgive: (ids) =>
      guarded(w, 'removing rejected rows', () => {
        const remove = w.connection.db.prepare('DELETE FROM rejected WHERE id = ?');
        for (const id of ids) remove.run(id);
      }),
  };
}

/** The rejected rows of a sink, newest first. */
export function rejectedReader(db: DatabaseSync): Reader['rejected'] {
  const rows = db.prepare(
    'SELECT id, sink, time_ms, row, reason FROM rejected WHERE sink = ? ORDER BY id DESC LIMIT ?',
  );
  return (sink, limit) =>
    rows.all(sink, limit).map((row) => ({
      id: Number(row['id']),
      sink: String(row['sink']),
      timeMs: Number(row['time_ms']),
      row: String(row['row']),
      reason: String(row['reason']),
    }));
}
