import { z } from 'zod';
import { kind } from '../registry.ts';
import { PLOTTED } from '../spc/plotted.ts';
import { gChart } from '../spc/rare-events.ts';
import { meanOf } from '../spc/summation.ts';
import type { Chart, ChartContext, Estimate, Phase1 } from './chart.ts';
import { COUNT_RULES } from './counts.ts';
import { drawSkewed } from './lines.ts';
import { sigmas } from './settings.ts';

/**
 * Good parts between two bad ones, for rare events (Benneyan 2001). Every reading is such a count.
 * Limits by the geometric distribution, or mean ± k sigma.
 */
export const g = kind({
  settings: z.object({
    sigmas,
    method: z
      .enum(['probability', 'sigma'])
      .default('probability')
      .describe('probability: the quantiles of 3 sigma; sigma: mean ± 3 standard deviations'),
  }),
  create: (s, _context: ChartContext): Chart => ({
    kind: 'g',
    slots: PLOTTED.count,
    pair: false,
    sizes: { least: 1, most: 1 },
    timeWeighted: false,
    spreadSide: null,
    unlikeMeans: true,
    judgedBy: (_statistic, rule) => COUNT_RULES.includes(rule),
    estimate,
    sigmaOf: (mean) => Math.sqrt(mean * (mean + 1)),
    lines(state, at, limits) {
      const chart = gChart([limits.center], s.sigmas);
      if (chart === null) return;
      const { probability, sigma, gBar } = chart;
      if (s.method === 'probability') {
        drawSkewed(state, at, probability.center, probability.lcl, probability.ucl);
      } else drawSkewed(state, at, gBar, gBar - s.sigmas * sigma, gBar + s.sigmas * sigma);
    },
    restart() {},
    step(state, at, subgroup) {
      state[at + PLOTTED.value] = subgroup.mean;
    },
  }),
});

function estimate({ mean }: Phase1): Estimate | null {
  const center = meanOf(mean);
  if (center === null || !(center > 0)) return null;
  return { center, sigma: Math.sqrt(center * (center + 1)), estimator: 'geometric' };
}
