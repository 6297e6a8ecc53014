import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { batchBuilder, type Delivery } from '../../agent/batch.ts';
import { openReader } from '../../agent/store/reader.ts';
import { openWriter } from '../../agent/store/writer.ts';

/** One line of the bench table: a ratio against something measured in the same run. */
export interface Row {
  id: string;
  name: string;
  ours: number;
  baseline: number;
  unit: string;
  ratio: number;
  goal: string;
}

const BATCH = 1000;
const CHUNK = 512;
const CHARACTERISTICS = 200;
const ROUNDS = 9;
const BATCHES_PER_ROUND = 200;
/** Transactions between two snapshots of the state: one a second at 50 commits a second. */
const SAVE_EVERY = 50;
const HISTORY = Number(process.env['READINGS'] ?? 10_000_000);
const BUCKETS = 2000;
const START_MS = 1.75e12;
/** The bare tables do not keep the sequence either. */
const WITHOUT_SEQUENCE = { times: true, sequences: false };
const PRAGMAS = `PRAGMA page_size = 8192; PRAGMA auto_vacuum = INCREMENTAL;
  PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 1000`;

/** P5 writing, P6 reading, P7 size: the store against bare tables with the same pragmas. */
export async function run(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'meyar-bench-store-'));
  try {
    return [...writing(folder), ...reading(folder)];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A gauge: four decimals, spread of 26 steps, one reading a second give or take some ms. */
function gauge(count: number): { values: Float64Array; jitter: Float64Array } {
  let seed = 20_260_801;
  const uniform = () => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return seed / 2 ** 32;
  };
  const normal = () => {
    let sum = -6;
    for (let i = 0; i < 12; i += 1) sum += uniform();
    return sum;
  };
  const values = new Float64Array(count);
  const jitter = new Float64Array(count);
  for (let i = 0; i < count; i += 1) {
    values[i] = Math.round((21.9805 + 0.0026 * normal()) * 1e4) / 1e4;
    jitter[i] = Math.floor(12 * uniform());
  }
  return { values, jitter };
}

const { values, jitter } = gauge(65_536);
const valueAt = (i: number) => values[i & 65_535] as number;
const timeAt = (i: number, everyMs: number) =>
  START_MS + everyMs * i + (jitter[i & 65_535] as number);

/** One batch of the round robin over the characteristics, as a source would send it. */
function encodedBatch(first: number): Uint8Array {
  const builder = batchBuilder();
  const d: Delivery = {
    stream: 'cnc-1',
    context: '',
    raw: new Uint8Array(0),
    receiveMs: START_MS,
    modulus: 0,
    redelivered: false,
    count: BATCH,
    tag: [],
    value: [],
    quality: [],
    sourceMs: [],
    sequence: [],
  };
  for (let i = 0; i < BATCH; i += 1) {
    d.tag[i] = (first + i) % CHARACTERISTICS;
    d.value[i] = valueAt(first + i);
    d.quality[i] = 0;
    d.sourceMs[i] = timeAt(first + i, 1);
    d.sequence[i] = first + i;
  }
  builder.add(d);
  return new Uint8Array(builder.take());
}

function writing(folder: string): Row[] {
  const file = join(folder, 'writing.db');
  const writer = openWriter(file, { monotonic: () => performance.now() });
  const ids = Array.from({ length: CHARACTERISTICS }, (_, i) => `c${i}`);
  const numbers = [...writer.numbers(ids).values()];
  const bare = bareWriter(join(folder, 'bare-writing.db'));
  const times = { ours: [] as number[], bare: [] as number[] };
  let done = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const batches = Array.from({ length: BATCHES_PER_ROUND }, (_, b) =>
      encodedBatch(done + b * BATCH),
    );
    times.bare.push(timed(() => batches.forEach(bare.write)));
    times.ours.push(
      timed(() => {
        for (const [b, bytes] of batches.entries()) {
          writer.begin(START_MS);
          writer.frame('batch', bytes);
          const from = done + b * BATCH;
          for (let i = from; i < from + BATCH; i += 1) {
            const number = numbers[i % CHARACTERISTICS] as number;
            writer.reading(number, timeAt(i, 1), valueAt(i), 0, i);
          }
          if (b % SAVE_EVERY === 0) writer.saveState([]);
          writer.commit();
        }
      }),
    );
    done += BATCHES_PER_ROUND * BATCH;
  }
  writer.close();
  bare.close();
  const size = historyBytes(file) / done;
  const perReading = (ms: number[]) => (1e6 * Math.min(...ms)) / (BATCHES_PER_ROUND * BATCH);
  const [ours, baseline] = [perReading(times.ours), perReading(times.bare)];
  return [
    {
      id: 'P5',
      name: 'journal + history, FULL, batch 1 000, 200 characteristics: rate',
      ours: 1e9 / ours,
      baseline: 1e9 / baseline,
      unit: 'readings/s',
      ratio: baseline / ours,
      goal: '>= 0.5 (stretch 0.8)',
    },
    sizeRow('history on disk, 200 characteristics mixed', size),
  ];
}

/** What the store is measured against: the batch as a blob, and raw chunks, nothing else. */
function bareWriter(file: string) {
  const db = new DatabaseSync(file);
  db.exec(PRAGMAS);
  db.exec('CREATE TABLE journal (seq INTEGER PRIMARY KEY, data BLOB) STRICT');
  db.exec('CREATE TABLE chunks (id INTEGER PRIMARY KEY, data BLOB) STRICT');
  const journal = db.prepare('INSERT INTO journal VALUES (?, ?)');
  const chunks = db.prepare('INSERT INTO chunks VALUES (?, ?)');
  const open = Array.from({ length: CHARACTERISTICS }, () => new Float64Array(2 * CHUNK));
  const counts = new Uint32Array(CHARACTERISTICS);
  const filled = new Uint32Array(CHARACTERISTICS);
  let seq = 0;
  let next = 0;
  return {
    write(bytes: Uint8Array) {
      db.exec('BEGIN IMMEDIATE');
      seq += 1;
      journal.run(seq, bytes);
      for (let i = 0; i < BATCH; i += 1) {
        const c = next % CHARACTERISTICS;
        const chunk = open[c] as Float64Array;
        const at = counts[c] as number;
        chunk[2 * at] = timeAt(next, 1);
        chunk[2 * at + 1] = valueAt(next);
        counts[c] = at + 1;
        if (at + 1 === CHUNK) {
          chunks.run(c * 2 ** 32 + (filled[c] as number), chunk);
          filled[c] = (filled[c] as number) + 1;
          counts[c] = 0;
        }
        next += 1;
      }
      db.exec('COMMIT');
    },
    close: () => db.close(),
  };
}

function reading(folder: string): Row[] {
  const file = join(folder, 'reading.db');
  const writer = openWriter(file, { monotonic: () => performance.now() });
  writer.numbers(['od']);
  const tick = new TextEncoder().encode('{}');
  for (let i = 0; i < HISTORY; ) {
    writer.begin(START_MS);
    writer.frame('tick', tick);
    for (const end = Math.min(HISTORY, i + 100_000); i < end; i += 1) {
      writer.reading(0, timeAt(i, 1000), valueAt(i), 0, i);
    }
    writer.saveState([]);
    writer.commit();
  }
  writer.close();
  const bare = bareHistory(join(folder, 'bare-reading.db'));
  const reader = openReader(file);
  const sum = () => {
    let total = 0;
    const add = (chunk: { count: number; value: Float64Array }) => {
      const { count, value } = chunk;
      let part = 0;
      for (let i = 0; i < count; i += 1) part += value[i] as number;
      total += part;
      return true;
    };
    reader.scan('od', add, WITHOUT_SEQUENCE);
    return total;
  };
  const span = { fromMs: START_MS, toMs: START_MS + 1000 * HISTORY, count: BUCKETS };
  const rows = [
    readRow('read every reading of one characteristic', sum, bare.sum),
    readRow(`${BUCKETS} min/max buckets`, () => reader.buckets('od', span).length, bare.buckets),
    sizeRow('history on disk, one characteristic', historyBytes(file) / HISTORY),
  ];
  reader.close();
  bare.close();
  return rows;
}

function bareHistory(file: string) {
  const db = new DatabaseSync(file);
  db.exec(PRAGMAS);
  db.exec(`CREATE TABLE chunks (id INTEGER PRIMARY KEY, data BLOB) STRICT;
    CREATE TABLE summaries (id INTEGER PRIMARY KEY, ms REAL, min REAL, max REAL) STRICT; BEGIN`);
  const chunks = db.prepare('INSERT INTO chunks VALUES (?, ?)');
  const summaries = db.prepare('INSERT INTO summaries VALUES (?, ?, ?, ?)');
  const chunk = new Float64Array(2 * CHUNK);
  for (let first = 0; first < HISTORY; first += CHUNK) {
    let [min, max] = [Infinity, -Infinity];
    for (let i = 0; i < CHUNK; i += 1) {
      const value = valueAt(first + i);
      chunk[2 * i] = timeAt(first + i, 1000);
      chunk[2 * i + 1] = value;
      if (value < min) min = value;
      if (value > max) max = value;
    }
    chunks.run(first / CHUNK, chunk);
    summaries.run(first / CHUNK, timeAt(first, 1000), min, max);
  }
  db.exec('COMMIT');
  const all = db.prepare('SELECT data FROM chunks ORDER BY id');
  const spans = db.prepare('SELECT ms, min, max FROM summaries ORDER BY id');
  return {
    sum() {
      let total = 0;
      for (const row of all.iterate()) {
        const bytes = row['data'] as Uint8Array;
        const pairs = new Float64Array(bytes.buffer, bytes.byteOffset, bytes.length / 8);
        for (let i = 1; i < pairs.length; i += 2) total += pairs[i] as number;
      }
      return total;
    },
    buckets() {
      const min = new Float64Array(BUCKETS).fill(Infinity);
      const max = new Float64Array(BUCKETS).fill(-Infinity);
      for (const row of spans.iterate()) {
        const at = Math.floor(((row['ms'] as number) - START_MS) / ((1000 * HISTORY) / BUCKETS));
        min[at] = Math.min(min[at] as number, row['min'] as number);
        max[at] = Math.max(max[at] as number, row['max'] as number);
      }
      return min.length + max.length;
    },
    close: () => db.close(),
  };
}

function readRow(name: string, ours: () => number, bare: () => number): Row {
  const times = { ours: [] as number[], bare: [] as number[] };
  for (let round = 0; round < ROUNDS; round += 1) {
    times.bare.push(timed(bare));
    times.ours.push(timed(ours));
  }
  // The least disturbed round of each: other work on the machine only ever adds.
  const [mine, baseline] = [Math.min(...times.ours), Math.min(...times.bare)];
  return {
    id: 'P6',
    name: `${name}, ${HISTORY / 1e6} M readings`,
    ours: mine,
    baseline,
    unit: 'ms',
    ratio: mine / baseline,
    goal: '<= 2 (stretch 1.3)',
  };
}

/** Raw doubles for time, value and sequence, and a byte of quality, would be 25 bytes. */
function sizeRow(name: string, bytes: number): Row {
  return {
    id: 'P7',
    name,
    ours: bytes,
    baseline: 25,
    unit: 'B/reading',
    ratio: bytes / 25,
    goal: '<= 6 B (stretch 4 B)',
  };
}

/** Whole pages of every table that history needs, with what is empty in them. */
function historyBytes(file: string): number {
  const db = new DatabaseSync(file, { readOnly: true });
  const sql = "SELECT sum(pgsize) AS n FROM dbstat WHERE name IN ('chunks','summaries')";
  const bytes = Number(db.prepare(sql).get()?.['n']);
  db.close();
  return bytes;
}

function timed(work: () => unknown): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}
