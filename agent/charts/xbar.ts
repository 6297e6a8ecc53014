import { z } from 'zod';
import { kind } from '../registry.ts';
import { PLOTTED } from '../spc/plotted.ts';
import type { Chart, ChartContext } from './chart.ts';
import { drawLocation, drawSpread } from './lines.ts';
import { sigmas, spreadRules } from './settings.ts';

/** Rules about the shape inside the limits say nothing where a systematic range is accepted. */
const SHAPE_RULES = ['within', 'outside', 'trend', 'alternating'];

/** What tells X̄-R from X̄-s: the second statistic and its mean and standard deviation. */
interface Dispersion {
  kind: 'xbar-r' | 'xbar-s';
  spread: 'range' | 'sd';
  mean(size: number): number;
  sd(size: number): number;
}

/** A chart of subgroup means with a chart of their spread. */
export function xbar(dispersion: Dispersion) {
  return kind({
    settings: z.object({
      sigmas,
      allowance: z
        .number()
        .min(0)
        .default(0)
        .describe('accepted systematic range of the mean on either side, in the unit'),
      spreadRules,
    }),
    create(s, _context: ChartContext): Chart {
      const shapeless = s.allowance > 0;
      return {
        kind: dispersion.kind,
        slots: 2 * PLOTTED.count,
        pair: true,
        sizes: { least: 2, most: 100 },
        timeWeighted: false,
        spreadSide: null,
        judgedBy: (statistic, rule) =>
          statistic === 'spread'
            ? s.spreadRules.includes(rule)
            : !(shapeless && SHAPE_RULES.includes(rule)),
        lines(state, at, limits, size) {
          const error = limits.sigma / Math.sqrt(size);
          const { kind: _kind, mean, sd } = dispersion;
          drawLocation(state, at, limits, error, s.sigmas, s.allowance);
          drawSpread(state, at + PLOTTED.count, limits.sigma, mean(size), sd(size), s.sigmas);
        },
        restart() {},
        plots: { spread: dispersion.spread },
        step(state, at, subgroup) {
          state[at + PLOTTED.value] = subgroup.mean;
          state[at + PLOTTED.count + PLOTTED.value] = subgroup[dispersion.spread];
        },
      };
    },
  });
}
