import type { Numbers } from '../spc/plotted.ts';

/** Points that are remembered to say when a change began: a power of 2. */
const REMEMBERED = 16;
/** Numbers of state they take: which point was the last before them, then values and times. */
export const RECENT_SLOTS = 1 + 2 * REMEMBERED;

/** Where the ring begins, and the mask of a place in it. */
export const RING = { at: 1, mask: REMEMBERED - 1 } as const;

/** Remembers, in the ring at `at`, the mean and the time of a point by its number. */
export function remember(
  numbers: Numbers,
  at: number,
  index: number,
  mean: number,
  timeMs: number,
): void {
  const place = placeOf(at, index);
  numbers[place] = mean;
  numbers[place + 1] = timeMs;
}

/** What came up to this point belongs to other limits or another run. */
export function forgetRecent(numbers: Numbers, at: number, index: number): void {
  numbers[at] = index;
}

/**
 * Points since the mean left `center`, by maximum likelihood for a known mean: the t with the
 * largest (T - t)(mean of the points after t - center)^2 (Samuel, Pignatiello & Calvin 1998). Only
 * remembered points are looked at; 0 when there is none.
 */
export function pointsSinceChange(
  numbers: Numbers,
  at: number,
  index: number,
  center: number,
): number {
  const known = Math.min(index - (numbers[at] as number), REMEMBERED);
  let sum = 0;
  let largest = -1;
  let points = 0;
  for (let back = 1; back <= known; back += 1) {
    sum += (numbers[placeOf(at, index - back + 1)] as number) - center;
    const statistic = (sum * sum) / back;
    // Of equal ones the earliest change counts, as the first largest of a whole series would.
    if (statistic >= largest) {
      largest = statistic;
      points = back;
    }
  }
  return points;
}

/** Time of the point so many back, the newest being 1; of the oldest that is known at most. */
export function timeOfRecent(numbers: Numbers, at: number, index: number, back: number): number {
  const known = Math.min(back, index - (numbers[at] as number), REMEMBERED);
  return numbers[placeOf(at, index - known + 1) + 1] as number;
}

const placeOf = (at: number, index: number) => at + 1 + 2 * (index & (REMEMBERED - 1));
