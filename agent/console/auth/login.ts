import { fastifyCookie } from '@fastify/cookie';
import type { AccountChange, AuditEntry } from '../../model.ts';
import { badField, ProblemError } from '../problem.ts';
import {
  dropSession,
  dropSessionsOf,
  keyOf,
  newSecret,
  putSession,
  putUser,
  type User,
} from './accounts.ts';
import { type AuthState, actorOf, commit, inTurn, SESSION_MS, type Who } from './auth.ts';
import { takeCode } from './code.ts';
import { weakness } from './strength.ts';

/** Logins of one person at a time; the oldest gives way. */
const MOST_SESSIONS = 20;

/** The header that gives a browser its session. */
export const cookieFor = (a: AuthState, secret: string): string =>
  fastifyCookie.serialize(a.cookie, secret, {
    ...{ path: '/', httpOnly: true, sameSite: 'strict', secure: a.secure },
    // Empty: the browser forgets it now.
    maxAge: secret === '' ? 0 : SESSION_MS / 1000,
  });

/** Checks name and password; resolves to the secret of a new session. The old one of `who` ends. */
export async function login(
  a: AuthState,
  who: Who,
  given: { name: string; password: string },
): Promise<string> {
  const key = keyOf(given.name);
  const keys = { pair: `${key} ${who.address}`, address: who.address, account: key };
  mayTry(a, keys);
  const user = a.accounts.users.get(key);
  const right = await a.hasher.matches(given.password, user?.password ?? null);
  if (!right || user === undefined) {
    await tellFailure(a, who, user);
    throw new ProblemError(
      401,
      'login-failed',
      'The name or the password is wrong.',
      'Type both again. Somebody with the role admin can set a new password.',
    );
  }
  a.tries.pair.forget(keys.pair);
  a.tries.account.forget(keys.account);
  a.tries.address.forgive(keys.address);
  return inTurn(a, () => begin(a, who, user, 'login', []));
}

/** Ends the session of whoever asks. */
export async function logout(a: AuthState, who: Who): Promise<void> {
  await commit(a, entryOf(who, 'logout', who.name), [dropSession(who.id)]);
}

/** The one-time code makes an administrator, or gives one a new password. */
export async function claim(
  a: AuthState,
  who: Who,
  given: { code: string; name: string; password: string },
): Promise<string> {
  mayTry(a, { address: who.address });
  refuseWeak(given.password, given.name);
  if (!takeCode(a.dataDir, given.code, a.clock.now())) {
    await commit(a, entryOf(who, 'claim-failed', ''), []);
    throw new ProblemError(
      401,
      'wrong-code',
      'The code is wrong, used, or older than 15 minutes.',
      "Make a new one on the agent's machine: meyar user code --data DIR",
    );
  }
  a.tries.address.forgive(who.address);
  const password = await a.hasher.hash(given.password);
  return inTurn(a, () => {
    const key = keyOf(given.name);
    const before = a.accounts.users.get(key);
    const user: User = {
      ...{ key, name: before?.name ?? given.name, role: 'admin', password },
      createdMs: before?.createdMs ?? a.clock.now(),
    };
    const over = dropSessionsOf(a.accounts, key);
    return begin(a, who, user, 'admin-claim', [putUser(user), ...over]);
  });
}

/** A new password of one's own; every other login of this person ends. */
export async function changePassword(
  a: AuthState,
  who: Who,
  given: { old: string; password: string },
): Promise<string> {
  const session = a.accounts.sessions.get(who.id);
  const user = a.accounts.users.get(session?.user ?? '');
  if (user === undefined) {
    throw new ProblemError(409, 'conflict', 'Only people have a password.', 'Log in as a person.');
  }
  const keys = { pair: `${user.key} ${who.address}` };
  mayTry(a, keys);
  refuseWeak(given.password, user.name);
  if (!(await a.hasher.matches(given.old, user.password))) {
    throw badField('old', 'this is not your password');
  }
  a.tries.pair.forget(keys.pair);
  const password = await a.hasher.hash(given.password);
  return inTurn(a, () => {
    const changed: User = { ...user, password };
    const over = dropSessionsOf(a.accounts, user.key);
    return begin(a, who, changed, 'user-password', [putUser(changed), ...over]);
  });
}

/** Throws 400 for a password that is easy to guess. */
export function refuseWeak(password: string, name: string): void {
  const why = weakness(password, name);
  if (why !== null) throw badField('password', why);
}

/** A new session; whatever the browser had before is worth nothing from now on. */
async function begin(
  a: AuthState,
  who: Who,
  user: User,
  what: string,
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
  const entry = { ...entryOf(who, what, user.name), actor };
  const over = own.map((one) => dropSession(one.id));
  await commit(a, entry, [...changes, ...before, ...over, putSession(session)]);
  return secret;
}

/** Counts the try before it is known how it ends, so that many at once count as many. */
function mayTry(a: AuthState, keys: Partial<Record<keyof AuthState['tries'], string>>): void {
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
async function tellFailure(a: AuthState, who: Who, user: User | undefined): Promise<void> {
  if (!a.mayTell('', a.clock.now())) {
    a.untold += 1;
    return;
  }
  // What was typed is not kept: it may be a password in the wrong field.
  const entry = entryOf({ ...who, role: null }, 'login-failed', user?.name ?? 'unknown name');
  const why = a.untold === 0 ? '' : `${a.untold} more since the row before`;
  a.untold = 0;
  await commit(a, { ...entry, why }, []);
}

const entryOf = (who: Who, what: string, object: string): AuditEntry => ({
  ...{ actor: actorOf(who), what, object, before: '', after: '', why: '' },
});
