import { z } from 'zod';
import { kind } from '../registry.ts';
import { d2, d3, sdMedian } from '../spc/constants.ts';
import { PLOTTED } from '../spc/plotted.ts';
import type { Chart, ChartContext } from './chart.ts';
import { drawLocation, drawSpread } from './lines.ts';
import { sigmas, spreadRules } from './settings.ts';

/** Medians and ranges: for charts kept by hand, and for readings with wild values (ISO 7870-2). */
export const median = kind({
  settings: z.object({ sigmas, spreadRules }),
  create: (s, _context: ChartContext): Chart => ({
    kind: 'median',
    slots: 2 * PLOTTED.count,
    pair: true,
    sizes: { least: 2, most: 100 },
    timeWeighted: false,
    spreadSide: null,
    asks: { values: true },
    learnsPlotted: true,
    judgedBy: (statistic, rule) => statistic === 'location' || s.spreadRules.includes(rule),
    lines(state, at, limits, size) {
      drawLocation(state, at, limits, sdMedian(size) * limits.sigma, s.sigmas, 0);
      drawSpread(state, at + PLOTTED.count, limits.sigma, d2(size), d3(size), s.sigmas);
    },
    restart() {},
    step(state, at, subgroup) {
      state[at + PLOTTED.value] = medianIn(subgroup.values, subgroup.size);
      state[at + PLOTTED.count + PLOTTED.value] = subgroup.range;
    },
  }),
});

/** Sorted here, so that other charts still see the readings in their order. */
const sorted: number[] = [];

function medianIn(values: readonly number[], size: number): number {
  for (let i = 0; i < size; i += 1) {
    const value = values[i] as number;
    let place = i;
    while (place > 0 && (sorted[place - 1] as number) > value) {
      sorted[place] = sorted[place - 1] as number;
      place -= 1;
    }
    sorted[place] = value;
  }
  const upper = sorted[size >> 1] as number;
  if (size % 2 === 1) return upper;
  const lower = sorted[(size >> 1) - 1] as number;
  return lower + (upper - lower) / 2;
}
