import { type Mark, markOf, ruleLabel } from '../rules.ts';
import { strings } from '../strings.ts';
import type { Outlook, Point } from '../types.ts';
import type { Flag } from './happened.ts';

export type Statistic = 'location' | 'spread';

/** One drawn statistic: the line of its points and a lane of limits for each of them. */
export interface Drawing {
  x: number[];
  y: number[];
  cl: (number | null)[];
  lcl: (number | null)[];
  ucl: (number | null)[];
  /** border between the lanes of point i-1 and i; one more than points */
  edges: number[];
  marks: { i: number; mark: Mark; label: string }[];
  /** lanes drawn in Phase I, first and last */
  learning: [from: number, to: number][];
  /** one-third steps between centre and limit mean something only on Shewhart charts */
  zones: boolean;
  statistic: Statistic;
  flags: (Flag & { x: number })[];
  ahead: Ahead | null;
  /** end of the axis, where it goes further than the points: the same for both of a pair */
  until: number;
}

/** Where a wear line goes on to, in the numbers of the axes. */
export interface Ahead {
  from: number;
  to: number;
  center: number;
  slope: number;
  band: number;
  limit: number;
  /** name of the limit, and whether the drawn part reaches it */
  name: string;
  meets: boolean;
}

/** What is drawn besides the points themselves. */
export interface Beside {
  flags: Flag[];
  outlook: Outlook | null;
}

const NOTHING: Beside = { flags: [], outlook: null };

/** Time-weighted charts have one limit and no zones. */
export const ZONELESS = new Set([
  'ewma',
  'cusum',
  'ma',
  'zone',
  'modified',
  'acceptance',
  'pre-control',
  'group',
  'group-run',
  'g',
  't',
]);

/** What to draw of a statistic, by point number or by time (seconds, as the time axis wants it). */
export function drawingOf(
  points: Point[],
  statistic: Statistic,
  axis: 'index' | 'time',
  { flags, outlook }: Beside = NOTHING,
): Drawing {
  const location = statistic === 'location';
  const shown = location ? points : points.filter((point) => point.spread !== null);
  const ahead = axis === 'index' ? aheadOf(shown, outlook) : null;
  const x = shown.map((p) => (axis === 'index' ? p.index : Date.parse(p.at) / 1000));
  return {
    x,
    y: shown.map((p) => (location ? p.value : (p.spread ?? 0))),
    cl: shown.map((p) => (location ? p.cl : p.spreadCl)),
    lcl: shown.map((p) => (location ? p.lcl : p.spreadLcl)),
    ucl: shown.map((p) => (location ? p.ucl : p.spreadUcl)),
    edges: edgesOf(x),
    marks: shown.flatMap((p, i) => {
      const ids = location ? p.rules : p.spreadRules;
      return ids.length === 0 ? [] : [{ i, mark: markOf(ids), label: labelOf(ids) }];
    }),
    learning: runsOf(shown, (p) => p.phase === 1),
    statistic,
    zones: location && !ZONELESS.has(shown[0]?.chart ?? ''),
    flags: flags.map((flag) => ({ ...flag, x: placeOf(flag.atMs, shown, axis) })),
    ahead: location ? ahead : null,
    until: ahead?.to ?? Number.NEGATIVE_INFINITY,
  };
}

/** By number, what happened between two points stands between them. */
function placeOf(atMs: number, points: Point[], axis: 'index' | 'time'): number {
  if (axis === 'time') return atMs / 1000;
  const next = points.find((point) => Date.parse(point.at) >= atMs);
  return next === undefined ? (points.at(-1)?.index ?? 0) + 0.4 : next.index - 0.5;
}

/** A third of the picture at most: what lies far ahead is only said in words. */
function aheadOf(points: Point[], outlook: Outlook | null): Ahead | null {
  const last = points.at(-1);
  if (last === undefined || outlook === null || last.chart !== outlook.chart) return null;
  const most = Math.max(8, Math.round(points.length / 3));
  const steps = Math.min(outlook.points + 2, most);
  return {
    from: last.index,
    to: last.index + steps,
    center: outlook.center,
    slope: outlook.slope,
    band: outlook.band,
    limit: outlook.limit,
    name: outlook.side === 'upper' ? strings.histogram.usl : strings.histogram.lsl,
    meets: outlook.points <= steps,
  };
}

function valuesAhead(ahead: Ahead | null): number[] {
  if (ahead === null) return [];
  const end = ahead.center + ahead.slope * (ahead.to - ahead.from);
  const limit = ahead.meets ? [ahead.limit] : [];
  return [ahead.center - ahead.band, ahead.center + ahead.band, end - ahead.band].concat(
    end + ahead.band,
    limit,
  );
}

/** Lowest and highest value with room around; limits count, so that they are always seen. */
export function yRange(d: Drawing): [number, number] {
  const ahead = valuesAhead(d.ahead);
  const values = [...d.y, ...d.lcl, ...d.ucl, ...d.cl, ...ahead].filter(
    (v): v is number => v !== null,
  );
  if (values.length === 0) return [0, 1];
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const room = high > low ? (high - low) * 0.14 : Math.max(Math.abs(high) * 0.01, 1e-9);
  return [low - room, high + room];
}

/** Runs of neighbouring lanes with the same limits: drawn as one piece, so that lines are steps. */
export function lanes(d: Drawing): [from: number, to: number][] {
  const out: [number, number][] = [];
  for (let i = 0; i < d.x.length; i += 1) {
    const last = out.at(-1);
    const same =
      last !== undefined &&
      d.ucl[i] === d.ucl[i - 1] &&
      d.lcl[i] === d.lcl[i - 1] &&
      d.cl[i] === d.cl[i - 1];
    if (same) last[1] = i;
    else out.push([i, i]);
  }
  return out;
}

function edgesOf(x: number[]): number[] {
  if (x.length === 0) return [];
  const between = x.slice(1).map((value, i) => (value + (x[i] as number)) / 2);
  const first = x[0] as number;
  const last = x.at(-1) as number;
  const half = x.length > 1 ? (last - first) / (x.length - 1) / 2 : 0.5;
  return [first - half, ...between, last + half];
}

function runsOf(points: Point[], test: (point: Point) => boolean): [number, number][] {
  const runs: [number, number][] = [];
  points.forEach((point, i) => {
    if (!test(point)) return;
    const last = runs.at(-1);
    if (last !== undefined && last[1] === i - 1) last[1] = i;
    else runs.push([i, i]);
  });
  return runs;
}

/** Several rules at one point: the first three numbers, so that labels stay readable. */
function labelOf(ids: string[]): string {
  const labels = ids.slice(0, 3).map(ruleLabel).join(',');
  return ids.length > 3 ? `${labels}…` : labels;
}
