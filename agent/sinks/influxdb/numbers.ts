/** Where digits go: bytes with a write position. Callers make room for SLACK bytes first. */
export interface ByteRun {
  bytes: Uint8Array;
  at: number;
}

/** Space that one number, its punctuation or a line end may take. */
export const SLACK = 64;

const DOT = 0x2e;
const MINUS = 0x2d;
const ZERO = 0x30;
const BILLION = 1e9;
const NS_PER_MS = 1_000_000;

/**
 * A float. Gauge values have few decimals: when k / 10^d gives back exactly the same double,
 * its digits are the value (the division of two exact doubles is correctly rounded). Otherwise the
 * shortest text that reads back to the same double, as JavaScript writes it.
 */
export function float(s: ByteRun, value: number): void {
  if (tryScaled(s, value, 1, 0)) return;
  if (tryScaled(s, value, 1e4, 4)) return;
  if (tryScaled(s, value, 1e7, 7)) return;
  ascii(s, String(value));
}

function tryScaled(s: ByteRun, value: number, scale: number, decimals: number): boolean {
  const scaled = Math.round(value * scale);
  if (scaled / scale !== value || Math.abs(scaled) > Number.MAX_SAFE_INTEGER) return false;
  let k = scaled;
  let d = decimals;
  while (d > 0 && k % 10 === 0) {
    k /= 10;
    d -= 1;
  }
  if (k < 0) {
    s.bytes[s.at++] = MINUS;
    k = -k;
  }
  if (d === 0) {
    digits(s, k);
    return true;
  }
  const unit = POWERS[d] as number;
  const whole = Math.floor(k / unit);
  digits(s, whole);
  s.bytes[s.at++] = DOT;
  padded(s, k - whole * unit, d);
  return true;
}

const POWERS = [1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7];

/** A whole number, without the i. */
export function int(s: ByteRun, value: number): void {
  if (Math.abs(value) > Number.MAX_SAFE_INTEGER) {
    ascii(s, BigInt(value).toString());
    return;
  }
  if (value < 0) s.bytes[s.at++] = MINUS;
  digits(s, Math.abs(value));
}

/** Decimal digits of a whole number 0 … 2⁵³. */
function digits(s: ByteRun, value: number): void {
  if (value >= BILLION) {
    const high = Math.floor(value / BILLION);
    digits(s, high);
    padded(s, value - high * BILLION, 9);
    return;
  }
  let width = 1;
  for (let limit = 10; value >= limit; limit *= 10) width += 1;
  padded(s, value, width);
}

/** `value` (below 10⁹) with leading zeros up to `width` digits. */
function padded(s: ByteRun, value: number, width: number): void {
  const { bytes, at } = s;
  let rest = value | 0;
  for (let i = at + width - 1; i >= at; i -= 1) {
    const next = (rest / 10) | 0;
    bytes[i] = ZERO + rest - next * 10;
    rest = next;
  }
  s.at = at + width;
}

/** Nanoseconds: ms · 10⁶ + offset, offset 0..999 999. */
export function time(s: ByteRun, ms: number, offset: number): void {
  const whole = Math.floor(ms);
  if (whole < 0 || whole > Number.MAX_SAFE_INTEGER) {
    ascii(s, (BigInt(whole) * BigInt(NS_PER_MS) + BigInt(offset)).toString());
    return;
  }
  if (whole === 0) {
    digits(s, offset);
    return;
  }
  digits(s, whole);
  padded(s, offset, 6);
}

/** Grows by doubling until `needed` more bytes fit. */
export function room(s: ByteRun, needed: number): void {
  if (s.at + needed <= s.bytes.length) return;
  let size = s.bytes.length * 2;
  while (size < s.at + needed) size *= 2;
  const grown = new Uint8Array(size);
  grown.set(s.bytes.subarray(0, s.at));
  s.bytes = grown;
}

function ascii(s: ByteRun, text: string): void {
  room(s, text.length + SLACK);
  for (let i = 0; i < text.length; i += 1) s.bytes[s.at++] = text.charCodeAt(i);
}
