import type { IncomingHttpHeaders } from 'node:http';
import { fastifyCookie } from '@fastify/cookie';
import type { AccountChange, Actor, AuditEntry, Role } from '../../model.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { SecuritySettings } from '../settings.ts';
import type { AccountStore } from '../view.ts';
import {
  type Accounts,
  applyChanges,
  dropSession,
  hashOf,
  noAccounts,
  putSession,
  readAccounts,
  type Session,
  type User,
} from './accounts.ts';
import { type Backoff, createBackoff, createRate } from './backoff.ts';
import { createHasher, type Hasher } from './hasher.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** A login ends after this long whatever happens, and after so long without a person's doing. */
export const SESSION_MS = 12 * HOUR_MS;
export const IDLE_MS: Readonly<Record<Role, number>> = {
  viewer: SESSION_MS,
  operator: 8 * HOUR_MS,
  quality: 30 * MINUTE_MS,
  admin: 15 * MINUTE_MS,
};
/** The page says with this header that a person was at it: an open page alone keeps nobody in. */
export const ACTIVE_HEADER = 'x-meyar-active';
const SAVE_SEEN_MS = 5 * MINUTE_MS;

/** Without users the console is open, on this machine only; everybody may do this much there. */
const OPEN_ROLE: Role = 'quality';

/** A second factor that the settings want, or a password of one's own in place of a made-up one. */
export type Lack = 'factor' | 'password';

/** Who asks, as far as it is known. */
export interface Who {
  name: string;
  /** null: nobody that we know */
  role: Role | null;
  /** what this person has to do first; until then the role is lowered */
  lacks: Lack | null;
  by: 'open' | 'session' | 'token' | 'nobody';
  /** hash of the session or token */
  id: string;
  address: string;
}

export interface AuthOptions {
  store: AccountStore;
  clock: Clock;
  /** where the one-time code lies */
  dataDir: string;
  /** browsers reach the page by TLS: cookies are made for that only */
  secure: boolean;
  security: SecuritySettings;
  /** file with the passwords that most people take; null: the rules alone decide */
  commonPasswords: string | null;
  /** the plant as it is called: in apps that make codes, and in no password */
  plant: { name: string; site: string };
  /** tells apart the cookies of agents on one machine: browsers do not look at the port */
  port: number;
}

export interface AuthState extends Omit<AuthOptions, 'port'> {
  accounts: Accounts;
  hasher: Hasher;
  cookie: string;
  tries: Record<'pair' | 'address' | 'account' | 'code', Backoff>;
  /** second factors that are being set up, by key of the user; lost with a restart */
  enrolling: Map<string, { secret: string; untilMs: number }>;
  /** how many rows about failed logins may be written */
  mayTell: ReturnType<typeof createRate>;
  untold: number;
  /** called when rights may have changed: the live stream looks again who listens */
  changed: () => void;
  /** one change of accounts after another */
  last: Promise<unknown>;
}

export function createAuth({ port, ...o }: AuthOptions): AuthState {
  const forgetMs = HOUR_MS;
  return {
    ...o,
    accounts: noAccounts(),
    hasher: createHasher(),
    cookie: `${o.secure ? '__Host-' : ''}meyar-${port}`,
    tries: {
      pair: createBackoff({ free: 3, maxMs: MINUTE_MS, forgetMs }),
      address: createBackoff({ free: 20, maxMs: MINUTE_MS, forgetMs }),
      // Somebody else's failures must not keep a person out for long.
      account: createBackoff({ free: 10, maxMs: 5000, forgetMs }),
      // Counted for those who know the password: some hundred guesses a day at a million codes.
      code: createBackoff({ free: 5, maxMs: 15 * MINUTE_MS, forgetMs: 24 * HOUR_MS }),
    },
    enrolling: new Map(),
    mayTell: createRate(30, 0.2),
    untold: 0,
    changed: () => {},
    last: Promise.resolve(),
  };
}

export async function loadAccounts(a: AuthState): Promise<void> {
  a.accounts = readAccounts(await a.store.load());
}

/** True while there are no users. */
export const isOpen = (a: AuthState): boolean => a.accounts.users.size === 0;

/** Finds out who asks; a token counts before a cookie, and a wrong one is nobody. */
export function whoIs(a: AuthState, headers: IncomingHttpHeaders, address: string): Who {
  const nobody = nobodyAt(address);
  if (isOpen(a)) return { ...nobody, role: OPEN_ROLE, by: 'open' };
  const { authorization } = headers;
  if (authorization !== undefined) {
    const id = hashOf(/^Bearer (\S{20,200})$/i.exec(authorization)?.[1] ?? '');
    return whoseToken(a, id, address) ?? nobody;
  }
  const secret = cookieOf(a, headers);
  return secret === undefined ? nobody : (whoseSession(a, hashOf(secret), address) ?? nobody);
}

const nobodyAt = (address: string): Who => ({
  ...{ name: '', role: null, by: 'nobody', id: '', address, lacks: null },
});

/** Roles that decide; the others may do without a second factor (docs/security.md says why). */
const isPrivileged = (role: Role): boolean => role === 'quality' || role === 'admin';

function lackOf({ security }: AuthState, { role, factor, initial }: User): Lack | null {
  if (initial === true) return 'password';
  const wanted = security.secondFactor === 'required' && isPrivileged(role);
  return wanted && factor === undefined ? 'factor' : null;
}

/** What is left of a role until then. */
const LOWERED: Readonly<Record<Lack, Role>> = { factor: 'operator', password: 'viewer' };

/** Whether what was true when a stream was opened still is. */
export function isStill(a: AuthState, who: Who): boolean {
  if (who.by === 'open') return isOpen(a);
  const now = who.by === 'token' ? whoseToken(a, who.id, '') : whoseSession(a, who.id, '');
  return now !== null;
}

/** Notes that a person did something; now and then also in the store. */
export function touch(a: AuthState, who: Who): void {
  const session = who.by === 'session' ? a.accounts.sessions.get(who.id) : undefined;
  const nowMs = a.clock.now();
  if (session === undefined || nowMs - session.seenMs < MINUTE_MS) return;
  const saved = Math.floor(session.seenMs / SAVE_SEEN_MS) === Math.floor(nowMs / SAVE_SEEN_MS);
  session.seenMs = nowMs;
  if (saved) return;
  // Lost with a crash at worst: then the person logs in some minutes earlier.
  // In turn, so that a login that is just being ended is not written back behind its end.
  const { sessions } = a.accounts;
  const save = async () => {
    if (sessions.has(session.id)) await a.store.save(null, [putSession(session)]);
  };
  inTurn(a, save).catch(() => {});
}

/** Forgets what is over. */
export function sweep(a: AuthState): Promise<void> {
  return inTurn(a, async () => {
    const { sessions, tokens } = a.accounts;
    const nowMs = a.clock.now();
    const over = [...sessions.values()].filter((s) => !isGood(a, s)).map((s) => dropSession(s.id));
    // Tokens stay in the list for a while, so that people see why a program is refused.
    const old = [...tokens.values()].filter((t) => nowMs - t.untilMs > 30 * 24 * HOUR_MS);
    const changes = [...over, ...old.map((t): AccountChange => [`token:${t.hash}`, null])];
    if (changes.length > 0) await commit(a, null, changes);
  });
}

/** A change of accounts: in memory only after it is durable, together with its row of the log. */
export async function commit(
  a: AuthState,
  entry: AuditEntry | null,
  changes: readonly AccountChange[],
): Promise<void> {
  await a.store.save(entry, changes);
  applyChanges(a.accounts, changes);
  if (changes.length > 0) a.changed();
}

/** One after another: what a check found is still so when the change is made. */
export function inTurn<T>(a: AuthState, work: () => Promise<T>): Promise<T> {
  const done = a.last.then(work);
  a.last = done.catch(() => {});
  return done;
}

/** Who did it, for the audit log. Where nobody logs in, the name that was typed is not proven. */
export function actorOf(who: Who, typed = ''): Actor {
  const { address } = who;
  if (who.by === 'open' || who.role === null) return { who: typed, role: 'none', address };
  return { who: who.name, role: who.role, address };
}

function cookieOf(a: AuthState, headers: IncomingHttpHeaders): string | undefined {
  return fastifyCookie.parse(headers.cookie ?? '')[a.cookie];
}

function whoseSession(a: AuthState, id: string, address: string): Who | null {
  const session = a.accounts.sessions.get(id);
  const user = a.accounts.users.get(session?.user ?? '');
  if (session === undefined || user === undefined || !isGood(a, session)) return null;
  const lacks = lackOf(a, user);
  const role = lacks === null ? user.role : LOWERED[lacks];
  return { name: user.name, role, by: 'session', id, address, lacks };
}

function whoseToken(a: AuthState, id: string, address: string): Who | null {
  const token = a.accounts.tokens.get(id);
  if (token === undefined || token.untilMs <= a.clock.now()) return null;
  const { name, role } = token;
  return { ...nobodyAt(address), name: `token ${name}`, role, by: 'token', id };
}

/** Whether a session has neither ended by its time nor by that of its role. */
export function isGood(a: AuthState, { user, createdMs, seenMs }: Session): boolean {
  const role = a.accounts.users.get(user)?.role;
  const nowMs = a.clock.now();
  // Seen in the future: the clock was set back, and how long ago it was is not known.
  if (role === undefined || seenMs > nowMs + 5 * MINUTE_MS) return false;
  return nowMs - createdMs < SESSION_MS && nowMs - seenMs < IDLE_MS[role];
}
