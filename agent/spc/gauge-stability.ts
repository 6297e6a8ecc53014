/**
 * Stability of a gauge: the same master measured over time. X̄ and R (s from ten repeats on, moving
 * range for single readings) with limits from the readings themselves (AIAG MSA, 4th edition), and
 * the t test of the slope of the means: a drift too small for any one point to leave its limits.
 */
import type { ControlChart } from './control-chart.ts';
import { tSf } from './distributions.ts';
import { biasStudy } from './gage.ts';
import { leastSquares } from './regression.ts';
import {
  grandMean,
  individualsChart,
  movingRangeChart,
  rangeChart,
  sdChart,
  xbarChart,
} from './shewhart.ts';
import { individualSigma, subgroupSigma } from './sigma.ts';
import { meanOf } from './summation.ts';

export interface GaugeStability {
  chart: 'xbar-r' | 'xbar-s' | 'imr';
  subgroups: number;
  mean: number;
  /** sigma within, and how it was estimated */
  sigma: number | null;
  estimator: 'range-weighted' | 's-weighted' | 'mr-mean';
  location: ControlChart;
  spread: ControlChart;
  /** change of the means from one subgroup to the next */
  drift: { slope: number; t: number | null; df: number; p: number | null } | null;
  /** mean of the means against the master */
  bias: { bias: number; t: number | null; p: number | null } | null;
}

/** The study of subgroups in the order of time; null for fewer than two of them. */
export function gaugeStability(
  groups: readonly (readonly number[])[],
  reference: number | null = null,
): GaugeStability | null {
  const subgroups = groups.filter((one) => one.length > 0);
  const means = subgroups.map((one) => meanOf(one) as number);
  const mean = grandMean(subgroups);
  if (subgroups.length < 2 || mean === null || !means.every(Number.isFinite)) return null;
  const shared = {
    subgroups: subgroups.length,
    mean,
    drift: driftOf(means),
    bias: reference === null ? null : biasOf(means, reference),
  };
  const single = subgroups.every((one) => one.length === 1);
  if (single) {
    const sigma = individualSigma('mr-mean', means);
    return {
      ...shared,
      chart: 'imr',
      sigma,
      estimator: 'mr-mean',
      location: individualsChart(means, mean, sigma),
      spread: movingRangeChart(means, sigma),
    };
  }
  const wide = subgroups.some((one) => one.length >= SD_FROM);
  const estimator = wide ? 's-weighted' : 'range-weighted';
  const sigma = subgroupSigma(estimator, subgroups);
  return {
    ...shared,
    chart: wide ? 'xbar-s' : 'xbar-r',
    sigma,
    estimator,
    location: xbarChart(subgroups, mean, sigma),
    spread: (wide ? sdChart : rangeChart)(subgroups, sigma),
  };
}

/** From so many repeats on the range loses too much against s. */
const SD_FROM = 10;

function driftOf(means: readonly number[]): GaugeStability['drift'] {
  const line = leastSquares(
    means.map((_, i) => i),
    means,
  );
  if (line === null) return null;
  const df = means.length - 2;
  const error = line.residualSd === null ? 0 : line.residualSd / Math.sqrt(line.squaresX);
  const t = df > 0 && error > 0 ? line.slope / error : null;
  return { slope: line.slope, t, df, p: t === null ? null : 2 * tSf(Math.abs(t), df) };
}

function biasOf(means: readonly number[], reference: number): GaugeStability['bias'] {
  const study = biasStudy(means, reference);
  return study === null ? null : { bias: study.bias, t: study.t, p: study.p };
}
