import { bytesOf, d64Of, HEADER_BYTES, MAGIC, padded } from './layout.ts';

/** Typed views on one encoded batch. */
export interface Batch {
  deliveries: number;
  readings: number;
  receiveMs: Float64Array;
  modulus: Float64Array;
  /** time the source names, where it is not believed; else NaN */
  ownMs: Float64Array;
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
  /** does this stand anywhere in the contexts (or names of streams) of the batch? */
  mentions(text: string): boolean;
  raw(delivery: number): Uint8Array;
}

const decoder = new TextDecoder();

/** Bytes of the batch that starts at `offset`: lets a journal row hold several, one after another. */
export function batchBytes(bytes: Uint8Array, offset: number): number {
  const header = new DataView(bytes.buffer, bytes.byteOffset + offset, HEADER_BYTES);
  if (header.getUint32(0, true) !== MAGIC) throw new Error(`no batch at byte ${offset}`);
  const u = (i: number) => header.getUint32(4 * i, true);
  return padded(bytesOf(u(2), u(3), u(4), u(5), d64Of(u(1))));
}

/** Readings in the batch that starts at `offset`, without making views on it. */
export function batchReadings(bytes: Uint8Array, offset: number): number {
  const header = new DataView(bytes.buffer, bytes.byteOffset + offset, HEADER_BYTES);
  return header.getUint32(12, true);
}

/** Views on an encoded batch, without copying when `bytes` starts on a multiple of 8. */
export function decodeBatch(bytes: Uint8Array): Batch {
  const aligned = bytes.byteOffset % 8 === 0 ? bytes : bytes.slice();
  const { buffer, byteOffset: base } = aligned;
  const header = new Uint32Array(buffer, base, 8);
  const d64 = d64Of(header[1] ?? 0);
  if (header[0] !== MAGIC || d64 === 0) throw new Error('not a batch of version 1 or 2');
  const [d, n, t, r] = [header[2] ?? 0, header[3] ?? 0, header[4] ?? 0, header[5] ?? 0];
  if (bytesOf(d, n, t, r, d64) > aligned.byteLength) throw new Error('batch is cut short');
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
  const ownMs = d64 === 3 ? f64(d) : new Float64Array(d).fill(Number.NaN);
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
    ownMs,
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
    mentions: (wanted) => Buffer.from(buffer, at + n, t).includes(wanted),
    raw: (i) => slice(rawBytes, raw, rawLen, i),
  };
}
