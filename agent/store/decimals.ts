import { type Cursor, putUnsigned, takeUnsigned } from '../batch/bytes.ts';
import { type Order, putWhole, takeWhole, WHOLE } from './whole.ts';

const POWERS = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9];
const NO_SCALE = -1;

const f64 = new Float64Array(1);
const f64Bytes = new Uint8Array(f64.buffer);
let whole = new Float64Array(512);
const exceptions: number[] = [];

/**
 * Values that are m / 10^places for whole m, bit for bit. Layout: places u8; exceptions (count,
 * then index and raw double each); the column of m. Gives false, with nothing written, when the
 * values are not of that kind.
 */
export function putDecimals(to: Cursor, values: Float64Array, count: number, order: Order) {
  const places = decimalPlaces(values, count);
  if (places === NO_SCALE) return false;
  const start = to.at;
  const power = POWERS[places] as number;
  if (whole.length < count) whole = new Float64Array(2 * count);
  exceptions.length = 0;
  let last = 0;
  for (let i = 0; i < count; i += 1) {
    const value = values[i] as number;
    if (!isSpecial(value) && onGrid(value, power)) last = Math.round(value * power);
    else exceptions.push(i);
    whole[i] = last;
  }
  to.bytes[to.at++] = places;
  putUnsigned(to, exceptions.length);
  for (const i of exceptions) {
    putUnsigned(to, i);
    f64[0] = values[i] as number;
    to.bytes.set(f64Bytes, to.at);
    to.at += 8;
  }
  const written = putWhole(to, whole, count, order);
  if (!written) to.at = start;
  return written;
}

export function takeDecimals(from: Cursor, count: number, out: Float64Array): void {
  const { bytes } = from;
  const power = POWERS[bytes[from.at++] as number] ?? Number.NaN;
  const special = takeUnsigned(from);
  const specialsAt = from.at;
  for (let i = 0; i < special; i += 1) {
    takeUnsigned(from);
    from.at += 8;
  }
  takeWhole(from, count, out);
  if (power !== 1) for (let i = 0; i < count; i += 1) out[i] = (out[i] as number) / power;
  const end = from.at;
  from.at = specialsAt;
  for (let i = 0; i < special; i += 1) {
    const index = takeUnsigned(from);
    f64Bytes.set(bytes.subarray(from.at, from.at + 8));
    if (index < count) out[index] = f64[0] as number;
    from.at += 8;
  }
  from.at = end;
}

/** Not a number of the decimal grid: kept raw beside the column. */
function isSpecial(value: number): boolean {
  return !Number.isFinite(value) || Object.is(value, -0);
}

/**
 * Fewest decimal places with which every value is m / 10^places for a whole m. Up to one value in
 * eight may be an exception.
 */
function decimalPlaces(values: Float64Array, count: number): number {
  let places = 0;
  let left = count >> 3;
  for (let i = 0; i < count; i += 1) {
    const value = values[i] as number;
    const wanted = isSpecial(value) ? NO_SCALE : placesOf(value, places);
    if (wanted !== NO_SCALE) places = wanted;
    else if (left > 0) left -= 1;
    else return NO_SCALE;
  }
  return places;
}

/** Places that the value needs, at least `from`. */
function placesOf(value: number, from: number): number {
  for (let places = from; places < POWERS.length; places += 1) {
    if (onGrid(value, POWERS[places] as number)) return places;
  }
  return NO_SCALE;
}

function onGrid(value: number, power: number): boolean {
  const m = Math.round(value * power);
  return m / power === value && m < WHOLE && m > -WHOLE;
}
