import { NO_SPREAD, type Numbers } from '../spc/plotted.ts';

/** Numbers of state a moving range takes: the value before, and whether there is one. */
export const MOVING_SLOTS = 2;

/** Distance from the value before, which is then this one; NO_SPREAD for the first. */
export function movingRange(state: Numbers, at: number, value: number): number {
  const before = state[at] as number;
  const known = state[at + 1] === 1;
  state[at] = value;
  state[at + 1] = 1;
  return known ? Math.abs(value - before) : NO_SPREAD;
}

/** The next value has no neighbour. */
export function breakMovingRange(state: Numbers, at: number): void {
  state[at] = 0;
  state[at + 1] = 0;
}
