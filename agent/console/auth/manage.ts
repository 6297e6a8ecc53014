import { randomUUID } from 'node:crypto';
import type { AccountChange, AuditEntry, Role } from '../../model.ts';
import { InputError } from '../../runtime/errors.ts';
import { ProblemError } from '../problem.ts';
import {
  dropSessionsOf,
  dropToken,
  dropUser,
  isLastAdmin,
  keyOf,
  newSecret,
  putToken,
  putUser,
  type Token,
  type User,
  withoutFactor,
} from './accounts.ts';
import { type AuthState, actorOf, commit, inTurn, type Who } from './auth.ts';
import { refuseWeak } from './login.ts';

const MOST_USERS = 500;
const MOST_TOKENS = 100;
const DAY_MS = 86_400_000;
const TOKEN_PREFIX = 'meyar_';

/** A new person. */
export async function addUser(
  a: AuthState,
  who: Who,
  given: { name: string; role: Role; password: string },
): Promise<User> {
  await refuseWeak(a, given.password, given.name);
  const password = await a.hasher.hash(given.password);
  return inTurn(a, async () => {
    const key = keyOf(given.name);
    if (a.accounts.users.has(key)) throw new InputError(`there is a user '${given.name}' already`);
    if (a.accounts.users.size >= MOST_USERS) throw new InputError(`more than ${MOST_USERS} users`);
    const { name, role } = given;
    const user: User = { key, name, role, password, createdMs: a.clock.now() };
    await commit(a, entry(who, 'user-add', name, '', role), [putUser(user)]);
    return user;
  });
}

/** Another role; every login of this person ends, so that no screen keeps the old one. */
export function changeRole(a: AuthState, who: Who, name: string, role: Role): Promise<User> {
  return inTurn(a, async () => {
    const user = existing(a, name);
    if (role !== 'admin') refuseLastAdmin(a, user);
    const changed = { ...user, role };
    const over = dropSessionsOf(a.accounts, user.key);
    const told = entry(who, 'user-role', user.name, user.role, role);
    await commit(a, told, [putUser(changed), ...over]);
    return changed;
  });
}

/** A password that somebody with the role admin sets for another person. */
export async function setPassword(
  a: AuthState,
  who: Who,
  name: string,
  given: string,
): Promise<User> {
  await refuseWeak(a, given, existing(a, name).name);
  const password = await a.hasher.hash(given);
  return inTurn(a, async () => {
    const user = existing(a, name);
    const changed = { ...user, password };
    const over = dropSessionsOf(a.accounts, user.key);
    await commit(a, entry(who, 'user-password', user.name, '', ''), [putUser(changed), ...over]);
    return changed;
  });
}

/** Takes away a second factor that was lost; every login of this person ends. */
export function resetFactor(a: AuthState, who: Who, name: string): Promise<User> {
  return inTurn(a, async () => {
    const user = existing(a, name);
    if (user.factor === undefined) throw new InputError(`'${user.name}' has no second factor`);
    const changed = withoutFactor(user);
    const over = dropSessionsOf(a.accounts, user.key);
    const told = entry(who, 'second-factor-reset', user.name, 'on', 'off');
    await commit(a, told, [putUser(changed), ...over]);
    return changed;
  });
}

/** Everybody who is logged in under this name is logged out. */
export function endSessions(a: AuthState, who: Who, name: string): Promise<number> {
  return inTurn(a, async () => {
    const user = existing(a, name);
    const over = dropSessionsOf(a.accounts, user.key);
    await commit(a, entry(who, 'sessions-end', user.name, String(over.length), '0'), over);
    return over.length;
  });
}

export function removeUser(a: AuthState, who: Who, name: string): Promise<void> {
  return inTurn(a, async () => {
    const user = existing(a, name);
    refuseLastAdmin(a, user);
    const changes = [dropUser(user.key), ...dropSessionsOf(a.accounts, user.key)];
    await commit(a, entry(who, 'user-remove', user.name, user.role, ''), changes);
  });
}

/** A token for a program; what it has to show is told here once and never again. */
export function addToken(
  a: AuthState,
  who: Who,
  given: { name: string; role: Exclude<Role, 'admin'>; days: number },
): Promise<{ token: Token; secret: string }> {
  return inTurn(a, async () => {
    if (a.accounts.tokens.size >= MOST_TOKENS) {
      throw new InputError(`more than ${MOST_TOKENS} tokens: remove those nobody uses`);
    }
    const { secret, hash } = newSecret(TOKEN_PREFIX);
    const createdMs = a.clock.now();
    const untilMs = createdMs + given.days * DAY_MS;
    const { name, role } = given;
    const token: Token = { id: randomUUID(), hash, name, role, createdMs, untilMs, by: who.name };
    const after = JSON.stringify({ id: token.id, role, until: new Date(untilMs).toISOString() });
    await commit(a, entry(who, 'token-add', name, '', after), [putToken(token)]);
    return { token, secret };
  });
}

export function removeToken(a: AuthState, who: Who, id: string): Promise<void> {
  return inTurn(a, async () => {
    const token = [...a.accounts.tokens.values()].find((one) => one.id === id);
    if (token === undefined) throw notFound('token');
    const changes: AccountChange[] = [dropToken(token.hash)];
    await commit(a, entry(who, 'token-remove', token.name, token.role, ''), changes);
  });
}

function existing(a: AuthState, name: string): User {
  const user = a.accounts.users.get(keyOf(name));
  if (user === undefined) throw notFound('user');
  return user;
}

function refuseLastAdmin(a: AuthState, user: User): void {
  if (!isLastAdmin(a.accounts, user)) return;
  throw new InputError('this is the last user with the role admin: make another one first');
}

const notFound = (kind: 'user' | 'token') =>
  new ProblemError(404, 'not-found', `There is no such ${kind}.`, `GET /api/${kind}s lists them.`);

const entry = (
  who: Who,
  what: string,
  object: string,
  before: string,
  after: string,
): AuditEntry => ({ actor: actorOf(who), what, object, before, after, why: '' });
