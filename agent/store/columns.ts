import { type Cursor, putSigned, putUnsigned, takeSigned, takeUnsigned } from './bytes.ts';
import { putFloat32, putXor, takeFloat32, takeXor } from './floats.ts';

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

/** 1: values that wander about a level (delta); 2: values that run on (delta of delta). */
export type Order = 1 | 2;

const EMPTY = 0;
const STEADY = 1;
const DECIMAL = 2;
const FLOAT32 = 3;
const XOR = 4;

const POWERS = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9];
/** Whole numbers up to here, and their differences, are exact in a double. */
const WHOLE = 2 ** 52;
const NO_SCALE = -1;

const f64 = new Float64Array(1);
const f64Bytes = new Uint8Array(f64.buffer);
let whole = new Float64Array(512);
const exceptions: number[] = [];
const reading: Cursor = { bytes: new Uint8Array(0), at: 0 };

/** Appends `count` values. Every double comes back as it was; all NaN are one NaN. */
export function putColumn(to: Cursor, values: Float64Array, count: number, order: Order): void {
  if (allNaN(values, count)) {
    to.bytes[to.at++] = EMPTY;
    return;
  }
  const scale = decimalPlaces(values, count);
  if (scale !== NO_SCALE && putDecimals(to, values, count, order, scale)) return;
  const narrow = allFloat32(values, count);
  to.bytes[to.at++] = narrow ? FLOAT32 : XOR;
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
  const mode = bytes[at] as number;
  const form = mode & 15;
  reading.bytes = bytes;
  reading.at = at + 1;
  if (form === EMPTY) out.fill(Number.NaN, 0, count);
  else if (form === STEADY || form === DECIMAL) takeDecimals(bytes, at, count, out);
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

/** Not a number of the decimal grid: kept raw beside the column. */
function isSpecial(value: number): boolean {
  return !Number.isFinite(value) || Object.is(value, -0);
}

/**
 * Fewest decimal places with which every value is m / 10^places for a whole m, bit for bit. Up to
 * one value in eight may be an exception.
 */
function decimalPlaces(values: Float64Array, count: number): number {
  let places = 0;
  let power = 1;
  let left = count >> 3;
  for (let i = 0; i < count; i += 1) {
    const value = values[i] as number;
    let fits = false;
    if (!isSpecial(value)) {
      const before = places;
      fits = onGrid(value, power);
      while (!fits && places < POWERS.length - 1) {
        places += 1;
        power = POWERS[places] as number;
        fits = onGrid(value, power);
      }
      if (!fits) {
        places = before;
        power = POWERS[before] as number;
      }
    }
    if (!fits) {
      left -= 1;
      if (left < 0) return NO_SCALE;
    }
  }
  return places;
}

function onGrid(value: number, power: number): boolean {
  const m = Math.round(value * power);
  return m / power === value && m < WHOLE && m > -WHOLE;
}

function putDecimals(
  to: Cursor,
  values: Float64Array,
  count: number,
  order: Order,
  places: number,
): boolean {
  const power = POWERS[places] as number;
  const start = to.at;
  if (whole.length < count) whole = new Float64Array(2 * count);
  exceptions.length = 0;
  let last = 0;
  for (let i = 0; i < count; i += 1) {
    const value = values[i] as number;
    if (!isSpecial(value) && onGrid(value, power)) last = Math.round(value * power);
    else exceptions.push(i);
    whole[i] = last;
  }
  const first = whole[0] as number;
  const step = count > 1 && order === 2 ? (whole[1] as number) - first : 0;
  to.bytes[to.at++] = places * 16 + (isSteady(count, step) ? STEADY : DECIMAL);
  to.bytes[to.at++] = order;
  putSigned(to, first);
  putSigned(to, step);
  putExceptions(to, values);
  if ((to.bytes[start] as number) % 16 === STEADY) return true;
  let before = first;
  let delta = step;
  for (let i = 1; i < count; i += 1) {
    const m = whole[i] as number;
    const change = m - before - delta;
    if (change >= WHOLE || change <= -WHOLE) {
      to.at = start;
      return false;
    }
    putSigned(to, change);
    if (order === 2) delta = m - before;
    before = m;
  }
  return true;
}

function isSteady(count: number, step: number): boolean {
  for (let i = 1; i < count; i += 1) {
    if ((whole[i] as number) - (whole[i - 1] as number) !== step) return false;
  }
  return true;
}

function putExceptions(to: Cursor, values: Float64Array): void {
  putUnsigned(to, exceptions.length);
  for (const i of exceptions) {
    putUnsigned(to, i);
    f64[0] = values[i] as number;
    to.bytes.set(f64Bytes, to.at);
    to.at += 8;
  }
}

function takeDecimals(bytes: Uint8Array, start: number, count: number, out: Float64Array): void {
  const mode = bytes[start] as number;
  const power = POWERS[mode >> 4] as number;
  const order = bytes[start + 1] as number;
  reading.at = start + 2;
  const first = takeSigned(reading);
  const step = takeSigned(reading);
  const special = takeUnsigned(reading);
  const specialsAt = reading.at;
  for (let i = 0; i < special; i += 1) {
    takeUnsigned(reading);
    reading.at += 8;
  }
  out[0] = first / power;
  if ((mode & 15) === STEADY) {
    for (let i = 1; i < count; i += 1) out[i] = (first + i * step) / power;
  } else if (order === 2) takeSecond(first, step, power, count, out);
  else takeFirst(first, power, count, out);
  const end = reading.at;
  reading.at = specialsAt;
  for (let i = 0; i < special; i += 1) {
    const index = takeUnsigned(reading);
    f64Bytes.set(bytes.subarray(reading.at, reading.at + 8));
    if (index < count) out[index] = f64[0] as number;
    reading.at += 8;
  }
  reading.at = end;
}

/** The loop a study spends its time in: one byte a value is the usual case. */
function takeFirst(first: number, power: number, count: number, out: Float64Array): void {
  const bytes = reading.bytes;
  let at = reading.at;
  let m = first;
  for (let i = 1; i < count; i += 1) {
    const byte = bytes[at] as number;
    if (byte < 128) {
      at += 1;
      m += (byte >>> 1) ^ -(byte & 1);
    } else {
      reading.at = at;
      m += takeSigned(reading);
      at = reading.at;
    }
    out[i] = m / power;
  }
  reading.at = at;
}

function takeSecond(
  first: number,
  step: number,
  power: number,
  count: number,
  out: Float64Array,
): void {
  const bytes = reading.bytes;
  let at = reading.at;
  let m = first;
  let delta = step;
  for (let i = 1; i < count; i += 1) {
    const byte = bytes[at] as number;
    if (byte < 128) {
      at += 1;
      delta += (byte >>> 1) ^ -(byte & 1);
    } else {
      reading.at = at;
      delta += takeSigned(reading);
      at = reading.at;
    }
    m += delta;
    out[i] = m / power;
  }
  reading.at = at;
}
