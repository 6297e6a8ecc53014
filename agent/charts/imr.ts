import { z } from 'zod';
import { kind } from '../registry.ts';
import { d2, d3 } from '../spc/constants.ts';
import { PLOTTED } from '../spc/plotted.ts';
import type { Chart, ChartContext } from './chart.ts';
import { drawLocation, drawSpread } from './lines.ts';
import { sigmas, spreadRules } from './settings.ts';

/** Individuals and moving ranges of two neighbours; no range across a gap or a missing reading. */
export const imr = kind({
  settings: z.object({ sigmas, spreadRules }),
  create: (s, _context: ChartContext): Chart => ({
    kind: 'imr',
    slots: 2 * PLOTTED.count,
    pair: true,
    sizes: { least: 1, most: 1 },
    timeWeighted: false,
    spreadSide: null,
    judgedBy: (statistic, rule) => statistic === 'location' || s.spreadRules.includes(rule),
    lines(state, at, limits) {
      drawLocation(state, at, limits, limits.sigma, s.sigmas, 0);
      drawSpread(state, at + PLOTTED.count, limits.sigma, d2(2), d3(2), s.sigmas);
    },
    restart() {},
    plots: 'range',
    step(state, at, subgroup) {
      state[at + PLOTTED.value] = subgroup.mean;
      state[at + PLOTTED.count + PLOTTED.value] = subgroup.range;
    },
  }),
});
