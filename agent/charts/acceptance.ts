import { z } from 'zod';
import { kind } from '../registry.ts';
import { acceptanceLimits } from '../spc/tolerance-charts.ts';
import type { ChartContext } from './chart.ts';
import { toleranceChart } from './tolerance-lines.ts';

/**
 * Means with limits that find a process with too many parts out of tolerance with a stated
 * probability: USL - (z_gamma + z_beta/√n) sigma (Montgomery; ISO 7870-3).
 */
export const acceptance = kind({
  settings: z.object({
    share: z
      .number()
      .gt(0)
      .lt(0.5)
      .default(0.01)
      .describe('share out of tolerance that has to be found'),
    missed: z
      .number()
      .gt(0)
      .lt(0.5)
      .default(0.1)
      .describe('probability that one point does not find it'),
  }),
  create: (s, context: ChartContext) =>
    toleranceChart('acceptance', context, (lsl, usl, { sigma }, size) =>
      acceptanceLimits(lsl, usl, sigma, size, s.share, s.missed),
    ),
});
