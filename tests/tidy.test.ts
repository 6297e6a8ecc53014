import { describe, expect, it } from 'vitest';
import { createTidy } from '../agent/runtime/tidy.ts';

/** A heap of `live` megabytes with garbage on top. */
function heap(live: number) {
  const state = { live, garbage: 0, collections: 0 };
  const tidy = createTidy(
    () => {
      state.collections += 1;
      state.garbage = 0;
    },
    () => (state.live + state.garbage) * 2 ** 20,
  );
  return { state, tidy };
}

describe('a thread that leaves little behind', () => {
  it('is tidied after its start and whenever a megabyte has come together', () => {
    const { state, tidy } = heap(8);
    state.garbage = 3;
    expect(tidy(1000)).toBe(true);
    const most: number[] = [];
    for (let second = 2; second <= 600; second += 1) {
      state.garbage += 0.05;
      most.push(state.garbage);
      tidy(1000 * second);
    }
    expect(Math.max(...most)).toBeLessThan(4.1);
    expect(state.collections).toBe(10);
  });

  it('is left alone while nothing comes together', () => {
    const { state, tidy } = heap(8);
    for (let second = 1; second <= 600; second += 1) tidy(1000 * second);
    expect(state.collections).toBe(1);
  });

  it('is left alone when the process was not started for it', () => {
    const tidy = createTidy(undefined, () => 2 ** 30);
    expect([1, 2, 3].map((minute) => tidy(60_000 * minute))).toEqual([false, false, false]);
  });
});
