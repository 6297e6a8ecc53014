import { type Delivery, FLAG_POLLED, FLAG_REDELIVERED, FLAG_SPARSE } from './delivery.ts';
import { bytesOf, D32, D64, HEADER_BYTES, MAGIC, N64, padded, VERSION } from './layout.ts';

const encoder = new TextEncoder();

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
      c.d64[d * D64 + 2] = x.ownMs ?? Number.NaN;
      const o = d * D32;
      c.d32[o] = n;
      c.d32[o + 1] = lastStreamAt;
      c.d32[o + 2] = lastStreamLen;
      c.d32[o + 3] = t;
      c.d32[o + 4] = x.context === '' ? 0 : putText(x.context);
      c.d32[o + 5] = r;
      c.d32[o + 6] = x.raw.length;
      c.d32[o + 7] = flagsOf(x);
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

const flagsOf = ({ redelivered, sparse, polled }: Delivery) =>
  (redelivered ? FLAG_REDELIVERED : 0) | (sparse ? FLAG_SPARSE : 0) | (polled ? FLAG_POLLED : 0);

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
