import { z } from 'zod';
import { kind } from '../registry.ts';
import type { Chart, ChartContext } from './chart.ts';
import { sigmas, spreadRules } from './settings.ts';
import { partKey, shortRun } from './short-run.ts';

/**
 * Standardised readings: parts that differ in mean and spread on one chart, z = (x - mean)/sigma of
 * the part, with the moving range of z (Wheeler, Short Run SPC); for subgroups z of the mean and
 * R/sigma. A reading of a part that the table does not name is not plotted.
 */
export const zMr = kind({
  settings: z.object({
    key: partKey,
    parts: z
      .record(
        z.string(),
        z.strictObject({
          mean: z.number().describe('mean of the part, in the unit'),
          sigma: z.number().positive().describe('standard deviation of single parts, in the unit'),
        }),
      )
      .describe('mean and sigma of every part number, from its history'),
    sigmas,
    spreadRules,
  }),
  create(s, _context: ChartContext): Chart {
    const parts = Object.entries(s.parts).map(([part, { mean, sigma }]) => [
      part,
      { nominal: mean, sigma },
    ]);
    const scales = Object.fromEntries(parts);
    return {
      ...shortRun('z-mr', s.key, scales, s.sigmas, s.spreadRules, true),
      given: { center: 0, sigma: 1 },
    };
  },
});
