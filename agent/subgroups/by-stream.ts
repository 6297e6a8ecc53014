import { z } from 'zod';
import { kind } from '../registry.ts';
import type { Numbers } from '../spc/plotted.ts';
import { closeGroup, emptyGroup, GROUP_SLOTS, handValues, putIn, takenOf } from './open-group.ts';
import type { Subgrouper } from './subgroup.ts';

/** Streams that state can remember as one word of bits. */
const MOST_STREAMS = 32;
/** Readings of one stream that can stand together as one value. */
const MOST_EACH = 20;
// After the open group: which streams are in, as bits; then, in the order of the list, the value of
// every stream, the sum of the readings it has so far, and their number.
const SEEN = GROUP_SLOTS;
const VALUES = GROUP_SLOTS + 1;

/**
 * One value of every stream: all cavities of a shot, all spindles of a machine. With `each` the
 * value is the mean of that many readings: four shots a sample show a worn cavity sooner than one.
 * A stream that comes again before the others are in begins a new subgroup; the open one is dropped
 * and counted.
 */
export const byStream = kind({
  settings: z.object({
    key: z
      .string()
      .min(1)
      .default('cavity')
      .describe('context of a reading that names its stream: cavity, spindle, head'),
    streams: z
      .array(z.string().min(1))
      .min(2)
      .max(MOST_STREAMS)
      .refine((names) => new Set(names).size === names.length, 'every stream needs its own name')
      .describe('names of all streams, as the readings carry them'),
    each: z
      .int()
      .min(1)
      .max(MOST_EACH)
      .default(1)
      .describe('readings of a stream whose mean is its value; sigma is then that of such means'),
  }),
  create(s): Subgrouper {
    const size = s.streams.length;
    const all = size === MOST_STREAMS ? -1 : (1 << size) - 1;
    const sums = VALUES + size;
    const counts = sums + size;
    return {
      slots: counts + size,
      size,
      sampling: `${s.each} ${s.each === 1 ? 'part' : 'parts'} of each of ${size} (${s.key})`,
      streams: s.streams,
      asks: true,
      add(state, at, subgroup, occasion) {
        const value = subgroup.reading;
        const stream = s.streams.indexOf(occasion?.context[s.key] ?? '');
        if (stream < 0) return false;
        const bit = 1 << stream;
        if (((state[at + SEEN] as number) & bit) !== 0) {
          subgroup.dropped = emptyGroup(state, at);
          begin(state, at, counts, size);
        }
        const count = (state[at + counts + stream] as number) + 1;
        const sum = (count === 1 ? 0 : (state[at + sums + stream] as number)) + value;
        state[at + counts + stream] = count;
        state[at + sums + stream] = sum;
        if (count < s.each) return false;
        const mean = sum / s.each;
        putIn(state, at, mean, occasion?.timeMs ?? 0, occasion?.sequence ?? Number.NaN);
        state[at + VALUES + stream] = mean;
        const seen = (state[at + SEEN] as number) | bit;
        state[at + SEEN] = seen;
        if (seen !== all) return false;
        handValues(state, at + VALUES, takenOf(state, at), subgroup);
        closeGroup(state, at, subgroup);
        begin(state, at, counts, size);
        return true;
      },
      missed() {},
      interrupt(state, at) {
        emptyGroup(state, at);
        return begin(state, at, counts, size);
      },
    };
  },
});

/** No stream is in, and none has readings waiting; returns 1 when some were. */
function begin(state: Numbers, at: number, counts: number, size: number): number {
  let waiting = 0;
  for (let i = 0; i < size; i += 1) {
    if ((state[at + counts + i] as number) > 0) waiting = 1;
    state[at + counts + i] = 0;
  }
  state[at + SEEN] = 0;
  return waiting;
}
