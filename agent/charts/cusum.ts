import { z } from 'zod';
import type { Plotted } from '../model.ts';
import { kind } from '../registry.ts';
import { type Chart, type ChartContext, toleranceOf } from './chart.ts';

const CL = 0;
/** standard error of a subgroup mean */
const ERROR = 1;
const HIGH = 2;
const LOW = 3;
const HIGH_RUN = 4;
const LOW_RUN = 5;
const STARTED = 6;

/**
 * Tabular cumulative sums of both sides, in standard errors (Page 1954; Montgomery 9.1). The plot
 * shows C+ as the location and C- as the spread. A sum is not reset by a signal: its length since
 * it last was 0 says when the shift began.
 */
export const cusum = kind({
  settings: z.object({
    k: z.number().min(0).max(3).default(0.5).describe('slack in sigmas: half the shift to find'),
    h: z
      .number()
      .gt(0)
      .max(50)
      .default(4.774)
      .describe('decision limit in sigmas; 4.774 with k 0.5 gives ARL 370'),
    fir: z
      .boolean()
      .default(true)
      .describe('start at h/2 (fast initial response), so that a bad start shows at once'),
  }),
  create: (s, _context: ChartContext): Chart => ({
    kind: 'cusum',
    slots: 7,
    sizes: { least: 1, most: 100 },
    timeWeighted: true,
    spreadSide: 'lower',
    judgedBy: (_statistic, rule) => rule === 'beyond-limits',
    lines(state, at, limits, size) {
      state[at + CL] = limits.center;
      state[at + ERROR] = limits.sigma / Math.sqrt(size);
    },
    restart(state, at) {
      state[at + STARTED] = 0;
    },
    step(state, at, subgroup, plot) {
      if (state[at + STARTED] !== 1) {
        state[at + HIGH] = s.fir ? s.h / 2 : 0;
        state[at + LOW] = s.fir ? s.h / 2 : 0;
        state[at + HIGH_RUN] = 0;
        state[at + LOW_RUN] = 0;
        state[at + STARTED] = 1;
      }
      const z = (subgroup.mean - (state[at + CL] as number)) / (state[at + ERROR] as number);
      const high = Math.max(0, (state[at + HIGH] as number) + z - s.k);
      const low = Math.max(0, (state[at + LOW] as number) - z - s.k);
      state[at + HIGH] = high;
      state[at + LOW] = low;
      state[at + HIGH_RUN] = high > 0 ? (state[at + HIGH_RUN] as number) + 1 : 0;
      state[at + LOW_RUN] = low > 0 ? (state[at + LOW_RUN] as number) + 1 : 0;
      plotSum(plot.location, high, s.h);
      plotSum(plot.spread, low, s.h);
    },
    onset: (state, at, statistic) =>
      state[at + (statistic === 'location' ? HIGH_RUN : LOW_RUN)] as number,
  }),
});

/** A sum has no zones and no lower limit. */
function plotSum(p: Plotted, value: number, h: number): void {
  p.value = value;
  p.cl = 0;
  p.lcl = NaN;
  p.ucl = h;
  p.up = NaN;
  p.down = NaN;
  p.tolerance = toleranceOf(0, 1);
}
