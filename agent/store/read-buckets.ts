import type { DatabaseSync } from 'node:sqlite';
import { CHUNK, type Columns, columns } from './codec.ts';
import type { Damage } from './damage.ts';
import { openChunk } from './read-history.ts';
import { bounded, type KnownNames, snapshot } from './reading.ts';
import { chunkId } from './schema.ts';
import type { Bucket, Reader } from './store.ts';
import { isGood } from './summary.ts';

interface Sums {
  fromMs: number;
  toMs: number;
  widthMs: number;
  count: Uint32Array;
  min: Float64Array;
  max: Float64Array;
  mean: Float64Array;
}

/** Chunks of a characteristic that touch the span, and those inside one bucket of it. */
const OF = 's.id >= $first AND s.id < $next AND s.good > 0';
const TOUCHING = 's.last_ms >= $from AND s.first_ms < $to';
const INSIDE = `s.first_ms >= $from AND s.last_ms < $to AND
  CAST((s.first_ms - $from) / $width AS INTEGER) = CAST((s.last_ms - $from) / $width AS INTEGER)`;
/** Readings at least this far inside a bucket are in it, whatever the division rounds to. */
const EDGE_MS = 0.01;

/**
 * Min, max and mean of good readings in equal spans of source time. A chunk inside one span gives
 * its summary; only those across a border are decoded. Spans without readings are left out.
 */
export function bucketReader(
  db: DatabaseSync,
  names: KnownNames,
  damage: Damage,
): Reader['buckets'] {
  const prepare = (sql: string) => {
    const statement = db.prepare(sql);
    statement.setReturnArrays(true);
    return statement;
  };
  const whole = prepare(
    `SELECT CAST((s.first_ms - $from) / $width AS INTEGER) AS bucket,
      sum(s.good), min(s.min), max(s.max), sum(s.mean * s.good) / sum(s.good)
      FROM summaries AS s WHERE ${OF} AND ${INSIDE} GROUP BY bucket`,
  );
  const across = prepare(
    `SELECT c.data, c.id FROM summaries AS s JOIN chunks AS c ON c.id = s.id
      WHERE ${OF} AND ${TOUCHING} AND NOT (${INSIDE})`,
  );
  const open = openChunk(db);
  const room = columns(CHUNK);
  const wants = { times: true, sequences: false };
  return (characteristic, { fromMs, toMs, count }) => {
    const number = names.number(characteristic);
    const sums = openSums(fromMs, toMs, bounded(count));
    if (number === undefined || sums.count.length === 0 || !(toMs > fromMs)) return [];
    const span = {
      first: chunkId(number, 0),
      next: chunkId(number + 1, 0),
      from: fromMs,
      to: toMs,
      width: sums.widthMs,
    };
    snapshot(db, () => {
      for (const row of whole.all(span) as unknown as WholeRow[]) {
        const [bucket, good, min, max, mean] = row;
        add(sums, Math.min(bucket, sums.count.length - 1), good, min, max, mean);
      }
      for (const [data, id] of across.all(span) as unknown as [Uint8Array, number][]) {
        addReadings(sums, damage.decode(id, data, room, wants));
      }
      const last = open(number);
      if (last !== undefined) addReadings(sums, damage.decode(-number, last, room, wants));
    });
    return bucketsOf(sums);
  };
}

type WholeRow = [bucket: number, good: number, min: number, max: number, mean: number];

function openSums(fromMs: number, toMs: number, count: number): Sums {
  return {
    fromMs,
    toMs,
    widthMs: (toMs - fromMs) / count,
    count: new Uint32Array(count),
    min: new Float64Array(count).fill(Infinity),
    max: new Float64Array(count).fill(-Infinity),
    mean: new Float64Array(count),
  };
}

/** Neighbours mostly fall in the same bucket, so each run of them is summed up first. */
function addReadings(sums: Sums, chunk: Columns | null): void {
  if (chunk === null) return;
  const { fromMs, toMs, widthMs } = sums;
  const { count, sourceMs, value, quality } = chunk;
  const last = sums.count.length - 1;
  let [bucket, lowMs, highMs] = [-1, 0, 0];
  let [n, min, max, base, sum] = [0, 0, 0, 0, 0];
  for (let i = 0; i < count; i += 1) {
    const ms = sourceMs[i] as number;
    const x = value[i] as number;
    if (!isGood(quality[i] as number, x)) continue;
    if (!(ms >= lowMs && ms < highMs)) {
      if (!(ms >= fromMs && ms < toMs)) continue;
      const now = Math.min(last, Math.floor((ms - fromMs) / widthMs));
      if (now !== bucket) {
        if (n > 0) add(sums, bucket, n, min, max, base + sum / n);
        [bucket, n, min, max, base, sum] = [now, 0, x, x, x, 0];
        lowMs = fromMs + bucket * widthMs + EDGE_MS;
        highMs = Math.min(toMs, lowMs + widthMs - 2 * EDGE_MS);
      }
    }
    n += 1;
    sum += x - base;
    if (x < min) min = x;
    if (x > max) max = x;
  }
  if (n > 0) add(sums, bucket, n, min, max, base + sum / n);
}

function add(sums: Sums, at: number, n: number, min: number, max: number, mean: number): void {
  const count = (sums.count[at] as number) + n;
  sums.count[at] = count;
  if (min < (sums.min[at] as number)) sums.min[at] = min;
  if (max > (sums.max[at] as number)) sums.max[at] = max;
  const before = sums.mean[at] as number;
  sums.mean[at] = before + (mean - before) * (n / count);
}

function bucketsOf(sums: Sums): Bucket[] {
  const buckets: Bucket[] = [];
  for (let i = 0; i < sums.count.length; i += 1) {
    const count = sums.count[i] as number;
    if (count === 0) continue;
    const fromMs = sums.fromMs + i * sums.widthMs;
    const [min, max] = [sums.min[i] as number, sums.max[i] as number];
    buckets.push({ fromMs, count, min, max, mean: sums.mean[i] as number });
  }
  return buckets;
}
