import type { Frame, FrameKind } from './store.ts';

/**
 * Journal row: frames one after another. Each has a header of 8 bytes (kind u8, three zeros, length
 * u32 little-endian) and its bytes, zero-padded to a multiple of 8, so that a batch inside a row
 * that starts aligned is aligned too.
 */
const HEADER = 8;
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

/** The frames of a journal row, as views on it. Throws when the row does not divide into frames. */
export function takeFrames(seq: number, row: Uint8Array): Frame[] {
  const frames: Frame[] = [];
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
