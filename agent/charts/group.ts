import { z } from 'zod';
import { kind } from '../registry.ts';
import { normalUpperQuantile } from '../spc/normal.ts';
import { NO_LINE, NO_SPREAD, type Numbers, PLOTTED } from '../spc/plotted.ts';
import type { Chart, ChartContext } from './chart.ts';
import { toleranceOf } from './lines.ts';
import { estimateStreams, extremesOf, fixStreams, streamSlots } from './streams.ts';

const HIGHEST = 2 * PLOTTED.count;
const LOWEST = HIGHEST + 1;
const STREAMS = HIGHEST + 2;

/** Chance that three sigma limits are passed by one point that is in control. */
const FALSE_ALARM = 0.0027;

/**
 * Many streams on one chart (cavities, spindles): the stream farthest above and the one farthest
 * below what is usual for it, and which one it was. Limits are so wide that all streams together
 * give as many false alarms as one chart with 3 sigma.
 */
export const group = kind({
  settings: z.object({
    sigmas: z
      .number()
      .min(1)
      .max(6)
      .optional()
      .describe('width of the limits; from the number of streams when left out: 3.58 for 8'),
  }),
  create(s, { size, streams }: ChartContext): Chart {
    const share = 1 - (1 - FALSE_ALARM) ** (1 / size);
    const width = s.sigmas ?? normalUpperQuantile(share / 2) ?? 3;
    // A deviation holds a share of the cycle's mean.
    const half = (sigma: number) => width * sigma * Math.sqrt((size - 1) / size);
    return {
      kind: 'group',
      slots: STREAMS + streamSlots(size),
      pair: true,
      sizes: { least: 2, most: 100 },
      timeWeighted: false,
      spreadSide: 'lower',
      scale: 'streams',
      asks: { values: true },
      unlikeMeans: true,
      judgedBy: (_statistic, rule) => rule === 'beyond-limits',
      estimate: (_phase1, state, at) => estimateStreams(state, at + STREAMS, size),
      lines(state, at, limits) {
        fixStreams(state, at + STREAMS, limits, size);
        drawSide(state, at, half(limits.sigma), 1);
        drawSide(state, at + PLOTTED.count, half(limits.sigma), -1);
      },
      restart() {},
      step(state, at, subgroup) {
        const found = extremesOf(state, at + STREAMS, subgroup);
        state[at + PLOTTED.value] = found.highest;
        // The number that means "no spread" is one step away from what it says.
        state[at + PLOTTED.count + PLOTTED.value] =
          found.lowest === NO_SPREAD ? NO_SPREAD - Number.EPSILON : found.lowest;
        state[at + HIGHEST] = found.highestStream;
        state[at + LOWEST] = found.lowestStream;
      },
      detail(state, at, statistic) {
        const stream = state[at + (statistic === 'location' ? HIGHEST : LOWEST)] as number;
        return ` in stream ${streams?.[stream] ?? stream + 1}`;
      },
    };
  },
});

/** The highest stream has only an upper line, the lowest only a lower one. */
function drawSide(state: Numbers, at: number, half: number, side: 1 | -1): void {
  state[at + PLOTTED.cl] = 0;
  state[at + PLOTTED.lcl] = side === 1 ? -NO_LINE : -half;
  state[at + PLOTTED.ucl] = side === 1 ? half : NO_LINE;
  state[at + PLOTTED.up] = half / 3;
  state[at + PLOTTED.down] = half / 3;
  state[at + PLOTTED.tolerance] = toleranceOf(0, half);
}
