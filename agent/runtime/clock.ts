/** The only place that reads the clock. Everything else is given one of these. */
export interface Clock {
  /** wall clock, ms since 1970 UTC */
  now(): number;
  /** monotonic, ms since an arbitrary start: for durations and schedules */
  monotonic(): number;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
};
