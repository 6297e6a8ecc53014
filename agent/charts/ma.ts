import { z } from 'zod';
import { kind } from '../registry.ts';
import { PLOTTED } from '../spc/plotted.ts';
import type { Chart, ChartContext } from './chart.ts';
import { drawLocation } from './lines.ts';
import { sigmas } from './settings.ts';

// What it remembers: sigma, how many points are in the ring, then mean and size of each.
const SIGMA = PLOTTED.count;
const COUNT = PLOTTED.count + 1;
const RING = PLOTTED.count + 2;

/**
 * Plain average of the last means (Montgomery 9.3); fewer at the start. Limits by the sizes that
 * are in it: centre ± k sigma sqrt(sum 1/n)/q.
 */
export const ma = kind({
  settings: z.object({
    span: z.int().min(2).max(30).default(5).describe('points in the average'),
    sigmas,
  }),
  create: (s, _context: ChartContext): Chart => ({
    kind: 'ma',
    slots: RING + 2 * s.span,
    pair: false,
    sizes: { least: 0, most: 1e9 },
    timeWeighted: true,
    spreadSide: null,
    judgedBy: (statistic, rule) => statistic === 'location' && rule === 'beyond-limits',
    lines(state, at, limits) {
      drawLocation(state, at, limits, limits.sigma, s.sigmas, 0);
      state[at + SIGMA] = limits.sigma;
    },
    restart(state, at) {
      state[at + COUNT] = 0;
    },
    step(state, at, subgroup) {
      const count = (state[at + COUNT] as number) + 1;
      const place = at + RING + 2 * ((count - 1) % s.span);
      state[at + COUNT] = count;
      state[place] = subgroup.mean;
      state[place + 1] = 1 / subgroup.size;
      const cl = state[at + PLOTTED.cl] as number;
      const inside = Math.min(count, s.span);
      let sum = 0;
      let share = 0;
      for (let i = 0; i < inside; i += 1) {
        sum += (state[at + RING + 2 * i] as number) - cl;
        share += state[at + RING + 2 * i + 1] as number;
      }
      const error = ((state[at + SIGMA] as number) * Math.sqrt(share)) / inside;
      state[at + PLOTTED.value] = cl + sum / inside;
      state[at + PLOTTED.lcl] = cl - s.sigmas * error;
      state[at + PLOTTED.ucl] = cl + s.sigmas * error;
      state[at + PLOTTED.up] = error;
      state[at + PLOTTED.down] = error;
    },
  }),
});
