import { rules as ruleKinds } from '../../../rules/index.ts';
import { arlCusum, arlEwma, arlShewhart } from '../../../spc/arl.ts';
import { arlMewma } from '../../../spc/arl-mewma.ts';
import { arlOfRules } from '../../../spc/run-length/rules.ts';
import { goldenRules } from '../live-rules.ts';
import { type Adapter, need, option, undefinedFor } from './common.ts';

/** Answered from the conditions of the rules that judge the live charts. */
export const rules: Adapter = (input) => {
  const chosen = need<string[]>(input, 'rules').map((key) => {
    const settings = goldenRules[key];
    if (settings === undefined) throw new Error(`there is no rule '${key}'`);
    return ruleKinds.create(ruleKinds.schema.parse(settings), {});
  });
  const arl = arlOfRules(chosen, need<number[]>(input, 'shifts'));
  if (arl === null) return undefinedFor('no exact run length for these rules: simulate them');
  return { arl };
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
