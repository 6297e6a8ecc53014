import * as discrete from '../../../spc/discrete.ts';
import * as d from '../../../spc/distributions.ts';
import { FAMILIES, type FamilyName, type Law, lawOf } from '../../../spc/families.ts';
import { fitFamily } from '../../../spc/fitting.ts';
import * as gofTests from '../../../spc/goodness-of-fit.ts';
import * as nct from '../../../spc/noncentral-t.ts';
import { perMillion } from '../../../spc/nonconforming.ts';
import * as percentile from '../../../spc/percentile-capability.ts';
import * as tukey from '../../../spc/studentized-range.ts';
import { type Adapter, need, option, undefinedFor } from './common.ts';

type Op = 'cdf' | 'sf' | 'quantile' | 'upperQuantile';
type Answers = Partial<Record<Op, (x: number) => number | null>>;
type Params = Record<string, number | string>;

export const distribution: Adapter = (input) => {
  const raw = need<Params>(input, 'params');
  const params = Object.fromEntries(
    Object.entries(raw).map(([key, value]) => [key, Number(value)]),
  );
  const answer = answersOf(need<string>(input, 'distribution'), params)[need<Op>(input, 'op')];
  const points = option<number[]>(input, 'x', option<number[]>(input, 'p', []));
  if (answer === undefined) {
    const reason = 'these parameters allow no such distribution';
    return { values: points.map(() => null), ...undefinedFor(reason) };
  }
  return { values: points.map(answer) };
};

function answersOf(name: string, params: Record<string, number>): Answers {
  const get = (key: string) => {
    const value = params[key];
    if (value === undefined) throw new Error(`params have no '${key}'`);
    return value;
  };
  switch (name) {
    case 't':
      return {
        cdf: (x) => d.tCdf(x, get('df')),
        sf: (x) => d.tSf(x, get('df')),
        quantile: (p) => d.tQuantile(p, get('df')),
        upperQuantile: (q) => d.tUpperQuantile(q, get('df')),
      };
    case 'chi2':
      return {
        cdf: (x) => d.chiSquareCdf(x, get('df')),
        sf: (x) => d.chiSquareSf(x, get('df')),
        quantile: (p) => d.chiSquareQuantile(p, get('df')),
        upperQuantile: (q) => d.chiSquareUpperQuantile(q, get('df')),
      };
    case 'f':
      return {
        cdf: (x) => d.fCdf(x, get('df1'), get('df2')),
        sf: (x) => d.fSf(x, get('df1'), get('df2')),
        quantile: (p) => d.fQuantile(p, get('df1'), get('df2')),
        upperQuantile: (q) => d.fUpperQuantile(q, get('df1'), get('df2')),
      };
    case 'beta':
      return {
        cdf: (x) => d.betaCdf(x, get('a'), get('b')),
        sf: (x) => d.betaSf(x, get('a'), get('b')),
        quantile: (p) => d.betaQuantile(p, get('a'), get('b')),
        upperQuantile: (q) => d.betaUpperQuantile(q, get('a'), get('b')),
      };
    default:
      return otherAnswers(name, get) ?? answersOfLaw(name, params);
  }
}

function otherAnswers(name: string, get: (key: string) => number): Answers | null {
  switch (name) {
    case 'noncentral-t':
      return {
        cdf: (x) => nct.noncentralTCdf(x, get('df'), get('ncp')),
        sf: (x) => nct.noncentralTSf(x, get('df'), get('ncp')),
        quantile: (p) => nct.noncentralTQuantile(p, get('df'), get('ncp')),
        upperQuantile: (q) => nct.noncentralTUpperQuantile(q, get('df'), get('ncp')),
      };
    case 'studentized-range':
      return {
        cdf: (x) => tukey.studentizedRangeCdf(x, get('k'), get('df')),
        sf: (x) => 1 - tukey.studentizedRangeCdf(x, get('k'), get('df')),
        quantile: (p) => tukey.studentizedRangeQuantile(p, get('k'), get('df')),
        upperQuantile: (q) => tukey.studentizedRangeQuantile(1 - q, get('k'), get('df')),
      };
    case 'binomial':
      return {
        cdf: (x) => discrete.binomialCdf(x, get('n'), get('p')),
        sf: (x) => discrete.binomialSf(x, get('n'), get('p')),
        quantile: (p) =>
          discrete.discreteQuantile((x) => discrete.binomialCdf(x, get('n'), get('p')), p),
        upperQuantile: (q) =>
          discrete.discreteUpperQuantile((x) => discrete.binomialSf(x, get('n'), get('p')), q),
      };
    case 'poisson':
      return {
        cdf: (x) => discrete.poissonCdf(x, get('mean')),
        sf: (x) => discrete.poissonSf(x, get('mean')),
        quantile: (p) => discrete.discreteQuantile((x) => discrete.poissonCdf(x, get('mean')), p),
        upperQuantile: (q) =>
          discrete.discreteUpperQuantile((x) => discrete.poissonSf(x, get('mean')), q),
      };
    default:
      return null;
  }
}

function answersOfLaw(name: string, params: Record<string, number>): Answers {
  const law = familyLaw(name, params);
  if (law === null) return {};
  return {
    cdf: law.cdf,
    sf: law.sf,
    quantile: law.quantile,
    upperQuantile: law.upperQuantile,
  };
}

/** null where the parameters allow no such distribution. */
function familyLaw(name: string, params: Record<string, number>): Law | null {
  const family = FAMILIES.find((known) => known === name);
  if (family === undefined) throw new Error(`there is no distribution '${name}'`);
  return lawOf(family, params);
}

export const gof: Adapter = (input) => {
  const data = need<number[]>(input, 'data');
  const law = familyLaw(need<string>(input, 'distribution'), need(input, 'params'));
  if (law === null) return { n: data.length, ...undefinedFor('no such distribution') };
  return {
    n: data.length,
    ks: gofTests.kolmogorovSmirnov(data, law),
    andersonDarling: { statistic: percentile.andersonDarlingOf(law, data) },
    cramerVonMises: { statistic: gofTests.cramerVonMises(data, law) },
  };
};

export const capabilityNonnormal: Adapter = (input) => {
  const data = need<number[]>(input, 'data');
  const family = need<FamilyName>(input, 'distribution');
  const limits = { lsl: option(input, 'lsl', null), usl: option(input, 'usl', null) };
  const params = fitFamily(family, data);
  const law = params === null ? null : lawOf(family, params);
  if (law === null) return undefinedFor(`these values cannot be ${family}`);
  const { low, middle, high, ...indices } = percentile.percentileIndices(law, limits);
  return {
    params,
    logLik: percentile.logLikelihood(law, data),
    percentiles: { p0_135: low, p50: middle, p99_865: high },
    ...indices,
    ppm: perMillion(percentile.lawOutside(law, limits)),
    adStatistic: percentile.andersonDarlingOf(law, data),
  };
};
