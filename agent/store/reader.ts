import type { DatabaseSync } from 'node:sqlite';
import { decodeBatch } from '../batch.ts';
import { auditReader } from './audit.ts';
import { watchDamage } from './damage.ts';
import { numberOf, openForReading } from './database.ts';
import { storeError } from './errors.ts';
import { takeFrames, unpackedBytes } from './frames.ts';
import { refuseForeign } from './migrations.ts';
import { isSound } from './opening.ts';
import { unpacked } from './packed-points.ts';
import type { PackedRows } from './protocol.ts';
import { bucketReader } from './read-buckets.ts';
import { type EventReader, eventReader } from './read-events.ts';
import { type HistoryReader, historyReader } from './read-history.ts';
import { occasionReader } from './read-occasion.ts';
import { type PointReader, pointReader } from './read-points.ts';
import { knownNames } from './reading.ts';
import { rejectedReader } from './rejected.ts';
import { STRETCHES } from './retention.ts';
import { BLOCKS_SINCE } from './schema.ts';
import type { Reader, StoredRows } from './store.ts';

/** All questions, and the scan over whole histories, which does not cross threads. */
export interface StoreReader extends Reader {
  scan: HistoryReader['scan'];
  /** `rows` as it crosses threads */
  packedRows(...query: Parameters<Reader['rows']>): PackedRows;
  close(): void;
}

/** Derived rows and journal bytes after which an answer of `rows` ends. */
const MOST_DERIVED = 20_000;
const MOST_BYTES = 16_777_216;
/** Schema version with `LANES`. */
const LANES_SINCE = 4;

/** A read-only connection to a store that a writer made; the writer may go on meanwhile. */
export function openReader(file: string): StoreReader {
  const db = openForReading(file);
  try {
    refuseForeign(db, file);
    const names = knownNames(db);
    const damage = watchDamage();
    // A store that only older versions wrote may be read without being changed.
    const version = numberOf(db, 'PRAGMA user_version');
    const lanes = version >= LANES_SINCE;
    const points = pointReader(db, names, damage, version >= BLOCKS_SINCE);
    const { scan, readings, histogram } = historyReader(db, names, damage);
    const events = eventReader(db, names, damage);
    const { signals, limits, alerts, alert, gaps, alertEvents, alertHistory } = events;
    const packedRows = rowReader(db, points, events, lanes);
    const head = db.prepare('SELECT coalesce(max(seq), 0) AS seq FROM journal');
    const cursors = db.prepare('SELECT reader, seq FROM cursors');
    return {
      head: () => Number(head.get()?.['seq']),
      points: points.newest,
      signals,
      limits,
      alerts,
      alert,
      gaps,
      events: events.events,
      readings,
      histogram,
      occasion: occasionReader(db, names),
      buckets: bucketReader(db, names, damage),
      rows(...query) {
        const { rows, packed } = packedRows(...query);
        return { ...rows, points: unpacked(rows.points, packed) };
      },
      packedRows,
      alertEvents,
      alertHistory,
      cursors: () =>
        Object.fromEntries(cursors.all().map((row) => [String(row['reader']), Number(row['seq'])])),
      ...auditReader(db),
      ahead: lanes ? aheadReader(db) : () => ({}),
      rejected: lanes ? rejectedReader(db) : () => [],
      damagedParts: damage.parts,
      scan,
      close: () => db.close(),
    };
  } catch (error) {
    db.close();
    throw storeError(`opening ${file}`, error);
  }
}

function aheadReader(db: DatabaseSync): Reader['ahead'] {
  const rows = db.prepare(STRETCHES);
  return () =>
    Object.fromEntries(
      rows
        .all()
        .filter((row) => row['ahead'] !== '[]')
        .map((row) => [String(row['reader']), JSON.parse(String(row['ahead']))]),
    );
}

function rowReader(
  db: DatabaseSync,
  points: PointReader,
  events: EventReader,
  lanes: boolean,
): StoreReader['packedRows'] {
  const plan = db.prepare(
    `SELECT seq, readings, derived, length(frames) AS bytes, substr(frames, 1, 8) AS start FROM journal
      WHERE seq > ? ORDER BY seq`,
  );
  const journal = db.prepare(
    `SELECT seq, crc, frames, ${lanes ? 'first_reading' : '-1'} AS first FROM journal
      WHERE seq > ? AND seq <= ? ORDER BY seq`,
  );
  return (after, maxReadings, most = Number.POSITIVE_INFINITY) => {
    const upTo =
      lastOf(plan.iterate(after), maxReadings, most) ?? (Number.isFinite(most) ? most : after);
    const rows: StoredRows = {
      after,
      upTo,
      batches: [],
      points: points.between(after, upTo),
      signals: events.signalsBetween(after, upTo),
      alerts: events.alertsBetween(after, upTo),
      limits: events.limitsBetween(after, upTo),
      gaps: events.gapsBetween(after, upTo),
    };
    for (const row of journal.iterate(after, upTo)) {
      const seq = Number(row['seq']);
      const bytes = row['frames'] as Uint8Array;
      if (!isSound(bytes, Number(row['crc']))) {
        // One bad row must not stop a sink for ever; what it lost is said, not hidden.
        rows.damaged = [...(rows.damaged ?? []), seq];
        continue;
      }
      let first = firstOf(seq, Number(row['first']));
      for (const frame of takeFrames(seq, bytes)) {
        if (frame.kind !== 'batch') continue;
        // A buffer of its own, so that it can be handed to another thread.
        rows.batches.push({ seq, first, bytes: frame.bytes.slice() });
        first += decodeBatch(frame.bytes).readings;
      }
    }
    return { rows, packed: points.blocksBetween(after, upTo) };
  };
}

/** Rows of before schema version 3 did not count: room for a thousand readings each. */
const firstOf = (seq: number, counted: number) => (counted < 0 ? seq * 1000 : counted);

/** seq of the last transaction that fits in; the first one always does. */
function lastOf(
  rows: Iterable<Record<string, unknown>>,
  maxReadings: number,
  most: number,
): number | undefined {
  let readings = 0;
  let derived = 0;
  let bytes = 0;
  let last: number | undefined;
  for (const row of rows) {
    if (Number(row['seq']) > most) return most;
    readings += Number(row['readings']);
    derived += Number(row['derived']);
    bytes += unpackedBytes(row['start'] as Uint8Array | null, Number(row['bytes']));
    if (last !== undefined && readings > maxReadings) break;
    if (last !== undefined && (derived > MOST_DERIVED || bytes > MOST_BYTES)) break;
    last = Number(row['seq']);
  }
  return last;
}
