import type { Batch } from '../../batch.ts';
import { type Characteristic, FIRST_BAD_QUALITY } from '../../model.ts';
import { QUALITY_DUPLICATE, type Rows, type SinkContext } from '../sink.ts';
import type { LineBuffer } from './line-protocol.ts';
import { CONTEXT_FIELDS, fieldKeys, linePrefix, placeTags } from './measurements.ts';

/** Nanoseconds inside one millisecond: what keeps points of the same tags and time apart. */
export const SLOTS = 1_000_000;
export const PER_TRANSACTION = 1_000;

/** One series: its cached prefix, and how far its readings are numbered in this transaction. */
interface Series {
  of: Characteristic;
  prefix: Uint8Array;
  /** which transaction of which pass the numbers below belong to */
  pass: number;
  count: number;
  lastMs: number;
  ordinal: number;
}

const SAMPLE = fieldKeys('spc_sample');

/** Writes the readings of `rows` as spc_sample; yields whenever `full()` says: send. */
export function sampleLines(
  place: Pick<SinkContext, 'site' | 'characteristic'>,
  tags: Record<string, string>,
): (rows: Rows, out: LineBuffer, full: () => boolean) => Generator<void> {
  const known: (Series | undefined)[] = [];
  let pass = 0;

  const series = (number: number): Series | undefined => {
    const of = place.characteristic(number);
    if (of === undefined) return undefined;
    const old = known[number];
    if (old?.of === of) return old;
    const prefix = linePrefix('spc_sample', placeTags(place.site, of), tags);
    const made = { of, prefix, pass: -1, count: 0, lastMs: 0, ordinal: 0 };
    known[number] = made;
    return made;
  };

  return function* write(rows, out, full) {
    let last = Number.NaN;
    for (const { seq, batch } of rows.batches) {
      // A new pass also when the same transaction is sent again: it must get the same numbers.
      if (seq !== last) pass += 1;
      last = seq;
      yield* batchLines(batch, seq, pass, series, out, full);
    }
  };
}

function* batchLines(
  batch: Batch,
  seq: number,
  pass: number,
  series: (number: number) => Series | undefined,
  out: LineBuffer,
  full: () => boolean,
): Generator<void> {
  let delivery = -1;
  let next = 0;
  let context = NO_CONTEXT;
  let receiveMs = 0;
  for (let i = 0; i < batch.readings; i += 1) {
    while (i >= next && delivery + 1 < batch.deliveries) {
      delivery += 1;
      next = batch.first[delivery + 1] ?? batch.readings;
      receiveMs = batch.receiveMs[delivery] ?? 0;
      context = i < next ? contextFields(batch.context(delivery)) : NO_CONTEXT;
    }
    const of = series(batch.characteristic[i] ?? 0);
    if (of === undefined) continue;
    const stated = batch.sourceMs[i] ?? Number.NaN;
    const ms = Math.floor(Number.isFinite(stated) ? stated : receiveMs);
    const slot = slotOf(of, seq, pass, ms);
    const quality = batch.quality[i] ?? 0;
    if (quality === QUALITY_DUPLICATE) continue;
    out.begin(of.prefix);
    if (quality < FIRST_BAD_QUALITY) out.float(SAMPLE.value, batch.value[i] ?? Number.NaN);
    out.int(SAMPLE.quality, quality);
    out.int(SAMPLE.seq, batch.sequence[i] ?? Number.NaN);
    out.int(SAMPLE.src_delay_ms, receiveMs - ms);
    for (const field of context) out.text(field.key, field.text);
    out.end(ms, slot);
    if (full()) yield;
  }
}

/**
 * Number of a reading inside its millisecond: (seq · 1000 + ordinal) mod 10⁶. The ordinal counts
 * readings of one characteristic in one transaction: from 0 again whenever time moved on, and by
 * the running count (larger than any ordinal given so far) where time went back. So two readings of
 * one characteristic in one millisecond differ as long as a transaction has at most 1 000 of them,
 * and fewer than 1 000 transactions share that millisecond. Both come from the journal: sending
 * again gives the same number.
 */
function slotOf(series: Series, seq: number, pass: number, ms: number): number {
  if (series.pass !== pass) {
    series.pass = pass;
    series.count = 0;
    series.lastMs = ms;
    series.ordinal = -1;
  }
  if (ms > series.lastMs) {
    series.lastMs = ms;
    series.ordinal = -1;
  }
  const late = ms < series.lastMs;
  if (!late) series.ordinal += 1;
  const ordinal = late ? series.count : series.ordinal;
  series.count += 1;
  return (seq * PER_TRANSACTION + ordinal) % SLOTS;
}

interface ContextField {
  key: Uint8Array;
  text: string;
}

const NO_CONTEXT: ContextField[] = [];
const CONTEXT_KEYS = new Map<string, Uint8Array>(
  CONTEXT_FIELDS.map((name) => [name, SAMPLE[name]]),
);

/** The fields that a delivery's context gives; keys that no field is for are passed over. */
function contextFields(json: string): ContextField[] {
  if (json === '') return NO_CONTEXT;
  let context: unknown;
  try {
    context = JSON.parse(json);
  } catch {
    return NO_CONTEXT;
  }
  if (typeof context !== 'object' || context === null) return NO_CONTEXT;
  const fields: ContextField[] = [];
  for (const [name, value] of Object.entries(context)) {
    const key = CONTEXT_KEYS.get(name);
    if (key === undefined || value === null) continue;
    fields.push({ key, text: typeof value === 'string' ? value : String(value) });
  }
  return fields;
}
