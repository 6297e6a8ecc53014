import type { Batch } from '../../batch.ts';
import { type Characteristic, FIRST_BAD_QUALITY } from '../../model.ts';
import { QUALITY_DUPLICATE, type Rows, type SinkContext } from '../sink.ts';
import type { LineBuffer } from './line-protocol.ts';
import { CONTEXT_FIELDS, fieldKeys, linePrefix, placeTags } from './measurements.ts';

/** Nanoseconds inside one millisecond: what keeps points of the same tags and time apart. */
export const SLOTS = 1_000_000;

/** One series and its cached prefix. */
interface Series {
  of: Characteristic;
  prefix: Uint8Array;
}

const SAMPLE = fieldKeys('spc_sample');

/**
 * Writes the readings of `rows` as spc_sample; yields whenever `full()` says: send. A reading's
 * place inside its millisecond is its number in the journal mod 10⁶: the same whenever it is sent
 * again, and different for any two readings with fewer than a million between them, however large
 * the transactions are.
 */
export function sampleLines(
  place: Pick<SinkContext, 'site' | 'characteristic'>,
  tags: Record<string, string>,
): (rows: Rows, out: LineBuffer, full: () => boolean) => Generator<void> {
  const known: (Series | undefined)[] = [];

  const series = (number: number): Series | undefined => {
    const of = place.characteristic(number);
    if (of === undefined) return undefined;
    const old = known[number];
    if (old?.of === of) return old;
    const made = { of, prefix: linePrefix('spc_sample', placeTags(place.site, of), tags) };
    known[number] = made;
    return made;
  };

  return function* write(rows, out, full) {
    for (const { first, batch } of rows.batches) yield* batchLines(batch, first, series, out, full);
  };
}

function* batchLines(
  batch: Batch,
  first: number,
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
    const quality = batch.quality[i] ?? 0;
    if (quality === QUALITY_DUPLICATE) continue;
    const stated = batch.sourceMs[i] ?? Number.NaN;
    const ms = Math.floor(Number.isFinite(stated) ? stated : receiveMs);
    out.begin(of.prefix);
    if (quality < FIRST_BAD_QUALITY) out.float(SAMPLE.value, batch.value[i] ?? Number.NaN);
    out.int(SAMPLE.quality, quality);
    out.int(SAMPLE.seq, batch.sequence[i] ?? Number.NaN);
    out.int(SAMPLE.src_delay_ms, receiveMs - ms);
    for (const field of context) out.text(field.key, field.text);
    out.end(ms, (first + i) % SLOTS);
    if (full()) yield;
  }
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
  const plain = plainFields(json);
  if (plain !== null) return plain;
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

// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON does not allow them
const NOT_PLAIN = /[\\\u0000-\u001f]/;

/**
 * The same for `{"name":"text",…}` without escapes, which is what sources write: every delivery has
 * one, and parsing it costs more than all the rest of its line. Null for anything else.
 */
function plainFields(json: string): ContextField[] | null {
  if (NOT_PLAIN.test(json) || json[0] !== '{') return null;
  const fields: ContextField[] = [];
  let at = 0;
  do {
    const nameEnd = json[at + 1] === '"' ? json.indexOf('"', at + 2) : -1;
    if (nameEnd < 0 || json[nameEnd + 1] !== ':' || json[nameEnd + 2] !== '"') return null;
    const end = json.indexOf('"', nameEnd + 3);
    if (end < 0) return null;
    const key = CONTEXT_KEYS.get(json.slice(at + 2, nameEnd));
    // Of a name that stands there twice the last one counts.
    if (key !== undefined && fields.some((field) => field.key === key)) return null;
    if (key !== undefined) fields.push({ key, text: json.slice(nameEnd + 3, end) });
    at = end + 1;
  } while (json[at] === ',');
  return json[at] === '}' && at === json.length - 1 ? fields : null;
}
