import { z } from 'zod';
import { rightsOf } from '../access.ts';
import { type AuthState, IDLE_MS, isOpen, type Who } from '../auth/auth.ts';
import { waitingCode } from '../auth/code.ts';
import { changePassword, claim, cookieFor, login, logout } from '../auth/login.ts';
import { PASSWORD } from '../auth/strength.ts';
import { type Route, reply, route } from '../route.ts';
import { me } from '../schemas-people.ts';

const tag = 'login';

/** The answer of what has nothing else to say. */
export const done = z.object({ done: z.literal(true) });
/** As typed; longer ones are refused before anything is computed. */
export const secret = z
  .string()
  .min(1)
  .max(4 * PASSWORD.most);

/** Six digits of an app, or a recovery code. */
export const code = z.string().min(1).max(60);

/** A name to log in with: it is also what stands in the records. */
export const userName = z
  .string()
  .trim()
  .regex(/^[\p{L}\p{N}][\p{L}\p{M}\p{N} ._-]{1,39}$/u, '2 to 40 letters, digits, spaces or . _ -')
  .describe('name of the person, as it stands in the records');

/** Who is there, in and out. */
export function sessionRoutes(a: AuthState): Route[] {
  return [
    route(
      {
        ...{ method: 'GET', url: '/api/me', tag, response: me },
        summary: 'Who asks and what this role may do.',
      },
      ({ who }) => showMe(a, who),
    ),
    route(
      {
        ...{ method: 'POST', url: '/api/login', tag, response: done },
        summary:
          'Log in with name, password and, where set up, a code; the session is in a cookie.',
        body: z.strictObject({
          name: z.string().min(1).max(80),
          password: secret,
          code: code.optional().describe('of the second factor; asked for with `code-needed`'),
        }),
      },
      async ({ who, body }) => withCookie(a, await login(a, who, body)),
    ),
    route(
      {
        ...{ method: 'POST', url: '/api/logout', tag, response: done },
        summary: 'End this session.',
      },
      async ({ who }) => {
        if (who.by === 'session') await logout(a, who);
        return withCookie(a, '');
      },
    ),
    ...passwordRoutes(a),
  ];
}

function passwordRoutes(a: AuthState): Route[] {
  return [
    route(
      {
        ...{ method: 'POST', url: '/api/claim', tag, response: done },
        summary: 'Become an administrator with a one-time code from the machine itself.',
        body: z.strictObject({ code, name: userName, password: secret }),
      },
      async ({ who, body }) => withCookie(a, await claim(a, who, body)),
    ),
    route(
      {
        ...{ method: 'POST', url: '/api/password', tag, response: done },
        summary: 'Change your own password; all your other logins end.',
        body: z.strictObject({ old: secret, password: secret }),
      },
      async ({ who, body }) => withCookie(a, await changePassword(a, who, body)),
    ),
  ];
}

function showMe(a: AuthState, who: Who): z.input<typeof me> {
  const { name, role, by } = who;
  return {
    ...{ mode: isOpen(a) ? 'open' : 'login', name, role, by, may: rightsOf(role) },
    code: waitingCode(a.dataDir, a.clock.now()) !== null,
    idleMs: by === 'session' ? idleOf(a, who) : null,
    initialPassword: who.lacks === 'password',
    secondFactor: factorOf(a, who),
    leastPassword: PASSWORD.least,
  };
}

const userOf = (a: AuthState, who: Who) =>
  a.accounts.users.get(a.accounts.sessions.get(who.id)?.user ?? '');

/** By the role that the person has, not by the one that is left without a second factor. */
function idleOf(a: AuthState, who: Who): number | null {
  const role = userOf(a, who)?.role;
  return role === undefined ? null : IDLE_MS[role];
}

function factorOf(a: AuthState, who: Who): z.input<typeof me>['secondFactor'] {
  const factor = who.by === 'session' ? userOf(a, who)?.factor : undefined;
  return {
    mode: a.security.secondFactor,
    on: factor !== undefined,
    lacking: who.lacks === 'factor',
    recoveryLeft: factor?.recovery.length ?? null,
  };
}

const withCookie = (a: AuthState, secret: string) =>
  reply(200, { done: true as const }, { 'set-cookie': cookieFor(a, secret) });
