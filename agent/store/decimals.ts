import { type Cursor, putSigned, putUnsigned, takeSigned, takeUnsigned } from './bytes.ts';

/** 1: values that wander about a level (delta); 2: values that run on (delta of delta). */
export type Order = 1 | 2;

const POWERS = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9];
/** Whole numbers up to here, and their differences, are exact in a double. */
const WHOLE = 2 ** 52;
const NO_SCALE = -1;

const f64 = new Float64Array(1);
const f64Bytes = new Uint8Array(f64.buffer);
let whole = new Float64Array(512);
const exceptions: number[] = [];

/**
 * Values that are m / 10^places for whole m, as differences of m. Layout: places × 2 + 1 when the
 * difference never changes; order; first m; first difference; exceptions; differences. Writes
 * nothing and gives false when the values are not of that kind.
 */
export function putDecimals(
  to: Cursor,
  values: Float64Array,
  count: number,
  order: Order,
): boolean {
  const places = decimalPlaces(values, count);
  return places !== NO_SCALE && putWhole(to, values, count, order, places);
}

export function takeDecimals(from: Cursor, count: number, out: Float64Array): void {
  const { bytes } = from;
  const form = bytes[from.at++] as number;
  const power = POWERS[form >> 1] ?? Number.NaN;
  const order = bytes[from.at++] as number;
  const first = takeSigned(from);
  const step = takeSigned(from);
  const special = takeUnsigned(from);
  const specialsAt = from.at;
  for (let i = 0; i < special; i += 1) {
    takeUnsigned(from);
    from.at += 8;
  }
  out[0] = first / power;
  if (form % 2 === 1) {
    for (let i = 1; i < count; i += 1) out[i] = (first + i * step) / power;
  } else if (order === 2) takeSecond(from, first, step, power, count, out);
  else takeFirst(from, first, power, count, out);
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

function putWhole(
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
  const steady = isSteady(count, step);
  to.bytes[to.at++] = places * 2 + (steady ? 1 : 0);
  to.bytes[to.at++] = order;
  putSigned(to, first);
  putSigned(to, step);
  putExceptions(to, values);
  if (steady) return true;
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

/** The loop a study spends its time in: one byte a value is the usual case. */
function takeFirst(
  from: Cursor,
  first: number,
  power: number,
  count: number,
  out: Float64Array,
): void {
  const bytes = from.bytes;
  let at = from.at;
  let m = first;
  for (let i = 1; i < count; i += 1) {
    let z = bytes[at++] as number;
    if (z >= 128) {
      const next = bytes[at++] as number;
      z = (z & 127) | (next << 7);
      if (next >= 128) {
        from.at = at - 2;
        m += takeSigned(from);
        at = from.at;
        z = 0;
      }
    }
    m += (z >>> 1) ^ -(z & 1);
    out[i] = m / power;
  }
  from.at = at;
}

function takeSecond(
  from: Cursor,
  first: number,
  step: number,
  power: number,
  count: number,
  out: Float64Array,
): void {
  const bytes = from.bytes;
  let at = from.at;
  let m = first;
  let delta = step;
  for (let i = 1; i < count; i += 1) {
    let z = bytes[at++] as number;
    if (z >= 128) {
      const next = bytes[at++] as number;
      z = (z & 127) | (next << 7);
      if (next >= 128) {
        from.at = at - 2;
        delta += takeSigned(from);
        at = from.at;
        z = 0;
      }
    }
    delta += (z >>> 1) ^ -(z & 1);
    m += delta;
    out[i] = m / power;
  }
  from.at = at;
}
