import type { Numbers, Subgroup } from '../spc/plotted.ts';

// Slots of a subgroup that is being filled. Sums are of distances from the first value, so that a
// large offset costs no digits.
const TAKEN = 0;
const FIRST = 1;
const SUM = 2;
const SQUARES = 3;
const LOWEST = 4;
const HIGHEST = 5;
const LAST_MS = 6;
const LAST_SEQUENCE = 7;
/** Numbers of state one open subgroup takes, without the readings themselves. */
export const GROUP_SLOTS = 8;

/** JSON has no NaN: stands for "the source does not count". */
const NO_SEQUENCE = -1;

/** How many readings are in. */
export function takenOf(state: Numbers, at: number): number {
  return state[at + TAKEN] as number;
}

/** Empties it; returns 1 when readings were in. */
export function emptyGroup(state: Numbers, at: number): number {
  const dropped = (state[at + TAKEN] as number) > 0 ? 1 : 0;
  state[at + TAKEN] = 0;
  return dropped;
}

/** Puts a reading in, with the time and number it came under. */
export function putIn(
  state: Numbers,
  at: number,
  value: number,
  timeMs: number,
  sequence: number,
): void {
  const taken = state[at + TAKEN] as number;
  const first = taken === 0 ? value : (state[at + FIRST] as number);
  const distance = value - first;
  state[at + FIRST] = first;
  state[at + SUM] = taken === 0 ? 0 : (state[at + SUM] as number) + distance;
  state[at + SQUARES] = taken === 0 ? 0 : (state[at + SQUARES] as number) + distance * distance;
  state[at + LOWEST] = taken === 0 ? value : Math.min(state[at + LOWEST] as number, value);
  state[at + HIGHEST] = taken === 0 ? value : Math.max(state[at + HIGHEST] as number, value);
  state[at + LAST_MS] = timeMs;
  state[at + LAST_SEQUENCE] = Number.isNaN(sequence) ? NO_SEQUENCE : sequence;
  state[at + TAKEN] = taken + 1;
}

/** Writes the figures of the readings that are in, and empties it. */
export function closeGroup(state: Numbers, at: number, subgroup: Subgroup): void {
  const size = state[at + TAKEN] as number;
  const sum = state[at + SUM] as number;
  const sequence = state[at + LAST_SEQUENCE] as number;
  subgroup.size = size;
  subgroup.mean = (state[at + FIRST] as number) + sum / size;
  subgroup.range = (state[at + HIGHEST] as number) - (state[at + LOWEST] as number);
  subgroup.squares = Math.max(0, (state[at + SQUARES] as number) - (sum * sum) / size);
  subgroup.sd = Math.sqrt(subgroup.squares / (size - 1));
  subgroup.timeMs = state[at + LAST_MS] as number;
  subgroup.sequence = sequence === NO_SEQUENCE ? Number.NaN : sequence;
  state[at + TAKEN] = 0;
}

/** The readings themselves, kept at `at` while the group was open. */
export function handValues(state: Numbers, at: number, size: number, subgroup: Subgroup): void {
  subgroup.values.length = size;
  for (let i = 0; i < size; i += 1) subgroup.values[i] = state[at + i] as number;
}
