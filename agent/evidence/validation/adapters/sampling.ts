import * as oc from '../../../spc/attribute-chart-oc.ts';
import * as plans from '../../../spc/sampling.ts';
import { toleranceFactors } from '../../../spc/tolerance-factor.ts';
import { type Adapter, type Input, need, option, undefinedFor } from './common.ts';

export const attributes: Adapter = (input) => {
  const n = need<number>(input, 'n');
  const c = need<number>(input, 'c');
  const lot = option<number | null>(input, 'lotSize', null);
  const model = need<'binomial' | 'poisson' | 'hypergeometric'>(input, 'model');
  if (model === 'hypergeometric') {
    const size = need<number>(input, 'lotSize');
    const bad = need<number[]>(input, 'defectives');
    return answers(
      bad.map((d) => plans.acceptanceOfLot(size, d, n, c)),
      bad.map((d) => d / size),
    );
  }
  const p = need<number[]>(input, 'p');
  return answers(
    p.map((x) => plans.acceptance(model, n, c, x)),
    p,
  );

  function answers(pa: number[], fractions: number[]): Record<string, unknown> {
    if (lot === null) return { pa };
    return {
      pa,
      aoq: pa.map((a, i) => plans.outgoingQuality(a, fractions[i] as number, lot, n)),
      ati: pa.map((a) => plans.totalInspection(a, lot, n)),
    };
  }
};

export const double: Adapter = (input) => {
  const plan = {
    n1: need<number>(input, 'n1'),
    c1: need<number>(input, 'c1'),
    r1: need<number>(input, 'r1'),
    n2: need<number>(input, 'n2'),
    c2: need<number>(input, 'c2'),
  };
  const results = need<number[]>(input, 'p').map((p) => plans.doubleSampling(plan, p));
  return {
    pa: results.map((r) => r.pa),
    paFirst: results.map((r) => r.paFirst),
    asn: results.map((r) => r.asn),
  };
};

const pointsOf = (input: Input): plans.TwoPoints => ({
  p1: need<number>(input, 'p1'),
  p2: need<number>(input, 'p2'),
  alpha: need<number>(input, 'alpha'),
  beta: need<number>(input, 'beta'),
});

export const attributePlan: Adapter = (input) => {
  const plan = plans.attributePlan(pointsOf(input));
  return plan === null ? undefinedFor(NO_PLAN) : { ...plan };
};

export const variablesPlan: Adapter = (input) => {
  const plan = plans.variablesPlans(pointsOf(input));
  return plan === null ? undefinedFor(NO_PLAN) : { ...plan };
};

const NO_PLAN = 'no plan meets both points: p1 must lie below p2';

export const variables: Adapter = (input) => {
  const n = need<number>(input, 'n');
  const k = need<number>(input, 'k');
  const known = need<string>(input, 'sigma') === 'known';
  const accept = known ? plans.acceptanceKnown : plans.acceptanceUnknown;
  return { pa: need<number[]>(input, 'p').map((p) => accept(n, k, p)) };
};

export const chart: Adapter = (input) => {
  const kind = need<string>(input, 'chart');
  const k = option(input, 'k', 3);
  if (kind === 'c' || kind === 'u') {
    const size = kind === 'u' ? need<number>(input, 'n') : 1;
    const limits = oc.cLimits(need<number>(input, kind === 'u' ? 'u0' : 'c0') * size, k);
    const results = need<number[]>(input, kind).map((x) => oc.poissonInside(limits, x * size));
    return listed(limits, size, results);
  }
  const n = need<number>(input, 'n');
  const limits = oc.npLimits(n, need<number>(input, 'p0'), k);
  const results = need<number[]>(input, 'p').map((p) => oc.binomialInside(limits, n, p));
  return listed(limits, kind === 'p' ? n : 1, results);
};

function listed(limits: oc.CountLimits, size: number, results: oc.Inside[]) {
  return {
    lcl: limits.lcl / size,
    ucl: limits.ucl / size,
    beta: results.map((r) => r.beta),
    arl: results.map((r) => r.arl),
  };
}

export const tolerance: Adapter = (input) => ({
  ...toleranceFactors(
    need<number>(input, 'n'),
    need<number>(input, 'coverage'),
    need<number>(input, 'confidence'),
  ),
});
