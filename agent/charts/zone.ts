import { z } from 'zod';
import { kind } from '../registry.ts';
import { NO_LINE, PLOTTED } from '../spc/plotted.ts';
import type { Chart, ChartContext } from './chart.ts';
import { toleranceOf } from './lines.ts';

// What it remembers: centre and standard error, and that the last point signalled.
const CENTER = PLOTTED.count;
const ERROR = PLOTTED.count + 1;
const SIGNALLED = PLOTTED.count + 2;
const SIGNAL = 8;

const SCORES = {
  '0-2-4-8': [0, 2, 4, 8],
  '1-2-4-8': [1, 2, 4, 8],
} as const;

/**
 * Zone chart (Jaehn 1987): points score by their zone; scores add up while they stay on one side,
 * start anew on the other and after a signal, and signal from 8. Scores below the centre are shown
 * as negative numbers.
 */
export const zone = kind({
  settings: z.object({
    scores: z
      .enum(['0-2-4-8', '1-2-4-8'])
      .default('0-2-4-8')
      .describe('score within 1, 2, 3 sigma and beyond'),
  }),
  create: (s, _context: ChartContext): Chart => ({
    kind: 'zone',
    slots: PLOTTED.count + 3,
    pair: false,
    sizes: { least: 0, most: 1e9 },
    timeWeighted: true,
    spreadSide: null,
    judgedBy: (statistic, rule) => statistic === 'location' && rule === 'beyond-limits',
    lines(state, at, limits, size) {
      state[at + PLOTTED.cl] = 0;
      state[at + PLOTTED.lcl] = -SIGNAL;
      state[at + PLOTTED.ucl] = SIGNAL;
      state[at + PLOTTED.up] = NO_LINE;
      state[at + PLOTTED.down] = NO_LINE;
      // Scores are whole numbers and a signal is given at the line, not beyond it.
      state[at + PLOTTED.tolerance] = -0.5;
      state[at + CENTER] = limits.center;
      state[at + ERROR] = limits.sigma / Math.sqrt(size);
    },
    restart(state, at) {
      state[at + PLOTTED.value] = 0;
      state[at + SIGNALLED] = 0;
    },
    step(state, at, subgroup) {
      const error = state[at + ERROR] as number;
      const center = state[at + CENTER] as number;
      const deviation = subgroup.mean - center;
      const tolerance = toleranceOf(center, error);
      const side = Math.sign(deviation);
      const distance = Math.abs(deviation) - tolerance;
      const zone = distance > 3 * error ? 3 : distance > 2 * error ? 2 : distance > error ? 1 : 0;
      const before = state[at + SIGNALLED] === 1 ? 0 : (state[at + PLOTTED.value] as number);
      const same = before * side > 0 ? Math.abs(before) : 0;
      const score = same + SCORES[s.scores][zone];
      state[at + PLOTTED.value] = side < 0 ? -score : score;
      state[at + SIGNALLED] = score >= SIGNAL ? 1 : 0;
    },
  }),
});
