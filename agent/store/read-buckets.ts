import type { DatabaseSync } from 'node:sqlite';
import { CHUNK, type Columns, columns, decodeChunk } from './codec.ts';
import { openChunk } from './read-history.ts';
import { bounded, type KnownNames, snapshot } from './reading.ts';
import { chunkId } from './schema.ts';
import type { Bucket, Reader } from './store.ts';
import { isGood } from './summary.ts';

interface Sums {
  fromMs: number;
  widthMs: number;
  count: Uint32Array;
  min: Float64Array;
  max: Float64Array;
  mean: Float64Array;
}

const SPAN = `SELECT id, good, min, max, mean, first_ms, last_ms FROM summaries
  WHERE id >= ? AND id < ? AND last_ms >= ? AND first_ms < ?`;

/**
 * Min, max and mean of good readings in equal spans of source time. A chunk inside one span gives
 * its summary; only those across a border are decoded. Spans without readings are left out.
 */
export function bucketReader(db: DatabaseSync, names: KnownNames): Reader['buckets'] {
  const span = db.prepare(SPAN);
  span.setReturnArrays(true);
  const data = db.prepare('SELECT data FROM chunks WHERE id = ?');
  const open = openChunk(db);
  const room = columns(CHUNK);
  const wants = { times: true, sequences: false };
  return (characteristic, { fromMs, toMs, count }) => {
    const number = names.number(characteristic);
    const sums = openSums(fromMs, toMs, bounded(count));
    if (number === undefined || sums.count.length === 0 || !(toMs > fromMs)) return [];
    const decode = (bytes: Uint8Array | undefined) => {
      if (bytes !== undefined) addReadings(sums, decodeChunk(bytes, room, wants));
    };
    snapshot(db, () => {
      const rows = span.iterate(chunkId(number, 0), chunkId(number + 1, 0), fromMs, toMs);
      for (const row of rows as Iterable<unknown> as Iterable<(number | null)[]>) {
        const [id, good, min, max, mean, firstMs, lastMs] = row;
        const bucket = bucketOf(sums, firstMs ?? Number.NaN);
        const whole = bucket >= 0 && bucket === bucketOf(sums, lastMs ?? Number.NaN);
        if (!whole) decode(data.get(id ?? -1)?.['data'] as Uint8Array | undefined);
        else if (good) add(sums, bucket, good, min ?? 0, max ?? 0, mean ?? 0);
      }
      decode(open(number));
    });
    return bucketsOf(sums);
  };
}

function openSums(fromMs: number, toMs: number, count: number): Sums {
  return {
    fromMs,
    widthMs: (toMs - fromMs) / count,
    count: new Uint32Array(count),
    min: new Float64Array(count).fill(Infinity),
    max: new Float64Array(count).fill(-Infinity),
    mean: new Float64Array(count),
  };
}

/** −1 outside the span. */
function bucketOf(sums: Sums, ms: number): number {
  const bucket = Math.floor((ms - sums.fromMs) / sums.widthMs);
  return bucket >= 0 && bucket < sums.count.length ? bucket : -1;
}

function addReadings(sums: Sums, chunk: Columns): void {
  for (let i = 0; i < chunk.count; i += 1) {
    const value = chunk.value[i] as number;
    if (!isGood(chunk.quality[i] as number, value)) continue;
    const bucket = bucketOf(sums, chunk.sourceMs[i] as number);
    if (bucket >= 0) add(sums, bucket, 1, value, value, value);
  }
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
