import { z } from 'zod';
import { kind } from '../registry.ts';
import { modifiedLimits } from '../spc/tolerance-charts.ts';
import type { ChartContext } from './chart.ts';
import { sigmas } from './settings.ts';
import { toleranceChart } from './tolerance-lines.ts';

/**
 * Means with limits that let the process wander while at most a small share of parts is out of
 * tolerance: USL - (z - k/√n) sigma (Montgomery). Only for sigma far below the tolerance.
 */
export const modified = kind({
  settings: z.object({
    share: z
      .number()
      .gt(0)
      .lt(0.5)
      .default(0.00135)
      .describe('share of parts that may be out of tolerance on either side'),
    sigmas,
  }),
  create: (s, context: ChartContext) =>
    toleranceChart('modified', context, (lsl, usl, { sigma }, size) =>
      modifiedLimits(lsl, usl, sigma, size, s.share, s.sigmas),
    ),
});
