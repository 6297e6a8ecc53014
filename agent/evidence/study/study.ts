/** A capability study: readings and limits in, one plain object out. No input or output. */
import { requiredIndex } from '../../spc/capability-exact.ts';
import type { Tolerance } from '../../spc/nonconforming.ts';
import { expectedOutside, observedOutside, perMillion } from '../../spc/nonconforming.ts';
import { lawOutside } from '../../spc/percentile-capability.ts';
import { meanOf, sdOf } from '../../spc/summation.ts';
import { judgeByScores } from './by-scores.ts';
import type { StudyData } from './data.ts';
import { dependence, describe, percentilesOf, testNormality } from './describe.ts';
import { indexSet, modelIndices } from './indices.ts';
import { fitLaw } from './laws.ts';
import { chooseModel, type ModelInput } from './model.ts';
import { gapless, subgroupsOf, thinned } from './readings.ts';
import type { Four, Study, StudyDetail, StudyWish } from './result.ts';
import { type WithinSigma, withinSigma } from './sigma.ts';
import { judgeStability } from './stability.ts';
import { warningsOf } from './warnings.ts';

/** Readings of a long study that are enough for tests and fits. */
const MOST_FITTED = 20_000;
/** Neighbours must stay neighbours to be compared: the first so many. */
const MOST_IN_ORDER = 200_000;

/** Computes everything a study says. */
export function computeStudy(data: StudyData, wish: StudyWish): StudyDetail {
  const readings = gapless(data.values);
  const groups = data.bounds === null ? null : subgroupsOf(data.values, data.bounds);
  const within = withinSigma(data.values, groups, wish.estimator);
  const found = decide(data, readings, within, wish);
  const { stability, judged, normality, chosen } = found;
  const s = sdOf(readings);
  const mean = meanOf(readings) as number;
  const tolerance = effective(wish);
  const special = chosen === null || chosen.model.distribution === 'normal' ? null : chosen;
  const study: Study = {
    ...describe(data, readings, groups, within),
    tolerance: {
      ...{ lsl: wish.lsl, usl: wish.usl, target: wish.target },
      ...{ nominal: wish.nominal, natural: wish.natural },
    },
    confidence: wish.confidence,
    stability,
    autocorrelation: dependence(groups, Array.from(readings.subarray(0, MOST_IN_ORDER))),
    normality,
    model: chosen?.model ?? null,
    indices: indexSet({
      ...{ n: readings.length, mean, tolerance, target: wish.target, confidence: wish.confidence },
      ...{ sigmaWithin: within.sigma, df: within.df, exact: within.exact, sigmaOverall: s },
      law: special && {
        ...{ law: special.law, name: special.model.distribution, method: wish.nonNormalMethod },
      },
    }),
    nonNormal: special && {
      percentile: four(modelIndices(special.law, tolerance, 'percentile')),
      zScore: four(modelIndices(special.law, tolerance, 'z-score')),
    },
    percentiles: chosen && percentilesOf(chosen.law),
    ppm: {
      observed: perMillion(observedOutside(readings as unknown as number[], tolerance)),
      within: special ? null : perMillion(expectedOutside(mean, within.sigma, tolerance)),
      overall: perMillion(
        special ? lawOutside(special.law, tolerance) : expectedOutside(mean, s, tolerance),
      ),
    },
    required: {
      for133: requiredIndex(1.33, readings.length),
      for167: requiredIndex(1.67, readings.length),
    },
    warnings: [],
    notes: data.notes,
  };
  study.warnings = warnings(study, wish, readings);
  return { study, readings, judged, law: chosen?.law ?? null };
}

/** Stability, normality and model belong together: each may change what the next one means. */
function decide(data: StudyData, readings: Float64Array, within: WithinSigma, wish: StudyWish) {
  const { values, bounds } = data;
  const first = judgeStability({
    ...{ values, bounds, center: meanOf(readings), sigma: within.sigma, rules: wish.rules },
    estimator: within.estimator,
  });
  const sample = thinned(readings, MOST_FITTED);
  const normality = testNormality(sample);
  const { verdict } = first.stability;
  const question: ModelInput = {
    ...{ values: sample, tolerance: effective(wish), verdict, p: normality.p },
    ...{ asked: wish.distribution, hint: wish.hint },
  };
  const second =
    bounds === null && verdict === 'unstable'
      ? judgeByScores(values, wish.rules, question, first.judged)
      : null;
  const chosen = second?.chosen ?? whole(chooseModel(question), readings);
  return { ...(second ?? first), normality, chosen };
}

/** The side of a natural bound takes no part in indices. */
function effective({ lsl, usl, natural }: StudyWish): Tolerance {
  return { lsl: natural === 'lower' ? null : lsl, usl: natural === 'upper' ? null : usl };
}

/** A normal model is that of all readings, also where a sample of them was tested. */
function whole(chosen: ReturnType<typeof chooseModel>, readings: Float64Array) {
  if (chosen?.model.distribution !== 'normal') return chosen;
  const all = fitLaw('normal', readings as unknown as number[]);
  return all && { model: { ...chosen.model, params: all.params }, law: all.law };
}

function four({ pp, ppl, ppu, ppk }: Four): Four {
  return { pp, ppl, ppu, ppk };
}

function warnings(study: Study, wish: StudyWish, readings: Float64Array): Study['warnings'] {
  const { r1, significant, effectiveN } = study.autocorrelation;
  return warningsOf({
    subgroups: study.subgroups,
    ...{ n: study.n, missing: study.missing, sigma: study.sigmaOverall, mean: study.mean },
    ...effective(wish),
    natural: wish.natural,
    distinct: distinctUpTo(readings, 10),
    stability: study.stability,
    model: study.model,
    autocorrelation: significant ? { r1, effective: effectiveN } : { r1: null, effective: null },
    needed: study.required.for133,
    nonNormalMethod: wish.nonNormalMethod,
  });
}

function distinctUpTo(readings: Float64Array, enough: number): number {
  const seen = new Set<number>();
  for (const x of readings) {
    seen.add(x);
    if (seen.size >= enough) break;
  }
  return seen.size;
}
