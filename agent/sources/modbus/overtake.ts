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
/** An answer is late beyond the usual round trip and four of its mean deviations (RFC 6298, 2.3)… */
const DEVIATIONS = 4;
const WEIGHT = 1 / 8;
const DEVIATION_WEIGHT = 1 / 4;
/** …but not sooner than timers can tell. */
const GRAIN_MS = 1;
const SHORTEST_MS = 2;
/** Share of lost ones that is too much. */
const TOO_MANY = 0.5;
const LEFT_ALONE_MS = 600_000;

export function createOvertake(clock: Clock): Overtake {
  let roundTrip = 0;
  let deviation = 0;
  let lost = 0;
  let notBeforeMs = 0;
  const patience = () =>
    Math.max(SHORTEST_MS, roundTrip + Math.max(GRAIN_MS, DEVIATIONS * deviation));
  return {
    patienceMs() {
      if (roundTrip === 0 || clock.monotonic() < notBeforeMs) return Number.POSITIVE_INFINITY;
      return patience();
    },
    answered(ms) {
      // One slow unit must not stretch the patience with all: an answer counts twice the usual at most.
      if (roundTrip === 0) {
        roundTrip = ms;
        deviation = ms / 2;
        return;
      }
      const far = Math.min(ms, 2 * roundTrip) - roundTrip;
      // A link that became slow as a whole is learned by the mean; one late answer widens nothing.
      if (ms <= patience()) deviation += DEVIATION_WEIGHT * (Math.abs(far) - deviation);
      roundTrip += WEIGHT * far;
    },
    ended(sound) {
      lost += WEIGHT * ((sound ? 0 : 1) - lost);
      if (lost <= TOO_MANY) return;
      lost = 0;
      notBeforeMs = clock.monotonic() + LEFT_ALONE_MS;
    },
  };
}
