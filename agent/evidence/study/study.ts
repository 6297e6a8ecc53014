/** A capability study: readings and limits in, one plain object out. No input or output. */
import { lawOf } from '../../spc/families.ts';
import { expectedOutside, perMillion } from '../../spc/nonconforming.ts';
import { lawOutside } from '../../spc/percentile-capability.ts';
import { beliefOf, requiredOf, stillNeeded } from './belief.ts';
import { judgeByScores } from './by-scores.ts';
import type { StudyData } from './data.ts';
import { dependence, percentilesOf, testNormality } from './describe.ts';
import { type Facts, factsOf } from './facts.ts';
import { indexSet, modelIndices } from './indices.ts';
import { machineOf } from './machine.ts';
import { chooseModel, type ModelInput } from './model.ts';
import type { Four, Study, StudyDetail, StudyWish } from './result.ts';
import { type Judgement, judgeStability } from './stability.ts';
import { timeDependent } from './time-dependent.ts';
import { effective } from './tolerance.ts';
import { warningsOf } from './warnings.ts';

/** Computes everything a study says. */
export function computeStudy(data: StudyData, wish: StudyWish): StudyDetail {
  const facts = factsOf(data, wish);
  const { within, description } = facts;
  const first = judgeStability({
    ...{ values: data.values, bounds: data.bounds, rules: wish.rules },
    ...{ center: description.mean, sigma: within.sigma, estimator: within.estimator },
  });
  return assemble(facts, first, wish);
}

/** The study of known facts and of what the charts said. */
export function assemble(facts: Facts, first: Judgement, wish: StudyWish): StudyDetail {
  const { within, description } = facts;
  const { n, mean, sigmaOverall: s } = description;
  const { stability, judged, normality, chosen } = decide(facts, first, wish);
  const tolerance = effective(wish);
  const unfitted = stability.verdict === 'unstable';
  const special = chosen === null || chosen.model.distribution === 'normal' ? null : chosen;
  const indices = indexSet({
    ...{ n, mean, tolerance, target: wish.target, confidence: wish.confidence },
    ...{ sigmaWithin: within.sigma, df: within.df, exact: within.exact, sigmaOverall: s },
    law: special && {
      ...{ law: special.law, name: special.model.distribution, method: wish.nonNormalMethod },
    },
  });
  const study: Study = {
    ...description,
    tolerance: {
      ...{ lsl: wish.lsl, usl: wish.usl, target: wish.target },
      ...{ nominal: wish.nominal, natural: wish.natural },
    },
    confidence: wish.confidence,
    stability,
    autocorrelation: dependence(facts.series),
    normality,
    model: chosen && { ...chosen.model, timeDependent: overTime(facts, wish, chosen, unfitted) },
    indices,
    nonNormal: special && {
      percentile: four(modelIndices(special.law, tolerance, 'percentile')),
      zScore: four(modelIndices(special.law, tolerance, 'z-score')),
    },
    percentiles: chosen && percentilesOf(chosen.law),
    ppm: {
      observed: perMillion(facts.observed),
      within: special ? null : perMillion(expectedOutside(mean, within.sigma, tolerance)),
      overall: perMillion(
        special ? lawOutside(special.law, tolerance) : expectedOutside(mean, s, tolerance),
      ),
    },
    required: requiredOf(n),
    stillNeeded: stillNeeded(indices.ppk.value, n, wish.confidence),
    belief: beliefOf({
      ...{ n, mean, sigma: s, tolerance, confidence: wish.confidence },
      ...{ prior: wish.prior ?? null, normal: special === null },
      unstable: stability.verdict === 'unstable',
    }),
    machine: wish.machine === true ? machineOf(indices, n) : null,
    warnings: [],
    notes: facts.notes,
  };
  study.warnings = warnings(study, wish, facts);
  return { study, readings: facts.readings, judged, law: chosen?.law ?? null };
}

type Chosen = NonNullable<ReturnType<typeof chooseModel>>;

/** Stability, normality and model belong together: each may change what the next one means. */
function decide(facts: Facts, first: Judgement, wish: StudyWish) {
  const normality = testNormality(facts.sample);
  const { verdict } = first.stability;
  const question = { ...questionOf(facts, wish), verdict, p: normality.p };
  const second =
    facts.individuals !== null && verdict === 'unstable'
      ? judgeByScores(facts.individuals, wish.rules, question, first.judged)
      : null;
  const chosen = second?.chosen ?? whole(chooseModel(question), facts);
  const judgement = second === null ? first : ofPart(second, facts);
  return { ...judgement, normality, chosen };
}

/** A long study keeps only its first readings for the judgement on another scale, and says so. */
function ofPart({ stability, judged }: Judgement, { individuals, description }: Facts): Judgement {
  const kept = individuals?.length ?? 0;
  if (kept >= description.n + description.missing) return { stability, judged };
  return { stability: { ...stability, reason: `${stability.reason}, the first ${kept}` }, judged };
}

function questionOf(facts: Facts, wish: StudyWish): Omit<ModelInput, 'verdict' | 'p'> {
  const { sample: values } = facts;
  return { values, tolerance: effective(wish), asked: wish.distribution, hint: wish.hint };
}

/** A normal model is that of all readings, also where a sample of them was tested. */
function whole(chosen: Chosen | null, { description }: Facts): Chosen | null {
  if (chosen?.model.distribution !== 'normal') return chosen;
  const { mean, sigmaOverall } = description;
  if (sigmaOverall === null) return null;
  const params = { mean, sd: sigmaOverall };
  const law = lawOf('normal', params);
  return law && { model: { ...chosen.model, params }, law };
}

/** The model over time; where nothing was fitted to an unstable process, it may be fitted here. */
function overTime(facts: Facts, wish: StudyWish, chosen: Chosen, unfitted: boolean) {
  const { mean, sigmaOverall: sigma } = facts.description;
  return timeDependent({
    ...{ groups: facts.groups, grouping: facts.grouping, tolerance: effective(wish), mean, sigma },
    fitted: () => {
      const used = chosen.model.fits || !unfitted ? chosen : fitAnyway(facts, wish);
      return used?.model.fits === true ? { law: used.law, name: used.model.distribution } : null;
    },
  });
}

function fitAnyway(facts: Facts, wish: StudyWish): Chosen | null {
  const { p } = testNormality(facts.sample);
  return chooseModel({ ...questionOf(facts, wish), verdict: 'not judged', p });
}

function four({ pp, ppl, ppu, ppk }: Four): Four {
  return { pp, ppl, ppu, ppk };
}

function warnings(study: Study, wish: StudyWish, facts: Facts): Study['warnings'] {
  const { r1, significant, effectiveN } = study.autocorrelation;
  return warningsOf({
    subgroups: study.subgroups,
    ...{ n: study.n, missing: study.missing, sigma: study.sigmaOverall, mean: study.mean },
    ...effective(wish),
    natural: wish.natural,
    distinct: facts.distinct,
    stability: study.stability,
    model: study.model,
    autocorrelation: significant ? { r1, effective: effectiveN } : { r1: null, effective: null },
    needed: study.required.for133,
    nonNormalMethod: wish.nonNormalMethod,
  });
}
