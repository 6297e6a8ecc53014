/** The control charts of a gauge over time, drawn like those of a study. */
import type { ControlChart } from '../../spc/control-chart.ts';
import type { MsaResult } from '../msa/result.ts';
import { controlChart } from './control-chart.ts';

/** Means and spread; '' for other kinds of study, and where there are no limits. */
export function stabilityCharts({ type, figures }: MsaResult): string {
  const sigma = figures['sigma'];
  if (type !== 'stability' || typeof sigma !== 'number' || !(sigma > 0)) return '';
  const location = figures['location'] as ControlChart;
  const spread = figures['spread'] as ControlChart;
  const charts =
    controlChart(traceOf(location), 'Means', 'time') +
    controlChart(traceOf(spread), 'Spread', 'time');
  return `<section><h2>Control charts</h2>${charts}</section>`;
}

function traceOf({ plotted, center, lcl, ucl, beyond }: ControlChart) {
  const numbers = (values: readonly (number | null)[]) =>
    Float64Array.from(values, (x) => x ?? Number.NaN);
  const broken = Uint8Array.from(plotted, (_, i) => (beyond.includes(i) ? 1 : 0));
  return {
    value: numbers(plotted),
    cl: numbers(center),
    lcl: numbers(lcl),
    ucl: numbers(ucl),
    broken,
  };
}
