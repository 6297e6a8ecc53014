/**
 * Nothing is counted twice, and nothing is lost silently. Per stream: a high-water mark of the
 * counter and a bounded bitmap of the numbers seen below it; without a counter, a bounded ring of
 * hashes of (source time, payload). Pure, JSON-able, part of the committed state.
 */

/** Numbers below the high-water mark that are remembered one by one. */
const WINDOW = 4096;
const WORDS = WINDOW / 32;
/** Keys remembered for a stream that does not count. */
const KEYS = 4096;
/** A jump forward beyond this is a counter set anew, not parts that were missed. */
const MAX_JUMP = 1_000_000;

/** Messages are never this late; a source time that is was set back. */
const CLOCK_SET_MS = 7 * 86_400_000;

export interface StreamState {
  /** unwrapped counter of the newest reading, null before the first and for streams without one */
  high: number | null;
  lastSourceMs: number;
  /** what the bytes of the newest reading looked like, as far as known */
  print?: number;
  /** the counter before it began anew: the broker may still send some of its messages again */
  before?: { high: number; lastSourceMs: number; seen: number[] };
  /** bit u mod WINDOW is set when the unwrapped number u was taken in */
  seen: number[];
  keys: number[];
  keyAt: number;
}

export type Verdict = 'new' | 'duplicate' | 'late' | 'restart';

/** What one number means; `missed` counts the numbers skipped before it. */
export interface Decision {
  verdict: Verdict;
  missed: number;
  from: number;
}

export function startStream(): StreamState {
  return { high: null, lastSourceMs: Number.MIN_SAFE_INTEGER, seen: [], keys: [], keyAt: 0 };
}

const decision: Decision = { verdict: 'new', missed: 0, from: 0 };

function decide(verdict: Verdict, missed = 0, from = 0): Decision {
  decision.verdict = verdict;
  decision.missed = missed;
  decision.from = from;
  return decision;
}

/**
 * Decides on a counted reading and remembers it. The object returned is reused.
 * A number that does not rise while the source's own time goes on is a counter that started again;
 * going back in time as well, it is a duplicate or a late filler of a gap. `timed` says that
 * `sourceMs` is the source's own time and may be used for this; `print` is the fingerprint of the bytes.
 */
export function decideCounted(
  s: StreamState,
  sequence: number,
  modulus: number,
  sourceMs: number,
  timed: boolean,
  print?: number,
  redelivered = false,
): Decision {
  const old = s.before;
  if (redelivered && timed && old !== undefined && sourceMs <= old.lastSourceMs) {
    return judgeOld(old, sequence, modulus);
  }
  const before = s.high;
  const verdict = judge(s, sequence, modulus, sourceMs, timed, print);
  if (print !== undefined && (s.high !== before || verdict.verdict === 'restart')) s.print = print;
  return verdict;
}

/** A message sent again that is older than the new beginning of its counter. */
function judgeOld(
  old: NonNullable<StreamState['before']>,
  sequence: number,
  modulus: number,
): Decision {
  const u = unwrap(old.high, sequence, modulus);
  if (old.high - u >= WINDOW || isSeen(old, u)) return decide('duplicate');
  mark(old, u);
  return decide('late');
}

function judge(
  s: StreamState,
  sequence: number,
  modulus: number,
  sourceMs: number,
  timed: boolean,
  print: number | undefined,
): Decision {
  if (s.high === null) {
    restart(s, sequence, sourceMs);
    return decide('new');
  }
  const u = unwrap(s.high, sequence, modulus);
  const ahead = u - s.high;
  if (ahead > 0) {
    if (ahead > MAX_JUMP) {
      restart(s, sequence, sourceMs);
      return decide('restart');
    }
    const from = s.high + 1;
    advance(s, u);
    // Our own clock may run years ahead: what it shows is not held against the source's time.
    if (timed) s.lastSourceMs = newest(s.lastSourceMs, sourceMs);
    return decide('new', ahead - 1, from);
  }
  // The same number with a newer time is a record that was read again, unless its bytes differ: then
  // the counter began anew and is heard again just where it stood.
  const other = ahead < 0 || (print !== undefined && print !== s.print);
  if (timed && other && sourceMs > s.lastSourceMs) {
    restart(s, sequence, sourceMs);
    return decide('restart');
  }
  if (-ahead >= WINDOW) {
    if (timed) return decide('duplicate');
    restart(s, sequence, sourceMs);
    return decide('restart');
  }
  if (isSeen(s, u)) return decide('duplicate');
  mark(s, u);
  return decide('late');
}

/** A counter that goes on while its time goes far back has had its clock set right. */
function newest(lastMs: number, sourceMs: number): number {
  return sourceMs > lastMs || lastMs - sourceMs > CLOCK_SET_MS ? sourceMs : lastMs;
}

/** Decides on a delivery without a counter by its key; `key` is a 53-bit hash. */
export function decideKeyed(s: StreamState, key: number, index: KeyIndex): Decision {
  if (index.has(key)) return decide('duplicate');
  const old = s.keys[s.keyAt];
  if (old !== undefined && s.keys.length === KEYS) index.delete(old);
  s.keys[s.keyAt] = key;
  s.keyAt = (s.keyAt + 1) % KEYS;
  index.add(key);
  return decide('new');
}

/** Looks up the keys of a stream; made anew from its state after a restart. */
export type KeyIndex = Set<number>;

export function keyIndex(s: StreamState): KeyIndex {
  return new Set(s.keys);
}

/** 53-bit hash of bytes and a time: two FNV-1a lanes. Not a defence against forgery. */
export function hashKey(bytes: Uint8Array, sourceMs: number): number {
  let a = 0x811c9dc5 ^ (sourceMs % 4294967296);
  let b = 0x01000193 ^ Math.floor(sourceMs / 4294967296);
  for (let i = 0; i < bytes.length; i += 1) {
    const byte = bytes[i] as number;
    a = Math.imul(a ^ byte, 0x01000193);
    b = Math.imul(b ^ byte ^ 0x5bd1e995, 0x85ebca6b);
  }
  return (a >>> 0) * 2097152 + ((b >>> 0) & 0x1fffff);
}

const SAMPLES = 16;

/** Tells two payloads of one number apart by a few of their bytes: cheap, as every message pays. */
export function fingerprint(bytes: Uint8Array): number {
  const step = Math.max(1, Math.floor(bytes.length / SAMPLES));
  let a = bytes.length;
  for (let i = bytes.length - 1; i >= 0; i -= step)
    a = Math.imul(a ^ (bytes[i] as number), 0x01000193);
  return a >>> 0;
}

/** The counter without its wrap: nearest number to the high-water mark that is `raw` mod M. */
function unwrap(high: number, raw: number, modulus: number): number {
  if (modulus <= 0) return raw;
  const step = (((raw - high) % modulus) + modulus) % modulus;
  return step > modulus / 2 ? high + step - modulus : high + step;
}

function restart(s: StreamState, sequence: number, sourceMs: number): void {
  const { high, lastSourceMs, seen } = s;
  if (high !== null) s.before = { high, lastSourceMs, seen };
  s.high = sequence;
  s.lastSourceMs = sourceMs;
  s.seen = new Array<number>(WORDS).fill(0);
  mark(s, sequence);
}

function advance(s: StreamState, u: number): void {
  const high = s.high as number;
  if (u - high >= WINDOW) s.seen.fill(0);
  else for (let i = high + 1; i < u; i += 1) clear(s, i);
  s.high = u;
  mark(s, u);
}

const slot = (u: number) => ((u % WINDOW) + WINDOW) % WINDOW;

function mark(s: Pick<StreamState, 'seen'>, u: number): void {
  const at = slot(u);
  s.seen[at >> 5] = (s.seen[at >> 5] ?? 0) | (1 << (at & 31)) | 0;
}

function clear(s: StreamState, u: number): void {
  const at = slot(u);
  s.seen[at >> 5] = (s.seen[at >> 5] ?? 0) & ~(1 << (at & 31));
}

function isSeen(s: Pick<StreamState, 'seen'>, u: number): boolean {
  const at = slot(u);
  return ((s.seen[at >> 5] ?? 0) & (1 << (at & 31))) !== 0;
}
