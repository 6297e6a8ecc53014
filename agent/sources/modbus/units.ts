import { type BackoffOptions, backoff } from '../../runtime/retry.ts';
import type { Member } from './groups.ts';

/** How one unit behind a link is doing. A sick unit is asked rarely, so that others keep pace. */
export interface UnitState {
  id: number;
  name: string;
  /** every value of this unit that somebody reads */
  members: Member[];
  failures: number;
  demoted: boolean;
  /** not asked before this monotonic time */
  holdUntilMs: number;
  /** a demoted unit has one request under way at most */
  probing: boolean;
  probes: number;
  why: string;
  wait: { next(): number; reset(): void };
}

/** First and longest rest of a unit that does not answer. */
const REST: Omit<BackoffOptions, 'random'> = { firstMs: 500, maxMs: 30_000 };
/** Failures in a row before a unit is asked less often. */
const DEMOTE_AFTER = 2;
/** A probe of a sick unit waits this many usual round trips, so that it does not hold up others… */
const PATIENCE = 8;
const SHORTEST_PROBE_MS = 50;
/** …but every fourth one waits as long as any request, for a unit that has become slow. */
const FULL_PROBE_EVERY = 4;

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
    probes: 0,
    why: '',
    wait: backoff({ ...REST, random }),
  };
}

/** Counts a failure; true when the unit is (now) asked less often. `atOnce`: do not wait for two. */
export function unitFailed(u: UnitState, nowMs: number, why: string, atOnce: boolean): boolean {
  u.failures += 1;
  u.why = why;
  if (!u.demoted && u.failures < DEMOTE_AFTER && !atOnce) return false;
  u.demoted = true;
  u.holdUntilMs = nowMs + u.wait.next();
  return true;
}

/** The unit answered. */
export function unitAnswered(u: UnitState): void {
  u.failures = 0;
  if (!u.demoted) return;
  u.demoted = false;
  u.holdUntilMs = 0;
  u.probes = 0;
  u.why = '';
  u.wait.reset();
}

/** How long to wait for a demoted unit. */
export function probeTimeout(
  u: UnitState,
  timeoutMs: number,
  roundTripMs: number,
  othersWait: boolean,
): number {
  u.probes += 1;
  if (!othersWait || u.probes % FULL_PROBE_EVERY === 0) return timeoutMs;
  return Math.min(timeoutMs, Math.max(SHORTEST_PROBE_MS, PATIENCE * roundTripMs));
}
