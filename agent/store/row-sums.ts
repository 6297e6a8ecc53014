import type { DatabaseSync } from 'node:sqlite';
import { crc32 } from 'node:zlib';
import { numberOf } from './database.ts';
import { ROW_SUMS_SINCE } from './schema.ts';

/** Tables whose rows each end with a checksum of the rest of the row. */
const SUMMED = ['signals', 'alert_events', 'limits', 'gaps', 'events'] as const;

/** Anything that a cell of these tables holds. */
export type Cell = string | number | null;

/**
 * Checksum of a row, from its cells in order with the key in front. SQLite gives text back as UTF-8
 * has it: halves of characters, which sources may send, are not kept.
 */
export function rowSum(cells: readonly Cell[]): number {
  const kept = cells.map((cell) => (typeof cell === 'string' ? cell.toWellFormed() : cell));
  return crc32(JSON.stringify(kept));
}

/** Rows that are not what was written, in words; those of older programs have no checksum. */
export function damagedRows(db: DatabaseSync): string[] {
  if (numberOf(db, 'PRAGMA user_version') < ROW_SUMS_SINCE) return [];
  const found: string[] = [];
  for (const table of SUMMED) {
    let bad = 0;
    let first: unknown = null;
    for (const row of db.prepare(`SELECT * FROM ${table} WHERE crc IS NOT NULL`).iterate()) {
      const { crc, ...rest } = row;
      if (rowSum(Object.values(rest) as Cell[]) === crc) continue;
      bad += 1;
      first ??= row['id'];
    }
    if (bad > 0) found.push(`${bad} of the rows of ${table} are damaged, the first is ${first}`);
  }
  return [...found, ...alertsUnlikeEvents(db)];
}

/** What is shown of an alert is what its newest event says. */
function alertsUnlikeEvents(db: DatabaseSync): string[] {
  const rows = db.prepare(
    `SELECT a.id FROM alerts AS a JOIN alert_events AS e ON e.id =
      (SELECT max(id) FROM alert_events WHERE alert = a.id) WHERE a.json <> e.json`,
  );
  const ids = rows.all().map((row) => row['id']);
  return ids.length === 0 ? [] : [`${ids.length} alerts are damaged, the first is ${ids[0]}`];
}
