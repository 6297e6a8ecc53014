import * as capable from '../../../spc/capability.ts';
import * as outside from '../../../spc/nonconforming.ts';
import { pooledDf } from '../../../spc/sigma.ts';
import { meanOf, sdOf, squaresOf } from '../../../spc/summation.ts';
import { type Adapter, need, option, series } from './common.ts';

const pair = (interval: capable.Interval | null) =>
  interval === null ? null : [interval.lower, interval.upper];

export const capability: Adapter = (input) => {
  const { subgroups, sigma } = series(input);
  const values = subgroups.flat();
  const n = values.length;
  const mean = meanOf(values) as number;
  const sd = sdOf(values);
  const limits = { lsl: option(input, 'lsl', null), usl: option(input, 'usl', null) };
  const target = option<number | null>(input, 'target', null);
  const confidence = option(input, 'confidence', 0.95);
  const index = capable.indices({ mean, sigmaWithin: sigma, sigmaOverall: sd, ...limits });
  const bissell = (c: number | null, df = n - 1) =>
    pair(capable.bissellInterval(c, n, df, confidence));
  const cpm = outside.cpm(mean, sd, target, limits);
  const cpmDf = cpm === null ? null : outside.cpmDf(mean, sd, target, n);
  const df = pooledDf(subgroups);
  return {
    n,
    mean,
    sigmaWithin: sigma,
    sigmaOverall: sd,
    ...index,
    cpm,
    cpmWithin: outside.cpm(mean, sigma, target, limits),
    cpmMle: outside.cpm(mean, Math.sqrt(squaresOf(values) / n), target, limits),
    cpmStar: outside.cpmStar(mean, sd, target, limits),
    ci: {
      pp: pair(capable.chiSquareInterval(index.pp, n - 1, confidence)),
      ppl: bissell(index.ppl),
      ppu: bissell(index.ppu),
      ppk: bissell(index.ppk),
      cpm: pair(outside.cpmInterval(cpm, cpmDf, confidence)),
      cpmDf,
    },
    lowerBound: {
      ppk: capable.bissellLower(index.ppk, n, n - 1, confidence),
      pp: capable.chiSquareLower(index.pp, n - 1, confidence),
    },
    ciWithin: {
      df,
      cp: pair(capable.chiSquareInterval(index.cp, df, confidence)),
      cpk: bissell(index.cpk, df),
    },
    ppm: {
      observed: outside.perMillion(outside.observedOutside(values, limits)),
      within: outside.perMillion(outside.expectedOutside(mean, sigma, limits)),
      overall: outside.perMillion(outside.expectedOutside(mean, sd, limits)),
    },
    zBench: {
      within: outside.zBench(mean, sigma, limits),
      overall: outside.zBench(mean, sd, limits),
    },
  };
};

export const summary: Adapter = (input) => {
  const mean = need<number>(input, 'mean');
  const sigma = need<number>(input, 'sigma');
  const n = need<number>(input, 'n');
  const limits = { lsl: option(input, 'lsl', null), usl: option(input, 'usl', null) };
  const confidence = option(input, 'confidence', 0.95);
  const index = capable.indices({ mean, sigmaWithin: null, sigmaOverall: sigma, ...limits });
  const bissell = (c: number | null) => pair(capable.bissellInterval(c, n, n - 1, confidence));
  return {
    ...index,
    ci: {
      pp: pair(capable.chiSquareInterval(index.pp, n - 1, confidence)),
      ppl: bissell(index.ppl),
      ppu: bissell(index.ppu),
      ppk: bissell(index.ppk),
    },
    lowerBound: {
      ppk: capable.bissellLower(index.ppk, n, n - 1, confidence),
      pp: capable.chiSquareLower(index.pp, n - 1, confidence),
    },
    ppm: outside.perMillion(outside.expectedOutside(mean, sigma, limits)),
    zBench: outside.zBench(mean, sigma, limits),
  };
};
