import { z } from 'zod';
import { kind } from '../registry.ts';
import { PLOTTED } from '../spc/plotted.ts';
import type { Chart, ChartContext } from './chart.ts';
import { drawLocation } from './lines.ts';

// What it remembers, after the plotted statistic; the average itself is the plotted value.
const SIGMA = PLOTTED.count;
/** a reading's share of the variance of its subgroup's mean: 1/n */
const SHARE = PLOTTED.count + 1;
/** variance of the average in units of the process variance */
const VARIANCE = PLOTTED.count + 2;
const STARTED = PLOTTED.count + 3;

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
      slots: PLOTTED.count + 4,
      pair: false,
      sizes: { least: 0, most: 1e9 },
      timeWeighted: true,
      spreadSide: null,
      judgedBy: (statistic, rule) => statistic === 'location' && rule === 'beyond-limits',
      lines(state, at, limits, size) {
        drawLocation(state, at, limits, limits.sigma, s.width, 0);
        state[at + SIGMA] = limits.sigma;
        state[at + SHARE] = 1 / size;
      },
      restart(state, at) {
        state[at + STARTED] = 0;
      },
      step(state, at, subgroup) {
        const cl = state[at + PLOTTED.cl] as number;
        const share = state[at + SHARE] as number;
        if (state[at + STARTED] !== 1) {
          state[at + PLOTTED.value] = cl;
          state[at + VARIANCE] = s.asymptotic ? (w / (2 - w)) * share : 0;
          state[at + STARTED] = 1;
        }
        const before = state[at + VARIANCE] as number;
        const variance = w * w * share + (1 - w) * (1 - w) * before;
        const error = (state[at + SIGMA] as number) * Math.sqrt(variance);
        const average = state[at + PLOTTED.value] as number;
        state[at + PLOTTED.value] = w * subgroup.mean + (1 - w) * average;
        state[at + PLOTTED.lcl] = cl - s.width * error;
        state[at + PLOTTED.ucl] = cl + s.width * error;
        state[at + PLOTTED.up] = error;
        state[at + PLOTTED.down] = error;
        state[at + VARIANCE] = variance;
      },
    };
  },
});
