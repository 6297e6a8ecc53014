import { z } from 'zod';
import { kind } from '../registry.ts';
import { NO_SPREAD } from '../spc/plotted.ts';
import type { Subgrouper } from './subgroup.ts';

/**
 * Every reading is a count found in a sample: defectives of so many parts, flaws of so many units.
 * The subgroup is the sample; its mean is the share or the rate. A sample of changing size names
 * its size in the context of the reading.
 */
export const counts = kind({
  settings: z.object({
    sampleSize: z
      .number()
      .positive()
      .max(1e9)
      .default(1)
      .describe('parts inspected, or units of opportunity, behind every count'),
    sizeKey: z
      .string()
      .min(1)
      .optional()
      .describe('context of a reading that says its sample size, where it changes'),
  }),
  create(s, _context: unknown): Subgrouper {
    return {
      slots: 0,
      size: s.sampleSize,
      sampling: s.sizeKey === undefined ? `${s.sampleSize} inspected` : 'samples of changing size',
      ...(s.sizeKey === undefined ? {} : { asks: true as const, varies: true as const }),
      add(_state, _at, subgroup, occasion) {
        const value = subgroup.reading;
        let size = s.sampleSize;
        if (s.sizeKey !== undefined) size = sizeFrom(occasion?.context[s.sizeKey], size);
        if (value < 0) return false;
        subgroup.size = size;
        subgroup.mean = value / size;
        subgroup.range = NO_SPREAD;
        subgroup.sd = NO_SPREAD;
        subgroup.squares = 0;
        return true;
      },
      missed() {},
      interrupt: () => 0,
    };
  },
});

/** A size that is missing or senseless is taken to be the usual one. */
function sizeFrom(text: string | undefined, usual: number): number {
  const size = text === undefined ? Number.NaN : Number(text);
  return size > 0 && size < 1e9 ? size : usual;
}
