import type { Band } from '../spc/control-chart.ts';
import { NO_LINE, PLOTTED } from '../spc/plotted.ts';
import type { Chart, ChartContext, Lines } from './chart.ts';
import { toleranceOf } from './lines.ts';

/** What both charts with limits from the tolerance have in common; they differ in the margin. */
export function toleranceChart(
  kind: 'modified' | 'acceptance',
  { lsl, usl }: ChartContext,
  band: (lsl: number, usl: number, limits: Lines, size: number) => Band | null,
): Chart {
  return {
    kind,
    slots: PLOTTED.count,
    pair: false,
    sizes: { least: 1, most: 100 },
    timeWeighted: false,
    spreadSide: null,
    needsTolerance: true,
    judgedBy: (_statistic, rule) => rule === 'beyond-limits',
    lines(state, at, limits, size) {
      const { lcl, ucl } = band(lsl ?? 0, usl ?? 0, limits, size) ?? { lcl: null, ucl: null };
      // Where the lines would cross, sigma is too large for this chart: it has none.
      state[at + PLOTTED.cl] = lcl === null ? NO_LINE : ((lsl ?? 0) + (usl ?? 0)) / 2;
      state[at + PLOTTED.lcl] = lcl ?? -NO_LINE;
      state[at + PLOTTED.ucl] = ucl ?? NO_LINE;
      state[at + PLOTTED.up] = NO_LINE;
      state[at + PLOTTED.down] = NO_LINE;
      state[at + PLOTTED.tolerance] = toleranceOf(limits.center, limits.sigma);
    },
    restart() {},
    step(state, at, subgroup) {
      state[at + PLOTTED.value] = subgroup.mean;
    },
    forecast: (state, at) =>
      state[at + PLOTTED.ucl] === NO_LINE
        ? `sigma is too large for a ${kind} chart: it has no lines`
        : '',
  };
}
