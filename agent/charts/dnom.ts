import { z } from 'zod';
import { kind } from '../registry.ts';
import type { ChartContext } from './chart.ts';
import { sigmas, spreadRules } from './settings.ts';
import { partKey, shortRun } from './short-run.ts';

/**
 * Deviation from nominal: parts of one family, made with the same spread, on one chart (Montgomery).
 * A reading of a part that the table does not name is not plotted.
 */
export const dnom = kind({
  settings: z.object({
    key: partKey,
    nominals: z
      .record(z.string(), z.number())
      .describe('nominal of every part number, in the unit'),
    sigmas,
    spreadRules,
  }),
  create: (s, _context: ChartContext) =>
    shortRun(
      'dnom',
      s.key,
      Object.fromEntries(
        Object.entries(s.nominals).map(([part, nominal]) => [part, { nominal, sigma: 1 }]),
      ),
      s.sigmas,
      s.spreadRules,
      false,
    ),
});
