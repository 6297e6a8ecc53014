/**
 * Shewhart charts for measured values: Xbar, R and s of subgroups, median, individuals with moving
 * range, moving average. Sources: ISO 7870-2; Montgomery. One sigma (the within
 * estimate) sets the limits of both charts of a pair; for unequal subgroups every point has its
 * own limits.
 */
import { c4, c5, d2, d3, isSize, sdMedian } from './constants.ts';
import { bandAround, type ControlChart, clipped, controlChart, NO_BAND } from './control-chart.ts';
import { movingRanges } from './sigma.ts';
import { meanOf, medianOf, rangeOf, sdOf, sumOf } from './summation.ts';

export type Subgroups = readonly (readonly number[])[];

/** Mean of all single values of all subgroups; null when there are none. */
export function grandMean(subgroups: Subgroups): number | null {
  return meanOf(subgroups.flat());
}

/** Xbar chart with limits center +- k sigma / sqrt(n_i). */
export function xbarChart(
  subgroups: Subgroups,
  center: number | null,
  sigma: number | null,
  k = 3,
): ControlChart {
  return controlChart(subgroups.map(meanOf), (i) => {
    const n = subgroups[i]?.length ?? 0;
    return sigma === null || n === 0 ? NO_BAND : bandAround(center, (k * sigma) / Math.sqrt(n));
  });
}

/** R chart: center d2 sigma, limits (d2 +- k d3) sigma, not below 0; null for subgroups of one. */
export function rangeChart(subgroups: Subgroups, sigma: number | null, k = 3): ControlChart {
  const ranges = subgroups.map((group) => (isSize(group.length) ? rangeOf(group) : null));
  return controlChart(ranges, (i) => {
    const n = subgroups[i]?.length ?? 0;
    if (sigma === null || !isSize(n)) return NO_BAND;
    return clipped(bandAround(d2(n) * sigma, k * d3(n) * sigma), 0);
  });
}

/** s chart: center c4 sigma, limits (c4 +- k c5) sigma, not below 0; null for subgroups of one. */
export function sdChart(subgroups: Subgroups, sigma: number | null, k = 3): ControlChart {
  return controlChart(subgroups.map(sdOf), (i) => {
    const n = subgroups[i]?.length ?? 0;
    if (sigma === null || !isSize(n)) return NO_BAND;
    return clipped(bandAround(c4(n) * sigma, k * c5(n) * sigma), 0);
  });
}

/** Median chart of equal subgroups: mean of the medians +- k sdMedian(n) sigma. */
export function medianChart(subgroups: Subgroups, sigma: number | null, k = 3): ControlChart {
  const medians = subgroups.map(medianOf);
  const center = meanOf(medians.filter((value) => value !== null));
  return controlChart(medians, (i) => {
    const n = subgroups[i]?.length ?? 0;
    return sigma === null || !isSize(n) ? NO_BAND : bandAround(center, k * sdMedian(n) * sigma);
  });
}

/** Individuals: center +- k sigma. */
export function individualsChart(
  values: readonly (number | null)[],
  center: number | null,
  sigma: number | null,
  k = 3,
): ControlChart {
  return controlChart(values, () => (sigma === null ? NO_BAND : bandAround(center, k * sigma)));
}

/** Moving range over `span` neighbours: limits (d2 +- k d3) sigma, not below 0. */
export function movingRangeChart(
  values: readonly (number | null)[],
  sigma: number | null,
  span = 2,
  k = 3,
): ControlChart {
  return controlChart(movingRanges(values, span), () => {
    if (sigma === null || !isSize(span)) return NO_BAND;
    return clipped(bandAround(d2(span) * sigma, k * d3(span) * sigma), 0);
  });
}

/** Plain average of the last min(i, span) means, limits target +- k sigma sqrt(sum 1/n_j)/q. */
export function movingAverageChart(
  subgroups: Subgroups,
  target: number | null,
  sigma: number | null,
  span: number,
  k = 3,
): ControlChart {
  const means = subgroups.map(meanOf);
  const windowAt = (i: number) => {
    const from = Math.max(0, i - span + 1);
    return { means: means.slice(from, i + 1), groups: subgroups.slice(from, i + 1) };
  };
  const plotted = means.map((_, i) => {
    const present = windowAt(i).means.filter((value) => value !== null);
    return meanOf(present);
  });
  return controlChart(plotted, (i) => {
    const sizes = windowAt(i)
      .groups.map((group) => group.length)
      .filter((n) => n > 0);
    if (sigma === null || sizes.length === 0) return NO_BAND;
    const error = Math.sqrt(sumOf(sizes.map((n) => 1 / n))) / sizes.length;
    return bandAround(target, k * sigma * error);
  });
}
