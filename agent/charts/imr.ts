import { z } from 'zod';
import { kind } from '../registry.ts';
import { d2, d3 } from '../spc/constants.ts';
import type { Chart, ChartContext } from './chart.ts';
import { drawLocation, drawSpread, LINE_SLOTS, plotLines } from './lines.ts';
import { sigmas, spreadRules } from './settings.ts';

/** Individuals and moving ranges of two neighbours; no range across a gap or a missing reading. */
export const imr = kind({
  settings: z.object({ sigmas, spreadRules }),
  create: (s, _context: ChartContext): Chart => ({
    kind: 'imr',
    slots: 2 * LINE_SLOTS,
    sizes: { least: 1, most: 1 },
    timeWeighted: false,
    spreadSide: null,
    judgedBy: (statistic, rule) => statistic === 'location' || s.spreadRules.includes(rule),
    lines(state, at, limits) {
      drawLocation(state, at, limits, limits.sigma, s.sigmas, 0);
      drawSpread(state, at + LINE_SLOTS, limits.sigma, d2(2), d3(2), s.sigmas);
    },
    restart() {},
    step(state, at, subgroup, plot) {
      plotLines(state, at, subgroup.mean, plot.location);
      plotLines(state, at + LINE_SLOTS, subgroup.range, plot.spread);
    },
  }),
});
