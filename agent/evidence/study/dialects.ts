/**
 * The same readings as Minitab, the AIAG manual and ISO 22514-2 (Q-DAS practice) would report them,
 * so that two sides stop arguing about who is wrong. Every difference is explained.
 */
import { indices } from '../../spc/capability.ts';
import type { Law } from '../../spc/families.ts';
import type { Tolerance } from '../../spc/nonconforming.ts';
import { percentileIndices } from '../../spc/percentile-capability.ts';
import type { StudyData } from './data.ts';
import { index, near, numberOr } from './figures.ts';
import { modelIndices } from './indices.ts';
import { gapless, subgroupsOf } from './readings.ts';
import type { Study } from './result.ts';
import { withinSigma } from './sigma.ts';
import { judgeStability } from './stability.ts';

export interface Dialect {
  name: string;
  /** what this dialect says, by the question asked */
  answers: Record<string, number | string | null>;
  /** why it differs */
  notes: string[];
}

/** The three dialects side by side; `law` is the study's model. */
export function dialectsOf(study: Study, data: StudyData, law: Law | null): Dialect[] {
  return [minitab(study, data, law), aiag(study, data, law), iso(study, data, law)];
}

/** The dialects as a text table with the explanations below it. */
export function sayDialects(dialects: Dialect[]): string[] {
  const questions = Object.keys(dialects[0]?.answers ?? {});
  const say = (value: number | string | null | undefined) =>
    typeof value === 'number' ? index(value) : (value ?? '–');
  const row = (cells: string[]) => `  ${cells.map((c, i) => c.padEnd(i === 0 ? 20 : 22)).join('')}`;
  return [
    'Three dialects of the same readings',
    row(['', ...dialects.map((d) => d.name)]).trimEnd(),
    ...questions.map((q) => row([q, ...dialects.map((d) => say(d.answers[q]))]).trimEnd()),
    ...dialects.flatMap((d) => d.notes.map((note) => `  ${d.name}: ${note}`)),
  ];
}

interface Ruler {
  estimator: string | undefined;
  rules: string;
}

function measured(study: Study, data: StudyData, { estimator, rules }: Ruler) {
  const groups = data.bounds === null ? null : subgroupsOf(data.values, data.bounds);
  const within = withinSigma(data.values, groups, estimator);
  const { stability } = judgeStability({
    ...{ values: data.values, bounds: data.bounds, center: study.mean, rules },
    ...{ sigma: within.sigma, estimator: within.estimator },
  });
  const { lsl, usl, natural } = study.tolerance;
  const tolerance = {
    lsl: natural === 'lower' ? null : lsl,
    usl: natural === 'upper' ? null : usl,
  };
  const found = indices({
    ...{ mean: study.mean, sigmaWithin: within.sigma, sigmaOverall: study.sigmaOverall },
    ...tolerance,
  });
  return { within, stability, tolerance, found, n: gapless(data.values).length };
}

const isNormal = (study: Study) => study.model === null || study.model.distribution === 'normal';

function minitab(study: Study, data: StudyData, law: Law | null): Dialect {
  const m = measured(study, data, { estimator: undefined, rules: 'nelson' });
  const z = isNormal(study) || law === null ? m.found : modelIndices(law, m.tolerance, 'z-score');
  return {
    name: 'Minitab',
    answers: {
      location: `mean ${near(study.mean, study.sigmaOverall)}`,
      'sigma within': `${numberOr(m.within.sigma)} ${m.within.estimator}`,
      stability: verdict(m.stability.verdict, m.stability.signalCount),
      Cp: isNormal(study) ? m.found.cp : null,
      Cpk: isNormal(study) ? m.found.cpk : null,
      Pp: z.pp,
      Ppk: z.ppk,
      'readings wanted': '100',
    },
    notes: [
      'sigma within is pooled over the subgroups and unbiased by c4 (moving range for individuals).',
      'a run is 9 on one side (all eight tests are shown here); instability only warns.',
      ...(isNormal(study) ? [] : ['Pp and Ppk of a model that is not normal by z-scores.']),
    ],
  };
}

function aiag(study: Study, data: StudyData, law: Law | null): Dialect {
  const [estimator, from] = chartedSpread(study, data);
  const m = measured(study, data, { estimator, rules: 'aiag' });
  const claim = m.stability.verdict === 'stable';
  const p = isNormal(study) || law === null ? m.found : percentileIndices(law, m.tolerance);
  return {
    name: 'AIAG SPC 2nd ed.',
    answers: {
      location: `mean ${near(study.mean, study.sigmaOverall)}`,
      'sigma within': `${numberOr(m.within.sigma)} ${m.within.estimator}`,
      stability: verdict(m.stability.verdict, m.stability.signalCount),
      Cp: claim && isNormal(study) ? m.found.cp : null,
      Cpk: claim && isNormal(study) ? m.found.cpk : null,
      Pp: p.pp,
      Ppk: p.ppk,
      'readings wanted': '100 in 25 subgroups',
    },
    notes: [
      `sigma within comes from ${from}, the spread that was charted.`,
      'a run is 7 on one side.',
      ...(isNormal(study) ? [] : ['Pp and Ppk of a model that is not normal by percentiles.']),
      ...(claim ? [] : ['Cp and Cpk are not quoted: stability must be shown first.']),
    ],
  };
}

/** Ranges for small subgroups, as they are charted; standard deviations for larger ones. */
function chartedSpread(study: Study, data: StudyData): [estimator: string, words: string] {
  if (data.bounds === null) return ['mrbar/d2', 'the mean moving range'];
  const large = study.stability.chart === 'xbar-s';
  return large ? ['sbar/c4', 'the mean standard deviation'] : ['rbar/d2', 'the mean range'];
}

/** Models whose location moves: one distribution of all readings does not say how. */
const MOVING = new Set(['C3', 'C4', 'D']);

/** The indices of the model over time where the location moves, else those of the distribution. */
function modelOf(study: Study, law: Law | null, tolerance: Tolerance) {
  const over = study.model?.timeDependent;
  if (over !== undefined && 'methods' in over && MOVING.has(over.model)) {
    const [first] = over.methods;
    const middle = study.median;
    if (first !== undefined)
      return { ...first, middle, said: `model ${over.model}: ${first.method}.` };
  }
  const p = law === null ? null : percentileIndices(law, tolerance);
  const said = 'one spread, X0.135 to X99.865 of the model, for both pairs of names.';
  return {
    ...{ pp: p?.pp ?? null, ppk: p?.ppk ?? null, middle: p?.middle ?? study.median, said },
  };
}

/** Same formula for C and P: the spread of the model; its name follows the stability. */
function iso(study: Study, data: StudyData, law: Law | null): Dialect {
  const m = measured(study, data, { estimator: undefined, rules: 'iso-7870-2' });
  const stable = m.stability.verdict === 'stable';
  const p = modelOf(study, law, m.tolerance);
  return {
    name: 'ISO 22514-2 / Q-DAS',
    answers: {
      location: `X50 ${near(p.middle, study.sigmaOverall)}`,
      'sigma within': 'not used',
      stability: verdict(m.stability.verdict, m.stability.signalCount),
      Cp: stable ? p.pp : null,
      Cpk: stable ? p.ppk : null,
      Pp: stable ? null : p.pp,
      Ppk: stable ? null : p.ppk,
      'readings wanted': '125, machine 50',
    },
    notes: [
      p.said,
      'a run is 7 on one side, a trend 7 points (ISO 7870-2).',
      stable
        ? 'the process is stable, so the pair is called Cp, Cpk; its numbers compare with Pp, Ppk.'
        : 'stability is not shown, so the pair is called Pp, Ppk.',
      'location is the median of the model (the mean, when it is normal).',
    ],
  };
}

function verdict(what: string, signals: number): string {
  return signals === 0 ? what : `${what} (${signals} signal${signals === 1 ? '' : 's'})`;
}
