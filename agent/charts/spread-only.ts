import { z } from 'zod';
import { kind } from '../registry.ts';
import { PLOTTED, type Subgroup } from '../spc/plotted.ts';
import type { Chart, ChartContext } from './chart.ts';
import { drawSpread } from './lines.ts';
import { sigmas, spreadRules } from './settings.ts';

/** What tells R from s: the statistic and its mean and standard deviation. */
interface Dispersion {
  kind: 'range' | 'sd';
  of(subgroup: Subgroup): number;
  mean(size: number): number;
  sd(size: number): number;
}

/** A chart of the spread within subgroups alone: the third chart of a between-within set. */
export function spreadOnly(dispersion: Dispersion) {
  return kind({
    settings: z.object({ sigmas, spreadRules }),
    create: (s, _context: ChartContext): Chart => ({
      kind: dispersion.kind,
      slots: PLOTTED.count,
      pair: false,
      sizes: { least: 2, most: 100 },
      timeWeighted: false,
      spreadSide: null,
      unlikeMeans: true,
      judgedBy: (_statistic, rule) => s.spreadRules.includes(rule),
      lines(state, at, limits, size) {
        const { mean, sd } = dispersion;
        drawSpread(state, at, limits.sigma, mean(size), sd(size), s.sigmas);
      },
      restart() {},
      step(state, at, subgroup) {
        state[at + PLOTTED.value] = dispersion.of(subgroup);
      },
    }),
  });
}
