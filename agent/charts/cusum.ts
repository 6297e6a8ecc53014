import { z } from 'zod';
import { kind } from '../registry.ts';
import { NO_LINE, type Numbers, PLOTTED } from '../spc/plotted.ts';
import type { Chart, ChartContext } from './chart.ts';
import { toleranceOf } from './lines.ts';

// The sums themselves are the plotted values; after both statistics comes what else it remembers.
const HIGH = PLOTTED.value;
const LOW = PLOTTED.count + PLOTTED.value;
const CENTER = 2 * PLOTTED.count;
/** standard error of a subgroup mean */
const ERROR = CENTER + 1;
const HIGH_RUN = CENTER + 2;
const LOW_RUN = CENTER + 3;
const STARTED = CENTER + 4;

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
    slots: CENTER + 5,
    pair: true,
    sizes: { least: 0, most: 1e9 },
    timeWeighted: true,
    spreadSide: 'lower',
    judgedBy: (_statistic, rule) => rule === 'beyond-limits',
    lines(state, at, limits, size) {
      drawSum(state, at, s.h);
      drawSum(state, at + PLOTTED.count, s.h);
      state[at + CENTER] = limits.center;
      state[at + ERROR] = limits.sigma / Math.sqrt(size);
    },
    restart(state, at) {
      state[at + STARTED] = 0;
    },
    step(state, at, subgroup) {
      if (state[at + STARTED] !== 1) {
        state[at + HIGH] = s.fir ? s.h / 2 : 0;
        state[at + LOW] = s.fir ? s.h / 2 : 0;
        state[at + HIGH_RUN] = 0;
        state[at + LOW_RUN] = 0;
        state[at + STARTED] = 1;
      }
      const z = (subgroup.mean - (state[at + CENTER] as number)) / (state[at + ERROR] as number);
      const high = Math.max(0, (state[at + HIGH] as number) + z - s.k);
      const low = Math.max(0, (state[at + LOW] as number) - z - s.k);
      state[at + HIGH] = high;
      state[at + LOW] = low;
      state[at + HIGH_RUN] = high > 0 ? (state[at + HIGH_RUN] as number) + 1 : 0;
      state[at + LOW_RUN] = low > 0 ? (state[at + LOW_RUN] as number) + 1 : 0;
    },
    onset: (state, at, statistic) =>
      state[at + (statistic === 'location' ? HIGH_RUN : LOW_RUN)] as number,
  }),
});

/** A sum starts from 0 and has no zones and no lower limit. */
function drawSum(state: Numbers, at: number, h: number): void {
  state[at + PLOTTED.cl] = 0;
  state[at + PLOTTED.lcl] = -NO_LINE;
  state[at + PLOTTED.ucl] = h;
  state[at + PLOTTED.up] = NO_LINE;
  state[at + PLOTTED.down] = NO_LINE;
  state[at + PLOTTED.tolerance] = toleranceOf(0, 1);
}
