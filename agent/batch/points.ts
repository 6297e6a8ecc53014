import type { Point } from '../model.ts';
import { type Cursor, putUnsigned } from './bytes.ts';
import { FLAG, HEADER, LINES, VERSION } from './point-layout.ts';

/** What one point takes at most. */
const MOST_BYTES = 192;

/** Points of one characteristic on one kind of chart; both are numbers that the store gives. */
export interface PointSeries {
  characteristic: number;
  chart: number;
  points: number;
}

/** Gathers the points of one transaction. */
export interface PointBuffer {
  /** `p.ordinal` must rise from point to point */
  add(characteristic: number, chart: number, p: Point): void;
  count(): number;
  /** the points so far, valid until the next `add`; the buffer is empty afterwards */
  take(): Uint8Array;
  /** characteristics of the points so far, each once for every kind of chart */
  series(): Iterable<PointSeries>;
  clear(): void;
}

interface State extends Cursor {
  view: DataView;
  count: number;
  nextOrdinal: number;
  /** by characteristic: its newest entry in `known`; entries of one characteristic are chained */
  first: Int32Array;
  known: Known[];
  used: Known[];
}

interface Known extends PointSeries {
  /** the next entry of the same characteristic, −1 for none */
  next: number;
  /** place in the directory, −1 when no point of this transaction is of this series */
  place: number;
  flags: number;
  lines: Float64Array;
}

/** An empty buffer that keeps its room. */
export function pointBuffer(): PointBuffer {
  const bytes = new Uint8Array(1 << 12);
  const s: State = {
    bytes,
    view: new DataView(bytes.buffer),
    at: HEADER,
    count: 0,
    nextOrdinal: 0,
    first: new Int32Array(64).fill(-1),
    known: [],
    used: [],
  };
  const clear = () => {
    for (const known of s.used) {
      known.place = -1;
      known.points = 0;
    }
    s.used.length = 0;
    s.at = HEADER;
    s.count = 0;
    s.nextOrdinal = 0;
  };
  return {
    add: (characteristic, chart, p) => putPoint(s, seriesOf(s, characteristic, chart), p),
    count: () => s.count,
    series: () => s.used,
    take() {
      const bytes = finished(s);
      clear();
      return bytes;
    },
    clear,
  };
}

function finished(s: State): Uint8Array {
  room(s, 16 + 24 * s.used.length);
  s.view.setUint32(0, VERSION, true);
  s.view.setUint32(4, s.at, true);
  putUnsigned(s, s.used.length);
  for (const { characteristic, chart, points } of s.used) {
    putUnsigned(s, characteristic);
    putUnsigned(s, chart);
    putUnsigned(s, points);
  }
  return s.bytes.subarray(0, s.at);
}

function seriesOf(s: State, characteristic: number, chart: number): Known {
  if (characteristic >= s.first.length) {
    const larger = new Int32Array(2 * characteristic).fill(-1);
    larger.set(s.first);
    s.first = larger;
  }
  let at = s.first[characteristic] as number;
  while (at >= 0) {
    const known = s.known[at] as Known;
    if (known.chart === chart) return known;
    at = known.next;
  }
  const next = s.first[characteristic] as number;
  const lines = new Float64Array(LINES);
  const made = { characteristic, chart, points: 0, next, place: -1, flags: 0, lines };
  s.first[characteristic] = s.known.length;
  s.known.push(made);
  return made;
}

function putPoint(s: State, of: Known, p: Point): void {
  room(s, MOST_BYTES);
  if (of.place < 0) {
    of.place = s.used.length;
    of.flags = -1;
    s.used.push(of);
  }
  of.points += 1;
  s.count += 1;
  const flagsAt = s.at;
  s.at += 2;
  putUnsigned(s, of.place);
  putUnsigned(s, p.ordinal - s.nextOrdinal);
  s.nextOrdinal = p.ordinal + 1;
  putUnsigned(s, p.index);
  putUnsigned(s, p.size);
  putUnsigned(s, p.limitsVersion);
  putDouble(s, p.timeMs);
  putDouble(s, p.value);
  let flags = putLines(s, of, p);
  flags |= putOptional(s, p.partSequence, FLAG.part);
  flags |= putOptional(s, p.z, FLAG.z);
  flags |= putOptional(s, p.spread, FLAG.spread);
  flags |= putOptional(s, p.spreadZ, FLAG.spreadZ);
  if (p.rules !== 0) flags |= putOptional(s, p.rules, FLAG.rules);
  if (p.spreadRules !== 0) flags |= putOptional(s, p.spreadRules, FLAG.spreadRules);
  if (p.phase === 1) flags |= FLAG.phase1;
  s.view.setUint16(flagsAt, flags, true);
}

/** Limits change now and then: most points have those of the one before. */
function putLines(s: State, of: Known, p: Point): number {
  const { lines } = of;
  const start = s.at;
  let same = true;
  let flags = 0;
  for (let i = 0; i < LINES; i += 1) {
    const line = lineOf(p, i);
    if (line === null || Number.isNaN(line)) continue;
    flags |= FLAG.cl << i;
    same &&= Object.is(line, lines[i]);
    lines[i] = line;
    putDouble(s, line);
  }
  same &&= of.flags === flags;
  of.flags = flags;
  if (!same) return flags;
  s.at = start;
  return flags | FLAG.sameLines;
}

function lineOf(p: Point, i: number): number | null {
  if (i === 0) return p.cl;
  if (i === 1) return p.lcl;
  if (i === 2) return p.ucl;
  if (i === 3) return p.spreadCl;
  return i === 4 ? p.spreadLcl : p.spreadUcl;
}

/** Nothing where there is no number: what is not defined has none. */
function putOptional(s: State, value: number | null, flag: number): number {
  if (value === null || Number.isNaN(value)) return 0;
  putDouble(s, value);
  return flag;
}

function putDouble(s: State, value: number): void {
  s.view.setFloat64(s.at, value, true);
  s.at += 8;
}

function room(s: State, needed: number): void {
  if (s.at + needed <= s.bytes.length) return;
  const grown = new Uint8Array(2 * s.bytes.length + needed);
  grown.set(s.bytes.subarray(0, s.at));
  s.bytes = grown;
  s.view = new DataView(grown.buffer);
}
