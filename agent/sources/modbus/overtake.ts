import type { Clock } from '../../runtime/clock.ts';

/**
 * Lets other units be asked while one is late, on links whose frames carry ids: the late answer is
 * still taken until its time is up, but it holds up nobody else. A device that loses requests sent
 * meanwhile shows it by not answering them; then it is left alone for a while.
 */
export interface Overtake {
  /** how long an answer may take before others go ahead, ms; infinite when they may not */
  patienceMs(): number;
  /** a sound answer came */
  answered(roundTripMs: number): void;
  /** a request that went ahead ended */
  ended(sound: boolean): void;
}

/** Requests that may be late at once, beyond those that the depth allows. */
export const MOST_LATE = 8;
/** Round trips until an answer is late, and the least: timers are not finer. */
const PATIENCE = 4;
const SHORTEST_MS = 3;
/** Weight of the newest answer (RFC 6298), and the share of lost ones that is too much. */
const WEIGHT = 1 / 8;
const TOO_MANY = 0.5;
const LEFT_ALONE_MS = 600_000;

export function createOvertake(clock: Clock): Overtake {
  let roundTrip = 0;
  let lost = 0;
  let notBeforeMs = 0;
  return {
    patienceMs() {
      if (roundTrip === 0 || clock.monotonic() < notBeforeMs) return Number.POSITIVE_INFINITY;
      return Math.max(SHORTEST_MS, PATIENCE * roundTrip);
    },
    answered(ms) {
      // One slow unit must not stretch the patience with all: an answer counts twice the usual at most.
      const usual = roundTrip === 0 ? ms : roundTrip;
      roundTrip = usual + WEIGHT * (Math.min(ms, 2 * usual) - usual);
    },
    ended(sound) {
      lost += WEIGHT * ((sound ? 0 : 1) - lost);
      if (lost <= TOO_MANY) return;
      lost = 0;
      notBeforeMs = clock.monotonic() + LEFT_ALONE_MS;
    },
  };
}
