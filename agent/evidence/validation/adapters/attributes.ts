import * as charts from '../../../spc/attributes.ts';
import { meanOf } from '../../../spc/summation.ts';
import { type Adapter, type Input, need, option } from './common.ts';

interface Counts {
  counts: number[];
  sizes: number[];
  rate: number | null;
  k: number;
  phase1: number;
}

function read(input: Input): Counts {
  const counts = need<number[]>(input, 'counts');
  const given = need<number[] | number>(input, 'sizes');
  const sizes = Array.isArray(given) ? given : counts.map(() => given);
  const phase1 = option(input, 'phase1Count', counts.length);
  const rate = charts.pooledRate(counts.slice(0, phase1), sizes.slice(0, phase1));
  return { counts, sizes, rate, k: option(input, 'k', 3), phase1 };
}

export const p: Adapter = (input) => {
  const { counts, sizes, rate, k } = read(input);
  return { pBar: rate, p: charts.rateChart('binomial', counts, sizes, rate, k) };
};

export const np: Adapter = (input) => {
  const { counts, sizes, rate, k } = read(input);
  return { pBar: rate, np: charts.npChart(counts, sizes, rate, k) };
};

export const c: Adapter = (input) => {
  const counts = need<number[]>(input, 'counts');
  const mean = meanOf(counts.slice(0, option(input, 'phase1Count', counts.length)));
  return { cBar: mean, c: charts.cChart(counts, mean, option(input, 'k', 3)) };
};

export const u: Adapter = (input) => {
  const { counts, sizes, rate, k } = read(input);
  return { uBar: rate, u: charts.rateChart('poisson', counts, sizes, rate, k) };
};

export const laneyP: Adapter = (input) => {
  const { counts, sizes, rate, k, phase1 } = read(input);
  const { z, sigmaZ, chart } = charts.laneyChart('binomial', counts, sizes, rate, k, phase1);
  return { pBar: rate, z, sigmaZ, laney: chart };
};

export const laneyU: Adapter = (input) => {
  const { counts, sizes, rate, k, phase1 } = read(input);
  const { z, sigmaZ, chart } = charts.laneyChart('poisson', counts, sizes, rate, k, phase1);
  return { uBar: rate, z, sigmaZ, laney: chart };
};
