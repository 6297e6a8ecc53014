import { z } from 'zod';
import { kind } from '../registry.ts';
import { feature, inCycle } from './feature.ts';

/** How long the cycle was, by its trigger. */
export const duration = kind({
  settings: z.object(inCycle),
  create: () =>
    feature<Record<string, never>>({
      unit: 'seconds',
      ofTrigger: true,
      start: () => ({}),
      add() {},
      value: (_, seconds) => seconds,
    }),
});
