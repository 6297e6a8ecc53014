import { z } from 'zod';
import { kind } from '../registry.ts';
import { closeGroup, emptyGroup, GROUP_SLOTS, handValues, putIn, takenOf } from './open-group.ts';
import type { Subgrouper } from './subgroup.ts';

/** Streams that state can remember as one word of bits. */
const MOST_STREAMS = 32;
// After the open group: which streams are in, as bits; then their readings in the order of the list.
const SEEN = GROUP_SLOTS;
const VALUES = GROUP_SLOTS + 1;

/**
 * One reading of every stream: all cavities of a shot, all spindles of a machine. A stream that
 * comes again before the others are in begins a new subgroup; the open one is dropped and counted.
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
  }),
  create(s): Subgrouper {
    const size = s.streams.length;
    const all = size === MOST_STREAMS ? -1 : (1 << size) - 1;
    return {
      slots: VALUES + size,
      size,
      sampling: `1 part of each of ${size} (${s.key})`,
      streams: s.streams,
      asks: true,
      add(state, at, value, subgroup, occasion) {
        const stream = s.streams.indexOf(occasion?.context[s.key] ?? '');
        if (stream < 0) return false;
        const bit = 1 << stream;
        if (((state[at + SEEN] as number) & bit) !== 0) {
          subgroup.dropped = emptyGroup(state, at);
          state[at + SEEN] = 0;
        }
        putIn(state, at, value, occasion?.timeMs ?? 0, occasion?.sequence ?? Number.NaN);
        state[at + VALUES + stream] = value;
        const seen = (state[at + SEEN] as number) | bit;
        state[at + SEEN] = seen === all ? 0 : seen;
        if (seen !== all) return false;
        handValues(state, at + VALUES, takenOf(state, at), subgroup);
        closeGroup(state, at, subgroup);
        return true;
      },
      missed() {},
      interrupt(state, at) {
        state[at + SEEN] = 0;
        return emptyGroup(state, at);
      },
    };
  },
});
