import { fastifyCookie } from '@fastify/cookie';
import { badField, ProblemError } from '../problem.ts';
import {
  dropSession,
  dropSessionsOf,
  keyOf,
  putUser,
  type User,
  withPassword,
} from './accounts.ts';
import { type AuthState, commit, inTurn, SESSION_MS, type Who } from './auth.ts';
import { isCode, takeCode } from './code.ts';
import { passFactor } from './factor.ts';
import { isListed } from './refused.ts';
import { begin, entryOf, mayTry, proven, still, tellFailure } from './steps.ts';
import { weakness } from './strength.ts';

/** The header that gives a browser its session. */
export const cookieFor = (a: AuthState, secret: string): string =>
  fastifyCookie.serialize(a.cookie, secret, {
    ...{ path: '/', httpOnly: true, sameSite: 'strict', secure: a.secure },
    // Empty: the browser forgets it now.
    maxAge: secret === '' ? 0 : SESSION_MS / 1000,
  });

/**
 * Checks name, password and, where the account has one, the second factor; resolves to the secret of
 * a new session. The old one of `who` ends.
 */
export async function login(
  a: AuthState,
  who: Who,
  given: { name: string; password: string; code?: string | undefined },
): Promise<string> {
  const key = keyOf(given.name);
  const keys = { pair: `${key} ${who.address}`, address: who.address, account: key };
  mayTry(a, keys);
  const user = a.accounts.users.get(key);
  const right = await a.hasher.matches(given.password, user?.password ?? null);
  if (!right || user === undefined) {
    await tellFailure(a, who, user);
    throw wrong();
  }
  a.tries.pair.forget(keys.pair);
  a.tries.account.forget(keys.account);
  a.tries.address.forgive(keys.address);
  return inTurn(a, async () => {
    const now = a.accounts.users.get(key);
    // Hashing takes a moment: the password may be another one by now, or the person gone.
    if (now?.password !== user.password) throw wrong();
    const passed = await passFactor(a, who, now, given.code);
    return begin(a, who, now, { what: 'login', after: passed.by }, passed.changes);
  });
}

const wrong = () =>
  new ProblemError(
    401,
    'login-failed',
    'The name or the password is wrong.',
    'Type both again. Somebody with the role admin can set a new password.',
  );

/** Ends the session of whoever asks. */
export function logout(a: AuthState, who: Who): Promise<void> {
  return inTurn(a, () => commit(a, entryOf(who, 'logout', who.name), [dropSession(who.id)]));
}

/**
 * The one-time code makes an administrator, or gives one a new password. A second factor stays: then
 * no session begins here.
 */
export async function claim(
  a: AuthState,
  who: Who,
  given: { code: string; name: string; password: string },
): Promise<string> {
  mayTry(a, { address: who.address });
  // Nobody without a code may have passwords weighed or a list read through.
  const known = isCode(a.dataDir, given.code, a.clock.now());
  if (known) await refuseWeak(a, given.password, given.name);
  if (!known || !takeCode(a.dataDir, given.code, a.clock.now())) {
    await tellFailure(a, who, undefined, 'claim-failed');
    throw new ProblemError(
      401,
      'wrong-code',
      'The code is wrong, used, or older than 15 minutes.',
      "Make a new one on the agent's machine: meyar user code --data DIR",
    );
  }
  a.tries.address.forgive(who.address);
  const password = await a.hasher.hash(given.password);
  return inTurn(a, async () => {
    const key = keyOf(given.name);
    const before = a.accounts.users.get(key);
    const { name, createdMs } = before ?? { name: given.name, createdMs: a.clock.now() };
    const kept = before?.factor === undefined ? {} : { factor: before.factor };
    const user: User = { key, name, role: 'admin', password, createdMs, ...kept };
    const changes = [putUser(user), ...dropSessionsOf(a.accounts, key)];
    if (before?.factor === undefined || a.security.secondFactor === 'off') {
      return begin(a, who, user, { what: 'admin-claim' }, changes);
    }
    await commit(a, entryOf(who, 'admin-claim', name), changes);
    throw new ProblemError(
      401,
      'code-needed',
      'The new password is set. The account has a second factor, which a one-time code does not replace.',
      'Log in with the password and a code; if the factor is lost: meyar user --reset-second-factor.',
    );
  });
}

/** A new password of one's own; every other login of this person ends. */
export async function changePassword(
  a: AuthState,
  who: Who,
  given: { old: string; password: string },
): Promise<string> {
  const user = await proven(a, who, given.old, 'old');
  await refuseWeak(a, given.password, user.name);
  const password = await a.hasher.hash(given.password);
  return inTurn(a, () => {
    const changed = withPassword(still(a, user), password);
    const over = dropSessionsOf(a.accounts, user.key);
    return begin(a, who, changed, { what: 'user-password' }, [putUser(changed), ...over]);
  });
}

/** Throws 400 for a password that is easy to guess. */
export async function refuseWeak(a: AuthState, password: string, name: string): Promise<void> {
  const why = weakness(password, [name, a.plant.name, a.plant.site]);
  if (why !== null) throw badField('password', why);
  const { refusedPasswords } = a.security;
  if (a.commonPasswords !== null && (await isListed(a.commonPasswords, password))) {
    throw badField('password', 'it is one of the 10 000 that are guessed first');
  }
  if (refusedPasswords !== undefined && (await isListed(refusedPasswords, password))) {
    throw badField('password', 'it is in the list of passwords that nobody may take');
  }
}
