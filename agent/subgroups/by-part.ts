import { z } from 'zod';
import { kind } from '../registry.ts';
import type { Numbers, Subgroup } from '../spc/plotted.ts';
import { keyOf } from './key.ts';
import { closeGroup, emptyGroup, GROUP_SLOTS, handValues, putIn, takenOf } from './open-group.ts';
import type { SubgroupContext, Subgrouper } from './subgroup.ts';

// After the open group: the part it belongs to, as a number.
const PART = GROUP_SLOTS;
const VALUES = GROUP_SLOTS + 1;

/**
 * The readings of one part, batch or cavity: neighbours whose context names the same. A subgroup is
 * complete with `size` readings; what is left of a part when the next one comes is dropped and
 * counted, or closed with the size it has.
 */
export const byPart = kind({
  settings: z.object({
    key: z
      .string()
      .min(1)
      .default('part')
      .describe('context of a reading that says what it belongs to: part, serial, batch, cavity'),
    size: z.int().min(2).max(100).default(5).describe('readings of one part'),
    partial: z
      .enum(['drop', 'keep'])
      .default('drop')
      .describe('what becomes of a part with fewer readings; keep needs at least two'),
  }),
  create(s, context: SubgroupContext): Subgrouper {
    const keeps = context.values === true;
    const slots = VALUES + (keeps ? s.size : 0);
    return {
      slots,
      size: s.size,
      sampling: `${s.size} readings of every ${s.key}`,
      asks: true,
      ...(s.partial === 'keep' ? { varies: true as const } : {}),
      add(state, at, subgroup, occasion) {
        const value = subgroup.reading;
        const part = keyOf(occasion?.context[s.key]);
        const sequence = occasion?.sequence ?? Number.NaN;
        let complete = false;
        let taken = takenOf(state, at);
        if (taken > 0 && state[at + PART] !== part) {
          complete = s.partial === 'keep' && taken > 1;
          if (complete) close(state, at, keeps, subgroup);
          else subgroup.dropped = emptyGroup(state, at);
          taken = 0;
        }
        if (keeps) state[at + VALUES + taken] = value;
        putIn(state, at, value, occasion?.timeMs ?? 0, sequence);
        state[at + PART] = part;
        if (taken + 1 < s.size) return complete;
        close(state, at, keeps, subgroup);
        return true;
      },
      missed() {},
      interrupt: (state, at) => emptyGroup(state, at),
    };
  },
});

function close(state: Numbers, at: number, keeps: boolean, subgroup: Subgroup): void {
  if (keeps) handValues(state, at + VALUES, takenOf(state, at), subgroup);
  closeGroup(state, at, subgroup);
}
