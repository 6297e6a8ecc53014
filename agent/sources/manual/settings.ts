import { z } from 'zod';
import { duration } from '../../runtime/duration.ts';

/** Settings of the values that people type in. */
export const settings = z.object({
  plausible: z
    .number()
    .min(1)
    .max(1000)
    .default(5)
    .describe(
      'a value further from the middle of the tolerance than this many tolerances is refused as a ' +
        'slip of the finger',
    ),
  backdate: duration('7d').describe('how long ago a value may have been measured'),
  operators: z
    .array(z.string().min(1).max(80))
    .max(1000)
    .optional()
    .describe('names that may enter values; everybody when left out'),
  gauges: z
    .array(z.string().min(1).max(80))
    .max(1000)
    .optional()
    .describe('gauges that may be named; any when left out'),
});

export type ManualSettings = z.output<typeof settings>;
