import { z } from 'zod';
import { kind } from '../registry.ts';
import { feature, inCycle } from './feature.ts';

/**
 * Samples joined by straight lines (the trapezoid rule), so that samples that come unevenly count for
 * the time they stand for. Sums are of distances from the first value: an offset costs no digits.
 */
interface Joined {
  n: number;
  first: number;
  firstS: number;
  lastS: number;
  last: number;
  /** integral of the distance from the first value, signal × s */
  over: number;
}

const start = (): Joined => ({ n: 0, first: 0, firstS: 0, lastS: 0, last: 0, over: 0 });

function add(s: Joined, seconds: number, value: number): void {
  if (s.n === 0) {
    s.first = value;
    s.firstS = seconds;
  } else s.over += ((s.last + value) / 2 - s.first) * (seconds - s.lastS);
  s.n += 1;
  s.lastS = seconds;
  s.last = value;
}

/** The area under the signal, from its first to its last sample in the cycle. */
export const area = kind({
  settings: z.object(inCycle),
  create: () =>
    feature<Joined>({
      unit: 'signal × s',
      start,
      add,
      value: (s) => (s.n < 2 ? Number.NaN : s.over + s.first * (s.lastS - s.firstS)),
    }),
});

/** The mean over time: the area divided by the time it covers; of one sample, that sample. */
export const mean = kind({
  settings: z.object(inCycle),
  create: () =>
    feature<Joined>({
      unit: 'signal',
      start,
      add,
      value: (s) => (s.n === 0 ? Number.NaN : s.first + (s.n === 1 ? 0 : s.over / spanOf(s))),
    }),
});

const spanOf = (s: Joined) => s.lastS - s.firstS;
