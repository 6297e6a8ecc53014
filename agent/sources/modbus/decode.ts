import { QUALITY } from '../../model.ts';
import type { Packing } from './decode-text.ts';

/** Types a register field can have; `bool` is a coil or a discrete input. */
export const TYPES = [
  'uint8',
  'int8',
  'uint16',
  'int16',
  'uint32',
  'int32',
  'uint64',
  'int64',
  'float32',
  'float64',
  'float16',
  'bcd16',
  'bcd32',
  'bit',
  'bool',
  'string',
] as const;
export type FieldType = (typeof TYPES)[number];

/**
 * The letters of the value's bytes, A the most significant, in the order in which they stand in
 * the registers. A register holds its own two bytes high first on the wire, so BA is a swap.
 */
export const ORDERS_16 = ['AB', 'BA'] as const;
export const ORDERS_32 = ['ABCD', 'CDAB', 'BADC', 'DCBA'] as const;
export const ORDERS_64 = [
  'ABCDEFGH', // big-endian
  'GHEFCDAB', // words swapped
  'BADCFEHG', // bytes swapped inside each word
  'HGFEDCBA', // little-endian
  'EFGHABCD', // halves swapped
  'CDABGHEF', // words swapped inside each half
  'DCBAHGFE', // little-endian halves, high half first
  'FEHGBADC', // halves swapped, bytes swapped inside each word
] as const;
export type Order =
  | (typeof ORDERS_16)[number]
  | (typeof ORDERS_32)[number]
  | (typeof ORDERS_64)[number];

/** A value with its quality. One object is reused for every call: read it at once. */
export interface Decoded {
  value: number;
  quality: number;
}

export interface FieldRule {
  type: FieldType;
  /** as resolved by `orderFor` */
  order: Order;
  /** bit of a register, 0 = least significant */
  bit: number;
  /** which byte of a register an 8-bit number is; the low one when left out */
  byte?: 'low' | 'high';
  scale: number;
  offset: number;
  min: number | null;
  max: number | null;
  /** raw values that mean "not available" */
  sentinels: readonly number[];
  /** lowest and highest of the bits that count; all of them when left out */
  bits?: { from: number; to: number } | null;
  /** values beyond these are set to them */
  clamp?: { min: number; max: number } | null;
}

/** Registers a field occupies; for coils and discrete inputs, bits. */
export function widthOf(type: FieldType, characters = 0, packing: Packing = 'two'): number {
  if (type === 'string') return packing === 'two' ? Math.ceil(characters / 2) : characters;
  if (type.endsWith('64')) return 4;
  return type.endsWith('32') ? 2 : 1;
}

/** The order a unit's 32-bit order means for a type of another width. */
export function orderFor(type: FieldType, unitOrder: (typeof ORDERS_32)[number]): Order {
  const width = type === 'string' ? 1 : widthOf(type);
  if (width === 2) return unitOrder;
  const bytesSwapped = unitOrder === 'BADC' || unitOrder === 'DCBA';
  if (width === 1) return bytesSwapped ? 'BA' : 'AB';
  const wide = { ABCD: 'ABCDEFGH', CDAB: 'GHEFCDAB', BADC: 'BADCFEHG', DCBA: 'HGFEDCBA' } as const;
  return wide[unitOrder];
}

/** Floats below are subnormal (IEEE 754): no measurement is, but bytes in another order often are. */
const SMALLEST: Partial<Record<FieldType, number>> = { float32: 2 ** -126, float64: 2 ** -1022 };

/**
 * Makes the reader of one field: bytes of an answer and the byte (for `bool`: the bit) where the
 * field starts, to a value in engineering units with its quality. Reads beyond the answer throw:
 * the length was checked before. A bad value is NaN with BAD_SENTINEL, BAD_RANGE or BAD_VALUE; an
 * integer beyond 2^53 is rounded to the nearest double and says UNCERTAIN_CLAMPED.
 */
export function decoder(rule: FieldRule): (view: DataView, at: number) => Decoded {
  const whole = rawReader(rule);
  const read = rule.bits ? bitRange(whole, rule.bits.from, rule.bits.to) : whole;
  const clamp = rule.clamp ?? null;
  const { scale, offset, sentinels } = rule;
  const min = rule.min ?? Number.NEGATIVE_INFINITY;
  const max = rule.max ?? Number.POSITIVE_INFINITY;
  const smallest = SMALLEST[rule.type] ?? 0;
  const wide = rule.type === 'int64' || rule.type === 'uint64';
  const result: Decoded = { value: 0, quality: 0 };
  const bad = (quality: number): Decoded => {
    result.value = Number.NaN;
    result.quality = quality;
    return result;
  };
  return (view, at) => {
    const raw = read(view, at);
    if (sentinels.length > 0 && sentinels.includes(raw)) return bad(QUALITY.BAD_SENTINEL);
    if (raw !== 0 && Math.abs(raw) < smallest) return bad(QUALITY.BAD_VALUE);
    const value = raw * scale + offset;
    if (!Number.isFinite(value)) return bad(QUALITY.BAD_VALUE);
    if (value < min || value > max) return bad(QUALITY.BAD_RANGE);
    result.value = clamp ? Math.min(clamp.max, Math.max(clamp.min, value)) : value;
    const inexact = (wide && Math.abs(raw) > Number.MAX_SAFE_INTEGER) || result.value !== value;
    result.quality = inexact ? QUALITY.UNCERTAIN_CLAMPED : QUALITY.GOOD;
    return result;
  };
}

/** Reads an unscaled counter: what sequence fields are. */
export function counterReader(
  type: 'uint16' | 'uint32',
  order: Order,
): (view: DataView, at: number) => number {
  return rawReader({ type, order, bit: 0 });
}

type RawRule = Pick<FieldRule, 'type' | 'order' | 'bit' | 'byte'>;

function rawReader(rule: RawRule): (view: DataView, at: number) => number {
  const { type, order, bit } = rule;
  if (type === 'bool') return (view, at) => (view.getUint8(at >> 3) >> (at & 7)) & 1;
  const little = order.charCodeAt(0) - A > order.charCodeAt(1) - A;
  if (type === 'bit') return (view, at) => (view.getUint16(at, little) >> bit) & 1;
  if (type === 'uint8' || type === 'int8') return byteReader(rule, little);
  if (type === 'uint16') return (view, at) => view.getUint16(at, little);
  if (type === 'int16') return (view, at) => view.getInt16(at, little);
  if (type === 'float16') return (view, at) => halfFloat(view.getUint16(at, little));
  if (type === 'bcd16') return (view, at) => bcd(view.getUint16(at, little));
  const words = wordOrder(order);
  return words.length === 2 ? reader32(type, words, little) : reader64(type, words, little);
}

function byteReader({ type, byte }: RawRule, little: boolean) {
  const place = (byte === 'high') === little ? 1 : 0;
  return type === 'int8'
    ? (view: DataView, at: number) => view.getInt8(at + place)
    : (view: DataView, at: number) => view.getUint8(at + place);
}

function bitRange(read: (view: DataView, at: number) => number, from: number, to: number) {
  const mask = 2 ** (to - from + 1) - 1;
  return (view: DataView, at: number) => ((read(view, at) >>> from) & mask) >>> 0;
}

/** IEEE 754 binary16: 1 sign, 5 exponent, 10 fraction bits. */
function halfFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** Four bits a decimal digit; NaN when one of them is none. */
function bcd(bits: number): number {
  let value = 0;
  for (let shift = 28; shift >= 0; shift -= 4) {
    const digit = (bits >>> shift) & 15;
    if (digit > 9) return Number.NaN;
    value = 10 * value + digit;
  }
  return value;
}

const A = 'A'.charCodeAt(0);

/** For each word of the value, most significant first, the register it stands in. */
function wordOrder(order: Order): number[] {
  const words: number[] = [];
  for (let i = 0; i < order.length / 2; i += 1) {
    words[(order.charCodeAt(2 * i) - A) >> 1] = i;
  }
  return words;
}

function reader32(type: FieldType, words: number[], little: boolean) {
  const [high, low] = [2 * (words[0] ?? 0), 2 * (words[1] ?? 0)];
  const scratch = new DataView(new ArrayBuffer(4));
  const bits = (view: DataView, at: number) =>
    ((view.getUint16(at + high, little) << 16) | view.getUint16(at + low, little)) >>> 0;
  if (type === 'uint32') return bits;
  if (type === 'bcd32') return (view: DataView, at: number) => bcd(bits(view, at));
  if (type === 'int32') return (view: DataView, at: number) => bits(view, at) | 0;
  if (high < low && !little) return (view: DataView, at: number) => view.getFloat32(at);
  return (view: DataView, at: number) => {
    scratch.setUint32(0, bits(view, at));
    return scratch.getFloat32(0);
  };
}

function reader64(type: FieldType, words: number[], little: boolean) {
  const places = words.map((w) => 2 * w);
  const scratch = new DataView(new ArrayBuffer(8));
  const gather = (view: DataView, at: number) => {
    for (let i = 0; i < 4; i += 1) {
      scratch.setUint16(2 * i, view.getUint16(at + (places[i] as number), little));
    }
    return scratch;
  };
  if (type === 'float64') return (view: DataView, at: number) => gather(view, at).getFloat64(0);
  if (type === 'int64') {
    return (view: DataView, at: number) => Number(gather(view, at).getBigInt64(0));
  }
  return (view: DataView, at: number) => Number(gather(view, at).getBigUint64(0));
}
