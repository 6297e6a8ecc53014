import { z } from 'zod';
import { kind } from '../registry.ts';
import { NO_LINE, PLOTTED } from '../spc/plotted.ts';
import type { Chart, ChartContext } from './chart.ts';
import { drawLocation } from './lines.ts';

const GREENS = PLOTTED.count;

/** Yellow begins two of these from the middle, red four: a sigma is an eighth of the tolerance. */
const YELLOW = 2;
const RED = 4;

const RULES = [
  { kind: 'beyond-limits', id: 'pre-control-red', severity: 'alarm' },
  { kind: 'k-of-m', id: 'pre-control-adjust', k: 2, m: 2, sigmas: YELLOW },
  {
    kind: 'outside',
    id: 'pre-control-stop',
    points: 2,
    sigmas: YELLOW,
    bothSides: true,
    severity: 'alarm',
  },
];

/**
 * Pre-control for set-up (Shainin): the middle half of the tolerance is green, the rest inside it
 * yellow, outside red. So many greens in a row end the set-up. Two yellows on one side: adjust; on
 * both sides, or one red: stop. It compares parts with the tolerance and says nothing about the
 * process, so it gives no capability.
 */
export const preControl = kind({
  settings: z.object({
    greens: z.int().min(2).max(30).default(5).describe('greens in a row that end the set-up'),
  }),
  create(s, { lsl, usl }: ChartContext): Chart {
    const [low, high] = [lsl ?? 0, usl ?? 1];
    const given = { center: (low + high) / 2, sigma: (high - low) / (2 * RED) };
    return {
      kind: 'pre-control',
      slots: PLOTTED.count + PLOTTED.count,
      pair: true,
      sizes: { least: 1, most: 1 },
      timeWeighted: false,
      spreadSide: null,
      needsTolerance: true,
      scale: 'tolerance',
      given,
      rules: RULES,
      proves: false,
      judgedBy: (statistic) => statistic === 'location',
      lines(state, at) {
        drawLocation(state, at, given, given.sigma, RED, 0);
        state[at + PLOTTED.lcl] = low;
        state[at + PLOTTED.ucl] = high;
        state[at + GREENS + PLOTTED.cl] = NO_LINE;
        state[at + GREENS + PLOTTED.lcl] = -NO_LINE;
        state[at + GREENS + PLOTTED.ucl] = NO_LINE;
        state[at + GREENS + PLOTTED.up] = NO_LINE;
        state[at + GREENS + PLOTTED.down] = NO_LINE;
      },
      restart(state, at) {
        state[at + GREENS + PLOTTED.value] = 0;
      },
      step(state, at, subgroup) {
        const away = Math.abs(subgroup.mean - given.center);
        const green = away <= YELLOW * given.sigma + (state[at + PLOTTED.tolerance] as number);
        const before = state[at + GREENS + PLOTTED.value] as number;
        state[at + PLOTTED.value] = subgroup.mean;
        // Once the set-up is done it stays done until the next one.
        const done = before >= s.greens;
        state[at + GREENS + PLOTTED.value] = done ? s.greens : green ? before + 1 : 0;
      },
      forecast(state, at) {
        const greens = state[at + GREENS + PLOTTED.value] as number;
        if (greens >= s.greens) return 'set-up done';
        return `set-up: ${greens} of ${s.greens} parts in a row in the green half`;
      },
    };
  },
});
