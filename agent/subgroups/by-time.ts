import { z } from 'zod';
import { kind } from '../registry.ts';
import { duration } from '../runtime/duration.ts';
import type { Numbers, Subgroup } from '../spc/plotted.ts';
import { closeGroup, emptyGroup, GROUP_SLOTS, handValues, putIn, takenOf } from './open-group.ts';
import type { SubgroupContext, Subgrouper } from './subgroup.ts';

// After the open group: which window it belongs to, counted from 1970.
const WINDOW = GROUP_SLOTS;
const VALUES = GROUP_SLOTS + 1;

/**
 * The readings of a span of time, on the clock: windows of 10 minutes begin at :00, :10 … A window
 * ends with the first reading after it, so its size varies; one of fewer than `least` readings is
 * dropped and counted.
 */
export const byTime = kind({
  settings: z.object({
    window: duration('10m').describe('length of one subgroup; windows stand on the clock'),
    size: z
      .int()
      .min(2)
      .max(100)
      .default(5)
      .describe('readings taken of a window, the first ones; the rest only count as readings'),
    least: z.int().min(2).max(100).default(2).describe('a window with fewer readings is dropped'),
  }),
  create(s, context: SubgroupContext): Subgrouper {
    const keeps = context.values === true;
    const close = (state: Numbers, at: number, subgroup: Subgroup): boolean => {
      const taken = takenOf(state, at);
      if (taken < s.least) {
        subgroup.dropped = emptyGroup(state, at);
        return false;
      }
      if (keeps) handValues(state, at + VALUES, taken, subgroup);
      closeGroup(state, at, subgroup);
      return true;
    };
    return {
      slots: VALUES + (keeps ? s.size : 0),
      size: s.size,
      sampling: `${s.size} parts every ${say(s.window)}`,
      asks: true,
      varies: true,
      add(state, at, subgroup, occasion) {
        const value = subgroup.reading;
        const timeMs = occasion?.timeMs ?? 0;
        const window = Math.floor(timeMs / s.window);
        const over = takenOf(state, at) > 0 && state[at + WINDOW] !== window;
        const complete = over && close(state, at, subgroup);
        const taken = takenOf(state, at);
        if (taken < s.size) {
          if (keeps) state[at + VALUES + taken] = value;
          putIn(state, at, value, timeMs, occasion?.sequence ?? Number.NaN);
          state[at + WINDOW] = window;
        }
        return complete;
      },
      missed() {},
      interrupt: (state, at) => emptyGroup(state, at),
    };
  },
});

function say(ms: number): string {
  return ms % 60_000 === 0 ? `${ms / 60_000} min` : `${ms / 1000} s`;
}
