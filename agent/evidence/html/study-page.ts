/** A capability study as a page to print or to send. */
import type { NamedStreams } from '../study/by-streams.ts';
import type { Dialect } from '../study/dialects.ts';
import { figures, index, near, numberOr, percent, sayParams, sayPpm } from '../study/figures.ts';
import { MOST_TRACED } from '../study/judging.ts';
import type { Study, StudyDetail } from '../study/result.ts';
import { belief, SHOWN, sayMethod, sayTests } from '../study/words.ts';
import { controlChart } from './control-chart.ts';
import { histogram, probabilityPlot } from './histogram.ts';
import { type About, banner, facts, grid, list, page } from './page.ts';
import { streamsSection } from './streams-section.ts';
import { escaped } from './svg.ts';

/** What a study may be asked for beside the usual. */
export interface Beside {
  dialects: Dialect[] | null;
  streams: NamedStreams | null;
}

/** The whole page of a study. */
export function studyPage(
  detail: StudyDetail,
  { dialects, streams }: Beside,
  about: About,
): string {
  const { study } = detail;
  const title = `Capability study: ${study.name}`;
  return page(title, about, [
    `<h1>${escaped(title)}</h1>`,
    `<p class="sub">${escaped(subtitle(study))}</p>`,
    verdict(study),
    `<div class="two">${left(study)}${right(study)}</div>`,
    charts(detail),
    shapes(detail),
    capability(study),
    streams === null ? '' : streamsSection(streams, study),
    overTime(study),
    list(
      'Warnings',
      study.warnings.map((w) => w.text),
    ),
    signals(study),
    dialects === null ? '' : sideBySide(dialects),
    list('How it was computed', methods(study)),
  ]);
}

function subtitle({ tolerance: { lsl, usl, target, nominal, natural }, n, subgroups }: Study) {
  const said = [
    lsl === null ? '' : `LSL ${lsl}`,
    usl === null ? '' : `USL ${usl}`,
    nominal === null ? '' : `nominal ${nominal}`,
    target === null ? '' : `target ${target}`,
    natural === 'none' ? '' : `${natural} limit is a natural bound`,
    subgroups === null ? `${n} individual readings` : `${n} readings in ${subgroups} subgroups`,
  ];
  return said.filter((part) => part !== '').join(' · ');
}

function verdict(study: Study): string {
  const { stability, indices } = study;
  const { value, bound95 } = indices.ppk;
  const proven =
    value === null || bound95 === null
      ? (indices.ppk.reason ?? '')
      : `Ppk ${index(value)}; with ${percent(study.confidence)} confidence at least ${index(bound95)}.`;
  if (stability.verdict === 'unstable') {
    return banner(
      'bad',
      'Unstable: capability cannot be claimed',
      `${stability.reason}. ${proven}`,
    );
  }
  if (stability.verdict === 'not judged') {
    return banner('doubt', 'Stability not judged', `${stability.reason}. ${proven}`);
  }
  const doubt = study.warnings.some((w) => DOUBTS.has(w.code));
  return banner(doubt ? 'doubt' : 'good', 'Stable process', `${stability.reason}. ${proven}`);
}

const DOUBTS = new Set(['no-model', 'autocorrelation', 'resolution', 'few', 'mean-outside']);

function left(s: Study): string {
  return facts([
    ['mean', near(s.mean, s.sigmaOverall)],
    ['median', near(s.median, s.sigmaOverall)],
    ['smallest, largest', `${near(s.min, s.sigmaOverall)}, ${near(s.max, s.sigmaOverall)}`],
    ['sigma within', `${numberOr(s.sigmaWithin)} (${escaped(s.estimator)})`],
    ['sigma overall', `${numberOr(s.sigmaOverall)} (s, n − 1)`],
    ['missing readings', String(s.missing)],
  ]);
}

function right({
  normality: t,
  model,
  autocorrelation: { r1 },
  percentiles: p,
  sigmaOverall,
}: Study): string {
  const pValue = t.p === null ? '–' : t.p < 0.001 ? '< 0.001' : t.p.toFixed(3);
  const form = model?.form ? ` ${model.form}` : '';
  return facts([
    ['normality', `Anderson-Darling A² ${numberOr(t.statistic)}, p ${escaped(pValue)}`],
    ['model', model === null ? '–' : escaped(`${model.distribution}${form}`)],
    ['parameters', model === null ? '–' : escaped(sayParams(model.params))],
    ['why', model === null ? '–' : escaped(model.why)],
    [
      'X0.135, X50, X99.865',
      p === null ? '–' : [p.low, p.middle, p.high].map((x) => near(x, sigmaOverall)).join(', '),
    ],
    ['autocorrelation r1', r1 === null ? '–' : r1.toFixed(2)],
  ]);
}

function overTime(study: Study): string {
  const believed = belief(study);
  const certain = believed.length === 0 ? '' : list('What so many readings tell', believed);
  const time = study.model?.timeDependent;
  if (time === undefined) return certain;
  if ('reason' in time) {
    return list('Model over time (ISO 22514-2)', [`not told: ${time.reason}`]) + certain;
  }
  return (
    list(`Model over time (ISO 22514-2): ${time.model}, ${time.words}`, [
      ...time.methods.map(sayMethod),
      ...sayTests(time.tests),
      `compared: ${time.grouping}`,
    ]) + certain
  );
}

const CHART_NAMES: Record<string, readonly [string, string, string]> = {
  imr: ['Individuals', 'Moving range', 'reading'],
  'xbar-r': ['Means of subgroups', 'Ranges', 'subgroup'],
  'xbar-s': ['Means of subgroups', 'Standard deviations', 'subgroup'],
};

function charts({ judged, study }: StudyDetail): string {
  if (judged === null) return '';
  const [location, spread, unit] = CHART_NAMES[judged.chart] ?? ['Location', 'Spread', 'point'];
  const hasSpread = judged.spread.value.some((v) => !Number.isNaN(v));
  const byScores = study.stability.limits?.estimator.includes('scores') === true;
  const onScores = byScores ? ' (of normal scores)' : '';
  const part = study.stability.points > MOST_TRACED ? `, first ${MOST_TRACED} points shown` : '';
  const rules = `rules: ${study.stability.rules}, limits from these readings${part}`;
  return (
    `<section><h2>Stability</h2><p class="sub">${escaped(rules)}</p>` +
    controlChart(judged.location, location, unit) +
    (hasSpread ? controlChart(judged.spread, `${spread}${onScores}`, unit) : '') +
    '</section>'
  );
}

function capability(s: Study): string {
  const p = percent(s.confidence);
  const rows = SHOWN.map(([name, label]) => {
    const i = s.indices[name];
    const interval = i.lower95 === null ? '–' : `${index(i.lower95)} to ${index(i.upper95)}`;
    return [label, index(i.value), index(i.bound95), interval, i.reason ?? i.method];
  });
  const ppm = facts([
    ['ppm observed', escaped(sayPpm(s.ppm.observed))],
    ['ppm expected, within', escaped(sayPpm(s.ppm.within))],
    ['ppm expected, overall', escaped(sayPpm(s.ppm.overall))],
    ['Z.bench', s.indices.zBench.value === null ? '–' : s.indices.zBench.value.toFixed(2)],
  ]);
  const header = ['', 'value', `lower bound, one-sided ${p}`, `interval ${p}`, 'method'];
  return `<section><h2>Capability</h2>${grid(header, rows)}${ppm}</section>`;
}

function shapes({ study, readings, law }: StudyDetail): string {
  if (study.n < 3 || !(study.max > study.min)) return '';
  return (
    '<section><h2>Distribution</h2><div class="two">' +
    histogram(study, readings, law) +
    probabilityPlot(study, readings, law) +
    '</div></section>'
  );
}

const MOST_ROWS = 40;

function signals({ stability: { signals: all, signalCount }, sigmaWithin }: Study): string {
  if (all.length === 0) return '';
  const rows = all
    .slice(0, MOST_ROWS)
    .map((s) => [String(s.point), s.statistic, near(s.value, sigmaWithin), s.side, s.text]);
  const more =
    signalCount > MOST_ROWS ? `<p class="sub">and ${signalCount - MOST_ROWS} more</p>` : '';
  const header = ['point', 'statistic', 'value', 'side', 'rule'];
  return `<section><h2>Signals</h2>${grid(header, rows)}${more}</section>`;
}

function sideBySide(dialects: Dialect[]): string {
  const questions = Object.keys(dialects[0]?.answers ?? {});
  const say = (value: number | string | null | undefined) =>
    typeof value === 'number' ? index(value) : (value ?? '–');
  const rows = questions.map((q) => [q, ...dialects.map((d) => say(d.answers[q]))]);
  const notes = dialects.flatMap((d) => d.notes.map((note) => `${d.name}: ${note}`));
  return (
    `<section><h2>Three dialects</h2>${grid(['', ...dialects.map((d) => d.name)], rows)}</section>` +
    list('Why they differ', notes)
  );
}

function methods(s: Study): string[] {
  return [
    ...s.notes,
    `Sigma within: ${s.estimatorWords} (${s.estimator}), ${figures(s.withinDf)} degrees of freedom.`,
    'Cp and Cpk use sigma within, Pp, Ppk and Cpm sigma overall. K = 6.',
    'Beyond a limit is strict; expected ppm come from the model, observed ppm count readings ' +
      'strictly outside.',
    'Formulas, sources and tests: docs/statistics.md.',
  ];
}
