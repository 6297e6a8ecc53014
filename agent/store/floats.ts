import type { Cursor } from '../batch/bytes.ts';
import { putWhole, takeWhole } from './whole.ts';

const f32 = new Float32Array(1);
const f32Bits = new Int32Array(f32.buffer);
const now = new Float64Array(1);
const nowBytes = new Uint8Array(now.buffer);
const before = new Uint8Array(8);
let whole = new Float64Array(512);

/** Values that fit a float32, as a column of their bits: what a PLC sends unscaled. */
export function putFloat32(to: Cursor, values: Float64Array, count: number): void {
  if (whole.length < count) whole = new Float64Array(2 * count);
  for (let i = 0; i < count; i += 1) {
    f32[0] = values[i] as number;
    whole[i] = f32Bits[0] as number;
  }
  putWhole(to, whole, count, 1);
}

export function takeFloat32(from: Cursor, count: number, out: Float64Array): void {
  takeWhole(from, count, out);
  for (let i = 0; i < count; i += 1) {
    f32Bits[0] = out[i] as number;
    out[i] = f32[0] as number;
  }
}

/**
 * Any doubles: per value one byte (equal bytes at the low end × 16 + at the high end) and the
 * bytes between that differ from the value before.
 */
export function putXor(to: Cursor, values: Float64Array, count: number): void {
  before.fill(0);
  for (let i = 0; i < count; i += 1) {
    const value = values[i] as number;
    now[0] = Number.isNaN(value) ? Number.NaN : value;
    let low = 0;
    while (low < 8 && nowBytes[low] === before[low]) low += 1;
    let high = 0;
    while (high < 8 - low && nowBytes[7 - high] === before[7 - high]) high += 1;
    to.bytes[to.at++] = low * 16 + high;
    for (let b = low; b < 8 - high; b += 1) {
      const byte = nowBytes[b] as number;
      to.bytes[to.at++] = byte;
      before[b] = byte;
    }
  }
}

export function takeXor(from: Cursor, count: number, out: Float64Array): void {
  now[0] = 0;
  for (let i = 0; i < count; i += 1) {
    const control = from.bytes[from.at++] as number;
    const end = 8 - (control & 15);
    for (let b = control >> 4; b < end; b += 1) nowBytes[b] = from.bytes[from.at++] as number;
    out[i] = now[0] as number;
  }
}
