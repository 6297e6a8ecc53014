import { z } from 'zod';
import { kind } from '../registry.ts';
import { feature, inCycle } from './feature.ts';

interface Fit {
  n: number;
  s: number;
  x: number;
  ss: number;
  sx: number;
}

/**
 * The slope of the line of least squares through the samples, each counting the same; sums of
 * deviations are carried from sample to sample (Welford 1962; Chan, Golub and LeVeque 1983).
 */
export const slope = kind({
  settings: z.object(inCycle),
  create: () =>
    feature<Fit>({
      unit: 'signal / s',
      start: () => ({ n: 0, s: 0, x: 0, ss: 0, sx: 0 }),
      add(f, seconds, value) {
        f.n += 1;
        const fromS = seconds - f.s;
        f.s += fromS / f.n;
        f.x += (value - f.x) / f.n;
        f.ss += fromS * (seconds - f.s);
        f.sx += fromS * (value - f.x);
      },
      value: (f) => (f.n < 2 || f.ss === 0 ? Number.NaN : f.sx / f.ss),
    }),
});
