/** A study of counts as a page to print or to send. */
import type { ControlChart } from '../../spc/control-chart.ts';
import type { CountedDetail, CountedStudy } from '../study/counted.ts';
import { chartOf, countedHead, countedRows, rateRows } from '../study/counted-words.ts';
import { figures } from '../study/figures.ts';
import type { Trace } from '../study/judging.ts';
import { controlChart } from './control-chart.ts';
import { type About, banner, facts, grid, list, page } from './page.ts';
import { escaped } from './svg.ts';

const MOST_ROWS = 40;

/** The whole page of a study of counts. */
export function countedPage({ study, chart }: CountedDetail, about: About): string {
  const title = countedHead(study);
  const shown = (rows: readonly [string, string][]) =>
    facts(rows.map(([name, value]) => [name, escaped(value)] as const));
  const what = study.kind === 'proportion' ? 'Proportion nonconforming' : 'Defects per unit';
  return page(title, about, [
    `<h1>${escaped(title)}</h1>`,
    verdict(study),
    `<div class="two">${shown(countedRows(study))}${shown(rateRows(study))}</div>`,
    `<section><h2>Stability</h2><p class="sub">${escaped(chartOf(study))}</p>`,
    `${controlChart(traceOf(chart, study), what, 'row')}</section>`,
    signals(study),
    list(
      'Warnings',
      study.warnings.map((w) => w.text),
    ),
    list('How it was computed', [
      'Rate: all that was found over all that was inspected; its interval is exact for independent units.',
      'Formulas, sources and tests: docs/statistics.md.',
    ]),
  ]);
}

function verdict(s: CountedStudy): string {
  if (s.verdict === 'unstable')
    return banner('bad', 'Unstable: the rate cannot be claimed', s.reason);
  if (s.verdict === 'not judged') return banner('doubt', 'Stability not judged', s.reason);
  return banner(
    s.warnings.some((w) => w.code === 'overdispersed') ? 'doubt' : 'good',
    'Stable',
    s.reason,
  );
}

function traceOf(chart: ControlChart, { signals: found }: CountedStudy): Trace {
  const column = (values: readonly (number | null)[]) =>
    Float64Array.from(values, (v) => v ?? Number.NaN);
  const broken = new Uint8Array(chart.plotted.length);
  for (const { point } of found) broken[point - 1] = 1;
  return {
    ...{ value: column(chart.plotted), cl: column(chart.center) },
    ...{ lcl: column(chart.lcl), ucl: column(chart.ucl), broken },
  };
}

function signals({ signals: all }: CountedStudy): string {
  if (all.length === 0) return '';
  const rows = all.slice(0, MOST_ROWS).map((s) => [String(s.point), figures(s.value), s.rule]);
  const more =
    all.length > MOST_ROWS ? `<p class="sub">and ${all.length - MOST_ROWS} more</p>` : '';
  return `<section><h2>Signals</h2>${grid(['row', 'rate', 'rule'], rows)}${more}</section>`;
}
