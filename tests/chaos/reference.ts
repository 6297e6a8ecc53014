import { createHash } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import { type Batch, decodeBatch } from '../../agent/batch.ts';
import type { Outputs } from '../../agent/core/outputs.ts';
import type { Command, CoreOptions } from '../../agent/core/protocol.ts';
import type { Reducer } from '../../agent/core/reducer.ts';
import { reducerOf } from '../../agent/core/serve.ts';
import type { SourceEvent } from '../../agent/model.ts';
import { takeFrames } from '../../agent/store/frames.ts';

const DUPLICATE = 255;
const ROW_IDS = 2 ** 17;
const TABLES = ['signals', 'alert_events', 'limits', 'gaps', 'events'];

/** What a whole journal says must be in every shorter one. */
export interface Reference {
  /** the whole store, open for reading */
  db: DatabaseSync;
  head: number;
  settings: CoreOptions['settings'];
  /** transaction that first took in each key */
  seqOf: ReadonlyMap<string, number>;
  /** keys that were counted more than once */
  twice: string[];
  /** checksum of each journal row, by seq */
  crc: ReadonlyMap<number, number>;
  /** rows of each derived table up to a transaction */
  derived(db: DatabaseSync, upTo: number): string;
  /** readings taken in up to a transaction */
  readings(upTo: number): number;
  /** what the state must be after a transaction: computed from the journal alone */
  state(upTo: number): string;
}

/** Reads a store that was ended in order. */
export function readReference(file: string): Reference {
  const db = new DatabaseSync(file, { readOnly: true });
  const rows = db
    .prepare('SELECT seq, crc, frames FROM journal ORDER BY seq')
    .all()
    .map((row) => ({
      seq: Number(row['seq']),
      crc: Number(row['crc']),
      frames: row['frames'] as Uint8Array,
    }));
  const saved = db.prepare("SELECT json FROM state WHERE key = 'settings'").get();
  const settings = JSON.parse(String(saved?.['json'])) as CoreOptions['settings'];
  const counted = new Map<string, number>();
  const seqOf = new Map<string, number>();
  const readings = new Map<number, number>();
  let total = 0;
  for (const { seq, frames } of rows) {
    for (const frame of takeFrames(seq, frames)) {
      if (frame.kind !== 'batch') continue;
      for (const key of keysOf(decodeBatch(frame.bytes.slice()))) {
        counted.set(key, (counted.get(key) ?? 0) + 1);
        if (!seqOf.has(key)) seqOf.set(key, seq);
        total += 1;
      }
    }
    readings.set(seq, total);
  }
  const names = db.prepare('SELECT id, number FROM characteristics').all();
  const numbers = new Map(names.map((row) => [String(row['id']), Number(row['number'])]));
  const head = rows.at(-1)?.seq ?? 0;
  return {
    db,
    head,
    settings,
    seqOf,
    twice: [...counted].filter(([, n]) => n > 1).map(([key]) => key),
    crc: new Map(rows.map(({ seq, crc }) => [seq, crc])),
    derived,
    readings: (upTo) => readings.get(upTo) ?? 0,
    state: stateAfter(rows, () => reducerOf(settings, { numbers: () => numbers })),
  };
}

/** Keys of what was taken in: counted parts by their number, typed values by the value. */
function* keysOf(batch: Batch): Generator<string> {
  for (let d = 0; d < batch.deliveries; d += 1) {
    const end = d + 1 < batch.deliveries ? (batch.first[d + 1] ?? 0) : batch.readings;
    const stream = batch.stream(d);
    for (let i = batch.first[d] ?? 0; i < end; i += 1) {
      if (batch.quality[i] === DUPLICATE) continue;
      const sequence = batch.sequence[i] ?? Number.NaN;
      yield Number.isNaN(sequence) ? `${stream}=${batch.value[i]}` : `${stream}#${sequence}`;
    }
  }
}

function derived(db: DatabaseSync, upTo: number): string {
  const blocks = db
    .prepare('SELECT count(*) AS n, coalesce(sum(crc), 0) AS crcs FROM point_blocks WHERE seq <= ?')
    .get(upTo);
  const points = `points ${blocks?.['n']} ${blocks?.['crcs']}`;
  const rows = TABLES.map((table) => {
    const row = db
      .prepare(`SELECT count(*) AS n, coalesce(sum(id), 0) AS ids FROM ${table}
      WHERE id < ?`)
      .get((upTo + 1) * ROW_IDS);
    return `${table} ${row?.['n']} ${row?.['ids']}`;
  });
  return [points, ...rows].join('; ');
}

/** Goes through the journal once, forward, and keeps the fingerprint after every transaction. */
function stateAfter(rows: { seq: number; frames: Uint8Array }[], make: () => Reducer) {
  const known = new Map<number, string>();
  const reducer = make();
  let at = 0;
  known.set(0, fingerprint(reducer));
  return (upTo: number): string => {
    while (at < rows.length && (rows[at]?.seq ?? 0) <= upTo) {
      const row = rows[at] as { seq: number; frames: Uint8Array };
      for (const frame of takeFrames(row.seq, row.frames)) {
        put(reducer, frame.kind, frame.bytes.slice());
      }
      known.set(row.seq, fingerprint(reducer));
      at += 1;
    }
    return known.get(upTo) ?? 'no such transaction';
  };
}

/** The whole state in a few letters. */
export function fingerprint(reducer: Reducer): string {
  const entries = [...reducer.snapshot(true)].map(([key, json]) => `${key}${json}`).sort();
  return createHash('sha256').update(entries.join('\n')).digest('hex');
}

const NOWHERE: Outputs = {
  point() {},
  signal() {},
  alert() {},
  limits() {},
  gap() {},
  reading() {},
};

function put(reducer: Reducer, kind: string, bytes: Uint8Array): void {
  if (kind === 'batch') {
    reducer.batch(decodeBatch(bytes), NOWHERE);
    return;
  }
  const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
  if (kind === 'event') reducer.event(value as SourceEvent, NOWHERE);
  else if (kind === 'command') reducer.command(value as Command, NOWHERE);
  else {
    const tick = value as { nowMs: number; start: boolean };
    reducer.tick(tick.nowMs, tick.start, NOWHERE);
  }
}
