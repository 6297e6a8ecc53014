import { guardBand, conformity as judged } from '../../../spc/conformity.ts';
import { actualCp, discriminationRatio } from '../../../spc/gage.ts';
import { gaugeStability } from '../../../spc/gauge-stability.ts';
import { resolution as stepOf } from '../../../spc/resolution.ts';
import { type Entry, uncertaintyBudget } from '../../../spc/uncertainty.ts';
import { type Adapter, need, option, undefinedFor } from './common.ts';

export const uncertainty: Adapter = (input) => {
  const tolerance = option<number | null>(input, 'tolerance', null);
  const wish = { tolerance, k: option(input, 'k', 2) };
  const budget = uncertaintyBudget(need<Entry[]>(input, 'entries'), wish);
  return budget === null
    ? undefinedFor('an influence comes twice or is no number from 0 up')
    : { ...budget };
};

export const conformity: Adapter = (input) => {
  const u = need<number>(input, 'u');
  const guard = guardBand(u, option(input, 'risk', 0.05));
  if (guard === null) return undefinedFor('u is no number from 0 up, or the risk is above 0.5');
  const limits = {
    lsl: option<number | null>(input, 'lsl', null),
    usl: option<number | null>(input, 'usl', null),
  };
  const each = need<number[]>(input, 'values').map((x) => judged(x, limits, u, guard));
  return {
    guard,
    zones: each.map((one) => one?.zone ?? null),
    probabilities: each.map((one) => one?.probability ?? null),
    ...(each.every((one) => one === null) ? undefinedFor('no limit, or crossed limits') : {}),
  };
};

export const stability: Adapter = (input) => {
  const reference = option<number | null>(input, 'reference', null);
  const study = gaugeStability(need<number[][]>(input, 'subgroups'), reference);
  return study === null ? undefinedFor('fewer than two times with readings') : { ...study };
};

export const resolution: Adapter = (input) => {
  const found = stepOf(need<number[]>(input, 'data'), {
    step: option<number | null>(input, 'step', null),
    tolerance: option<number | null>(input, 'tolerance', null),
  });
  return found === null ? undefinedFor('fewer than two readings') : { ...found };
};

export const gaugeShare: Adapter = (input) => {
  const sd = need<number>(input, 'sdGauge');
  return {
    withoutGauge: actualCp(need<number>(input, 'cp'), sd, need<number>(input, 'tolerance')),
    discriminationRatio: discriminationRatio(option(input, 'sdPart', Number.NaN), sd),
  };
};
