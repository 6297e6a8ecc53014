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

/** Sees the wall clock jump: it and the monotonic clock no longer tell the same story. */
export interface ClockWatch {
  /** look now and then; how far the wall clock jumped since the last look, ms, 0 = it did not */
  look(): number;
  /** all jumps since the start together, and how many there were */
  total(): { steps: number; ms: number };
}

/** Smaller differences are a clock that is slowly set right, or a process that waited to run. */
const STEP_MS = 1000;

export function watchClock(clock: Clock): ClockWatch {
  let offset = clock.now() - clock.monotonic();
  let steps = 0;
  let ms = 0;
  return {
    look() {
      const now = clock.now() - clock.monotonic();
      const jump = Math.round(now - offset);
      // What drifts slowly is followed, so that it never adds up to a jump.
      offset = now;
      if (Math.abs(jump) <= STEP_MS) return 0;
      steps += 1;
      ms += Math.abs(jump);
      return jump;
    },
    total: () => ({ steps, ms }),
  };
}
