import * as transform from '../../../spc/box-cox.ts';
import { indices } from '../../../spc/capability.ts';
import { fitJohnson, johnsonQuantiles, johnsonScore } from '../../../spc/johnson.ts';
import { meanOf, sdOf } from '../../../spc/summation.ts';
import { type Adapter, need, option, undefinedFor } from './common.ts';

/** The fixed lambdas of the reference cases. */
const LAMBDAS = [-2, -1, -0.5, 0, 0.5, 1, 2];

export const boxcox: Adapter = (input) => {
  const data = need<number[]>(input, 'data');
  const fit = transform.fitBoxCox(data);
  const lambda = option(input, 'applyLambda', 1);
  const limit = (key: string) => {
    const value = option<number | null>(input, key, null);
    return value === null ? null : transform.boxCox(value, lambda);
  };
  const values = data.map((x) => transform.boxCox(x, lambda)).filter((x) => x !== null);
  const mean = meanOf(values) ?? Number.NaN;
  const sd = sdOf(values);
  const limits = { lsl: limit('lsl'), usl: limit('usl') };
  return {
    lambda: fit?.lambda ?? null,
    ci95: fit?.ci ?? null,
    logLikMax: fit?.logLikMax ?? null,
    ...(fit === null ? undefinedFor('Box-Cox needs two different values, all above 0') : {}),
    logLik: Object.fromEntries(
      LAMBDAS.map((at) => [String(at), transform.boxCoxLogLikelihood(data, at)]),
    ),
    transformed: {
      mean,
      sd,
      ...limits,
      ...indices({ mean, sigmaWithin: null, sigmaOverall: sd, ...limits }),
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
