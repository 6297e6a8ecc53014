import { z } from 'zod';
import { kind } from '../registry.ts';
import { feature, inCycle } from './feature.ts';

/** A sample: its value, and the seconds of the sample after it; -1 while that has not come. */
type Sample = [value: number, nextS: number];

/**
 * From the beginning of the cycle to the first sample after which all stay within the band. What is
 * outside is known only at the end when the final value is the target. So those samples are kept that
 * are higher (or lower) than all after them: of any target they hold the last one outside. For a
 * signal that wanders they are few, for one that only falls or rises all of them; beyond `MOST`,
 * neighbours are joined to the later time. Then the time may be too long, as if the band were
 * narrower by 1/128 of what the signal did, and never too short.
 */
interface Settling {
  n: number;
  last: number;
  high: Sample[];
  low: Sample[];
}

const MOST = 512;

/** The time a signal takes to stay within a band around its target. */
export const settlingTime = kind({
  settings: z.object({
    ...inCycle,
    band: z.number().positive().describe('largest distance from the target, in the unit'),
    target: z
      .union([z.literal('final'), z.number()])
      .default('final')
      .describe("value the signal settles to, in the unit; 'final': its last sample in the cycle"),
  }),
  create: ({ band, target }) =>
    feature<Settling>({
      unit: 'seconds',
      start: () => ({ n: 0, last: 0, high: [], low: [] }),
      add(s, seconds, value) {
        for (const list of [s.high, s.low]) {
          const newest = list.at(-1);
          if (newest !== undefined && newest[1] < 0) newest[1] = seconds;
        }
        s.n += 1;
        s.last = value;
        // Of a target that is known the last one outside is all that matters.
        if (target === 'final') {
          keep(s.high, (before) => before <= value, value);
          keep(s.low, (before) => before >= value, value);
        } else if (value - target > band) s.high = [[value, -1]];
        else if (target - value > band) s.low = [[value, -1]];
      },
      value(s) {
        if (s.n === 0) return Number.NaN;
        const goal = target === 'final' ? s.last : target;
        if (Math.abs(s.last - goal) > band) return Number.NaN;
        const above = s.high.findLast(([x]) => x - goal > band)?.[1] ?? 0;
        const below = s.low.findLast(([x]) => goal - x > band)?.[1] ?? 0;
        return Math.max(above, below);
      },
    }),
});

/** Nobody will ask again for samples that this one hides. */
function keep(list: Sample[], hidden: (before: number) => boolean, value: number): void {
  while (list.length > 0 && hidden(list.at(-1)?.[0] as number)) list.pop();
  list.push([value, -1]);
  if (list.length > MOST) thin(list);
}

/** Joins neighbours that are nearer than 1/256 of the whole: the outer value, the later time. */
function thin(list: Sample[]): void {
  const newest = list.pop() as Sample;
  const near = Math.abs((list[0]?.[0] ?? 0) - newest[0]) / (MOST / 2);
  let kept = 0;
  for (const one of list.splice(0)) {
    const before = list[kept - 1];
    if (before !== undefined && Math.abs(before[0] - one[0]) < near) before[1] = one[1];
    else {
      list.push(one);
      kept += 1;
    }
  }
  list.push(newest);
}
