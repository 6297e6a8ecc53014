import { z } from 'zod';
import { kind } from '../registry.ts';
import { type Numbers, PLOTTED } from '../spc/plotted.ts';
import { qOf } from '../spc/self-starting.ts';
import { keyOf } from '../subgroups/key.ts';
import type { Chart, ChartContext } from './chart.ts';
import { drawLocation } from './lines.ts';
import { sigmas } from './settings.ts';
import { partKey } from './short-run.ts';

// What it has learned of the part that runs: readings, mean, squares; and which part it is.
const COUNT = PLOTTED.count;
const MEAN = PLOTTED.count + 1;
const SQUARES = PLOTTED.count + 2;
const PART = PLOTTED.count + 3;

const GIVEN = { center: 0, sigma: 1 };

/**
 * Self-starting chart for short runs (Quesenberry 1991): from the third reading on, every reading
 * becomes a standard normal score given those before it; nothing has to be known beforehand. It
 * learns no reading that signals, and after `handOver` readings it learns no more: mean and sigma
 * are then fixed. Another part number, a long gap or a reset begins anew.
 */
export const q = kind({
  settings: z.object({
    key: partKey,
    handOver: z
      .int()
      .min(5)
      .max(100_000)
      .default(50)
      .describe('readings after which mean and sigma are fixed'),
    sigmas,
  }),
  create: (s, _context: ChartContext): Chart => ({
    kind: 'q',
    slots: PLOTTED.count + 4,
    pair: false,
    sizes: { least: 1, most: 1 },
    timeWeighted: false,
    spreadSide: null,
    scale: 'score',
    given: GIVEN,
    asks: { occasion: true },
    learnsPlotted: true,
    judgedBy: () => true,
    lines(state, at, limits) {
      drawLocation(state, at, limits, limits.sigma, s.sigmas, 0);
    },
    restart: (state, at) => forgetPart(state, at),
    step(state, at, subgroup, occasion) {
      const part = keyOf(occasion?.context[s.key]);
      if (state[at + PART] !== part) forgetPart(state, at);
      state[at + PART] = part;
      const count = state[at + COUNT] as number;
      const mean = state[at + MEAN] as number;
      const squares = state[at + SQUARES] as number;
      const score = qOf(count, mean, squares, subgroup.mean);
      const strange = Math.abs(score) > s.sigmas;
      if (!strange && count < s.handOver) {
        const away = subgroup.mean - mean;
        const now = mean + away / (count + 1);
        state[at + COUNT] = count + 1;
        state[at + MEAN] = now;
        state[at + SQUARES] = squares + away * (subgroup.mean - now);
      }
      if (Number.isNaN(score)) return false;
      state[at + PLOTTED.value] = score;
      return undefined;
    },
  }),
});

function forgetPart(state: Numbers, at: number): void {
  state[at + COUNT] = 0;
  state[at + MEAN] = 0;
  state[at + SQUARES] = 0;
}
