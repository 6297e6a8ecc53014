import type { Numbers } from '../spc/plotted.ts';

/** Points that are remembered to say when a change began: a power of 2. */
const REMEMBERED = 16;
/** The mean of a point and its time. */
const OF_POINT = 2;

/** Numbers that a snapshot keeps of a ring: which point was the last before, then means and times. */
export const RECENT_SLOTS = 1 + OF_POINT * REMEMBERED;

/** What a point's number has to do with its place in the ring. */
export const RING = { mask: REMEMBERED - 1 } as const;

/**
 * The rings of all characteristics of a core. Readings mostly come in turn, so that the same place
 * of all rings is written one after the other: these stand side by side, first places first. A
 * ring in one piece would cost each point a cache line of its own, of which it writes a quarter.
 */
export interface Recent {
  numbers: Numbers;
  /** from one place of a ring to its next */
  step: number;
}

/** One of them. */
export interface Ring {
  recent: Recent;
  /** where its first place is */
  recentAt: number;
  /** what came up to this point belongs to other limits or another run */
  forgotten: number;
}

/** Room for the rings of so many characteristics. */
export function recentFor(count: number): Recent {
  const step = OF_POINT * count;
  return { numbers: new Float64Array(step * REMEMBERED), step };
}

/** Where the ring of a characteristic begins. */
export const recentAt = (characteristic: number): number => OF_POINT * characteristic;

/** Remembers the mean and the time of a point by its number. */
export function remember(ring: Ring, index: number, mean: number, timeMs: number): void {
  const { numbers } = ring.recent;
  const place = placeOf(ring, index);
  numbers[place] = mean;
  numbers[place + 1] = timeMs;
}

/**
 * Points since the mean left `center`, by maximum likelihood for a known mean: the t with the
 * largest (T - t)(mean of the points after t - center)^2 (Samuel, Pignatiello & Calvin 1998). Only
 * remembered points are looked at; 0 when there is none.
 */
export function pointsSinceChange(ring: Ring, index: number, center: number): number {
  const { numbers } = ring.recent;
  const known = Math.min(index - ring.forgotten, REMEMBERED);
  let sum = 0;
  let largest = -1;
  let points = 0;
  for (let back = 1; back <= known; back += 1) {
    sum += (numbers[placeOf(ring, index - back + 1)] as number) - center;
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
export function timeOfRecent(ring: Ring, index: number, back: number): number {
  const known = Math.min(back, index - ring.forgotten, REMEMBERED);
  return ring.recent.numbers[placeOf(ring, index - known + 1) + 1] as number;
}

/** A ring as plain numbers. */
export function savedRing(ring: Ring): number[] {
  const { numbers } = ring.recent;
  const saved = [ring.forgotten];
  for (let index = 0; index < REMEMBERED; index += 1) {
    const place = placeOf(ring, index);
    saved.push(numbers[place] as number, numbers[place + 1] as number);
  }
  return saved;
}

/** Takes back what `savedRing` gave; empties the ring where there is nothing. */
export function restoreRing(ring: Ring, saved: readonly number[]): void {
  ring.forgotten = saved[0] ?? 0;
  for (let index = 0; index < REMEMBERED; index += 1) {
    const from = 1 + OF_POINT * index;
    remember(ring, index, saved[from] ?? 0, saved[from + 1] ?? 0);
  }
}

const placeOf = (ring: Ring, index: number) =>
  ring.recentAt + (index & (REMEMBERED - 1)) * ring.recent.step;
