/** Counts writes, so that no fault of ours can wear out or flood a PLC. */
export interface Budget {
  /** ms until the next write is allowed; 0 = now */
  waitMs(nowMs: number): number;
  /** a write goes out, or has just gone out, at this monotonic time */
  take(nowMs: number): void;
  /** its end: the next one keeps its distance from here */
  settled(nowMs: number): void;
}

const HOUR_MS = 3_600_000;

/** At most one write in `everyMs` and `perHour` in any hour. */
export function createBudget(everyMs: number, perHour: number): Budget {
  const taken: number[] = [];
  return {
    waitMs(nowMs) {
      const last = taken.at(-1);
      if (last === undefined) return 0;
      const oldest = taken.length < perHour ? undefined : taken.at(-perHour);
      const hour = oldest === undefined ? 0 : oldest + HOUR_MS - nowMs;
      return Math.max(0, last + everyMs - nowMs, hour);
    },
    take(nowMs) {
      taken.push(nowMs);
      if (taken.length > perHour) taken.shift();
    },
    settled(nowMs) {
      if (taken.length > 0) taken[taken.length - 1] = nowMs;
    },
  };
}
