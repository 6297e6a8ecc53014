import { z } from 'zod';
import { ROLES } from '../../model.ts';
import { keyOf, type Token, type User } from '../auth/accounts.ts';
import type { AuthState } from '../auth/auth.ts';
import {
  addToken,
  addUser,
  changeRole,
  endSessions,
  removeToken,
  removeUser,
  resetFactor,
  setPassword,
} from '../auth/manage.ts';
import { PASSWORD } from '../auth/strength.ts';
import { type Route, reply, route } from '../route.ts';
import { token, user } from '../schemas-people.ts';
import { userName } from './session.ts';

const tag = 'users and tokens';
const role = z.enum(ROLES);
const password = z
  .string()
  .min(1)
  .max(4 * PASSWORD.most);
const params = z.object({ name: z.string().min(1).max(80) });

const done = z.object({ done: z.literal(true) });
const DONE = { done: true as const };

/** People, for those with the role admin. */
export function userRoutes(a: AuthState): Route[] {
  const method = 'POST';
  return [
    route(
      { method: 'GET', url: '/api/users', tag, summary: 'All users.', response: z.array(user) },
      () => [...a.accounts.users.values()].map((one) => showUser(a, one)),
    ),
    route(
      {
        ...{ method, url: '/api/users', tag, response: user },
        summary: 'A new user with a first password.',
        body: z.strictObject({ name: userName, role, password }),
      },
      async ({ who, body }) => reply(201, showUser(a, await addUser(a, who, body))),
    ),
    route(
      {
        ...{ method, url: '/api/users/:name/role', tag, params, response: user },
        summary: 'Give a user another role; all logins of this person end.',
        body: z.strictObject({ role }),
      },
      async ({ who, params, body }) =>
        showUser(a, await changeRole(a, who, params.name, body.role)),
    ),
    route(
      {
        ...{ method, url: '/api/users/:name/password', tag, params, response: user },
        summary: 'Set a new password for a user; all logins of this person end.',
        body: z.strictObject({ password }),
      },
      async ({ who, params, body }) =>
        showUser(a, await setPassword(a, who, params.name, body.password)),
    ),
    route(
      {
        ...{ method, url: '/api/users/:name/end-sessions', tag, params },
        summary: 'Log a user out everywhere.',
        response: z.object({ ended: z.int() }),
      },
      async ({ who, params }) => ({ ended: await endSessions(a, who, params.name) }),
    ),
    route(
      {
        ...{ method, url: '/api/users/:name/reset-second-factor', tag, params, response: user },
        summary: 'Take away a second factor that was lost; all logins of this person end.',
      },
      async ({ who, params }) => showUser(a, await resetFactor(a, who, params.name)),
    ),
    route(
      {
        ...{ method, url: '/api/users/:name/remove', tag, params, response: done },
        summary: 'Remove a user; what this person did stays in the records.',
      },
      async ({ who, params }) => {
        await removeUser(a, who, params.name);
        return DONE;
      },
    ),
  ];
}

/** What programs show instead of a password. */
export function tokenRoutes(a: AuthState): Route[] {
  return [
    route(
      { method: 'GET', url: '/api/tokens', tag, summary: 'All tokens.', response: z.array(token) },
      () => [...a.accounts.tokens.values()].map((one) => showToken(a, one)),
    ),
    route(
      {
        ...{ method: 'POST', url: '/api/tokens', tag },
        summary: 'A new token for a program; the secret is shown in this answer only.',
        body: z.strictObject({
          name: userName,
          // People and tokens are looked after by people.
          role: z.enum(['viewer', 'operator', 'quality']),
          days: z.int().min(1).max(366).describe('days until it ends'),
        }),
        response: z.object({ token, secret: z.string() }),
      },
      async ({ who, body }) => {
        const made = await addToken(a, who, body);
        return reply(201, { token: showToken(a, made.token), secret: made.secret });
      },
    ),
    route(
      {
        ...{ method: 'POST', url: '/api/tokens/:id/remove', tag, response: done },
        summary: 'Remove a token; programs that use it are refused at once.',
        params: z.object({ id: z.string().min(1).max(80) }),
      },
      async ({ who, params }) => {
        await removeToken(a, who, params.id);
        return DONE;
      },
    ),
  ];
}

const iso = (ms: number) => new Date(ms).toISOString();

function showUser(a: AuthState, one: User): z.input<typeof user> {
  const { key, name, role, createdMs } = one;
  const own = [...a.accounts.sessions.values()].filter((s) => s.user === key);
  const seenMs = Math.max(...own.map((s) => s.seenMs));
  const seenAt = own.length === 0 ? null : iso(seenMs);
  const secondFactor = one.factor !== undefined;
  return { name, role, createdAt: iso(createdMs), secondFactor, sessions: own.length, seenAt };
}

function showToken(a: AuthState, t: Token): z.input<typeof token> {
  const maker = a.accounts.users.get(keyOf(t.by));
  return {
    ...{ id: t.id, name: t.name, role: t.role, by: t.by },
    ...{ createdAt: iso(t.createdMs), until: iso(t.untilMs) },
    left: maker?.role !== 'admin',
    expired: t.untilMs <= a.clock.now(),
  };
}
