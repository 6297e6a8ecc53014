import { arlCusum, arlEwma, arlShewhart } from '../../../agent/spc/arl.ts';
import { arlMewma } from '../../../agent/spc/arl-mewma.ts';
import { arlRules, type ZoneRule } from '../../../agent/spc/arl-rules.ts';
import { type Adapter, need, option } from './common.ts';

const ZONE_RULES: Record<string, ZoneRule> = {
  'beyond-limits': { kind: 'beyond', sigmas: 3 },
  '2of3-beyond-2sigma': { kind: 'k-of-m', k: 2, m: 3, sigmas: 2 },
  '4of5-beyond-1sigma': { kind: 'k-of-m', k: 4, m: 5, sigmas: 1 },
  '7-same-side': { kind: 'run', length: 7 },
  '8-same-side': { kind: 'run', length: 8 },
  '9-same-side': { kind: 'run', length: 9 },
  '15-within-1sigma': { kind: 'within', length: 15, sigmas: 1 },
  '8-outside-1sigma': { kind: 'outside', length: 8, sigmas: 1 },
};

export const rules: Adapter = (input) => {
  const chosen = need<string[]>(input, 'rules').map((key) => {
    const rule = ZONE_RULES[key];
    if (rule === undefined) throw new Error(`no exact run length for rule '${key}'`);
    return rule;
  });
  return { arl: arlRules(chosen, need<number[]>(input, 'shifts')) };
};

export const shewhart: Adapter = (input) => {
  const results = need<number[]>(input, 'shifts').map((shift) =>
    arlShewhart(option(input, 'k', 3), option(input, 'n', 1), shift),
  );
  return {
    signalProbability: results.map((r) => r.signalProbability),
    arl: results.map((r) => r.arl),
  };
};

export const ewma: Adapter = (input) => {
  const lambda = need<number>(input, 'lambda');
  const width = need<number>(input, 'L');
  const limits = option<'asymptotic' | 'exact'>(input, 'limits', 'asymptotic');
  const shifts = need<number[]>(input, 'shifts');
  return { arl: shifts.map((shift) => arlEwma(lambda, width, shift, limits)) };
};

export const cusum: Adapter = (input) => {
  const k = need<number>(input, 'k');
  const h = need<number>(input, 'h');
  const sided = option<'one' | 'two'>(input, 'sided', 'two');
  const head = option(input, 'headStart', 0);
  const shifts = need<number[]>(input, 'shifts');
  return { arl: shifts.map((shift) => arlCusum(k, h, shift, sided, head)) };
};

export const mewma: Adapter = (input) => ({
  arl0: arlMewma(need<number>(input, 'lambda'), need<number>(input, 'h'), need<number>(input, 'p')),
});
