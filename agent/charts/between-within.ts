import { z } from 'zod';
import { kind } from '../registry.ts';
import { c4, d2, d3 } from '../spc/constants.ts';
import { PLOTTED } from '../spc/plotted.ts';
import type { Chart, ChartContext, Estimate, Phase1 } from './chart.ts';
import { drawLocation, drawSpread } from './lines.ts';
import { breakMovingRange, MOVING_SLOTS, movingRange } from './moving-range.ts';
import { sigmas, spreadRules } from './settings.ts';

const MOVING = 2 * PLOTTED.count;

/**
 * Subgroup means as individuals with their moving range: for batches, loads and shots, whose means
 * vary by more than the parts inside (I-MR-R/S). `range` or `sd` beside it charts the inside.
 */
export const betweenWithin = kind({
  settings: z.object({
    sigmas,
    spreadRules,
    sigmaOfMeans: z
      .number()
      .positive()
      .optional()
      .describe('standard deviation of the means, in the unit; from Phase I when left out'),
  }),
  create: (s, _context: ChartContext): Chart => ({
    kind: 'between-within',
    slots: MOVING + MOVING_SLOTS,
    pair: true,
    sizes: { least: 2, most: 100 },
    timeWeighted: false,
    spreadSide: null,
    judgedBy: (statistic, rule) => statistic === 'location' || s.spreadRules.includes(rule),
    estimate,
    lines(state, at, limits, size) {
      const learned = limits.parameters?.['sigmaOfMeans'];
      const error = s.sigmaOfMeans ?? learned ?? limits.sigma / Math.sqrt(size);
      drawLocation(state, at, limits, error, s.sigmas, 0);
      drawSpread(state, at + PLOTTED.count, error, d2(2), d3(2), s.sigmas);
    },
    restart: (state, at) => breakMovingRange(state, at + MOVING),
    step(state, at, subgroup) {
      state[at + PLOTTED.value] = subgroup.mean;
      const range = movingRange(state, at + MOVING, subgroup.mean);
      state[at + PLOTTED.count + PLOTTED.value] = range;
    },
  }),
});

/** Sigma within by ranges up to 8 readings, else by standard deviations; of means by their MR. */
function estimate({ size, mean, range, squares }: Phase1): Estimate | null {
  let within = 0;
  let moving = 0;
  let total = 0;
  let readings = 0;
  for (let i = 0; i < size.length; i += 1) {
    const n = size[i] as number;
    const sd = Math.sqrt((squares[i] as number) / (n - 1)) / c4(n);
    within += n < 9 ? (range[i] as number) / d2(n) : sd;
    if (i > 0) moving += Math.abs((mean[i] as number) - (mean[i - 1] as number));
    total += (mean[i] as number) * n;
    readings += n;
  }
  const sigma = within / size.length;
  const sigmaOfMeans = moving / (size.length - 1) / d2(2);
  if (!(sigma > 0 && sigmaOfMeans > 0)) return null;
  const estimator = 'within subgroups; means by mrbar/d2';
  return { center: total / readings, sigma, estimator, parameters: { sigmaOfMeans } };
}
