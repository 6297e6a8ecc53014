import { z } from 'zod';
import { kind } from '../registry.ts';
import { NO_LINE, type Numbers, PLOTTED, type Subgroup } from '../spc/plotted.ts';
import type { Chart, ChartContext } from './chart.ts';
import { toleranceOf } from './lines.ts';

// Taken out of their tables: what a module keeps for itself is a constant to the compiler.
const {
  value: VALUE,
  cl: CL,
  lcl: LCL,
  ucl: UCL,
  up: UP,
  down: DOWN,
  tolerance: TOLERANCE,
  count: COUNT,
} = PLOTTED;

// The sums themselves are the plotted values; after both statistics comes what else it remembers.
const HIGH = VALUE;
const LOW = COUNT + VALUE;
const CENTER = 2 * COUNT;
/** standard error of a subgroup mean */
const ERROR = CENTER + 1;
const HIGH_RUN = CENTER + 2;
const LOW_RUN = CENTER + 3;
const STARTED = CENTER + 4;
/** The same for who sums without asking: see `plots`. */
export const CUSUM = {
  ...{ high: HIGH, low: LOW, center: CENTER, error: ERROR, highRun: HIGH_RUN, lowRun: LOW_RUN },
} as const;

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
      drawSum(state, at + COUNT, s.h);
      state[at + CENTER] = limits.center;
      state[at + ERROR] = limits.sigma / Math.sqrt(size);
    },
    restart(state, at) {
      state[at + STARTED] = 0;
    },
    plots: { sums: s },
    step: (state, at, subgroup) => void cumulate(state, at, subgroup, s),
    onset: (state, at, statistic) =>
      state[at + (statistic === 'location' ? HIGH_RUN : LOW_RUN)] as number,
  }),
});

/** The settings of the sums. */
export interface Sums {
  k: number;
  h: number;
  fir: boolean;
}

/** The step of the chart. Neither sum is asked whether it is 0: no processor can predict that. */
export function cumulate(state: Numbers, at: number, subgroup: Subgroup, s: Sums): void {
  if (state[at + STARTED] !== 1) {
    state[at + HIGH] = s.fir ? s.h / 2 : 0;
    state[at + LOW] = s.fir ? s.h / 2 : 0;
    state[at + HIGH_RUN] = 0;
    state[at + LOW_RUN] = 0;
    state[at + STARTED] = 1;
  }
  const z = (subgroup.mean - (state[at + CENTER] as number)) / (state[at + ERROR] as number);
  const up = (state[at + HIGH] as number) + z - s.k;
  const down = (state[at + LOW] as number) - z - s.k;
  const rises = Number(up > 0);
  const falls = Number(down > 0);
  // Plus 0 makes a negative zero an ordinary one.
  state[at + HIGH] = up * rises + 0;
  state[at + LOW] = down * falls + 0;
  state[at + HIGH_RUN] = ((state[at + HIGH_RUN] as number) + 1) * rises;
  state[at + LOW_RUN] = ((state[at + LOW_RUN] as number) + 1) * falls;
}

/** A sum starts from 0 and has no zones and no lower limit. */
function drawSum(state: Numbers, at: number, h: number): void {
  state[at + CL] = 0;
  state[at + LCL] = -NO_LINE;
  state[at + UCL] = h;
  state[at + UP] = NO_LINE;
  state[at + DOWN] = NO_LINE;
  state[at + TOLERANCE] = toleranceOf(0, 1);
}
