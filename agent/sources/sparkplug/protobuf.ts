/** Why bytes are no Sparkplug payload, in words for people. */
export class ProtobufError extends Error {
  override name = 'ProtobufError';
}

/** One field of a message; only the part that fits its wire type is meaningful. */
export interface Field {
  number: number;
  wire: number;
  /** lower and upper half of a varint or a fixed 64-bit number, both unsigned */
  low: number;
  high: number;
  /** contents of a length-delimited field, as offsets in the buffer */
  from: number;
  to: number;
}

const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;
const VARINT_MOST = 10;

/**
 * Calls `take` for every field between two offsets (protobuf encoding, "Message Structure").
 * The field object is reused. Throws a ProtobufError when the bytes do not divide into fields;
 * nothing is ever read beyond `to`, and no field is looked into that the caller does not ask for.
 */
export function eachField(
  bytes: Buffer,
  from: number,
  to: number,
  take: (field: Field) => void,
): void {
  const field: Field = { number: 0, wire: 0, low: 0, high: 0, from: 0, to: 0 };
  let at = from;
  while (at < to) {
    at = varint(bytes, at, to, field);
    if (field.high !== 0) throw new ProtobufError('a field number is out of range');
    field.number = field.low >>> 3;
    field.wire = field.low & 7;
    if (field.number === 0) throw new ProtobufError('field number 0');
    at = contents(bytes, at, to, field);
    take(field);
  }
}

function contents(bytes: Buffer, at: number, to: number, field: Field): number {
  if (field.wire === VARINT) return varint(bytes, at, to, field);
  if (field.wire === BYTES) {
    const start = varint(bytes, at, to, field);
    if (field.high !== 0 || field.low > to - start) throw new ProtobufError('cut short');
    field.from = start;
    field.to = start + field.low;
    return field.to;
  }
  if (field.wire !== FIXED32 && field.wire !== FIXED64) {
    throw new ProtobufError(`wire type ${field.wire} is not known`);
  }
  const size = field.wire === FIXED32 ? 4 : 8;
  if (at + size > to) throw new ProtobufError('cut short');
  field.from = at;
  field.to = at + size;
  field.low = bytes.readUInt32LE(at);
  field.high = size === 8 ? bytes.readUInt32LE(at + 4) : 0;
  return at + size;
}

/** Reads up to ten bytes of seven bits into two halves; returns where it ended. */
function varint(bytes: Buffer, start: number, to: number, into: Field): number {
  let low = 0;
  let high = 0;
  for (let i = 0; i < VARINT_MOST; i += 1) {
    const at = start + i;
    if (at >= to) throw new ProtobufError('cut short');
    const byte = bytes[at] as number;
    const bits = byte & 0x7f;
    if (i < 4) low |= bits << (7 * i);
    else if (i === 4) {
      low |= bits << 28;
      high = bits >> 4;
    } else high |= bits << (7 * i - 32);
    if (byte < 0x80) {
      into.low = low >>> 0;
      into.high = high >>> 0;
      return at + 1;
    }
  }
  throw new ProtobufError('a number has more than ten bytes');
}

/** A varint or fixed64 as a number: unsigned 64 bits; beyond 2^53 it is the nearest double. */
export const unsigned64 = (f: { low: number; high: number }): number =>
  f.high * 4_294_967_296 + f.low;
