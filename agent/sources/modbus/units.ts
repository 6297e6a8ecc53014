import { type BackoffOptions, backoff } from '../../runtime/retry.ts';
import type { Member } from './members.ts';
import { createPatience, type Patience } from './patience.ts';

/** How one unit behind a link is doing. A sick unit is asked rarely, so that others keep pace. */
export interface UnitState {
  id: number;
  name: string;
  /** every value of this unit that somebody reads */
  members: Member[];
  /** failures in a row, whatever the request */
  failures: number;
  demoted: boolean;
  /** while demoted: requests that failed already wait until this monotonic time */
  holdUntilMs: number;
  /** a demoted unit has one request under way at most */
  probing: boolean;
  why: string;
  patience: Patience;
  wait: { next(): number; reset(): void };
}

/** First and longest rest of a unit, or of one request, that gets no answer. */
export const REST: Omit<BackoffOptions, 'random'> = { firstMs: 200, maxMs: 30_000 };
/** Failures in a row that are no accident any more. */
export const SICK_AFTER = 2;

export function newUnit(
  id: number,
  name: string,
  members: Member[],
  random: () => number,
): UnitState {
  return {
    id,
    name,
    members,
    failures: 0,
    demoted: false,
    holdUntilMs: 0,
    probing: false,
    why: '',
    patience: createPatience(),
    wait: backoff({ ...REST, random }),
  };
}

/** Counts a failure; true when the unit is asked less often now. `atOnce`: one is enough. */
export function unitFailed(u: UnitState, nowMs: number, why: string, atOnce: boolean): boolean {
  u.failures += 1;
  u.why = why;
  if (!u.demoted && u.failures < SICK_AFTER && !atOnce) return false;
  u.demoted = true;
  u.holdUntilMs = nowMs + u.wait.next();
  return true;
}

/** The unit answered; true when it had been asked less often. */
export function unitAnswered(u: UnitState): boolean {
  u.failures = 0;
  if (!u.demoted) return false;
  u.demoted = false;
  u.holdUntilMs = 0;
  u.why = '';
  u.wait.reset();
  return true;
}
