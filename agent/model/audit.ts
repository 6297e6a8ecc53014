/** What a person or a program may do; each holds what the ones before it hold. */
export const ROLES = ['viewer', 'operator', 'quality', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/** Who did something: a user, an API token, a person at the machine itself, or the agent. */
export interface Actor {
  who: string;
  role: Role | 'local' | 'agent' | 'none';
  /** where the request came from; '' when it came from this machine's own programs */
  address: string;
}

/** One change as it is handed over to be kept. All texts are cut at a bound. */
export interface AuditEntry {
  actor: Actor;
  /** what was done, e.g. 'alert-acknowledge', 'login-failed' */
  what: string;
  /** to what: an alert, a characteristic, a user */
  object: string;
  /** the state before and after, as text or JSON; '' when there is none */
  before: string;
  after: string;
  why: string;
}

/**
 * How far the time of a row can be trusted: 'unset' before 2020, 'back' when the clock showed less
 * than in the row before, else 'set'.
 */
export type ClockQuality = 'set' | 'back' | 'unset';

/** One row of the audit log; `hash` covers this row and all rows before it. */
export interface AuditRow extends AuditEntry {
  n: number;
  /** ISO 8601, UTC */
  at: string;
  clock: ClockQuality;
  hash: string;
}

/** Entries of the accounts table to write along with a row: null removes. */
export type AccountChange = readonly [key: string, json: string | null];
