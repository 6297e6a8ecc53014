/**
 * Charts of counts: p, np, c, u and Laney's p' and u'. Montgomery; Laney (2002). Limits
 * are drawn to what can happen: not below 0, proportions not above 1, np not above n.
 */

import { d2 } from './constants.ts';
import { bandAround, type ControlChart, clipped, controlChart, NO_BAND } from './control-chart.ts';
import { movingRanges } from './sigma.ts';
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
  return controlChart(ratios(counts, sizes), (i) => {
    const size = sizes[i] as number;
    if (rate === null || !(size > 0)) return NO_BAND;
    const error = standardError(model, rate, size);
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
  /** null where nothing was inspected or the rate leaves no variation */
  z: (number | null)[];
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
  const plotted = ratios(counts, sizes);
  const errors = sizes.map((size) => {
    return rate === null || !(size > 0) ? 0 : standardError(model, rate, size);
  });
  const z = plotted.map((p, i) => {
    const error = errors[i] as number;
    return p === null || rate === null || !(error > 0) ? null : (p - rate) / error;
  });
  const steps = movingRanges(z.slice(0, phase1Count)).filter((step) => step !== null);
  const meanStep = meanOf(steps);
  const sigmaZ = meanStep === null ? null : meanStep / d2(2);
  const chart = controlChart(plotted, (i) => {
    const error = errors[i] as number;
    if (rate === null || sigmaZ === null || !(error > 0)) return NO_BAND;
    return clipped(bandAround(rate, k * error * sigmaZ), 0, top(model));
  });
  return { z, sigmaZ, chart };
}

/** null where nothing was inspected. */
function ratios(counts: readonly number[], sizes: readonly number[]): (number | null)[] {
  return counts.map((count, i) => {
    const size = sizes[i] as number;
    return size > 0 ? count / size : null;
  });
}

function standardError(model: Model, rate: number, size: number): number {
  return Math.sqrt((model === 'binomial' ? rate * (1 - rate) : rate) / size);
}

function top(model: Model): number {
  return model === 'binomial' ? 1 : Number.POSITIVE_INFINITY;
}
