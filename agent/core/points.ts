import type { Plot } from '../charts/chart.ts';
import type { Plotted, Point } from '../model.ts';

/**
 * Makes the Point of a plot. One object is reused for every form of point: V8 keeps a field that is
 * never null as a bare double and writes it in place, while a field that sometimes is null costs an
 * allocation at every write. So what is null in a form comes first in its object, which gives each
 * form a layout of its own, and each has its own writer.
 */
export function pointOf(plot: Plot): Point {
  const { location, spread } = plot;
  if (!Number.isNaN(location.lcl)) {
    if (!Number.isNaN(spread.value) && !Number.isNaN(spread.lcl))
      return writePair(location, spread);
    if (Number.isNaN(spread.cl)) return writeSingle(location);
  } else if (!Number.isNaN(location.ucl)) return writeSums(location, spread);
  return writeAny(location, spread);
}

/**
 * Distance from the centre in sigmas of that side (E1). Where the lower limit is cut at 0, a third
 * of what is left below the centre counts as one sigma.
 */
function distance(p: Plotted): number {
  const deviation = p.value - p.cl;
  if (deviation >= 0) return deviation / p.up;
  return deviation / (p.down > 0 ? p.down : (p.cl - p.lcl) / 3);
}

const orNull = (x: number) => (Number.isFinite(x) ? x : null);

/** Filled by the engine for every point. */
const common = {
  seq: 0,
  ordinal: 0,
  characteristic: '',
  chart: '',
  index: 0,
  timeMs: 0.5,
  partSequence: null,
  size: 0,
  rules: 0,
  spreadRules: 0,
  phase: 2,
  limitsVersion: 0,
} as const;

const location = { value: 0.5, cl: 0.5, ucl: 0.5 };
const spread = { spread: 0.5, spreadCl: 0.5, spreadUcl: 0.5 };

/** A mean or a value with its range, sd or moving range. */
const pair: Point = {
  ...location,
  lcl: 0.5,
  z: 0.5,
  ...spread,
  spreadLcl: 0.5,
  spreadZ: 0.5,
  ...common,
};

/** One statistic with both limits. */
const single: Point = {
  spread: null,
  spreadCl: null,
  spreadLcl: null,
  spreadUcl: null,
  spreadZ: null,
  ...location,
  lcl: 0.5,
  z: 0.5,
  ...common,
};

/** Two sums from 0 upwards. */
const sums: Point = {
  lcl: null,
  z: null,
  spreadLcl: null,
  spreadZ: null,
  ...location,
  ...spread,
  ...common,
};

/** Whatever is not there is null: provisional points, and those beside a gap. */
const any: Point = {
  ...common,
  value: 0,
  cl: null,
  lcl: null,
  ucl: null,
  z: null,
  spread: null,
  spreadCl: null,
  spreadLcl: null,
  spreadUcl: null,
  spreadZ: null,
};

function writePair(l: Plotted, s: Plotted): Point {
  pair.value = l.value;
  pair.cl = l.cl;
  pair.lcl = l.lcl;
  pair.ucl = l.ucl;
  pair.z = distance(l);
  pair.spread = s.value;
  pair.spreadCl = s.cl;
  pair.spreadLcl = s.lcl;
  pair.spreadUcl = s.ucl;
  pair.spreadZ = distance(s);
  return pair;
}

function writeSingle(l: Plotted): Point {
  single.value = l.value;
  single.cl = l.cl;
  single.lcl = l.lcl;
  single.ucl = l.ucl;
  single.z = distance(l);
  return single;
}

function writeSums(l: Plotted, s: Plotted): Point {
  sums.value = l.value;
  sums.cl = l.cl;
  sums.ucl = l.ucl;
  sums.spread = s.value;
  sums.spreadCl = s.cl;
  sums.spreadUcl = s.ucl;
  return sums;
}

function writeAny(l: Plotted, s: Plotted): Point {
  const paired = !Number.isNaN(s.value) || !Number.isNaN(s.cl);
  any.value = l.value;
  any.cl = orNull(l.cl);
  any.lcl = orNull(l.lcl);
  any.ucl = orNull(l.ucl);
  any.z = orNull(distance(l));
  any.spread = orNull(s.value);
  any.spreadCl = paired ? orNull(s.cl) : null;
  any.spreadLcl = paired ? orNull(s.lcl) : null;
  any.spreadUcl = paired ? orNull(s.ucl) : null;
  any.spreadZ = paired ? orNull(distance(s)) : null;
  return any;
}
