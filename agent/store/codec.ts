import { crc32 } from 'node:zlib';
import { type Cursor, putUnsigned, takeUnsigned } from '../batch/bytes.ts';
import { BYTES_PER_COLUMN, BYTES_PER_VALUE, putColumn, takeColumn } from './columns.ts';

/** Readings of one characteristic that make one history chunk. */
export const CHUNK = 512;

/** Readings of one characteristic in order of arrival; entries from `count` on mean nothing. */
export interface Columns {
  count: number;
  sourceMs: Float64Array;
  value: Float64Array;
  sequence: Float64Array;
  quality: Uint8Array;
}

/** Empty columns with room for `capacity` readings. */
export function columns(capacity: number): Columns {
  return {
    count: 0,
    sourceMs: new Float64Array(capacity),
    value: new Float64Array(capacity),
    sequence: new Float64Array(capacity),
    quality: new Uint8Array(capacity),
  };
}

/*
 * Layout: version u8, then 4 × u16 little-endian: count, bytes of the time, value and sequence
 * columns; the three columns; quality as runs (value u8, length varint); CRC-32 of all before.
 */
const VERSION = 1;
const HEADER = 9;
const scratch: Cursor = {
  bytes: new Uint8Array(HEADER + 3 * (CHUNK * BYTES_PER_VALUE + BYTES_PER_COLUMN) + 2 * CHUNK + 16),
  at: 0,
};

/** One chunk as bytes, valid until the next call. At most `CHUNK` readings. */
export function encodeChunk(from: Columns): Uint8Array {
  const { bytes } = scratch;
  bytes[0] = VERSION;
  putU16(bytes, 1, from.count);
  scratch.at = HEADER;
  if (from.count > 0) {
    putColumn(scratch, from.sourceMs, from.count, 2);
    putU16(bytes, 3, scratch.at - HEADER);
    const value = scratch.at;
    putColumn(scratch, from.value, from.count, 1);
    putU16(bytes, 5, scratch.at - value);
    const sequence = scratch.at;
    putColumn(scratch, from.sequence, from.count, 2);
    putU16(bytes, 7, scratch.at - sequence);
    putRuns(from.quality, from.count);
  } else bytes.fill(0, 3, HEADER);
  const body = bytes.subarray(0, scratch.at);
  const sum = crc32(body);
  putU16(bytes, scratch.at, sum & 0xffff);
  putU16(bytes, scratch.at + 2, sum >>> 16);
  return bytes.subarray(0, scratch.at + 4);
}

/** Reads a chunk into `into`, which needs room for it. Throws when the chunk is damaged. */
export function decodeChunk(bytes: Uint8Array, into: Columns, wants = ALL): Columns {
  const end = bytes.length - 4;
  if (end < HEADER || bytes[0] !== VERSION) throw new Error('not a history chunk of version 1');
  const sum = u16(bytes, end) + 0x1_0000 * u16(bytes, end + 2);
  if (crc32(bytes.subarray(0, end)) !== sum) throw new Error('history chunk is damaged');
  const count = u16(bytes, 1);
  if (count > into.value.length) throw new Error('history chunk is too long');
  into.count = count;
  if (count === 0) return into;
  const value = HEADER + u16(bytes, 3);
  const sequence = value + u16(bytes, 5);
  const quality = sequence + u16(bytes, 7);
  if (wants.times) takeColumn(bytes, HEADER, value, count, into.sourceMs);
  takeColumn(bytes, value, sequence, count, into.value);
  if (wants.sequences) takeColumn(bytes, sequence, quality, count, into.sequence);
  takeRuns(bytes, quality, count, into.quality);
  return into;
}

/** Columns to decode; values and qualities always are. */
export interface Wants {
  times: boolean;
  sequences: boolean;
}

const ALL: Wants = { times: true, sequences: true };

function putRuns(quality: Uint8Array, count: number): void {
  let from = 0;
  while (from < count) {
    let to = from + 1;
    while (to < count && quality[to] === quality[from]) to += 1;
    scratch.bytes[scratch.at++] = quality[from] as number;
    putUnsigned(scratch, to - from);
    from = to;
  }
}

function takeRuns(bytes: Uint8Array, at: number, count: number, out: Uint8Array): void {
  const from: Cursor = { bytes, at };
  let done = 0;
  while (done < count) {
    const quality = bytes[from.at++] as number;
    const run = Math.max(1, takeUnsigned(from));
    out.fill(quality, done, Math.min(done + run, count));
    done += run;
  }
}

function putU16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value & 255;
  bytes[at + 1] = value >> 8;
}

const u16 = (bytes: Uint8Array, at: number) =>
  (bytes[at] as number) + 256 * (bytes[at + 1] as number);
