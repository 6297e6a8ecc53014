import type { Point } from '../model.ts';
import { NO_LINE, NO_SPREAD, type Numbers, PLOTTED } from '../spc/plotted.ts';

// What the window below looks at: a chart, its state, its two statistics there (-1: there is none).
let chart = '';
let numbers: Numbers;
let location = 0;
let spread = -1;

/** The fields that the engine sets for every point. */
const set = {
  seq: 0,
  ordinal: 0,
  characteristic: '',
  index: 0,
  timeMs: 0.5,
  partSequence: null,
  size: 0,
  rules: 0,
  spreadRules: 0,
  phase: 2,
  limitsVersion: 0,
} satisfies Partial<Point>;

/** The fields that are read out of the state. */
const shown: { [Field in Exclude<keyof Point, keyof typeof set>]: () => Point[Field] } = {
  chart: () => chart,
  value: () => numbers[location + PLOTTED.value] as number,
  cl: () => line(location + PLOTTED.cl),
  lcl: () => line(location + PLOTTED.lcl),
  ucl: () => line(location + PLOTTED.ucl),
  z: () => distance(location),
  spread: () => (hasSpread() ? (numbers[spread + PLOTTED.value] as number) : null),
  spreadCl: () => (spread < 0 ? null : line(spread + PLOTTED.cl)),
  spreadLcl: () => (spread < 0 ? null : line(spread + PLOTTED.lcl)),
  spreadUcl: () => (spread < 0 ? null : line(spread + PLOTTED.ucl)),
  spreadZ: () => (hasSpread() ? distance(spread) : null),
};

/**
 * The one Point that the engine hands out. What was plotted is not copied into it: it reads the
 * state when it is asked, which costs nothing for what nobody asks. Reading, copying and
 * JSON.stringify see an ordinary Point; as with all outputs, copy what you keep.
 */
export const point = window();

/** Turns the window to a chart's statistics. */
export function showPoint(
  kind: string,
  state: Numbers,
  locationAt: number,
  spreadAt: number,
): void {
  chart = kind;
  numbers = state;
  location = locationAt;
  spread = spreadAt;
}

/** One defined after the other: V8 keeps such an object fast, a literal with `get` it does not. */
function window(): Point {
  const made = { ...set } as Point;
  for (const [field, get] of Object.entries(shown)) {
    Object.defineProperty(made, field, { get, enumerable: true });
  }
  return made;
}

const hasSpread = () => spread >= 0 && numbers[spread + PLOTTED.value] !== NO_SPREAD;

function line(at: number): number | null {
  const value = numbers[at] as number;
  return Math.abs(value) === NO_LINE ? null : value;
}

/**
 * Distance from the centre in sigmas of that side (E1). Where a lower limit is cut at 0, a third of
 * what is left below the centre counts as one sigma.
 */
function distance(at: number): number | null {
  const cl = line(at + PLOTTED.cl);
  if (cl === null) return null;
  const deviation = (numbers[at + PLOTTED.value] as number) - cl;
  const sigma = line(at + (deviation < 0 ? PLOTTED.down : PLOTTED.up)) ?? cutSigma(at, cl);
  return sigma > 0 ? deviation / sigma : null;
}

function cutSigma(at: number, cl: number): number {
  const lcl = line(at + PLOTTED.lcl);
  return lcl === null ? 0 : (cl - lcl) / 3;
}
