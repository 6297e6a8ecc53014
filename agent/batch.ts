/**
 * The one binary form of readings: what sources hand over, what crosses to the core thread, what
 * the journal keeps and what a replay reads. Columns in one buffer; no object per reading.
 *
 * A batch holds deliveries (one MQTT message, one PLC record, one line of a file); a delivery holds
 * readings. Layout, little-endian as typed arrays are on every machine Node runs on:
 *   header  8 × uint32: magic, version, deliveries D, readings N, text bytes T, raw bytes R, 0, 0
 *   float64 receiveMs[D] modulus[D] value[N] sourceMs[N] sequence[N]
 *   uint32  first[D] stream[D] streamLen[D] context[D] contextLen[D] raw[D] rawLen[D] flags[D] char[N]
 *   bytes   quality[N] text[T] raw[R], zero-padded to a multiple of 8
 */

const MAGIC = 0x4d59_4231;
const VERSION = 1;
const HEADER_BYTES = 32;

export const FLAG_REDELIVERED = 1;
export const FLAG_SPARSE = 2;

/** What a source hands over. The object is only read during the call and may be reused. */
export interface Delivery {
  /** names the counter or topic that deduplication works on; short and from a bounded set */
  stream: string;
  /** JSON object of short strings (part, serial, lot, cavity, operator …) or '' */
  context: string;
  /** the bytes as received */
  raw: Uint8Array;
  receiveMs: number;
  /** the counter wraps at this number; 0 = it does not */
  modulus: number;
  /** the broker said that it sends this again */
  redelivered: boolean;
  /** the sequence only names the place (a line of a file): numbers left out are no missed parts */
  sparse?: boolean;
  /** how many entries of the arrays below are valid */
  count: number;
  /** tag numbers as given by `SourceContext.tagNumber` */
  tag: number[];
  /** NaN when the reading is bad */
  value: number[];
  quality: number[];
  sourceMs: number[];
  /** part counter or message counter of the reading; NaN when the source does not count */
  sequence: number[];
}

/** Typed views on one encoded batch. */
export interface Batch {
  deliveries: number;
  readings: number;
  receiveMs: Float64Array;
  modulus: Float64Array;
  /** first reading of each delivery */
  first: Uint32Array;
  flags: Uint32Array;
  /** equal numbers in one batch mean equal streams: compare these before decoding the text */
  streamAt: Uint32Array;
  characteristic: Uint32Array;
  value: Float64Array;
  sourceMs: Float64Array;
  sequence: Float64Array;
  quality: Uint8Array;
  stream(delivery: number): string;
  context(delivery: number): string;
  raw(delivery: number): Uint8Array;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

const D64 = 2;
const N64 = 3;
const D32 = 8;
const N32 = 1;

/** Bytes one encoded batch occupies, without the padding to 8. */
function bytesOf(d: number, n: number, text: number, raw: number): number {
  return HEADER_BYTES + 8 * (D64 * d + N64 * n) + 4 * (D32 * d + N32 * n) + n + text + raw;
}

const padded = (bytes: number) => (bytes + 7) & ~7;

/** Bytes of the batch that starts at `offset`: lets a journal row hold several, one after another. */
export function batchBytes(bytes: Uint8Array, offset: number): number {
  const header = new DataView(bytes.buffer, bytes.byteOffset + offset, HEADER_BYTES);
  if (header.getUint32(0, true) !== MAGIC) throw new Error(`no batch at byte ${offset}`);
  const u = (i: number) => header.getUint32(4 * i, true);
  return padded(bytesOf(u(2), u(3), u(4), u(5)));
}

/** Views on an encoded batch, without copying when `bytes` starts on a multiple of 8. */
export function decodeBatch(bytes: Uint8Array): Batch {
  const aligned = bytes.byteOffset % 8 === 0 ? bytes : bytes.slice();
  const { buffer, byteOffset: base } = aligned;
  const header = new Uint32Array(buffer, base, 8);
  if (header[0] !== MAGIC || header[1] !== VERSION) throw new Error('not a batch of version 1');
  const [d, n, t, r] = [header[2] ?? 0, header[3] ?? 0, header[4] ?? 0, header[5] ?? 0];
  if (bytesOf(d, n, t, r) > aligned.byteLength) throw new Error('batch is cut short');
  let at = base + HEADER_BYTES;
  const f64 = (count: number) => {
    const view = new Float64Array(buffer, at, count);
    at += 8 * count;
    return view;
  };
  const u32 = (count: number) => {
    const view = new Uint32Array(buffer, at, count);
    at += 4 * count;
    return view;
  };
  const receiveMs = f64(d);
  const modulus = f64(d);
  const value = f64(n);
  const sourceMs = f64(n);
  const sequence = f64(n);
  const first = u32(d);
  const stream = u32(d);
  const streamLen = u32(d);
  const context = u32(d);
  const contextLen = u32(d);
  const raw = u32(d);
  const rawLen = u32(d);
  const flags = u32(d);
  const characteristic = u32(n);
  const quality = new Uint8Array(buffer, at, n);
  const text = new Uint8Array(buffer, at + n, t);
  const rawBytes = new Uint8Array(buffer, at + n + t, r);
  const slice = (from: Uint8Array, start: Uint32Array, length: Uint32Array, i: number) => {
    const s = start[i] ?? 0;
    return from.subarray(s, s + (length[i] ?? 0));
  };
  return {
    deliveries: d,
    readings: n,
    receiveMs,
    modulus,
    first,
    flags,
    streamAt: stream,
    characteristic,
    value,
    sourceMs,
    sequence,
    quality,
    stream: (i) => decoder.decode(slice(text, stream, streamLen, i)),
    context: (i) => decoder.decode(slice(text, context, contextLen, i)),
    raw: (i) => slice(rawBytes, raw, rawLen, i),
  };
}

export interface BatchBuilder {
  deliveries(): number;
  readings(): number;
  /** bytes the batch would have now: what the held-bytes bound counts */
  bytes(): number;
  add(delivery: Delivery): void;
  /** the encoded batch; the builder is empty afterwards */
  take(): ArrayBuffer;
}

interface Columns {
  d64: Float64Array;
  n64: Float64Array;
  d32: Uint32Array;
  n32: Uint32Array;
  n8: Uint8Array;
  text: Uint8Array;
  raw: Uint8Array;
}

/** Collects deliveries into columns that grow by doubling and are reused after `take`. */
export function batchBuilder(): BatchBuilder {
  let d = 0;
  let n = 0;
  let t = 0;
  let r = 0;
  let lastStream = '';
  let lastStreamAt = -1;
  let lastStreamLen = 0;
  const c: Columns = {
    d64: new Float64Array(64 * D64),
    n64: new Float64Array(64 * N64),
    d32: new Uint32Array(64 * D32),
    n32: new Uint32Array(64),
    n8: new Uint8Array(64),
    text: new Uint8Array(1024),
    raw: new Uint8Array(4096),
  };

  const putText = (s: string): number => {
    c.text = room(c.text, t + 3 * s.length);
    const written = encoder.encodeInto(s, c.text.subarray(t)).written;
    t += written;
    return written;
  };

  const putStream = (stream: string) => {
    if (stream === lastStream && lastStreamAt >= 0) return;
    lastStream = stream;
    lastStreamAt = t;
    lastStreamLen = putText(stream);
  };

  return {
    deliveries: () => d,
    readings: () => n,
    bytes: () => bytesOf(d, n, t, r),
    add(x) {
      const count = x.count;
      c.d64 = room(c.d64, (d + 1) * D64);
      c.d32 = room(c.d32, (d + 1) * D32);
      c.n64 = room(c.n64, (n + count) * N64);
      c.n32 = room(c.n32, n + count);
      c.n8 = room(c.n8, n + count);
      c.raw = room(c.raw, r + x.raw.length);
      putStream(x.stream);
      c.d64[d * D64] = x.receiveMs;
      c.d64[d * D64 + 1] = x.modulus;
      const o = d * D32;
      c.d32[o] = n;
      c.d32[o + 1] = lastStreamAt;
      c.d32[o + 2] = lastStreamLen;
      c.d32[o + 3] = t;
      c.d32[o + 4] = x.context === '' ? 0 : putText(x.context);
      c.d32[o + 5] = r;
      c.d32[o + 6] = x.raw.length;
      c.d32[o + 7] = (x.redelivered ? FLAG_REDELIVERED : 0) | (x.sparse ? FLAG_SPARSE : 0);
      c.raw.set(x.raw, r);
      r += x.raw.length;
      d += 1;
      for (let i = 0; i < count; i += 1) {
        c.n64[n * N64] = x.value[i] ?? Number.NaN;
        c.n64[n * N64 + 1] = x.sourceMs[i] ?? x.receiveMs;
        c.n64[n * N64 + 2] = x.sequence[i] ?? Number.NaN;
        c.n32[n] = x.tag[i] ?? 0;
        c.n8[n] = x.quality[i] ?? 0;
        n += 1;
      }
    },
    take() {
      const buffer = encode(c, d, n, t, r);
      d = 0;
      n = 0;
      t = 0;
      r = 0;
      lastStreamAt = -1;
      return buffer;
    },
  };
}

function encode(c: Columns, d: number, n: number, t: number, r: number): ArrayBuffer {
  const buffer = new ArrayBuffer(padded(bytesOf(d, n, t, r)));
  new Uint32Array(buffer, 0, 8).set([MAGIC, VERSION, d, n, t, r]);
  let at = HEADER_BYTES;
  const f64 = new Float64Array(buffer, at, D64 * d + N64 * n);
  spread(c.d64, D64, d, f64, 0);
  spread(c.n64, N64, n, f64, D64 * d);
  at += 8 * f64.length;
  const u32 = new Uint32Array(buffer, at, D32 * d + n);
  spread(c.d32, D32, d, u32, 0);
  u32.set(c.n32.subarray(0, n), D32 * d);
  at += 4 * u32.length;
  const bytes = new Uint8Array(buffer);
  bytes.set(c.n8.subarray(0, n), at);
  bytes.set(c.text.subarray(0, t), at + n);
  bytes.set(c.raw.subarray(0, r), at + n + t);
  return buffer;
}

type Numbers = Float64Array | Uint32Array;

/** Rows of `width` numbers become `width` columns, one after another. */
function spread(from: Numbers, width: number, rows: number, to: Numbers, at: number): void {
  for (let column = 0; column < width; column += 1) {
    const base = at + column * rows;
    for (let row = 0; row < rows; row += 1) to[base + row] = from[row * width + column] ?? 0;
  }
}

type Growable = Float64Array | Uint32Array | Uint8Array;

function room<T extends Growable>(array: T, needed: number): T {
  if (needed <= array.length) return array;
  let size = array.length;
  while (size < needed) size *= 2;
  const grown = new (array.constructor as new (size: number) => T)(size);
  grown.set(array);
  return grown;
}
