import type { Cursor } from '../batch/bytes.ts';
import { putDecimals, takeDecimals } from './decimals.ts';
import { putFloat32, putXor, takeFloat32, takeXor } from './floats.ts';
import type { Order } from './whole.ts';

/**
 * One column of doubles as few bytes, exactly: decimals as deltas of whole numbers, float32 as
 * deltas of their bits, everything else as the bytes that differ from the value before. The plan
 * is that of Gorilla (Pelkonen et al., VLDB 2015), on bytes instead of bits, which JavaScript
 * reads several times faster.
 */

/** Most bytes that one value can take, with its share of the exceptions; for sizing buffers. */
export const BYTES_PER_VALUE = 20;
/** The same for what a column needs besides its values. */
export const BYTES_PER_COLUMN = 32;

const EMPTY = 0;
const DECIMAL = 1;
const FLOAT32 = 2;
const XOR = 3;

const reading: Cursor = { bytes: new Uint8Array(0), at: 0 };

/** Appends `count` values. Every double comes back as it was; all NaN are one NaN. */
export function putColumn(to: Cursor, values: Float64Array, count: number, order: Order): void {
  if (allNaN(values, count)) {
    to.bytes[to.at++] = EMPTY;
    return;
  }
  const form = to.at;
  to.bytes[to.at++] = DECIMAL;
  if (putDecimals(to, values, count, order)) return;
  const narrow = allFloat32(values, count);
  to.bytes[form] = narrow ? FLOAT32 : XOR;
  if (narrow) putFloat32(to, values, count);
  else putXor(to, values, count);
}

/** Reads the column in bytes[at, end) into `out`; throws when it does not end where it should. */
export function takeColumn(
  bytes: Uint8Array,
  at: number,
  end: number,
  count: number,
  out: Float64Array,
): void {
  const form = bytes[at] as number;
  reading.bytes = bytes;
  reading.at = at + 1;
  if (form === EMPTY) out.fill(Number.NaN, 0, count);
  else if (form === DECIMAL) takeDecimals(reading, count, out);
  else if (form === FLOAT32) takeFloat32(reading, count, out);
  else if (form === XOR) takeXor(reading, count, out);
  else throw new Error(`unknown column form ${form}`);
  if (reading.at !== end) throw new Error('column is damaged');
}

function allNaN(values: Float64Array, count: number): boolean {
  for (let i = 0; i < count; i += 1) if (!Number.isNaN(values[i])) return false;
  return true;
}

function allFloat32(values: Float64Array, count: number): boolean {
  for (let i = 0; i < count; i += 1) {
    if (!Object.is(Math.fround(values[i] as number), values[i])) return false;
  }
  return true;
}
