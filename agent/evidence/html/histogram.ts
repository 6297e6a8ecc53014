/** Histogram with tolerance and fitted curve; probability plot of the fitted distribution. */
import type { Law } from '../../spc/families.ts';
import { normalQuantile } from '../../spc/normal.ts';
import { thinned } from '../study/readings.ts';
import type { Study } from '../study/result.ts';
import {
  at,
  axes,
  type Box,
  drawing,
  INK,
  label,
  line,
  path,
  type Scale,
  scale,
  ticks,
} from './svg.ts';

const WIDTH = 345;
const HEIGHT = 236;
const BOX: Box = { left: 44, top: 38, width: 288, height: 163 };
const CURVE_POINTS = 120;

/** Bars of the readings, LSL and USL, and the density of the model. */
export function histogram(study: Study, readings: Float64Array, law: Law | null): string {
  const { lsl, usl, target } = study.tolerance;
  const limits = [lsl, usl].filter((v) => v !== null);
  const width = binWidth(study);
  const low = Math.min(study.min - width, ...limits);
  const high = Math.max(study.max + width, ...limits);
  const pad = (high - low) * 0.04;
  const counts = count(readings, study.min, width);
  const curve = law === null ? [] : curveOf(law, low, high, study.n * width);
  const most = Math.max(1, ...counts, ...curve.map(([, v]) => v));
  const x = scale(low - pad, high + pad, BOX.left, BOX.left + BOX.width);
  const y = scale(0, most * 1.08, BOX.top + BOX.height, BOX.top);
  const title = 'Histogram';
  const bars = counts.map((c, i) => bar(x, y, study.min + i * width, width, c));
  const inside = [
    label(BOX.left, 11, title, 'font-weight="bold" font-size="11"'),
    axes(BOX, [x, ticks(low, high, 5)], [y, ticks(0, most, 5).filter(Number.isInteger)]),
    ...bars,
    path(
      curve.map(([v, c]) => [x(v), y(c)] as const),
      `stroke="${INK.fit}" stroke-width="1.6"`,
    ),
    limit(x, 'LSL', lsl),
    limit(x, 'USL', usl),
    limit(x, 'T', target, INK.centre),
    label(BOX.left + BOX.width / 2, HEIGHT - 6, study.name, '', 'middle'),
  ];
  return drawing(WIDTH, HEIGHT, title, inside.join(''));
}

/** Readings against what the model expects: points on the line where it fits. */
export function probabilityPlot(study: Study, readings: Float64Array, law: Law | null): string {
  const title = `Probability plot: ${study.model?.distribution ?? 'none'}`;
  const sorted = Float64Array.from(readings).sort();
  const shown = thinned(sorted, 400);
  const n = shown.length;
  const share = (i: number) => (i + 0.625) / (n + 0.25);
  const expected = shown.map((_, i) =>
    share(i) < 0.5
      ? (law?.quantile(share(i)) ?? Number.NaN)
      : (law?.upperQuantile(1 - share(i)) ?? Number.NaN),
  );
  const zs = shown.map((_, i) => normalQuantile(share(i)) ?? 0);
  const zMost = Math.max(3, ...zs);
  const low = Math.min(study.min, ...expected.filter(Number.isFinite));
  const high = Math.max(study.max, ...expected.filter(Number.isFinite));
  const pad = (high - low) * 0.05;
  const x = scale(low - pad, high + pad, BOX.left, BOX.left + BOX.width);
  const y = scale(-zMost, zMost, BOX.top + BOX.height - 4, BOX.top + 4);
  const places = expected
    .map((v, i) => [x(v), y(zs[i] as number)] as const)
    .filter(([px]) => Number.isFinite(px));
  const inside = [
    label(BOX.left, 11, title, 'font-weight="bold" font-size="11"'),
    axes(BOX, [x, ticks(low, high, 5)], [y, []]),
    ...SHARES.map(([z, text]) => shareLine(y, z, text, zMost)),
    path(places, `stroke="${INK.fit}" stroke-width="1.4"`),
    ...shown.map(
      (v, i) =>
        `<circle cx="${at(x(v))}" cy="${at(y(zs[i] as number))}" r="1.7" fill="${INK.line}"/>`,
    ),
    label(BOX.left + BOX.width / 2, HEIGHT - 6, study.name, '', 'middle'),
  ];
  return drawing(WIDTH, HEIGHT, title, inside.join(''));
}

const SHARES: readonly [number, string][] = [
  [-3, '0.1 %'],
  [-2.3263, '1 %'],
  [-1.2816, '10 %'],
  [0, '50 %'],
  [1.2816, '90 %'],
  [2.3263, '99 %'],
  [3, '99.9 %'],
];

function shareLine(y: Scale, z: number, text: string, most: number): string {
  if (Math.abs(z) > most) return '';
  const style = `stroke="${INK.grid}"`;
  return (
    line(BOX.left, y(z), BOX.left + BOX.width, y(z), style) +
    label(BOX.left - 5, y(z) + 3.5, text, '', 'end')
  );
}

/** Freedman & Diaconis 1981, between 8 and 40 bars; never narrower than the gauge's step. */
function binWidth({ n, min, max, sigmaOverall }: Study): number {
  const range = max - min;
  if (!(range > 0) || sigmaOverall === null) return Math.max(Math.abs(max) * 1e-6, 1e-9);
  const wide = (2.6 * sigmaOverall) / Math.cbrt(n);
  const bins = Math.min(40, Math.max(8, Math.ceil(range / wide)));
  return range / bins;
}

function count(readings: Float64Array, from: number, width: number): number[] {
  const counts: number[] = [];
  for (const x of readings) {
    // The largest reading closes the last bar instead of opening one more.
    const bin = Math.max(0, Math.ceil((x - from) / width - 1e-9) - 1);
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return Array.from(counts, (c) => c ?? 0);
}

function curveOf(law: Law, low: number, high: number, area: number): [number, number][] {
  const places: [number, number][] = [];
  for (let i = 0; i <= CURVE_POINTS; i += 1) {
    const v = low + ((high - low) * i) / CURVE_POINTS;
    const density = Math.exp(law.logDensity(v)) * area;
    if (Number.isFinite(density)) places.push([v, density]);
  }
  return places;
}

function bar(x: Scale, y: Scale, from: number, width: number, c: number): string {
  if (c === 0) return '';
  const w = x(from + width) - x(from);
  return (
    `<rect x="${at(x(from))}" y="${at(y(c))}" width="${at(w)}" height="${at(y(0) - y(c))}" ` +
    `fill="${INK.bar}" stroke="#fff" stroke-width="0.6"/>`
  );
}

function limit(x: Scale, name: string, value: number | null, colour: string = INK.tolerance) {
  if (value === null) return '';
  const style = `stroke="${colour}" stroke-width="1.5"`;
  return (
    line(x(value), BOX.top - 4, x(value), BOX.top + BOX.height, style) +
    label(x(value), BOX.top - 7, name, `fill="${colour}" font-weight="bold"`, 'middle')
  );
}
