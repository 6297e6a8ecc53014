/**
 * Writes InfluxDB line protocol into one byte buffer that is reused: no string per line, no object
 * per point. A line is `begin(prefix)`, fields, `end(time)`; a line without fields is taken back.
 */
export interface LineBuffer {
  begin(prefix: Uint8Array): void;
  /** null and anything that is not finite are left out: never 0 for "not defined" */
  float(key: Uint8Array, value: number | null): void;
  int(key: Uint8Array, value: number | null): void;
  text(key: Uint8Array, value: string | null): void;
  /** time = ms · 10⁶ + offset nanoseconds; offset 0..999 999 keeps points of one ms apart */
  end(ms: number, offset: number): void;
  count(): number;
  bytes(): number;
  /** lines from..to (exclusive) as one request body */
  body(from: number, to: number): string;
  size(from: number, to: number): number;
  reset(): void;
}

/** Longest text field, in characters: keeps one line far below any server's limit. */
export const MAX_TEXT = 400;

const BLANK = 0x20;
const COMMA = 0x2c;
const DOT = 0x2e;
const MINUS = 0x2d;
const QUOTE = 0x22;
const NEWLINE = 0x0a;
const BACKSLASH = 0x5c;
const ZERO = 0x30;
const LETTER_I = 0x69;
const BILLION = 1e9;
const NS_PER_MS = 1_000_000;
/** Space that one number, its punctuation or a line end may take. */
const SLACK = 64;

interface State {
  bytes: Uint8Array;
  at: number;
  lineStart: number;
  fields: number;
  ends: number[];
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A buffer that grows by doubling and keeps its size. */
export function lineBuffer(initialBytes = 1 << 16): LineBuffer {
  const s: State = {
    bytes: new Uint8Array(initialBytes),
    at: 0,
    lineStart: 0,
    fields: 0,
    ends: [],
  };
  const startOf = (line: number) => (line === 0 ? 0 : (s.ends[line - 1] ?? 0));
  return {
    begin(prefix) {
      s.lineStart = s.at;
      s.fields = 0;
      room(s, prefix.length + SLACK);
      put(s, prefix);
    },
    float(key, value) {
      if (value === null || !Number.isFinite(value)) return;
      field(s, key);
      float(s, value);
    },
    int(key, value) {
      if (value === null || !Number.isFinite(value)) return;
      field(s, key);
      int(s, Math.round(value));
      s.bytes[s.at++] = LETTER_I;
    },
    text(key, value) {
      if (value === null || value === '') return;
      field(s, key);
      quoted(s, value);
    },
    end(ms, offset) {
      if (s.fields === 0) {
        s.at = s.lineStart;
        return;
      }
      room(s, SLACK);
      s.bytes[s.at++] = BLANK;
      time(s, ms, offset);
      s.bytes[s.at++] = NEWLINE;
      s.ends.push(s.at);
    },
    count: () => s.ends.length,
    bytes: () => s.at,
    body: (from, to) => decoder.decode(s.bytes.subarray(startOf(from), startOf(to))),
    size: (from, to) => startOf(to) - startOf(from),
    reset() {
      s.at = 0;
      s.ends.length = 0;
    },
  };
}

function field(s: State, key: Uint8Array): void {
  room(s, key.length + SLACK);
  s.bytes[s.at++] = s.fields === 0 ? BLANK : COMMA;
  s.fields += 1;
  put(s, key);
}

/** Short pieces: a loop beats `set` below about 50 bytes. */
function put(s: State, piece: Uint8Array): void {
  const { bytes } = s;
  let { at } = s;
  if (piece.length > 48) {
    bytes.set(piece, at);
    at += piece.length;
  } else {
    for (let i = 0; i < piece.length; i += 1) bytes[at++] = piece[i] as number;
  }
  s.at = at;
}

function room(s: State, needed: number): void {
  if (s.at + needed <= s.bytes.length) return;
  let size = s.bytes.length * 2;
  while (size < s.at + needed) size *= 2;
  const grown = new Uint8Array(size);
  grown.set(s.bytes.subarray(0, s.at));
  s.bytes = grown;
}

/**
 * A float field. Gauge values have few decimals: when k / 10^d gives back exactly the same double,
 * its digits are the value (the division of two exact doubles is correctly rounded). Otherwise the
 * shortest text that reads back to the same double, as JavaScript writes it.
 */
function float(s: State, value: number): void {
  if (tryScaled(s, value, 1, 0)) return;
  if (tryScaled(s, value, 1e4, 4)) return;
  if (tryScaled(s, value, 1e7, 7)) return;
  ascii(s, String(value));
}

function tryScaled(s: State, value: number, scale: number, decimals: number): boolean {
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

function int(s: State, value: number): void {
  if (Math.abs(value) > Number.MAX_SAFE_INTEGER) {
    ascii(s, BigInt(value).toString());
    return;
  }
  if (value < 0) s.bytes[s.at++] = MINUS;
  digits(s, Math.abs(value));
}

/** Decimal digits of a whole number 0 … 2⁵³. */
function digits(s: State, value: number): void {
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
function padded(s: State, value: number, width: number): void {
  const { bytes, at } = s;
  let rest = value | 0;
  for (let i = at + width - 1; i >= at; i -= 1) {
    const next = (rest / 10) | 0;
    bytes[i] = ZERO + rest - next * 10;
    rest = next;
  }
  s.at = at + width;
}

function time(s: State, ms: number, offset: number): void {
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

function ascii(s: State, text: string): void {
  room(s, text.length + SLACK);
  for (let i = 0; i < text.length; i += 1) s.bytes[s.at++] = text.charCodeAt(i);
}

/** `"text"`: quotes and backslashes escaped, line breaks and control characters as blanks. */
function quoted(s: State, text: string): void {
  const short = text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT - 1)}…` : text;
  room(s, 6 * short.length + SLACK);
  s.bytes[s.at++] = QUOTE;
  for (let i = 0; i < short.length; i += 1) {
    const code = short.charCodeAt(i);
    if (code > 0x7e) {
      // From the first character outside ASCII on, the library knows surrogates better.
      const rest = clean(short.slice(i));
      s.at += encoder.encodeInto(rest, s.bytes.subarray(s.at)).written;
      break;
    }
    if (code === QUOTE || code === BACKSLASH) s.bytes[s.at++] = BACKSLASH;
    s.bytes[s.at++] = Math.max(code, BLANK);
  }
  s.bytes[s.at++] = QUOTE;
}

function clean(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is removed
  return text.replace(/["\\]/g, '\\$&').replace(/[\u0000-\u001f\u007f]/g, ' ');
}
