/**
 * Charts of rare events. g: good units between events, Benneyan (2001), by moments or by
 * probability. t: time between events, by a power transformation (Nelson 1994) or by quantiles of
 * an exponential or Weibull model.
 */
import { d2 } from './constants.ts';
import { bandAround, type ControlChart, clipped, controlChart, isBeyond } from './control-chart.ts';
import { type Law, lawOf } from './families.ts';
import { fitFamily } from './fitting.ts';
import { normalSf } from './normal.ts';
import { movingRanges } from './sigma.ts';
import { meanOf } from './summation.ts';

export interface GChart {
  gBar: number;
  sigma: number;
  chart: ControlChart;
  pHat: number;
  /** smallest counts whose cumulated probability reaches Phi(-k), 1/2, Phi(k) */
  probability: { lcl: number; center: number; ucl: number; beyond: number[] };
}

/** g chart; Phase I is the first `phase1Count` counts. null for no counts. */
export function gChart(
  counts: readonly number[],
  k = 3,
  phase1Count = counts.length,
): GChart | null {
  const gBar = meanOf(counts.slice(0, phase1Count));
  if (gBar === null || gBar < 0) return null;
  const sigma = Math.sqrt(gBar * (gBar + 1));
  const pHat = 1 / (gBar + 1);
  const tail = normalSf(k);
  const lcl = geometricQuantile(Math.log1p(-tail), pHat);
  const center = geometricQuantile(Math.log(0.5), pHat);
  const ucl = geometricQuantile(Math.log(tail), pHat);
  const band = { center, lcl, ucl };
  return {
    gBar,
    sigma,
    chart: controlChart(counts, () => clipped(bandAround(gBar, k * sigma), 0)),
    pHat,
    probability: { lcl, center, ucl, beyond: indicesBeyond(counts, band) },
  };
}

interface TimeLimits {
  lcl: number;
  center: number;
  ucl: number;
  beyond: number[];
}

/** Limits of the times by the quantiles of a fitted law at Phi(-k), 1/2, Phi(k). */
function timeLimits(times: readonly number[], law: Law, k = 3): TimeLimits | null {
  const tail = normalSf(k);
  const lcl = law.quantile(tail);
  const center = law.quantile(0.5);
  const ucl = law.upperQuantile(tail);
  if (lcl === null || center === null || ucl === null) return null;
  return { lcl, center, ucl, beyond: indicesBeyond(times, { lcl, center, ucl }) };
}

/** Exponential and Weibull (maximum likelihood) limits of the times between events. */
export function tChart(
  times: readonly number[],
  k = 3,
  phase1Count = times.length,
): {
  exponential: ({ scale: number } & TimeLimits) | null;
  weibull: ({ shape: number; scale: number } & TimeLimits) | null;
} {
  const phase1 = times.slice(0, phase1Count);
  const scale = meanOf(phase1);
  const law = scale === null ? null : lawOf('exponential', { scale });
  const plain = law === null ? null : timeLimits(times, law, k);
  const params = fitFamily('weibull', phase1);
  const fitted = params === null ? null : lawOf('weibull', params);
  const bent = fitted === null ? null : timeLimits(times, fitted, k);
  return {
    exponential: plain === null || scale === null ? null : { scale, ...plain },
    weibull:
      bent === null || params === null
        ? null
        : { shape: params['shape'] as number, scale: params['scale'] as number, ...bent },
  };
}

export interface PowerChart extends TimeLimits {
  transformed: number[];
  sigma: number;
  centerOriginal: number;
  lclOriginal: number;
  uclOriginal: number;
}

/** Individuals chart of time^exponent (1/3.6 makes exponential times nearly normal). */
export function powerChart(
  times: readonly number[],
  exponent = 1 / 3.6,
  k = 3,
  phase1Count = times.length,
): PowerChart | null {
  const transformed = times.map((time) => time ** exponent);
  const phase1 = transformed.slice(0, phase1Count);
  const center = meanOf(phase1);
  const range = meanOf(movingRanges(phase1).filter((value) => value !== null));
  if (center === null || range === null) return null;
  const sigma = range / d2(2);
  const lcl = Math.max(0, center - k * sigma);
  const ucl = center + k * sigma;
  return {
    transformed,
    sigma,
    center,
    lcl,
    ucl,
    beyond: indicesBeyond(transformed, { center, lcl, ucl }),
    centerOriginal: center ** (1 / exponent),
    lclOriginal: lcl ** (1 / exponent),
    uclOriginal: ucl ** (1 / exponent),
  };
}

/** Smallest whole x with (1 - p)^(x + 1) <= e^logTail, not below 0. */
function geometricQuantile(logTail: number, p: number): number {
  if (p >= 1) return 0;
  const steps = logTail / Math.log1p(-p);
  return Math.max(0, Math.ceil(steps * (1 - 1e-14)) - 1);
}

function indicesBeyond(
  values: readonly number[],
  band: { center: number; lcl: number; ucl: number },
): number[] {
  return values.flatMap((value, i) => (isBeyond(value, band) ? [i] : []));
}
