/** A control chart as it was judged: points, limits, marked signals. */
import { near } from '../study/figures.ts';
import type { Trace } from '../study/judging.ts';
import { at, axes, type Box, drawing, INK, label, path, scale, ticks } from './svg.ts';

const WIDTH = 700;
const HEIGHT = 196;
const BOX: Box = { left: 62, top: 22, width: 540, height: 140 };
/** More points than places: a band of lowest and highest is drawn instead of dots. */
const MOST_DOTS = 400;

/** Draws one statistic, e.g. the means; `unit` names a point: subgroup or reading. */
export function controlChart(trace: Trace, title: string, unit: string): string {
  const n = trace.value.length;
  const [low, high] = extent(trace);
  const x = scale(1, Math.max(2, n), BOX.left + 6, BOX.left + BOX.width - 6);
  const y = scale(low, high, BOX.top + BOX.height - 6, BOX.top + 6);
  const inside = [
    label(BOX.left, 13, title, 'font-weight="bold" font-size="11"'),
    axes(BOX, [x, wholeTicks(n)], [y, ticks(low, high, 5)]),
    step(trace.cl, x, y, `stroke="${INK.centre}" stroke-width="1.3"`),
    step(trace.ucl, x, y, `stroke="${INK.limit}" stroke-width="1.3" stroke-dasharray="5 3"`),
    step(trace.lcl, x, y, `stroke="${INK.limit}" stroke-width="1.3" stroke-dasharray="5 3"`),
    n > MOST_DOTS ? band(trace, x, y) : dots(trace, x, y),
    marks(trace, x, y),
    ...names(trace, y),
    label(BOX.left + BOX.width / 2, HEIGHT - 6, unit, '', 'middle'),
  ];
  return drawing(WIDTH, HEIGHT, title, inside.join(''));
}

function extent({ value, lcl, ucl }: Trace): [number, number] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const column of [value, lcl, ucl]) {
    for (const v of column) {
      if (v < low) low = v;
      if (v > high) high = v;
    }
  }
  const pad = (high - low) * 0.05;
  return [low - pad, high + pad];
}

function wholeTicks(n: number): number[] {
  const inner = ticks(1, n, 10).filter((v) => Number.isInteger(v) && v >= 1);
  return inner.length > 1 ? inner : [1, n];
}

/** A limit that changes with the size of the subgroups is a staircase. */
function step(
  column: Float64Array,
  x: (v: number) => number,
  y: (v: number) => number,
  style: string,
) {
  const places: [number, number][] = [];
  let last = Number.NaN;
  column.forEach((v, i) => {
    if (Number.isNaN(v)) return;
    if (v !== last && places.length > 0) places.push([x(i + 0.5), y(last)], [x(i + 0.5), y(v)]);
    if (places.length === 0) places.push([x(i + 1) - 6, y(v)]);
    last = v;
  });
  if (places.length === 0) return '';
  places.push([x(column.length) + 6, y(last)]);
  return path(places, style);
}

function dots({ value, broken }: Trace, x: (v: number) => number, y: (v: number) => number) {
  const runs: [number, number][][] = [[]];
  value.forEach((v, i) => {
    if (Number.isNaN(v)) runs.push([]);
    else runs.at(-1)?.push([x(i + 1), y(v)]);
  });
  const size = value.length > 150 ? 1.2 : 2.2;
  const circles = [...value].map((v, i) =>
    Number.isNaN(v) || broken[i] === 1
      ? ''
      : `<circle cx="${at(x(i + 1))}" cy="${at(y(v))}" r="${size}" fill="${INK.line}"/>`,
  );
  const style = `stroke="${INK.line}" stroke-width="0.9"`;
  return runs.map((run) => (run.length > 1 ? path(run, style) : '')).join('') + circles.join('');
}

/** Lowest and highest value of so many points that share a place. */
function band({ value }: Trace, x: (v: number) => number, y: (v: number) => number): string {
  const perPlace = Math.ceil(value.length / MOST_DOTS);
  const upper: [number, number][] = [];
  const lower: [number, number][] = [];
  for (let i = 0; i < value.length; i += perPlace) {
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    for (const v of value.subarray(i, i + perPlace)) {
      if (v < low) low = v;
      if (v > high) high = v;
    }
    if (high < low) continue;
    upper.push([x(i + 1), y(high)]);
    lower.push([x(i + 1), y(low)]);
  }
  const d = [...upper, ...lower.reverse()].map(([px, py]) => `${at(px)},${at(py)}`).join(' ');
  return `<polygon points="${d}" fill="${INK.bar}" stroke="${INK.line}" stroke-width="0.5"/>`;
}

const MOST_MARKS = 300;

function marks({ value, broken }: Trace, x: (v: number) => number, y: (v: number) => number) {
  const marked: string[] = [];
  broken.forEach((b, i) => {
    if (b === 0 || marked.length >= MOST_MARKS) return;
    const [cx, cy] = [x(i + 1), y(value[i] as number)];
    marked.push(
      `<rect x="${at(cx - 3.2)}" y="${at(cy - 3.2)}" width="6.4" height="6.4" ` +
        `fill="${INK.limit}" transform="rotate(45 ${at(cx)} ${at(cy)})"/>`,
    );
  });
  return marked.join('');
}

/** Values of the last limits at the right edge. */
function names({ cl, lcl, ucl }: Trace, y: (v: number) => number): string[] {
  const x = BOX.left + BOX.width + 6;
  const spread = ((ucl.findLast(isThere) ?? 0) - (cl.findLast(isThere) ?? 0)) / 3;
  const last = (column: Float64Array) => column.findLast(isThere);
  const one = (name: string, v: number | undefined, colour: string) =>
    v === undefined ? [] : [label(x, y(v) + 3.5, `${name} ${near(v, spread)}`, `fill="${colour}"`)];
  return [
    ...one('UCL', last(ucl), INK.limit),
    ...one('CL', last(cl), INK.centre),
    ...one('LCL', last(lcl), INK.limit),
  ];
}

const isThere = (v: number) => !Number.isNaN(v);
