import type { Point } from '../model.ts';
import { NO_LINE, NO_SPREAD, type Numbers, PLOTTED } from '../spc/plotted.ts';

/** What a point is read out of: a characteristic with its state and its charts. */
export interface Shown {
  id: string;
  numbers: Numbers;
  at: number;
  points: number;
  phase: 1 | 2;
  limits: { version: number } | null;
  layout: { charts: readonly ShownChart[] };
}

interface ShownChart {
  kind: string;
  location: { at: number };
  spread: { at: number } | null;
}

const NOTHING: Shown = {
  ...{ id: '', numbers: new Float64Array(0), at: 0, points: 0, phase: 1, limits: null },
  layout: { charts: [] },
};

/** What the window below looks at: a characteristic, and which of its charts. */
export const seen = { state: NOTHING, chart: 0 };

/** Time, sequence and size of the subgroup that is told of: numbers that change hands make no objects. */
export const stamp = new Float64Array(16);
export const STAMP = { timeMs: 0, sequence: 1, size: 2 } as const;

/** The fields that the engine sets for every point. */
const set = {
  ...{ seq: 0, ordinal: 0, rules: 0, spreadRules: 0 },
  // What everybody asks is set.
  ...{ index: 0, value: 0.5 },
} satisfies Partial<Point>;

/** The fields that are read out of the state. */
const read: { [Field in Exclude<keyof Point, keyof typeof set>]: () => Point[Field] } = {
  characteristic: () => seen.state.id,
  chart: () => chart().kind,
  timeMs: () => stamp[STAMP.timeMs] as number,
  partSequence: () =>
    Number.isNaN(stamp[STAMP.sequence]) ? null : (stamp[STAMP.sequence] as number),
  size: () => Math.ceil(stamp[STAMP.size] as number),
  cl: () => line(location() + PLOTTED.cl),
  lcl: () => line(location() + PLOTTED.lcl),
  ucl: () => line(location() + PLOTTED.ucl),
  z: () => distance(location()),
  spread: () => (hasSpread() ? (seen.state.numbers[spread()] as number) : null),
  spreadCl: () => spreadLine(PLOTTED.cl),
  spreadLcl: () => spreadLine(PLOTTED.lcl),
  spreadUcl: () => spreadLine(PLOTTED.ucl),
  spreadZ: () => (hasSpread() ? distance(spread()) : null),
  phase: () => seen.state.phase,
  limitsVersion: () => (seen.state.limits === null ? 0 : seen.state.limits.version),
};

/**
 * The one Point that the engine hands out. What was plotted is not copied into it: it reads the
 * state when it is asked, which costs nothing for what nobody asks. Reading, copying and
 * JSON.stringify see an ordinary Point; as with all outputs, copy what you keep.
 */
export const point = window();

/** Turns the window to a characteristic. */
export function showState(state: Shown): void {
  seen.state = state;
  point.index = state.points;
}

/** Turns the window to one of its charts. */
export function showChart(number: number): void {
  seen.chart = number;
  point.value = seen.state.numbers[location() + PLOTTED.value] as number;
}

/** One defined after the other: V8 keeps such an object fast, a literal with `get` it does not. */
function window(): Point {
  const made = { ...set } as Point;
  for (const [field, get] of Object.entries(read)) {
    Object.defineProperty(made, field, { get, enumerable: true });
  }
  return made;
}

const chart = () => seen.state.layout.charts[seen.chart] as ShownChart;

const location = () => seen.state.at + chart().location.at;

/** -1 where there is none */
function spread(): number {
  const watch = chart().spread;
  return watch === null ? -1 : seen.state.at + watch.at;
}

function hasSpread(): boolean {
  const at = spread();
  return at >= 0 && seen.state.numbers[at + PLOTTED.value] !== NO_SPREAD;
}

function spreadLine(which: number): number | null {
  const at = spread();
  return at < 0 ? null : line(at + which);
}

function line(at: number): number | null {
  const value = seen.state.numbers[at] as number;
  return Math.abs(value) === NO_LINE ? null : value;
}

/**
 * Distance from the centre in sigmas of that side (E1). Where a lower limit is cut at 0, a third of
 * what is left below the centre counts as one sigma.
 */
function distance(at: number): number | null {
  const cl = line(at + PLOTTED.cl);
  if (cl === null) return null;
  const deviation = (seen.state.numbers[at + PLOTTED.value] as number) - cl;
  const sigma = line(at + (deviation < 0 ? PLOTTED.down : PLOTTED.up)) ?? cutSigma(at, cl);
  return sigma > 0 ? deviation / sigma : null;
}

function cutSigma(at: number, cl: number): number {
  const lcl = line(at + PLOTTED.lcl);
  return lcl === null ? 0 : (cl - lcl) / 3;
}
