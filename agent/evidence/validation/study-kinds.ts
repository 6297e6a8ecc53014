/** Kinds of case that only the shipped validation has: what studies compute beside plain indices. */
import {
  defectsPerUnit,
  type Estimate,
  proportionCapability,
} from '../../spc/attribute-capability.ts';
import { exactLower } from '../../spc/capability-exact.ts';
import { bartlett, brownForsythe, oneWay } from '../../spc/homogeneity.ts';
import { outsideCircle, type PositionFit, positionCapability } from '../../spc/position.ts';
import { credibleBound, posteriorOf } from '../../spc/posterior.ts';
import { fitThreshold, type ThresholdFamily } from '../../spc/threshold-fits.ts';
import { timeModel } from '../../spc/time-model.ts';
import { rangeAndSigma } from '../../spc/time-model-capability.ts';
import { type Adapter, need, option, undefinedFor } from './adapters/common.ts';

/** The adapters by kind. */
export const studyKinds: Record<string, Adapter> = {
  'position-share': (input) => ({
    outside: need<number[]>(input, 'radii').map((radius) =>
      outsideCircle(need<PositionFit>(input, 'fit'), radius),
    ),
  }),
  position: (input) => {
    const [dx, dy] = [need<number[]>(input, 'dx'), need<number[]>(input, 'dy')];
    const bonus = option<number[] | null>(input, 'bonus', null);
    return { ...positionCapability(dx, dy, need(input, 'diameter'), bonus) };
  },
  'bound-one-limit': (input) => {
    const index = need<number>(input, 'index');
    const confidence = need<number>(input, 'confidence');
    // One limit, three sigmas times the index away from the mean.
    const limits = { lsl: null, usl: 3 * index };
    const seen = need<number[]>(input, 'n').map((n) => ({ n, mean: 0, sd: 1 }));
    return {
      exact: seen.map(({ n }) => exactLower(index, n, confidence)),
      posterior: seen.map((one) => credibleBound(confidence, limits, posteriorOf(one, null))),
    };
  },
  'interval-proportion': (input) => {
    const confidence = need<number>(input, 'confidence');
    return intervals(input, (count, size) => proportionCapability(count, size, confidence)?.p);
  },
  'interval-defects': (input) => {
    const confidence = need<number>(input, 'confidence');
    return intervals(input, (count, size) => defectsPerUnit(count, size, confidence));
  },
  homogeneity: (input) => {
    const groups = need<number[][]>(input, 'groups');
    return {
      means: oneWay(groups),
      variances: brownForsythe(groups),
      variancesNormal: bartlett(groups),
    };
  },
  'threshold-fit': (input) => {
    const found = fitThreshold(need<ThresholdFamily>(input, 'family'), need(input, 'data'));
    if ('refused' in found) return undefinedFor(found.refused);
    return { params: found.params, logLikelihood: found.logLikelihood };
  },
  'time-model': (input) => {
    const groups = need<number[][]>(input, 'groups');
    const limits = { lsl: need<number>(input, 'lsl'), usl: need<number>(input, 'usl') };
    const model = timeModel(groups);
    if ('reason' in model) return undefinedFor(model.reason);
    return { model: model.model, ...rangeAndSigma(groups, model, limits) };
  },
};

function intervals(
  input: Record<string, unknown>,
  one: (count: number, size: number) => Estimate | null | undefined,
) {
  const sizes = need<number[]>(input, 'sizes');
  const found = need<number[]>(input, 'counts').map((count, i) => one(count, sizes[i] as number));
  return {
    lower: found.map((estimate) => estimate?.lower ?? null),
    upper: found.map((estimate) => estimate?.upper ?? null),
  };
}
