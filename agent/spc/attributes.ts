/**
 * Charts of counts: p, np, c, u and Laney's p' and u'. Montgomery; Laney (2002). Limits
 * are drawn to what can happen: not below 0, proportions not above 1, np not above n.
 */

import { d2 } from './constants.ts';
import { bandAround, type ControlChart, clipped, controlChart, NO_BAND } from './control-chart.ts';
import { meanOf, sumOf } from './summation.ts';

type Model = 'binomial' | 'poisson';

/** Sum of counts over sum of sizes; null when nothing was inspected. */
export function pooledRate(counts: readonly number[], sizes: readonly number[]): number | null {
  const total = sumOf(sizes);
  return total > 0 ? sumOf(counts) / total : null;
}

/** Proportion nonconforming (binomial) or nonconformities per unit (Poisson), one band per size. */
export function rateChart(
  model: Model,
  counts: readonly number[],
  sizes: readonly number[],
  rate: number | null,
  k = 3,
): ControlChart {
  const plotted = counts.map((count, i) => count / (sizes[i] as number));
  return controlChart(plotted, (i) => {
    if (rate === null) return NO_BAND;
    const error = standardError(model, rate, sizes[i] as number);
    return clipped(bandAround(rate, k * error), 0, top(model));
  });
}

/** Number nonconforming out of n (np). */
export function npChart(
  counts: readonly number[],
  sizes: readonly number[],
  rate: number | null,
  k = 3,
): ControlChart {
  return controlChart(counts, (i) => {
    if (rate === null) return NO_BAND;
    const n = sizes[i] as number;
    return clipped(bandAround(n * rate, k * Math.sqrt(n * rate * (1 - rate))), 0, n);
  });
}

/** Nonconformities per equal area of opportunity (c). */
export function cChart(counts: readonly number[], mean: number | null, k = 3): ControlChart {
  return controlChart(counts, () =>
    mean === null ? NO_BAND : clipped(bandAround(mean, k * Math.sqrt(mean)), 0),
  );
}

export interface LaneyChart {
  z: number[];
  /** ratio of the real to the model's variation; 1 means the plain chart is right */
  sigmaZ: number | null;
  chart: ControlChart;
}

/** p' or u': the plain limits widened (or narrowed) by the moving range of the z-scores. */
export function laneyChart(
  model: Model,
  counts: readonly number[],
  sizes: readonly number[],
  rate: number | null,
  k = 3,
  phase1Count = counts.length,
): LaneyChart {
  const plotted = counts.map((count, i) => count / (sizes[i] as number));
  const errors = sizes.map((size) => (rate === null ? 0 : standardError(model, rate, size)));
  const usable = rate !== null && errors.every((error) => error > 0);
  const z = usable ? plotted.map((p, i) => (p - rate) / (errors[i] as number)) : [];
  const steps = z.slice(1, phase1Count).map((value, i) => Math.abs(value - (z[i] as number)));
  const meanStep = meanOf(steps);
  const sigmaZ = meanStep === null ? null : meanStep / d2(2);
  const chart = controlChart(plotted, (i) => {
    if (rate === null || sigmaZ === null) return NO_BAND;
    return clipped(bandAround(rate, k * (errors[i] as number) * sigmaZ), 0, top(model));
  });
  return { z, sigmaZ, chart };
}

function standardError(model: Model, rate: number, size: number): number {
  return Math.sqrt((model === 'binomial' ? rate * (1 - rate) : rate) / size);
}

function top(model: Model): number {
  return model === 'binomial' ? 1 : Number.POSITIVE_INFINITY;
}
