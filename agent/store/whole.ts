import { type Cursor, putSigned, takeSigned } from '../batch/bytes.ts';

/**
 * How a column of whole numbers runs: 1 wanders about a level, 2 runs on (times, counters). The
 * bytes are differences of that order, or of order 0 (from the first number) when that is shorter.
 */
export type Order = 1 | 2;

/** Whole numbers and differences below this are exact in a double, and fit a zigzag varint. */
export const WHOLE = 2 ** 52;

const STEADY = 0;
const VARINT = 1;
/** One byte, or two, per number, counted from the smallest: read without a branch. */
const BYTE = 2;
const PAIR = 3;

let scratch = new Float64Array(512);

/**
 * Layout: kind × 4 + order; first number; first step when the order is 2; the smallest difference
 * when the width is fixed; the differences. False, with nothing written, when numbers are too far
 * apart.
 */
export function putWhole(to: Cursor, m: Float64Array, count: number, order: Order): boolean {
  if (scratch.length < count) scratch = new Float64Array(2 * count);
  const first = m[0] as number;
  const step = order === 2 && count > 1 ? (m[1] as number) - first : 0;
  let shape = shapeOf(m, count, order);
  let used: 0 | Order = order;
  if (shape.largest >= WHOLE) return false;
  if (order === 1 && shape.bytes > 0) {
    const level = shapeOf(m, count, 0);
    if (level.kind !== VARINT && level.bytes <= shape.bytes) {
      shape = level;
      used = 0;
    } else shapeOf(m, count, order);
  }
  to.bytes[to.at++] = shape.kind * 4 + used;
  putSigned(to, first);
  if (used === 2) putSigned(to, step);
  putDifferences(to, count, shape);
  return true;
}

/** Reads the numbers into `out`. */
export function takeWhole(from: Cursor, count: number, out: Float64Array): void {
  const form = from.bytes[from.at++] as number;
  const kind = form >> 2;
  const order = form & 3;
  const first = takeSigned(from);
  const step = order === 2 ? takeSigned(from) : 0;
  out[0] = first;
  if (kind === STEADY) {
    for (let i = 1; i < count; i += 1) out[i] = first + i * step;
    return;
  }
  if (kind === VARINT) takeVarints(from, count, out);
  else takeFixed(from, kind === BYTE ? 1 : 2, count, out);
  if (order === 2) addTwice(first, step, count, out);
  else if (order === 1) addUp(first, count, out);
  else for (let i = 1; i < count; i += 1) out[i] = first + (out[i] as number);
}

interface Shape {
  kind: number;
  /** of all differences */
  bytes: number;
  smallest: number;
  largest: number;
}

/** Puts the differences into `scratch` and says how to write them in the fewest bytes. */
function shapeOf(m: Float64Array, count: number, order: 0 | Order): Shape {
  let smallest = Infinity;
  let biggest = -Infinity;
  let varint = 0;
  const first = m[0] as number;
  let before = first;
  let delta = order === 2 && count > 1 ? (m[1] as number) - first : 0;
  for (let i = 1; i < count; i += 1) {
    const now = m[i] as number;
    const change = now - before - delta;
    scratch[i] = change;
    if (change < smallest) smallest = change;
    if (change > biggest) biggest = change;
    varint += varintBytes(change);
    if (order === 2) delta = now - before;
    if (order !== 0) before = now;
  }
  const largest = Math.max(Math.abs(smallest), Math.abs(biggest));
  const range = biggest - smallest;
  const fixed = (count - 1) * (range < 256 ? 1 : 2);
  if (count < 2 || largest === 0) return { kind: STEADY, bytes: 0, smallest: 0, largest: 0 };
  if (range >= 65_536 || fixed > varint) return { kind: VARINT, bytes: varint, smallest, largest };
  return { kind: range < 256 ? BYTE : PAIR, bytes: fixed, smallest, largest };
}

function varintBytes(change: number): number {
  const z = change < 0 ? -2 * change : 2 * change;
  if (z < 128) return 1;
  return z < 16_384 ? 2 : Math.ceil(Math.log2(z + 1) / 7);
}

function putDifferences(to: Cursor, count: number, { kind, smallest }: Shape): void {
  if (kind === STEADY) return;
  if (kind !== VARINT) putSigned(to, smallest);
  for (let i = 1; i < count; i += 1) {
    const change = scratch[i] as number;
    if (kind === VARINT) putSigned(to, change);
    else {
      const above = change - smallest;
      to.bytes[to.at++] = above & 255;
      if (kind === PAIR) to.bytes[to.at++] = above >> 8;
    }
  }
}

function takeFixed(from: Cursor, width: 1 | 2, count: number, out: Float64Array): void {
  const smallest = takeSigned(from);
  const { bytes, at } = from;
  if (width === 1) {
    for (let i = 1; i < count; i += 1) out[i] = smallest + (bytes[at + i - 1] as number);
  } else {
    for (let i = 1, b = at; i < count; i += 1, b += 2) {
      out[i] = smallest + ((bytes[b] as number) | ((bytes[b + 1] as number) << 8));
    }
  }
  from.at = at + width * (count - 1);
}

function takeVarints(from: Cursor, count: number, out: Float64Array): void {
  const { bytes } = from;
  let at = from.at;
  for (let i = 1; i < count; i += 1) {
    let z = bytes[at] as number;
    if (z < 128) at += 1;
    else {
      const next = bytes[at + 1] as number;
      if (next >= 128) {
        from.at = at;
        out[i] = takeSigned(from);
        at = from.at;
        continue;
      }
      z = (z & 127) | (next << 7);
      at += 2;
    }
    out[i] = (z >>> 1) ^ -(z & 1);
  }
  from.at = at;
}

function addUp(first: number, count: number, out: Float64Array): void {
  let m = first;
  for (let i = 1; i < count; i += 1) {
    m += out[i] as number;
    out[i] = m;
  }
}

function addTwice(first: number, step: number, count: number, out: Float64Array): void {
  let m = first;
  let delta = step;
  for (let i = 1; i < count; i += 1) {
    delta += out[i] as number;
    m += delta;
    out[i] = m;
  }
}
