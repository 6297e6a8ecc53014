/**
 * How long an answer is waited for, learned from how long they took: what is lost must not cost the
 * whole `timeout` that the settings grant to the slowest answer of all.
 */
export interface Patience {
  /** an answer came after so long */
  answered(roundTripMs: number): void;
  /** the wait for the next answer after so many failures in a row, `timeoutMs` at most */
  waitMs(failures: number, timeoutMs: number, linkMs: number): number;
}

/**
 * The median of the slowest of each twenty answers, over the last eleven twenties: about the p97.
 * An answer that is late once in a hundred is a fault like one that is lost, not how the unit is.
 */
const TWENTY = 20;
const TWENTIES = 11;
const ENOUGH = 3;
/** Times that, and the least. */
const TIMES = 4;
const SHORTEST_MS = 30;
/** A probe of what is sick waits this many usual round trips of the link, and this long at least… */
const PROBE_TIMES = 8;
const SHORTEST_PROBE_MS = 50;
/** …but one of eight waits as long as any request, for a unit that has become slow. */
const FULL_EVERY = 8;
const FIRST_FULL = 4;

export function createPatience(): Patience {
  const slowest: number[] = [];
  let count = 0;
  let most = 0;
  let usual = Number.POSITIVE_INFINITY;
  const learned = () => Math.max(SHORTEST_MS, TIMES * usual);
  return {
    answered(ms) {
      most = Math.max(most, ms);
      count += 1;
      if (count < TWENTY) return;
      slowest.push(most);
      if (slowest.length > TWENTIES) slowest.shift();
      count = 0;
      most = 0;
      if (slowest.length >= ENOUGH) usual = median(slowest);
    },
    waitMs(failures, timeoutMs, linkMs) {
      // The second try is for an answer that was only slower than any before it.
      if (failures < 2) return Math.min(timeoutMs, (1 + failures) * learned());
      if (failures % FULL_EVERY === FIRST_FULL) return timeoutMs;
      const probe = Math.max(SHORTEST_PROBE_MS, PROBE_TIMES * linkMs);
      return Math.min(timeoutMs, probe, learned());
    },
  };
}

/** Of an even number the upper one: rather too patient. */
const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.POSITIVE_INFINITY;
