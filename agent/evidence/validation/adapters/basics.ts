import * as constants from '../../../spc/constants.ts';
import { moments as momentsOf, quantileOfSorted, sortedCopy } from '../../../spc/moments.ts';
import { type Adapter, need, option } from './common.ts';

const PROBABILITIES = [0.00135, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99865];

export const moments: Adapter = (input) => {
  const data = need<number[]>(input, 'data');
  const probs = option(input, 'probs', PROBABILITIES);
  const sorted = sortedCopy(data);
  return {
    ...momentsOf(data),
    quantiles: {
      type6: probs.map((p) => quantileOfSorted(sorted, p, 6)),
      type7: probs.map((p) => quantileOfSorted(sorted, p, 7)),
    },
  };
};

export const constantTable: Adapter = (input) => {
  const sizes = need<number[]>(input, 'n');
  const names = Object.keys(constants.factors(2)) as (keyof constants.Factors)[];
  return Object.fromEntries(
    names.map((name) => [
      name,
      sizes.map((n) => (constants.isSize(n) ? constants.factors(n)[name] : null)),
    ]),
  );
};

export const d2star: Adapter = (input) => {
  const g = need<number[]>(input, 'g');
  return {
    d2star: need<number[]>(input, 'm').map((m) =>
      g.map((x) => (constants.isSize(m) && x > 0 ? constants.d2Star(m, x) : null)),
    ),
  };
};
