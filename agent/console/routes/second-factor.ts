import { z } from 'zod';
import type { AuthState } from '../auth/auth.ts';
import { beginFactor, confirmFactor, removeFactor, renewRecovery } from '../auth/factor.ts';
import { cookieFor } from '../auth/login.ts';
import { endOwnSessions, ownSessions } from '../auth/own-sessions.ts';
import { type Route, reply, route } from '../route.ts';
import { enrolment, ownSession, recoveryCodes } from '../schemas-people.ts';
import { code, done, secret } from './session.ts';

const tag = 'login';
const method = 'POST';

/** Where one is logged in, and the way to log out there. */
export function ownSessionRoutes(a: AuthState): Route[] {
  const iso = (ms: number) => new Date(ms).toISOString();
  return [
    route(
      {
        ...{ method: 'GET', url: '/api/sessions', tag, response: z.array(ownSession) },
        summary: 'Screens where you are logged in.',
      },
      ({ who }) =>
        ownSessions(a, who).map(({ id, own, address, createdMs, seenMs }) => {
          return { id, own, address, createdAt: iso(createdMs), seenAt: iso(seenMs) };
        }),
    ),
    route(
      {
        ...{ method, url: '/api/sessions/end', tag },
        summary: 'Log out one of your other screens, or all of them.',
        body: z.strictObject({
          password: secret,
          id: z
            .string()
            .regex(/^[0-9a-f]{16}$/)
            .nullable()
            .describe('null: all but this one'),
        }),
        response: z.object({ ended: z.int() }),
      },
      async ({ who, body }) => ({ ended: await endOwnSessions(a, who, body) }),
    ),
  ];
}

/** One's own second factor: set up, renewed, taken away. Each step asks for the password again. */
export function factorRoutes(a: AuthState): Route[] {
  return [
    route(
      {
        ...{ method, url: '/api/second-factor/begin', tag, response: enrolment },
        summary: 'Begin to set up a second factor: a secret for an app that makes codes.',
        body: z.strictObject({ password: secret }),
      },
      ({ who, body }) => beginFactor(a, who, body.password),
    ),
    route(
      {
        ...{ method, url: '/api/second-factor/confirm', tag, response: recoveryCodes },
        summary: 'The first code of the app turns it on; answers with recovery codes, once.',
        body: z.strictObject({ code }),
      },
      async ({ who, body }) => {
        const { recovery, session } = await confirmFactor(a, who, body.code);
        return reply(200, { recovery }, { 'set-cookie': cookieFor(a, session) });
      },
    ),
    route(
      {
        ...{ method, url: '/api/second-factor/recovery', tag, response: recoveryCodes },
        summary: 'New recovery codes in place of the old ones.',
        body: z.strictObject({ password: secret, code }),
      },
      async ({ who, body }) => ({ recovery: await renewRecovery(a, who, body) }),
    ),
    route(
      {
        ...{ method, url: '/api/second-factor/remove', tag, response: done },
        summary: 'Take your own second factor away.',
        body: z.strictObject({ password: secret, code }),
      },
      async ({ who, body }) => {
        await removeFactor(a, who, body);
        return { done: true as const };
      },
    ),
  ];
}
