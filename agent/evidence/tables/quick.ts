/** Readings straight from the bytes of lines of plain numbers; any other line goes the long way. */
import type { Dialect } from './dialect.ts';

const LINE_FEED = 10;
const RETURN = 13;
const MINUS = 45;
const ZERO = 48;
const NINE = 57;
const NEVER = -1;
/** As in the long way: so many digits and powers of ten are exact in a double. */
const MOST_DIGITS = 15;
const POWERS = Float64Array.from({ length: MOST_DIGITS + 1 }, (_, i) => 10 ** i);
const BATCH = 4096;

/** Which cells of a row are readings. */
export interface Wanted {
  /** columns from 0, in the order in which their readings are handed over */
  places: readonly number[];
  /** most cells of a row */
  width: number;
}

export interface Ways {
  /** scans whole lines cell by cell; answers how many bytes it took */
  slow(bytes: Uint8Array): number;
  /** true once lines may be read the quick way: the header, which may hold numbers, has gone by */
  ready(): boolean;
  /** readings of some rows one after another; the array is reused */
  take(readings: Float64Array): void;
}

/** Hands over the complete lines of some bytes in order, and answers how many bytes they took. */
export function scanQuick(
  { delimiter, decimal }: Dialect,
  { places, width }: Wanted,
  { slow, ready, take }: Ways,
): (bytes: Uint8Array) => number {
  const cut = delimiter.charCodeAt(0);
  const point = decimal.charCodeAt(0);
  const each = places.length;
  const slots = new Int32Array(Math.max(...places) + 1).fill(NEVER);
  for (const [i, place] of places.entries()) slots[place] = i;
  const batch = new Float64Array(BATCH * each);
  let count = 0;
  let quick = ready();
  const flush = () => {
    if (count > 0) take(batch.subarray(0, count));
    count = 0;
  };
  const row = rowReader(cut, point, slots, each, width);
  return (bytes) => {
    const end = bytes.lastIndexOf(LINE_FEED) + 1;
    let at = 0;
    while (at < end) {
      const next = quick ? row(bytes, at, batch, count) : NEVER;
      if (next === NEVER) {
        flush();
        const stop = bytes.indexOf(LINE_FEED, at) + 1;
        slow(bytes.subarray(at, stop));
        quick = ready();
        at = stop;
        continue;
      }
      at = next;
      count += each;
      if (count === batch.length) flush();
    }
    flush();
    // Lines that end otherwise, and what is too long for a line, are for the long way.
    return end === 0 ? slow(bytes) : end;
  };
}

/** Reads one line into `out` from `count` on; the beginning of the next line, or NEVER. */
function rowReader(cut: number, point: number, slots: Int32Array, each: number, width: number) {
  const known = slots.length;
  return (bytes: Uint8Array, from: number, out: Float64Array, count: number): number => {
    let i = from;
    let found = 0;
    for (let column = 0; column < width; column += 1) {
      const slot = column < known ? (slots[column] as number) : NEVER;
      let c = bytes[i] as number;
      if (slot === NEVER) {
        while (c !== cut && c !== LINE_FEED && c !== RETURN) {
          i += 1;
          c = bytes[i] as number;
        }
      } else {
        const negative = c === MINUS;
        if (negative) i += 1;
        const start = i;
        let whole = 0;
        for (c = bytes[i] as number; c >= ZERO && c <= NINE; c = bytes[i] as number) {
          whole = whole * 10 + (c - ZERO);
          i += 1;
        }
        let digits = i - start;
        let decimals = 0;
        if (c === point) {
          i += 1;
          const fraction = i;
          for (c = bytes[i] as number; c >= ZERO && c <= NINE; c = bytes[i] as number) {
            whole = whole * 10 + (c - ZERO);
            i += 1;
          }
          decimals = i - fraction;
          digits += decimals;
        }
        if (digits === 0 || digits > MOST_DIGITS) return NEVER;
        const value = decimals > 0 ? whole / (POWERS[decimals] as number) : whole;
        out[count + slot] = negative ? -value : value;
        found += 1;
      }
      if (c === cut) {
        i += 1;
        continue;
      }
      if (c === RETURN) {
        i += 1;
        c = bytes[i] as number;
      }
      return c === LINE_FEED && found === each ? i + 1 : NEVER;
    }
    return NEVER;
  };
}
