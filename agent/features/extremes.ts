import { z } from 'zod';
import { kind } from '../registry.ts';
import { type Feature, feature, inCycle } from './feature.ts';

interface Extremes {
  n: number;
  min: number;
  minS: number;
  max: number;
  maxS: number;
}

const extremes = (unit: Feature['unit'], value: (s: Extremes) => number): Feature =>
  feature<Extremes>({
    unit,
    start: () => ({ n: 0, min: 0, minS: 0, max: 0, maxS: 0 }),
    add(s, seconds, x) {
      if (s.n === 0 || x < s.min) {
        s.min = x;
        s.minS = seconds;
      }
      if (s.n === 0 || x > s.max) {
        s.max = x;
        s.maxS = seconds;
      }
      s.n += 1;
    },
    value: (s) => (s.n === 0 ? Number.NaN : value(s)),
  });

/** The highest sample. */
export const max = kind({
  settings: z.object(inCycle),
  create: () => extremes('signal', (s) => s.max),
});

/** The lowest sample. */
export const min = kind({
  settings: z.object(inCycle),
  create: () => extremes('signal', (s) => s.min),
});

/** The highest less the lowest sample. */
export const range = kind({
  settings: z.object(inCycle),
  create: () => extremes('signal', (s) => s.max - s.min),
});

/** From the beginning of the cycle to its first highest (or lowest) sample. */
export const timeToPeak = kind({
  settings: z.object({
    ...inCycle,
    of: z.enum(['max', 'min']).default('max').describe('the highest or the lowest sample'),
  }),
  create: ({ of }) => extremes('seconds', (s) => (of === 'max' ? s.maxS : s.minS)),
});
