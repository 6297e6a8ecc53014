import { messageOf } from '../../runtime/errors.ts';
import { inflate } from '../mqtt/inflate.ts';
import { eachField, type Field, ProtobufError, unsigned64 } from './protobuf.ts';

/** Field of the value of a metric (sparkplug_b.proto, Payload.Metric.value). */
export const VALUE = {
  none: 0,
  int: 10,
  long: 11,
  float: 12,
  double: 13,
  boolean: 14,
  string: 15,
} as const;

/** One metric as it stands in a payload; what is not there is null. */
export interface Metric {
  name: string | null;
  alias: number | null;
  timestamp: number | null;
  datatype: number;
  historical: boolean;
  isNull: boolean;
  /** which field holds the value: VALUE, or another number that is not read */
  field: number;
  /** halves of an integer, or of the bits of a float or double */
  low: number;
  high: number;
  text: string;
  /** property `Quality` of the metric: 192 good, 0 bad, 500 stale */
  quality: number | null;
}

export interface Payload {
  timestamp: number | null;
  seq: number | null;
  metrics: Metric[];
}

/** Largest contents of a compressed payload, as for other messages. */
const MAX_INFLATED = 1_048_576;
const MAX_METRICS = 10_000;
const MAX_NAME_BYTES = 512;
const MAX_TEXT_BYTES = 1024;
const MAX_PROPERTIES = 64;

/** Decodes a Sparkplug B payload. Throws a ProtobufError with the reason when it is none. */
export function decodePayload(bytes: Buffer): Payload {
  const outer = decodePlain(bytes);
  if (!outer.compressed) return outer;
  if (outer.body === null) throw new ProtobufError('a compressed payload without a body');
  const inner = decodePlain(unpacked(outer.body));
  if (inner.compressed) throw new ProtobufError('compressed twice');
  // Some senders number and time the envelope, some what is in it.
  const { seq, timestamp } = outer;
  return { ...inner, seq: inner.seq ?? seq, timestamp: inner.timestamp ?? timestamp };
}

/** gzip or deflate, told by the first bytes whatever the metric `algorithm` says. */
function unpacked(body: Buffer): Buffer {
  try {
    const inside = inflate(body, MAX_INFLATED);
    if (inside !== body) return inside;
  } catch (error) {
    throw new ProtobufError(messageOf(error));
  }
  throw new ProtobufError('neither gzip nor deflate');
}

interface Plain extends Payload {
  compressed: boolean;
  body: Buffer | null;
}

function decodePlain(bytes: Buffer): Plain {
  const payload: Plain = {
    timestamp: null,
    seq: null,
    metrics: [],
    compressed: false,
    body: null,
  };
  eachField(bytes, 0, bytes.length, (f) => {
    if (f.number === 1 && f.wire === 0) payload.timestamp = unsigned64(f);
    else if (f.number === 3 && f.wire === 0) payload.seq = unsigned64(f);
    else if (f.number === 2) {
      if (f.wire !== 2) throw new ProtobufError('a metric is no message');
      if (payload.metrics.length === MAX_METRICS) {
        throw new ProtobufError(`more than ${MAX_METRICS} metrics`);
      }
      payload.metrics.push(metric(bytes, f.from, f.to));
    } else if (f.number === 4 && f.wire === 2) {
      payload.compressed = text(bytes, f) === 'SPBV1.0_COMPRESSED';
    } else if (f.number === 5 && f.wire === 2) payload.body = bytes.subarray(f.from, f.to);
  });
  return payload;
}

function metric(bytes: Buffer, from: number, to: number): Metric {
  const m: Metric = {
    name: null,
    alias: null,
    timestamp: null,
    datatype: 0,
    historical: false,
    isNull: false,
    field: VALUE.none,
    low: 0,
    high: 0,
    text: '',
    quality: null,
  };
  eachField(bytes, from, to, (f) => {
    if (f.wire === 0) varintField(m, f);
    else if (f.number === 1 && f.wire === 2) m.name = name(bytes, f);
    else if (f.number === 9 && f.wire === 2) m.quality = qualityOf(bytes, f.from, f.to);
    else if (f.number >= VALUE.float) {
      m.field = f.number;
      m.low = f.low;
      m.high = f.high;
      if (f.number === VALUE.string && f.wire === 2) m.text = text(bytes, f);
      if (WIRE[f.number] !== undefined && WIRE[f.number] !== f.wire) {
        throw new ProtobufError(`field ${f.number} of a metric has wire type ${f.wire}`);
      }
    }
  });
  return m;
}

const WIRE: Record<number, number> = { [VALUE.float]: 5, [VALUE.double]: 1, [VALUE.string]: 2 };

function varintField(m: Metric, f: Field): void {
  if (f.number === 2) m.alias = unsigned64(f);
  else if (f.number === 3) m.timestamp = unsigned64(f);
  else if (f.number === 4) m.datatype = f.low;
  else if (f.number === 5) m.historical = f.low !== 0;
  else if (f.number === 7) m.isNull = f.low !== 0;
  else if (f.number === VALUE.int || f.number === VALUE.long || f.number === VALUE.boolean) {
    m.field = f.number;
    m.low = f.low;
    m.high = f.high;
  }
}

/** PropertySet: keys (1) and values (2) stand in the same order. */
function qualityOf(bytes: Buffer, from: number, to: number): number | null {
  let keys = 0;
  let values = 0;
  let wanted = -1;
  const numbers: number[] = [];
  eachField(bytes, from, to, (f) => {
    if (f.wire !== 2) return;
    if (f.number === 1) {
      if (f.to - f.from === 7 && text(bytes, f) === 'Quality') wanted = keys;
      keys += 1;
    } else if (f.number === 2 && values < MAX_PROPERTIES) {
      numbers.push(propertyNumber(bytes, f.from, f.to));
      values += 1;
    }
  });
  const found = numbers[wanted];
  return found === undefined || Number.isNaN(found) ? null : found;
}

/** int_value (3) or long_value (4) of a PropertyValue, NaN when it has neither. */
function propertyNumber(bytes: Buffer, from: number, to: number): number {
  let value = Number.NaN;
  eachField(bytes, from, to, (f) => {
    if ((f.number === 3 || f.number === 4) && f.wire === 0) value = unsigned64(f);
  });
  return value;
}

function name(bytes: Buffer, f: Field): string {
  if (f.to - f.from > MAX_NAME_BYTES) {
    throw new ProtobufError(`a metric name has more than ${MAX_NAME_BYTES} bytes`);
  }
  return bytes.toString('utf8', f.from, f.to);
}

const text = (bytes: Buffer, f: Field) =>
  bytes.toString('utf8', f.from, Math.min(f.to, f.from + MAX_TEXT_BYTES));
