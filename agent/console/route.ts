import type { FastifyInstance } from 'fastify';
import type { z } from 'zod';
import { InputError } from '../runtime/errors.ts';
import type { Who } from './auth/auth.ts';
import { badInput, ProblemError } from './problem.ts';

type Part = z.ZodObject;
type Out<T> = T extends z.ZodType ? z.output<T> : Record<string, never>;

interface Definition<P, Q, B, R extends z.ZodType> {
  method: 'GET' | 'POST';
  /** path with `:name` for parameters */
  url: string;
  tag: string;
  summary: string;
  params?: P;
  query?: Q;
  body?: B;
  response: R;
  /** anything but JSON */
  contentType?: string;
}

export interface Input<P, Q, B> {
  who: Who;
  params: Out<P>;
  query: Out<Q>;
  body: Out<B>;
}

export interface Reply<R> {
  status: number;
  body: R;
  headers: Record<string, string>;
}

/** One line of the route table: it makes the handler, its checks and its OpenAPI entry. */
export interface Route extends Definition<Part, Part, Part, z.ZodType> {
  run(input: Input<Part, Part, Part>): Promise<Reply<unknown>>;
}

/**
 * Ties the handler to its schemas without a cast in any route. The answer may be the body alone
 * (status 200) or `reply(status, body)`.
 */
export function route<
  R extends z.ZodType,
  P extends Part | undefined = undefined,
  Q extends Part | undefined = undefined,
  B extends Part | undefined = undefined,
>(
  definition: Definition<P, Q, B, R>,
  handle: (
    input: Input<P, Q, B>,
  ) => Promise<z.input<R> | Reply<z.input<R>>> | z.input<R> | Reply<z.input<R>>,
): Route {
  return {
    ...(definition as Definition<Part, Part, Part, R>),
    async run(input) {
      const answer = await handle(input as Input<P, Q, B>);
      return isReply(answer) ? answer : { status: 200, body: answer, headers: {} };
    },
  };
}

const REPLY = Symbol('reply');

/** An answer with a status of its own. */
export function reply<R>(status: number, body: R, headers: Record<string, string> = {}): Reply<R> {
  return Object.assign({ status, body, headers }, { [REPLY]: true });
}

/** Puts one route into the server. */
export function register(app: FastifyInstance, r: Route): void {
  app.route({
    method: r.method,
    url: r.url,
    exposeHeadRoute: false,
    async handler(request, answer) {
      const input = {
        who: request.who,
        params: check('path', r.params, request.params),
        query: check('query', r.query, request.query),
        body: check('body', r.body, request.body),
      };
      const { status, body, headers } = await runRefusing(r, input);
      answer.code(status).headers(headers);
      if (r.contentType !== undefined) return answer.type(r.contentType).send(body);
      return answer
        .type('application/json; charset=utf-8')
        .serializer(String)
        .send(JSON.stringify(body));
    },
  });
}

/** What a person asked for and the state of things does not allow is a conflict, not a fault. */
async function runRefusing(r: Route, input: Input<Part, Part, Part>): Promise<Reply<unknown>> {
  try {
    return await r.run(input);
  } catch (thrown) {
    if (!(thrown instanceof InputError)) throw thrown;
    throw new ProblemError(
      r.method === 'POST' ? 409 : 400,
      r.method === 'POST' ? 'conflict' : 'bad-request',
      thrown.message,
      'Load the page again: the state may have changed meanwhile.',
    );
  }
}

function check(where: string, schema: Part | undefined, value: unknown): Record<string, never> {
  if (schema === undefined) return {};
  const parsed = schema.safeParse(value ?? {});
  if (!parsed.success) throw badInput(where, parsed.error);
  return parsed.data as Record<string, never>;
}

function isReply<R>(answer: R | Reply<R>): answer is Reply<R> {
  return typeof answer === 'object' && answer !== null && REPLY in answer;
}
