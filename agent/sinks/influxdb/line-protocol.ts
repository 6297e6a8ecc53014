import { type ByteRun, float, int, room, SLACK, time } from './numbers.ts';

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
  /** the lines so far; they stay readable until the `take` after the next: one may be in flight */
  take(): Lines;
  reset(): void;
}

/** Finished lines, addressed by number. */
export interface Lines {
  count: number;
  /** lines from..to (exclusive) as one request body */
  body(from: number, to: number): string;
  /** bytes of that body */
  size(from: number, to: number): number;
}

/** Longest text field, in characters: keeps one line far below any server's limit. */
export const MAX_TEXT = 400;

const BLANK = 0x20;
const COMMA = 0x2c;
const QUOTE = 0x22;
const NEWLINE = 0x0a;
const BACKSLASH = 0x5c;
const LETTER_I = 0x69;

interface State extends ByteRun {
  spare: Uint8Array;
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
    spare: new Uint8Array(initialBytes),
    at: 0,
    lineStart: 0,
    fields: 0,
    ends: [],
  };
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
    take() {
      const lines = linesOf(s.bytes, s.ends);
      [s.bytes, s.spare] = [s.spare, s.bytes];
      s.at = 0;
      s.ends = [];
      return lines;
    },
    reset() {
      s.at = 0;
      s.ends.length = 0;
    },
  };
}

/** Lines that exist as text already. */
export function givenLines(rows: readonly string[]): Lines {
  const body = (from: number, to: number) => `${rows.slice(from, to).join('\n')}\n`;
  return { count: rows.length, body, size: (from, to) => Buffer.byteLength(body(from, to)) };
}

function linesOf(bytes: Uint8Array, ends: number[]): Lines {
  const startOf = (line: number) => (line === 0 ? 0 : (ends[line - 1] ?? 0));
  return {
    count: ends.length,
    body: (from, to) => decoder.decode(bytes.subarray(startOf(from), startOf(to))),
    size: (from, to) => startOf(to) - startOf(from),
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
