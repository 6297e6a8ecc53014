import { z } from 'zod';
import { kind } from '../registry.ts';
import { groupRunLength } from '../spc/group-chart.ts';
import { NO_LINE, type Numbers, PLOTTED } from '../spc/plotted.ts';
import type { Chart, ChartContext } from './chart.ts';
import { estimateStreams, extremesOf, fixStreams, streamSlots } from './streams.ts';

const HIGHEST = 2 * PLOTTED.count;
const LOWEST = HIGHEST + 1;
const STARTED = HIGHEST + 2;
const STREAMS = HIGHEST + 3;

/** Cycles that shall pass between two false signals at least: what all usual tables keep to. */
const LEAST_RUN_LENGTH = 259;

/**
 * How many cycles in a row the same stream has been the highest, or the lowest: a stream that
 * wanders off shows here before it passes a limit (Montgomery). A run has (s^r - 1)/(s - 1) cycles
 * between false signals.
 */
export const groupRun = kind({
  settings: z.object({
    run: z
      .int()
      .min(2)
      .max(30)
      .optional()
      .describe('cycles in a row that signal; from the number of streams when left out: 4 for 8'),
  }),
  create(s, { size, streams }: ChartContext): Chart {
    const run = s.run ?? usualRun(size);
    return {
      kind: 'group-run',
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
        drawRun(state, at, run);
        drawRun(state, at + PLOTTED.count, run);
      },
      restart(state, at) {
        state[at + STARTED] = 0;
      },
      step(state, at, subgroup) {
        const found = extremesOf(state, at + STREAMS, subgroup);
        const going = state[at + STARTED] === 1;
        extend(state, at, at + HIGHEST, found.highestStream, going);
        extend(state, at + PLOTTED.count, at + LOWEST, found.lowestStream, going);
        state[at + STARTED] = 1;
      },
      detail(state, at, statistic) {
        const upper = statistic === 'location';
        const stream = state[at + (upper ? HIGHEST : LOWEST)] as number;
        const name = streams?.[stream] ?? stream + 1;
        return `: stream ${name} is the ${upper ? 'highest' : 'lowest'} again and again`;
      },
      onset: (state, at, statistic) =>
        state[at + (statistic === 'location' ? 0 : PLOTTED.count) + PLOTTED.value] as number,
    };
  },
});

/** The shortest run that is a false signal seldom enough. */
function usualRun(streams: number): number {
  let run = 2;
  while ((groupRunLength(streams, run) ?? Infinity) < LEAST_RUN_LENGTH) run += 1;
  return run;
}

function extend(state: Numbers, at: number, last: number, stream: number, going: boolean): void {
  const same = going && state[last] === stream;
  state[at + PLOTTED.value] = same ? (state[at + PLOTTED.value] as number) + 1 : 1;
  state[last] = stream;
}

function drawRun(state: Numbers, at: number, run: number): void {
  state[at + PLOTTED.cl] = NO_LINE;
  state[at + PLOTTED.lcl] = -NO_LINE;
  state[at + PLOTTED.ucl] = run;
  state[at + PLOTTED.up] = NO_LINE;
  state[at + PLOTTED.down] = NO_LINE;
  // Runs are whole numbers and signal at the line, not beyond it.
  state[at + PLOTTED.tolerance] = -0.5;
}
