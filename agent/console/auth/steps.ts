import type { AccountChange, AuditEntry } from '../../model.ts';
import { badField, ProblemError } from '../problem.ts';
import { dropSession, newSecret, putSession, type User } from './accounts.ts';
import { type AuthState, actorOf, commit, type Who } from './auth.ts';

/** Logins of one person at a time; the oldest gives way. */
const MOST_SESSIONS = 20;

/** A new session; whatever the browser had before is worth nothing from now on. */
export async function begin(
  a: AuthState,
  who: Who,
  user: User,
  told: { what: string; after?: string },
  changes: AccountChange[],
): Promise<string> {
  const { secret, hash: id } = newSecret();
  const nowMs = a.clock.now();
  const session = { id, user: user.key, createdMs: nowMs, seenMs: nowMs, address: who.address };
  const own = [...a.accounts.sessions.values()]
    .filter((one) => one.user === user.key)
    .sort((x, y) => y.seenMs - x.seenMs)
    .slice(MOST_SESSIONS - 1);
  const before = who.by === 'session' ? [dropSession(who.id)] : [];
  const actor = { who: user.name, role: user.role, address: who.address };
  const entry = { ...entryOf(who, told.what, user.name), actor, after: told.after ?? '' };
  const over = own.map((one) => dropSession(one.id));
  await commit(a, entry, [...changes, ...before, ...over, putSession(session)]);
  return secret;
}

/** Counts the try before it is known how it ends, so that many at once count as many. */
export function mayTry(
  a: AuthState,
  keys: Partial<Record<keyof AuthState['tries'], string>>,
): void {
  const nowMs = a.clock.now();
  const all = Object.entries(keys).map(([kind, key]) => ({
    tries: a.tries[kind as keyof AuthState['tries']],
    key,
  }));
  const waitMs = Math.max(...all.map(({ tries, key }) => tries.waitMs(key, nowMs)));
  if (waitMs > 0) {
    const seconds = Math.ceil(waitMs / 1000);
    throw new ProblemError(
      429,
      'too-many-tries',
      'Too many wrong tries.',
      `Wait ${seconds} s, then try again.`,
      seconds,
    );
  }
  for (const { tries, key } of all) tries.failed(key, nowMs);
}

/** A flood of failures must not fill the disk: those not told are counted in the next row. */
export async function tellFailure(
  a: AuthState,
  who: Who,
  user: User | undefined,
  what = 'login-failed',
): Promise<void> {
  if (!a.mayTell('', a.clock.now())) {
    a.untold += 1;
    return;
  }
  // What was typed is not kept: it may be a password in the wrong field.
  const entry = entryOf({ ...who, role: null }, what, user?.name ?? 'unknown name');
  const why = a.untold === 0 ? '' : `${a.untold} more since the row before`;
  a.untold = 0;
  await commit(a, { ...entry, why }, []);
}

/** The person who is logged in, after typing the password once more. Throws 400 or 409. */
export async function proven(
  a: AuthState,
  who: Who,
  password: string,
  field: string,
): Promise<User> {
  const session = a.accounts.sessions.get(who.id);
  const user = a.accounts.users.get(session?.user ?? '');
  if (user === undefined) throw noPerson();
  const keys = { pair: `${user.key} ${who.address}` };
  mayTry(a, keys);
  if (!(await a.hasher.matches(password, user.password))) {
    throw badField(field, 'this is not your password');
  }
  a.tries.pair.forget(keys.pair);
  return user;
}

/** The person as stored now; throws when the password is no longer what was proven. */
export function still(a: AuthState, user: User): User {
  const now = a.accounts.users.get(user.key);
  if (now?.password === user.password) return now;
  throw new ProblemError(409, 'conflict', 'The account has just changed.', 'Log in again.');
}

/** Programs and open consoles have neither password nor second factor. */
export const noPerson = (): ProblemError =>
  new ProblemError(409, 'conflict', 'Only people have a password.', 'Log in as a person.');

/** A row of the audit log with nothing but who, what and of whom. */
export const entryOf = (who: Who, what: string, object: string): AuditEntry => ({
  ...{ actor: actorOf(who), what, object, before: '', after: '', why: '' },
});
