import type { FastifyInstance } from 'fastify';
import { messageOf } from '../runtime/errors.ts';
import type { Log } from '../runtime/log.ts';
import { ProblemError, problemBody } from './problem.ts';

/** Every refusal and fault as the API says it; a fault says nothing of the inside. */
export function answerErrors(app: FastifyInstance, log: Log): void {
  app.setErrorHandler((thrown: unknown, request, answer) => {
    const error = thrown instanceof ProblemError ? thrown : foreignProblem(thrown);
    if (error.status >= 500 && !(thrown instanceof ProblemError)) {
      const stack = thrown instanceof Error ? thrown.stack : undefined;
      const { method, url } = request;
      log.error('console-request-failed', { method, url, message: messageOf(thrown), stack });
    }
    if (error.retryAfterS !== null) answer.header('retry-after', String(error.retryAfterS));
    return answer.code(error.status).send(problemBody(error));
  });
  app.setNotFoundHandler((_request, answer) =>
    answer.code(404).send({
      error: 'not-found',
      message: 'There is nothing at this address.',
      hint: 'GET /api/openapi.json lists the addresses of the API; the page is at /.',
    }),
  );
}

/** Errors of Fastify itself keep their status; anything else is our fault and says no more. */
function foreignProblem(thrown: unknown): ProblemError {
  const status = Number((thrown as { statusCode?: unknown } | null)?.statusCode);
  const hint = 'GET /api/openapi.json describes what this address takes.';
  if (status === 413) {
    return new ProblemError(413, 'too-large', 'The body is larger than 64 KiB.', hint);
  }
  if (status === 415) {
    return new ProblemError(415, 'not-json', 'Only application/json is taken.', hint);
  }
  if (status >= 400 && status < 500) {
    return new ProblemError(status, 'bad-request', messageOf(thrown), hint);
  }
  const message = 'The agent could not answer; this is a fault of the agent.';
  return new ProblemError(500, 'internal', message, 'The log of the agent has the details.');
}
