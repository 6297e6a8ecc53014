/** The page of a study as text for a terminal. */

import type { Test } from '../../spc/location-tests.ts';
import type { Dialect } from './dialects.ts';
import { sayDialects } from './dialects.ts';
import { figures, index, near, numberOr, percent, sayParams, sayPpm } from './figures.ts';
import type { Index, IndexName } from './indices.ts';
import type { Study } from './result.ts';
import type { MethodIndices } from './time-dependent.ts';

/** A readable page: what was found, how, and what to be careful about. */
export function studyText(study: Study, dialects: Dialect[] | null): string {
  const parts = [
    head(study),
    description(study),
    stability(study),
    distribution(study),
    overTime(study),
    capability(study),
    machine(study),
    belief(study),
    fractions(study),
    dialects === null ? [] : sayDialects(dialects),
    warnings(study),
  ];
  return parts
    .filter((part) => part.length > 0)
    .map((part) => part.join('\n'))
    .join('\n\n');
}

/** The indices in the order of the page, with what people call them. */
export const SHOWN: readonly [IndexName, string][] = [
  ['cp', 'Cp'],
  ['cpk', 'Cpk'],
  ['pp', 'Pp'],
  ['ppk', 'Ppk'],
  ['cpm', 'Cpm'],
];

function head(study: Study): string[] {
  const { lsl, usl, target, natural } = study.tolerance;
  const say = (name: string, value: number | null) => (value === null ? [] : [`${name} ${value}`]);
  const limits = [...say('LSL', lsl), ...say('USL', usl), ...say('target', target)].join(', ');
  const bound = natural === 'none' ? '' : ` (${natural} limit is a natural bound)`;
  return [
    `Capability study of '${study.name}': ${limits === '' ? 'no specification limits' : limits}${bound}`,
    ...study.notes.map((note) => `  note: ${note}`),
  ];
}

function description(s: Study): string[] {
  const groups = s.subgroups === null ? 'individuals' : `${s.subgroups} subgroups`;
  const row = (name: string, text: string) => `  ${name.padEnd(15)}${text}`;
  return [
    'Readings',
    row('n', `${s.n} (${groups}${s.missing > 0 ? `, ${s.missing} missing` : ''})`),
    row('mean', `${near(s.mean, s.sigmaOverall)}   median ${near(s.median, s.sigmaOverall)}`),
    row('range', `${near(s.min, s.sigmaOverall)} to ${near(s.max, s.sigmaOverall)}`),
    row('sigma within', `${numberOr(s.sigmaWithin)}   ${s.estimator}: ${s.estimatorWords}`),
    row('sigma overall', `${numberOr(s.sigmaOverall)}   s with n - 1`),
  ];
}

function stability({ stability: s, sigmaWithin }: Study): string[] {
  const lines = [`Stability: ${s.verdict.toUpperCase()} — ${s.reason}`];
  if (s.limits !== null) {
    lines.push(`  ${s.chart} chart, rules '${s.rules}', limits from these readings`);
  }
  for (const signal of s.signals.slice(0, 8)) {
    const where = signal.statistic === 'spread' ? 'spread' : s.chart === 'imr' ? 'reading' : 'mean';
    lines.push(
      `  point ${signal.point}: ${where} ${near(signal.value, sigmaWithin)}: ${signal.text}`,
    );
  }
  if (s.signalCount > 8) lines.push(`  and ${s.signalCount - 8} more signals (see --json)`);
  return lines;
}

function distribution({ normality: t, model }: Study): string[] {
  const lines = ['Distribution'];
  if (t.p === null) lines.push('  normality: too few different readings to test');
  else {
    const p = t.p < 0.001 ? 'p < 0.001' : `p = ${t.p.toFixed(3)}`;
    const sw = t.shapiroWilk === null ? '' : `; Shapiro-Wilk W = ${figures(t.shapiroWilk.w)}`;
    lines.push(`  normality: Anderson-Darling A² = ${figures(t.statistic ?? 0)}, ${p}${sw}`);
  }
  if (model !== null) {
    const form = model.form === null ? '' : ` ${model.form}`;
    lines.push(`  model: ${model.distribution}${form} (${sayParams(model.params)})`);
    lines.push(`  why: ${model.why}`);
  }
  return lines;
}

function overTime({ model }: Study): string[] {
  if (model === null) return [];
  const { timeDependent: t } = model;
  if ('reason' in t) return [`Model over time (ISO 22514-2): not told — ${t.reason}`];
  return [
    `Model over time (ISO 22514-2): ${t.model} — ${t.words}`,
    ...sayTests(t.tests).map((line) => `  ${line}`),
    `  compared: ${t.grouping}`,
    ...t.methods.map((one, i) => `  ${i === 0 ? 'indices' : 'also'}: ${sayMethod(one)}`),
  ];
}

/** One line per test: the question, the answer, the chance. */
export function sayTests(tests: readonly Test[]): string[] {
  return tests
    .filter((test) => test.p !== null)
    .map((test) => {
      const chance = (test.p ?? 1) < 0.001 ? 'p < 0.001' : `p = ${(test.p ?? 1).toFixed(3)}`;
      const shape = test.question.includes('normal');
      const yes = shape ? !test.found : test.found;
      return `${test.question} ${yes ? 'yes' : 'no'} (${test.test}, ${chance})`;
    });
}

/** Indices of one method with its name. */
export function sayMethod({ method, pp, ppk }: MethodIndices): string {
  const said = [
    ...(pp === null ? [] : [`Pp ${index(pp)}`]),
    ...(ppk === null ? [] : [`Ppk ${index(ppk)}`]),
  ];
  return said.length === 0 ? method : `${said.join(', ')} by ${method}`;
}

function machine({ machine: m, n }: Study): string[] {
  if (m === null) return [];
  const required =
    m.required === null || m.enough ? '' : `; ${n} parts must show ${m.required.toFixed(2)}`;
  const few = m.enough ? '' : ` At least 50 consecutive parts are usual${required}.`;
  return [
    `Machine: Cm ${index(m.cm)}, Cmk ${index(m.cmk)} (lower bound ${index(m.bound)}), ` +
      `usual target ${m.target}.${few}`,
  ];
}

/** What the readings allow to believe, and how many more would prove 1.33. */
export function belief({ belief: b, stillNeeded, confidence }: Study): string[] {
  if (b.reason !== null) return [];
  const chances = b.above
    .map(({ target, probability: p }) => `> ${target}: ${sayProbability(p)}`)
    .join('   ');
  const from =
    b.prior === null
      ? 'nothing assumed before'
      : `part family: sd ${figures(b.prior.sd)}, worth ${b.prior.sdN} readings`;
  const more =
    stillNeeded === null || stillNeeded === 0
      ? []
      : [`  about ${stillNeeded} more readings at this Ppk would prove 1.33`];
  return [
    `Probability that the true Ppk is   ${chances}   (${from})`,
    `  ${percent(confidence)} sure that it is above ${index(b.bound)}`,
    ...more,
  ];
}

function sayProbability(p: number | null): string {
  if (p === null) return '–';
  if (p > 0.9995) return '> 99.9 %';
  return p < 0.0005 ? '< 0.1 %' : `${(100 * p).toFixed(1)} %`;
}

function capability(s: Study): string[] {
  const p = percent(s.confidence);
  const heading = `Capability         value   lower bound (one-sided ${p})   interval ${p}`;
  const rows = SHOWN.map(([name, label]) => `  ${label.padEnd(13)}${sayIndex(s.indices[name])}`);
  const { for133, for167 } = s.required;
  const required =
    for133 === null || for167 === null || s.n >= 125
      ? []
      : [
          `  ${s.n} readings must show ${for133.toFixed(2)} to prove as much as 1.33 of 125 readings, ` +
            `${for167.toFixed(2)} for 1.67`,
        ];
  return [heading, ...rows, ...methods(s), ...required];
}

function sayIndex(i: Index): string {
  if (i.value === null) return `      –   ${i.reason ?? ''}`;
  const interval = i.lower95 === null ? '' : `${index(i.lower95)} to ${index(i.upper95)}`;
  return `${index(i.value).padStart(9)}${index(i.bound95).padStart(14)}${' '.repeat(18)}${interval}`;
}

function methods({ indices }: Study): string[] {
  const said = SHOWN.filter(([name]) => indices[name].value !== null);
  return said.map(([name, label]) => `  ${label}: ${indices[name].method}`);
}

function fractions({ ppm, indices }: Study): string[] {
  if (ppm.observed === null || (ppm.observed.below === null && ppm.observed.above === null))
    return [];
  const z = indices.zBench.value;
  return [
    'Outside the tolerance, parts per million',
    `  observed ${sayPpm(ppm.observed)}`,
    `  expected within ${sayPpm(ppm.within)}`,
    `  expected overall ${sayPpm(ppm.overall)}${z === null ? '' : `   Z.bench ${z.toFixed(2)}`}`,
  ];
}

function warnings({ warnings: list }: Study): string[] {
  if (list.length === 0) return ['No warnings.'];
  return ['Warnings', ...list.map((w) => `  ! ${w.text}`)];
}
