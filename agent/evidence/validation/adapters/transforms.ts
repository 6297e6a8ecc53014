import * as transform from '../../../spc/box-cox.ts';
import { indices } from '../../../spc/capability.ts';
import { fitJohnson, johnsonQuantiles, johnsonScore } from '../../../spc/johnson.ts';
import { type Adapter, need, option, undefinedFor } from './common.ts';

/** The fixed lambdas of the reference cases. */
const LAMBDAS = [-2, -1, -0.5, 0, 0.5, 1, 2];

export const boxcox: Adapter = (input) => {
  const data = need<number[]>(input, 'data');
  const fit = transform.fitBoxCox(data);
  const lambda = option(input, 'applyLambda', 1);
  const scale = transform.boxCoxScale(data, lambda);
  const limit = (key: string) => option<number | null>(input, key, null);
  const moved = (x: number | null) => (x === null ? null : transform.boxCox(x, lambda));
  const scored = (x: number | null) => (x === null ? null : (scale?.score(x) ?? null));
  const limits = { lsl: limit('lsl'), usl: limit('usl') };
  // The scores have mean 0 and spread 1, and their indices are those of the transformed readings.
  const scores = { lsl: scored(limits.lsl), usl: scored(limits.usl) };
  return {
    lambda: fit?.lambda ?? null,
    ci95: fit?.ci ?? null,
    logLikMax: fit?.logLikMax ?? null,
    ...(fit === null ? undefinedFor('Box-Cox needs two different values, all above 0') : {}),
    logLik: Object.fromEntries(
      LAMBDAS.map((at) => [String(at), transform.boxCoxLogLikelihood(data, at)]),
    ),
    transformed: {
      mean: scale?.mean ?? null,
      sd: scale?.sd ?? null,
      lsl: moved(limits.lsl),
      usl: moved(limits.usl),
      ...indices({ mean: 0, sigmaWithin: null, sigmaOverall: 1, ...scores }),
    },
  };
};

export const johnson: Adapter = (input) => {
  const z = need<number>(input, 'z');
  const data = option<number[] | null>(input, 'data', null);
  const quantiles = data === null ? need<number[]>(input, 'quantiles') : johnsonQuantiles(data, z);
  const fit = fitJohnson(quantiles ?? [], z, option(input, 'slTolerance', 1e-12));
  const at = option<number[]>(input, 'transformAt', []);
  if (fit === null) {
    const reason = 'the four quantiles must be strictly increasing';
    return { quantiles, transformed: at.map(() => null), ...undefinedFor(reason) };
  }
  return { ...fit, transformed: at.map((x) => johnsonScore(fit, x)) };
};
