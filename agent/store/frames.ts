import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { Frame, FrameKind } from './store.ts';

/**
 * Journal row: frames one after another. Each has a header of 8 bytes (kind u8, three zeros, length
 * u32 little-endian) and its bytes, zero-padded to a multiple of 8, so that a batch inside a row
 * that starts aligned is aligned too. A large row is compressed as a whole: a header of 8 bytes
 * (PACKED, three zeros, length of the frames u32 little-endian) and a Zstandard frame (RFC 8878).
 */
const HEADER = 8;
const PACKED = 0x5a;
/**
 * Rows from this size on are compressed: that takes less time than writing them in full to the log
 * and then to the file. For small rows making the compressor alone takes longer.
 */
const PACKED_FROM_BYTES = 65_536;
/** A fast level: slower ones take half as long again, and save a tenth of what this one saves. */
const FAST = { params: { [constants.ZSTD_c_compressionLevel]: -5 } };
const KINDS: readonly FrameKind[] = ['batch', 'tick', 'command', 'event'];

/** Frames of the open transaction in a buffer that grows by doubling and is kept. */
export interface FrameBuffer {
  bytes: Uint8Array;
  length: number;
}

export function frameBuffer(): FrameBuffer {
  return { bytes: new Uint8Array(1 << 16), length: 0 };
}

/** Appends a copy of `bytes`. */
export function putFrame(to: FrameBuffer, kind: FrameKind, bytes: Uint8Array): void {
  const start = to.length + HEADER;
  const end = start + ((bytes.length + 7) & ~7);
  if (end > to.bytes.length) {
    const grown = new Uint8Array(Math.max(end, 2 * to.bytes.length));
    grown.set(to.bytes.subarray(0, to.length));
    to.bytes = grown;
  }
  to.bytes.fill(0, to.length, start);
  to.bytes[to.length] = KINDS.indexOf(kind);
  new DataView(to.bytes.buffer, to.length).setUint32(4, bytes.length, true);
  to.bytes.set(bytes, start);
  to.bytes.fill(0, start + bytes.length, end);
  to.length = end;
}

/** The journal row of the frames; valid until the next `putFrame`. */
export function journalRow({ bytes, length }: FrameBuffer): Uint8Array {
  const frames = bytes.subarray(0, length);
  if (length < PACKED_FROM_BYTES) return frames;
  const packed = zstdCompressSync(frames, FAST);
  if (packed.length + HEADER >= length) return frames;
  const row = new Uint8Array(HEADER + packed.length);
  row[0] = PACKED;
  new DataView(row.buffer).setUint32(4, length, true);
  row.set(packed, HEADER);
  return row;
}

/** Bytes of all frames of a row, of which the first 8 bytes (null: none) and the length are given. */
export function unpackedBytes(start: Uint8Array | null, bytes: number): number {
  if (start === null || start[0] !== PACKED || start.length < HEADER) return bytes;
  return new DataView(start.buffer, start.byteOffset, HEADER).getUint32(4, true);
}

function unpacked(seq: number, row: Uint8Array): Uint8Array {
  if (row[0] !== PACKED) return row;
  const length = unpackedBytes(row, row.length);
  const frames = zstdDecompressSync(row.subarray(HEADER), { maxOutputLength: length });
  if (frames.length !== length) throw new Error(`journal row ${seq} is damaged`);
  // A Buffer's `slice` does not copy, that of a Uint8Array does.
  return new Uint8Array(frames.buffer, frames.byteOffset, length);
}

/** The frames of a journal row, as views on it. Throws when the row does not divide into frames. */
export function takeFrames(seq: number, stored: Uint8Array): Frame[] {
  const frames: Frame[] = [];
  const row = unpacked(seq, stored);
  const view = new DataView(row.buffer, row.byteOffset, row.byteLength);
  let at = 0;
  while (at + HEADER <= row.length) {
    const kind = KINDS[row[at] ?? 255];
    const length = view.getUint32(at + 4, true);
    const end = at + HEADER + length;
    if (kind === undefined || end > row.length) throw new Error(`journal row ${seq} is damaged`);
    frames.push({ seq, kind, bytes: row.subarray(at + HEADER, end) });
    at = (end + 7) & ~7;
  }
  if (at !== row.length) throw new Error(`journal row ${seq} is damaged`);
  return frames;
}
