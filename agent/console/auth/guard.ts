import { fastifyCookie } from '@fastify/cookie';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Log } from '../../runtime/log.ts';
import { accessOf, holds, type Needed } from '../access.ts';
import { ProblemError } from '../problem.ts';
import { ACTIVE_HEADER, type AuthState, touch, type Who, whoIs } from './auth.ts';
import { createRate } from './backoff.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** who asks; set before any handler runs */
    who: Who;
  }
}

/** A header that no form and no foreign page can set: changes from browsers must carry it. */
const OWN_HEADER = 'x-meyar';
/** Changes that one person or program may make at once, and for long. */
const CHANGES = { burst: 60, perSecond: 5 };

/**
 * Deny by default: an address without a line in the table of rights stops the start, and every
 * request is checked against the table before its body is read.
 */
export function guard(app: FastifyInstance, a: AuthState, log: Log): void {
  const mayChange = createRate(CHANGES.burst, CHANGES.perSecond);
  const mayLog = createRate(30, 0.5);
  // Its functions work once it is registered; the cookies are read below, before its own hooks.
  app.register(fastifyCookie, { hook: false });
  // Null until the first hook; no handler runs before it.
  app.decorateRequest('who', null as unknown as Who);
  app.addHook('onRoute', ({ method, url }) => {
    for (const one of [method].flat()) accessOf(one, url);
  });
  app.addHook('onRequest', async (request) => {
    const { url } = request.routeOptions;
    // No handler: the answer is 404 for everybody.
    if (url === undefined || request.is404) return;
    request.who = whoIs(a, request.headers, request.ip);
    const changes = request.method !== 'GET' && request.method !== 'HEAD';
    if (changes) refuseForeign(request);
    const needed = accessOf(request.method, url);
    if (!holds(request.who.role, needed)) {
      const { name, role, address } = request.who;
      const what = { method: request.method, url, needed, name, role, address };
      if (mayLog(address, a.clock.now())) log.warn('console-denied', what);
      throw denied(request.who, needed);
    }
    if (changes && !mayChange(request.who.id || request.who.address, a.clock.now())) {
      throw tooMany();
    }
    if (changes || request.headers[ACTIVE_HEADER] !== undefined) touch(a, request.who);
  });
}

/** A browser tells itself by what it sends along; programs need no such header. */
function refuseForeign({ headers }: FastifyRequest): void {
  const browser = [headers.cookie, headers.origin, headers['sec-fetch-site']];
  if (headers[OWN_HEADER] !== undefined || browser.every((one) => one === undefined)) return;
  throw new ProblemError(
    403,
    'cross-site',
    'Changes are only taken from this page itself.',
    `Open the page of the agent and try again there; programs send the header ${OWN_HEADER}: 1.`,
  );
}

function denied(who: Who, needed: Needed): ProblemError {
  if (who.role === null) {
    return new ProblemError(401, 'login-needed', 'Log in first.', 'POST /api/login, or a token.');
  }
  if (who.lacks === 'password') {
    return new ProblemError(
      403,
      'password-change-needed',
      'This needs a password of your own in place of the first one.',
      'Change it on the page of your account; until then you may look only.',
    );
  }
  if (who.lacks === 'factor') {
    return new ProblemError(
      403,
      'second-factor-needed',
      'This needs a second factor, which your account does not have yet.',
      'Set it up on the page of your account; until then you have the rights of an operator.',
    );
  }
  return new ProblemError(
    403,
    'not-allowed',
    `This needs the role ${needed}; you have the role ${who.role}.`,
    'Somebody with the role admin can change it.',
  );
}

const tooMany = () =>
  new ProblemError(429, 'too-many-changes', 'Too many changes at once.', 'Wait a second.', 1);
