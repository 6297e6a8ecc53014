/** Cells straight from bytes: no text is made of a number. */
import type { Cell } from './cells.ts';
import type { Dialect } from './dialect.ts';

const LINE_FEED = 10;
const RETURN = 13;
const SPACE = 32;
const TAB = 9;
const PLUS = 43;
const MINUS = 45;
const ZERO = 48;
const NINE = 57;
/** So many digits always fit a double exactly, and so do powers of ten up to 22. */
const MOST_DIGITS = 15;
const POWERS = Float64Array.from({ length: MOST_DIGITS + 1 }, (_, i) => 10 ** i);

/**
 * A function that hands over all complete lines of some bytes and answers how many bytes they
 * took. null when the file cannot be read this way: two bytes to a sign, or an odd delimiter.
 */
export function scanBytes(
  { delimiter, decimal, encoding }: Dialect,
  onRow: (cells: readonly Cell[]) => void,
): ((bytes: Uint8Array) => number) | null {
  const cut = delimiter.charCodeAt(0);
  if (encoding === 'utf-16le' || cut > 127) return null;
  const point = decimal.charCodeAt(0);
  const decoder = new TextDecoder(encoding);
  const cells: Cell[] = [];
  return (bytes) => {
    let done = 0;
    let from = 0;
    // Digits of the cell so far, as long as it is nothing but digits and one decimal sign.
    let whole = 0;
    let digits = 0;
    let decimals = -1;
    let plain = true;
    let count = 0;
    const end = bytes.length;
    for (let i = 0; i < end; i += 1) {
      const c = bytes[i] as number;
      if (c >= ZERO && c <= NINE) {
        whole = whole * 10 + (c - ZERO);
        digits += 1;
        if (decimals >= 0) decimals += 1;
        continue;
      }
      if (c !== cut && c !== LINE_FEED && c !== RETURN) {
        if (c === point && decimals < 0) decimals = 0;
        else plain = false;
        continue;
      }
      // A carriage return may be the first half of a line end: wait for what follows.
      if (c === RETURN && i + 1 === end) break;
      const quick = plain && digits > 0 && digits <= MOST_DIGITS;
      const number = decimals > 0 ? whole / (POWERS[decimals] as number) : whole;
      cells[count] = quick ? number : cellOf(bytes, from, i, point, decoder);
      count += 1;
      whole = 0;
      digits = 0;
      decimals = -1;
      plain = true;
      from = i + 1;
      if (c === cut) continue;
      if (c === RETURN && bytes[from] === LINE_FEED) {
        from += 1;
        i += 1;
      }
      // Set only when it changes: emptying the array would cost a new one per row.
      if (cells.length !== count) cells.length = count;
      onRow(cells);
      count = 0;
      done = from;
    }
    return done;
  };
}

function cellOf(
  bytes: Uint8Array,
  start: number,
  stop: number,
  point: number,
  decoder: TextDecoder,
): Cell {
  let from = start;
  let to = stop;
  while (from < to && isBlank(bytes[from] as number)) from += 1;
  while (to > from && isBlank(bytes[to - 1] as number)) to -= 1;
  if (from === to) return null;
  const value = numberFrom(bytes, from, to, point);
  return Number.isNaN(value) ? decoder.decode(bytes.subarray(from, to)) : value;
}

const isBlank = (c: number) => c === SPACE || c === TAB;

/**
 * A plain number, correctly rounded: digits as one whole number divided by a power of ten, both
 * exact (Clinger 1990). NaN for everything else, which then is looked at as text.
 */
function numberFrom(bytes: Uint8Array, from: number, to: number, point: number): number {
  let i = from;
  const sign = bytes[i] as number;
  if (sign === MINUS || sign === PLUS) i += 1;
  let whole = 0;
  let digits = 0;
  let decimals = -1;
  for (; i < to; i += 1) {
    const c = bytes[i] as number;
    if (c >= ZERO && c <= NINE) {
      whole = whole * 10 + (c - ZERO);
      digits += 1;
      if (decimals >= 0) decimals += 1;
    } else if (c === point && decimals < 0) decimals = 0;
    else return Number.NaN;
  }
  if (digits === 0 || digits > MOST_DIGITS) return Number.NaN;
  const value = decimals > 0 ? whole / (POWERS[decimals] as number) : whole;
  return sign === MINUS ? -value : value;
}
