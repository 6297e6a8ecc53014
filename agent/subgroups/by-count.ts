import { z } from 'zod';
import { kind } from '../registry.ts';
import { NO_SPREAD, type Numbers, type Subgroup } from '../spc/plotted.ts';
import { handValues } from './open-group.ts';
import type { SubgroupContext, Subgrouper } from './subgroup.ts';

// Slots. A sum is taken of distances from the first value, so that a large offset costs no digits.
const TAKEN = 0;
const CYCLE = 1;
const FIRST = 2;
const SUM = 3;
const SQUARES = 4;
const LOWEST = 5;
const HIGHEST = 6;
/** the readings themselves, when a chart asks for them */
const VALUES = 7;
/** individuals: the value before, and whether it is the neighbour */
const BEFORE = 2;
const NEIGHBOUR = 3;

/** The same for who counts without asking: see `counts`. */
export const COUNTED = {
  ...{ taken: TAKEN, cycle: CYCLE, first: FIRST, sum: SUM, squares: SQUARES },
  ...{ lowest: LOWEST, highest: HIGHEST, before: BEFORE, neighbour: NEIGHBOUR },
} as const;

/** So many consecutive readings, again and again, or of every so many. */
export const byCount = kind({
  settings: z.object({
    size: z.int().min(1).max(100).default(5).describe('consecutive readings of one subgroup'),
    every: z
      .int()
      .min(1)
      .max(1_000_000)
      .optional()
      .describe('start a new subgroup every so many readings; as many as `size` when left out'),
  }),
  create(settings, context: SubgroupContext): Subgrouper {
    const { size } = settings;
    const every = Math.max(size, settings.every ?? size);
    const slots = VALUES + (context.values === true && size > 1 ? size : 0);
    return {
      slots,
      size,
      sampling: say(size, every),
      ...(slots > VALUES ? {} : { counts: { size, every } }),
      add:
        slots > VALUES
          ? (state, at, subgroup) => keeping(state, at, size, every, subgroup)
          : (state, at, subgroup) => count(state, at, size, every, subgroup),
      missed(state, at) {
        if (size === 1) state[at + NEIGHBOUR] = 0;
      },
      interrupt(state, at) {
        const dropped = (state[at + TAKEN] as number) > 0 ? 1 : 0;
        state.fill(0, at, at + slots);
        return dropped;
      },
    };
  },
});

/** Takes the reading in; true when it completes a subgroup. */
export function count(
  state: Numbers,
  at: number,
  size: number,
  every: number,
  subgroup: Subgroup,
): boolean {
  return size === 1
    ? single(state, at, every, subgroup)
    : several(state, at, size, every, subgroup);
}

function say(size: number, every: number): string {
  const parts = size === 1 ? '1 part' : `${size} parts`;
  if (every > size) return `${parts} every ${every}`;
  return size === 1 ? 'every part' : `every part, ${size} to a subgroup`;
}

function single(state: Numbers, at: number, every: number, subgroup: Subgroup): boolean {
  if (every > 1) {
    const cycle = state[at + CYCLE] as number;
    state[at + CYCLE] = cycle + 1 === every ? 0 : cycle + 1;
    if (cycle > 0) return false;
  }
  const value = subgroup.reading;
  const before = state[at + BEFORE] as number;
  subgroup.size = 1;
  subgroup.mean = value;
  if (state[at + NEIGHBOUR] === 1) subgroup.range = Math.abs(value - before);
  else subgroup.range = NO_SPREAD;
  subgroup.sd = NO_SPREAD;
  subgroup.squares = 0;
  state[at + BEFORE] = value;
  state[at + NEIGHBOUR] = 1;
  return true;
}

/** As `several`, and hands over the readings themselves. */
function keeping(
  state: Numbers,
  at: number,
  size: number,
  every: number,
  subgroup: Subgroup,
): boolean {
  const cycle = state[at + CYCLE] as number;
  if (cycle < size) state[at + VALUES + cycle] = subgroup.reading;
  const complete = several(state, at, size, every, subgroup);
  if (complete) handValues(state, at + VALUES, size, subgroup);
  return complete;
}

function several(
  state: Numbers,
  at: number,
  size: number,
  every: number,
  subgroup: Subgroup,
): boolean {
  const value = subgroup.reading;
  const cycle = state[at + CYCLE] as number;
  state[at + CYCLE] = cycle + 1 === every ? 0 : cycle + 1;
  if (cycle >= size) return false;
  if (cycle === 0) {
    state[at + TAKEN] = 1;
    state[at + FIRST] = value;
    state[at + SUM] = 0;
    state[at + SQUARES] = 0;
    state[at + LOWEST] = value;
    state[at + HIGHEST] = value;
    return false;
  }
  const distance = value - (state[at + FIRST] as number);
  const sum = (state[at + SUM] as number) + distance;
  const squares = (state[at + SQUARES] as number) + distance * distance;
  const lowest = Math.min(state[at + LOWEST] as number, value);
  const highest = Math.max(state[at + HIGHEST] as number, value);
  if (cycle + 1 < size) {
    state[at + TAKEN] = cycle + 1;
    state[at + SUM] = sum;
    state[at + SQUARES] = squares;
    state[at + LOWEST] = lowest;
    state[at + HIGHEST] = highest;
    return false;
  }
  state[at + TAKEN] = 0;
  subgroup.size = size;
  subgroup.mean = (state[at + FIRST] as number) + sum / size;
  subgroup.range = highest - lowest;
  subgroup.squares = Math.max(0, squares - (sum * sum) / size);
  subgroup.sd = Math.sqrt(subgroup.squares / (size - 1));
  return true;
}
