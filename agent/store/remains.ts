import type { Alert } from '../model.ts';
import type { WriterState } from './connection.ts';
import { takeFrames } from './frames.ts';
import { isSound, metaNumber } from './opening.ts';
import { openReader } from './reader.ts';
import { rowId } from './schema.ts';
import type { Frame, Remains } from './store.ts';

/** Journal rows that are looked through for a lost state: a start must not take long. */
const MOST_ROWS = 50_000;
const MOST_POINTS = 5000;

/** What else of the store tells about a part of the state whose own row is damaged. */
export function remainsOf(w: WriterState): Remains {
  const { db } = w.connection;
  const position = metaNumber(db, 'statePosition');
  const reader = openReader(w.file);
  return {
    limits: (id) => reader.limits(id).at(-1) ?? null,
    pointIndex(id) {
      const points = reader.points(id, { limit: MOST_POINTS });
      // Those behind the saved state come again with the journal.
      const before = points.findLast(({ seq }) => seq <= position);
      return before?.index ?? Math.max(0, (points[0]?.index ?? 1) - 1);
    },
    readings: (id) =>
      reader
        .buckets(id, { fromMs: -8.64e15, toMs: 8.64e15, count: 1 })
        .reduce((sum, { count }) => sum + count, 0),
    alerts() {
      const end = rowId(position + 1, 0);
      const rows = db
        .prepare(
          `SELECT json FROM alert_events WHERE id IN (
            SELECT max(id) FROM alert_events WHERE id < ? AND alert IN (
              SELECT id FROM alerts WHERE state <> 'closed'
              UNION SELECT alert FROM alert_events WHERE id >= ?) GROUP BY alert)`,
        )
        .all(end, end);
      const newest = db.prepare('SELECT max(alert) AS id FROM alert_events WHERE id < ?').get(end);
      const all = rows.map((row) => JSON.parse(String(row['json'])) as Alert);
      return {
        open: all.filter(({ state }) => state !== 'closed'),
        lastId: Number(newest?.['id'] ?? 0),
      };
    },
    *frames(): Generator<Frame> {
      const rows = db
        .prepare('SELECT seq, crc, frames FROM journal WHERE seq > ? AND seq <= ? ORDER BY seq')
        .iterate(position - MOST_ROWS, position);
      for (const row of rows) {
        const bytes = row['frames'] as Uint8Array;
        if (isSound(bytes, Number(row['crc']))) yield* takeFrames(Number(row['seq']), bytes);
      }
    },
    close: reader.close,
  };
}
