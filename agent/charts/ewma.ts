import { z } from 'zod';
import type { Plotted } from '../model.ts';
import { kind } from '../registry.ts';
import { type Chart, type ChartContext, toleranceOf } from './chart.ts';

const CL = 0;
const SIGMA = 1;
const TOLERANCE = 2;
/** one reading's share of the variance: 1/n */
const SHARE = 3;
const AVERAGE = 4;
/** variance of the average in units of the process variance */
const VARIANCE = 5;
const STARTED = 6;

/**
 * Exponentially weighted moving average of subgroup means (Roberts 1959; Montgomery 9.2):
 * z = w x + (1 - w) z, starting at the centre; its variance by the same recursion, which also
 * holds for unequal subgroups.
 */
export const ewma = kind({
  settings: z.object({
    lambda: z.number().gt(0).max(1).default(0.2).describe('weight of the newest point'),
    width: z
      .number()
      .min(1)
      .max(6)
      .default(2.962)
      .describe('limits in standard errors of the average; 2.962 with 0.2 gives ARL 500'),
    asymptotic: z
      .boolean()
      .default(false)
      .describe('use the final width of the limits from the first point on'),
  }),
  create(s, _context: ChartContext): Chart {
    const w = s.lambda;
    return {
      kind: 'ewma',
      slots: 7,
      sizes: { least: 1, most: 100 },
      timeWeighted: true,
      spreadSide: null,
      judgedBy: (statistic, rule) => statistic === 'location' && rule === 'beyond-limits',
      lines(state, at, limits, size) {
        state[at + CL] = limits.center;
        state[at + SIGMA] = limits.sigma;
        state[at + TOLERANCE] = toleranceOf(limits.center, limits.sigma);
        state[at + SHARE] = 1 / size;
      },
      restart(state, at) {
        state[at + STARTED] = 0;
      },
      step(state, at, subgroup, plot) {
        const cl = state[at + CL] as number;
        const share = state[at + SHARE] as number;
        if (state[at + STARTED] !== 1) {
          state[at + AVERAGE] = cl;
          state[at + VARIANCE] = s.asymptotic ? (w / (2 - w)) * share : 0;
          state[at + STARTED] = 1;
        }
        const average = w * subgroup.mean + (1 - w) * (state[at + AVERAGE] as number);
        const before = state[at + VARIANCE] as number;
        const variance = w * w * share + (1 - w) * (1 - w) * before;
        const error = (state[at + SIGMA] as number) * Math.sqrt(variance);
        state[at + AVERAGE] = average;
        state[at + VARIANCE] = variance;
        plotAround(plot.location, average, cl, error, s.width);
        plot.location.tolerance = state[at + TOLERANCE] as number;
        plot.spread.value = NaN;
        plot.spread.cl = NaN;
      },
    };
  },
});

function plotAround(p: Plotted, value: number, cl: number, error: number, width: number): void {
  p.value = value;
  p.cl = cl;
  p.lcl = cl - width * error;
  p.ucl = cl + width * error;
  p.up = error;
  p.down = error;
}
