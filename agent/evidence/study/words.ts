/** The page of a study as text for a terminal. */

import type { Dialect } from './dialects.ts';
import { sayDialects } from './dialects.ts';
import { figures, index, near, numberOr, percent, sayParams, sayPpm } from './figures.ts';
import type { Index, IndexName } from './indices.ts';
import type { Study } from './result.ts';

/** A readable page: what was found, how, and what to be careful about. */
export function studyText(study: Study, dialects: Dialect[] | null): string {
  const parts = [
    head(study),
    description(study),
    stability(study),
    distribution(study),
    capability(study),
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
