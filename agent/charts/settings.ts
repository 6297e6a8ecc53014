import { z } from 'zod';

/** How far the control limits lie from the centre. */
export const sigmas = z
  .number()
  .min(1)
  .max(6)
  .default(3)
  .describe('control limits stand this many sigmas from the centre');

/** Which kinds of rule judge the second statistic; the others are made for means (E13). */
export const spreadRules = z
  .array(z.string())
  .default(['beyond-limits', 'same-side'])
  .describe('kinds of rule that also judge the spread (R, s or moving range)');
