import type { Point } from '../model.ts';
import { type Cursor, takeUnsigned } from './bytes.ts';
import { ALL_LINES, FLAG, HEADER, LINES, VERSION } from './point-layout.ts';
import type { PointSeries } from './points.ts';

/** The texts behind the numbers of a block. */
export interface PointNames {
  characteristic(number: number): string;
  word(number: number): string;
}

/** The points of one transaction, still as bytes, so that they cross threads for free. */
export interface PointBlock {
  seq: number;
  bytes: Uint8Array;
}

/** A series while the points are read: its texts, and the lines of its last point. */
interface Reading {
  characteristic: string;
  chart: string;
  wanted: boolean;
  lines: (number | null)[];
}

interface Source extends Cursor {
  view: DataView;
}

/** What is in a block, without reading its points. Throws when it is not a block. */
export function seriesIn(bytes: Uint8Array): PointSeries[] {
  if (bytes.length < HEADER || bytes[0] !== VERSION) throw new Error('no points of version 1');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const from: Cursor = { bytes, at: view.getUint32(4, true) };
  const list: PointSeries[] = [];
  const count = takeUnsigned(from);
  for (let i = 0; i < count && from.at < bytes.length; i += 1) {
    const characteristic = takeUnsigned(from);
    const chart = takeUnsigned(from);
    list.push({ characteristic, chart, points: takeUnsigned(from) });
  }
  if (list.length !== count || from.at !== bytes.length) throw new Error('points are cut short');
  return list;
}

/** Reads the points of a block in order; `only` those of one characteristic. Appends to `into`. */
export function takePoints(
  { seq, bytes }: PointBlock,
  names: PointNames,
  into: Point[],
  only?: number,
): void {
  const series: Reading[] = [];
  let any = false;
  for (const { characteristic, chart } of seriesIn(bytes)) {
    const wanted = only === undefined || only === characteristic;
    any ||= wanted;
    series.push({
      characteristic: wanted ? names.characteristic(characteristic) : '',
      chart: wanted ? names.word(chart) : '',
      wanted,
      lines: Array<number | null>(LINES).fill(null),
    });
  }
  if (!any) return;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = view.getUint32(4, true);
  const from: Source = { bytes, view, at: HEADER };
  let ordinal = 0;
  while (from.at < end) {
    const flags = view.getUint16(from.at, true);
    from.at += 2;
    const of = series[takeUnsigned(from)];
    if (of === undefined) throw new Error('points are damaged');
    ordinal += takeUnsigned(from);
    if (of.wanted) into.push(takePoint(from, flags, of, seq, ordinal));
    else pass(from, flags);
    ordinal += 1;
  }
}

/** One point; everything is read in the order in which it was put. */
function takePoint(from: Source, flags: number, of: Reading, seq: number, ordinal: number): Point {
  const index = takeUnsigned(from);
  const size = takeUnsigned(from);
  const limitsVersion = takeUnsigned(from);
  const timeMs = takeDouble(from);
  const value = takeDouble(from);
  if ((flags & FLAG.sameLines) === 0) takeLines(from, flags, of.lines);
  const partSequence = takeOptional(from, flags & FLAG.part);
  const z = takeOptional(from, flags & FLAG.z);
  const spread = takeOptional(from, flags & FLAG.spread);
  const spreadZ = takeOptional(from, flags & FLAG.spreadZ);
  const rules = takeOptional(from, flags & FLAG.rules) ?? 0;
  const spreadRules = takeOptional(from, flags & FLAG.spreadRules) ?? 0;
  const { characteristic, chart } = of;
  const [cl, lcl, ucl, spreadCl, spreadLcl, spreadUcl] = of.lines as Six;
  const phase = (flags & FLAG.phase1) === 0 ? 2 : 1;
  return {
    seq,
    ordinal,
    characteristic,
    chart,
    index,
    timeMs,
    partSequence,
    size,
    value,
    cl,
    lcl,
    ucl,
    z,
    rules,
    spread,
    spreadCl,
    spreadLcl,
    spreadUcl,
    spreadZ,
    spreadRules,
    phase,
    limitsVersion,
  };
}

type Line = number | null;
type Six = [Line, Line, Line, Line, Line, Line];

function takeLines(from: Source, flags: number, lines: Line[]): void {
  for (let i = 0; i < LINES; i += 1) lines[i] = takeOptional(from, flags & (1 << i));
}

/** Goes over a point that nobody wants. */
function pass(from: Source, flags: number): void {
  takeUnsigned(from);
  takeUnsigned(from);
  takeUnsigned(from);
  const told = FLAG.part | FLAG.z | FLAG.spread | FLAG.spreadZ | FLAG.rules | FLAG.spreadRules;
  const lines = (flags & FLAG.sameLines) === 0 ? flags & ALL_LINES : 0;
  from.at += 8 * (2 + bits((flags & told) | lines));
}

function bits(of: number): number {
  let count = 0;
  for (let left = of; left !== 0; left &= left - 1) count += 1;
  return count;
}

function takeOptional(from: Source, there: number): number | null {
  return there === 0 ? null : takeDouble(from);
}

function takeDouble(from: Source): number {
  const value = from.view.getFloat64(from.at, true);
  from.at += 8;
  return value;
}
