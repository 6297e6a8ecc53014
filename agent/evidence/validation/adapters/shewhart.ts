import { d2, isSize, sdMedian } from '../../../spc/constants.ts';
import * as charts from '../../../spc/shewhart.ts';
import { deviationChart, zmr as zmrOf } from '../../../spc/short-run.ts';
import {
  individualSigma,
  individualSigmas,
  movingRanges,
  type SubgroupSigma,
  subgroupSigma,
  subgroupSigmas,
} from '../../../spc/sigma.ts';
import { meanOf, medianOf, rangeOf } from '../../../spc/summation.ts';
import { type Adapter, need, option, series } from './common.ts';

export const xbar: Adapter = (input) => {
  const { subgroups, sigma, center, sizes } = series(input);
  const k = option(input, 'k', 3);
  const middle = option(input, 'center', center);
  return {
    n: sizes,
    sigmaByMethod: subgroupSigmas(subgroups.slice(0, option(input, 'phase1Count', sizes.length))),
    sigma,
    xbar: charts.xbarChart(subgroups, middle, sigma, k),
    r: charts.rangeChart(subgroups, sigma, k),
    s: charts.sdChart(subgroups, sigma, k),
  };
};

export const imr: Adapter = (input) => {
  const data = need<(number | null)[]>(input, 'data');
  const span = option(input, 'span', 2);
  const k = option(input, 'k', 3);
  const phase1 = data.slice(0, option(input, 'phase1Count', data.length));
  const present = phase1.filter((x) => x !== null);
  const method = option(input, 'sigmaMethod', 'mr-mean' as const);
  const sigma = option(input, 'sigma', individualSigma(method, phase1, span));
  const ranges = movingRanges(phase1, span).filter((x) => x !== null);
  return {
    sigmaByMethod: individualSigmas(phase1, span),
    mrBar: meanOf(ranges),
    mrMedian: medianOf(ranges),
    sigma,
    i: charts.individualsChart(data, option(input, 'center', meanOf(present)), sigma, k),
    mr: charts.movingRangeChart(data, sigma, span, k),
  };
};

export const median: Adapter = (input) => {
  const { subgroups, sigma, sizes } = series(input);
  const n = sizes[0] ?? 0;
  return {
    sigma,
    rBar: meanOf(subgroups.map((group) => rangeOf(group) ?? 0)),
    a2Median: isSize(n) ? (3 * sdMedian(n)) / d2(n) : null,
    median: charts.medianChart(subgroups, sigma, option(input, 'k', 3)),
  };
};

export const movingAverage: Adapter = (input) => {
  // `span` is that of the average here; moving ranges keep to two readings.
  const { subgroups, sigma, center } = series({ ...input, span: 2 });
  const target = option(input, 'target', center);
  const span = need<number>(input, 'span');
  return {
    sigma,
    ma: charts.movingAverageChart(subgroups, target, sigma, span, option(input, 'k', 3)),
  };
};

export const dnom: Adapter = (input) => {
  const part = need<string[]>(input, 'part');
  const nominal = need<Record<string, number>>(input, 'nominal');
  const k = option(input, 'k', 3);
  const values = input['values'] as number[] | undefined;
  if (values !== undefined) {
    const deviations = values.map((x, i) => x - (nominal[part[i] as string] as number));
    const sigma = option(input, 'sigma', individualSigma('mr-mean', deviations));
    const { location, spread } = deviationChart(
      deviations.map((x) => [x]),
      sigma,
      k,
    );
    return { sigma, deviations, i: location, mr: spread };
  }
  const deviations = need<number[][]>(input, 'subgroups').map((group, i) =>
    group.map((x) => x - (nominal[part[i] as string] as number)),
  );
  const method = option<SubgroupSigma>(input, 'sigmaMethod', 'range-unweighted');
  const sigma = option(input, 'sigma', subgroupSigma(method, deviations));
  const { location, spread } = deviationChart(deviations, sigma, k);
  return { sigma, deviations, xbar: location, r: spread };
};

export const zmr: Adapter = (input) => {
  const values = need<number[]>(input, 'values');
  const part = need<string[]>(input, 'part');
  const method = need<'given' | 'by-part' | 'constant'>(input, 'method');
  const given = {
    mean: option<Record<string, number>>(input, 'mean', {}),
    sigma: option<Record<string, number>>(input, 'sigma', {}),
  };
  const { mean, sigma, z, mr } = zmrOf({ values, part, method, given, k: option(input, 'k', 3) });
  return { mean, sigma, z, mr };
};
