import { PLAIN, type Shape, TEXT } from './shape.ts';

/**
 * Reads the wanted numbers of `[item, item, …]` straight from the bytes, when every item has this
 * shape. Several times faster than parsing, and it leaves nothing behind to collect. What JSON.parse
 * would read differently or refuse is not read here: the answer is then −1, and the caller parses.
 */
export function scanItems(payload: Uint8Array, shape: Shape, into: Numbers): number {
  let at = blanks(payload, 0);
  if (payload[at] !== OPEN) return -1;
  let items = 0;
  do {
    at = blanks(payload, at + 1);
    if ((items + 1) * shape.wanted > into.values.length) grow(into);
    at = scanItem(payload, at, shape, into.values, items * shape.wanted);
    if (at < 0) return -1;
    items += 1;
    at = blanks(payload, at);
  } while (payload[at] === COMMA);
  if (payload[at] !== CLOSE || blanks(payload, at + 1) !== payload.length) return -1;
  return items;
}

/** The wanted numbers of every item, one item after another. */
export interface Numbers {
  values: Float64Array;
}

const OPEN = 0x5b;
const CLOSE = 0x5d;
const COMMA = 0x2c;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const MINUS = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;
const BLANK = 0x20;
const DEL = 0x7f;

/** A whole number of so many digits is exact in a double, and so is every power of ten up to it. */
const MOST_DIGITS = 15;
const POWERS = Float64Array.from({ length: MOST_DIGITS + 1 }, (_, i) => Number(`1e${i}`));

/** The number read last: one handed over as a result would become an object. */
const read = new Float64Array(1);

function scanItem(
  payload: Uint8Array,
  start: number,
  { fixed, values }: Shape,
  out: Float64Array,
  base: number,
): number {
  let at = start;
  for (let i = 0; i < values.length; i += 1) {
    at = passed(payload, at, fixed[i] as Uint8Array);
    if (at < 0) return -1;
    const kind = values[i] as number;
    at = kind === TEXT ? text(payload, at) : number(payload, at);
    if (at < 0) return -1;
    if (kind > PLAIN) out[base + kind] = read[0] as number;
  }
  return passed(payload, at, fixed[values.length] as Uint8Array);
}

/** The place behind these bytes, −1 when others stand there. */
function passed(payload: Uint8Array, at: number, fixed: Uint8Array): number {
  for (let i = 0; i < fixed.length; i += 1) {
    if (payload[at + i] !== fixed[i]) return -1;
  }
  return at + fixed.length;
}

/** Text of printable ASCII without escapes. */
function text(payload: Uint8Array, start: number): number {
  if (payload[start] !== QUOTE) return -1;
  for (let at = start + 1; at < payload.length; at += 1) {
    const byte = payload[at] as number;
    if (byte === QUOTE) return at + 1;
    if (byte === BACKSLASH || byte < BLANK || byte >= DEL) return -1;
  }
  return -1;
}

/**
 * A number of at most 15 digits without an exponent: its digits as a whole number, divided by a
 * power of ten. Both are exact, so the quotient is the nearest double, as JSON.parse gives it.
 */
function number(payload: Uint8Array, start: number): number {
  const negative = payload[start] === MINUS;
  const first = negative ? start + 1 : start;
  let at = first;
  let whole = 0;
  let digit = (payload[at] as number) - ZERO;
  while (digit >= 0 && digit <= 9) {
    whole = whole * 10 + digit;
    at += 1;
    digit = (payload[at] as number) - ZERO;
  }
  let digits = at - first;
  if (digits === 0 || (digits > 1 && payload[first] === ZERO)) return -1;
  let places = 0;
  if (payload[at] === DOT) {
    const from = at + 1;
    at = from;
    digit = (payload[at] as number) - ZERO;
    while (digit >= 0 && digit <= 9) {
      whole = whole * 10 + digit;
      at += 1;
      digit = (payload[at] as number) - ZERO;
    }
    places = at - from;
    if (places === 0) return -1;
    digits += places;
  }
  if (digits > MOST_DIGITS) return -1;
  const value = places === 0 ? whole : whole / (POWERS[places] as number);
  read[0] = negative ? -value : value;
  return at;
}

/** The next byte that is no white space of JSON. */
function blanks(payload: Uint8Array, start: number): number {
  let at = start;
  for (;;) {
    const byte = payload[at];
    if (byte !== BLANK && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return at;
    at += 1;
  }
}

function grow(into: Numbers): void {
  const larger = new Float64Array(2 * into.values.length);
  larger.set(into.values);
  into.values = larger;
}
