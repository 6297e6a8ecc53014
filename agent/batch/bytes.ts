/** A position in bytes, for writing or reading. The caller sees to it that there is room. */
export interface Cursor {
  bytes: Uint8Array;
  /** the next byte */
  at: number;
}

/** Whole number ≥ 0 and < 2^53 as a varint (7 bits a byte, lowest first). */
export function putUnsigned(to: Cursor, value: number): void {
  let rest = value;
  while (rest >= 0x8000_0000) {
    to.bytes[to.at++] = (rest % 128) + 128;
    rest = Math.floor(rest / 128);
  }
  while (rest >= 128) {
    to.bytes[to.at++] = (rest & 127) | 128;
    rest >>>= 7;
  }
  to.bytes[to.at++] = rest;
}

export function takeUnsigned(from: Cursor): number {
  let byte = from.bytes[from.at++] as number;
  let value = byte & 127;
  let weight = 128;
  while (byte >= 128) {
    byte = from.bytes[from.at++] as number;
    value += (byte & 127) * weight;
    weight *= 128;
  }
  return value;
}

/** Whole number of magnitude ≤ 2^52 as a zigzag varint: small ones of either sign stay short. */
export function putSigned(to: Cursor, value: number): void {
  putUnsigned(to, value >= 0 ? 2 * value : -2 * value - 1);
}

export function takeSigned(from: Cursor): number {
  const z = takeUnsigned(from);
  return z % 2 === 0 ? z / 2 : -(z + 1) / 2;
}
