import * as change from '../../../spc/changepoint.ts';
import { gChart, powerChart, tChart } from '../../../spc/rare-events.ts';
import { leastSquares, regressionChart, residualMovingSigma } from '../../../spc/regression.ts';
import { type SubgroupSigma, subgroupSigma } from '../../../spc/sigma.ts';
import { type Adapter, need, option, series, undefinedFor } from './common.ts';

export const g: Adapter = (input) => {
  const counts = need<number[]>(input, 'counts');
  const k = option(input, 'k', 3);
  const found = gChart(counts, k, option(input, 'phase1Count', counts.length));
  if (found === null) return undefinedFor('there are no counts');
  const { chart, ...rest } = found;
  return { ...rest, g: chart };
};

export const t: Adapter = (input) => {
  const times = need<number[]>(input, 'times');
  const k = option(input, 'k', 3);
  const phase1 = option(input, 'phase1Count', times.length);
  return {
    power: powerChart(times, option(input, 'exponent', 1 / 3.6), k, phase1),
    ...tChart(times, k, phase1),
  };
};

export const regression: Adapter = (input) => {
  const grouped = input['subgroups'] !== undefined;
  const method = option(input, 'sigmaMethod', 'residual');
  const given = option<number | null>(input, 'sigma', null);
  const { subgroups, means, sizes } = series({ ...input, sigmaMethod: null });
  const x = option(
    input,
    'x',
    means.map((_, i) => i + 1),
  );
  const phase1 = option(input, 'phase1Count', means.length);
  const line = leastSquares(x.slice(0, phase1), means.slice(0, phase1));
  if (line === null) return undefinedFor('a line needs two different x');
  const aboutLine = method.startsWith('residual');
  const estimate = () => {
    if (method === 'residual') return line.residualSd;
    if (method === 'residual-mr') return residualMovingSigma(line);
    return subgroupSigma(method as SubgroupSigma, subgroups.slice(0, phase1));
  };
  const sigma = given ?? estimate();
  // A sigma about the line already is that of a mean; a within sigma is that of one value.
  const divisors = grouped && !aboutLine ? sizes : sizes.map(() => 1);
  const chart = regressionChart(line, x, means, sigma, divisors, option(input, 'k', 3));
  return { ...line, sigma: sigma === null ? null : sigma / Math.sqrt(divisors[0] ?? 1), ...chart };
};

export const changepoint: Adapter = (input) => {
  const data = need<number[]>(input, 'data');
  const model = need<string>(input, 'model');
  const found =
    model === 'normal-known'
      ? change.changeFromKnown(data, need<number>(input, 'mean0'))
      : model === 'normal-unknown'
        ? change.changeUnknown(data)
        : change.changeOfRate(data);
  return { ...found };
};
