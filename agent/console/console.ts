import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import fastifyStatic from '@fastify/static';
import Fastify, { type FastifyInstance } from 'fastify';
import { z } from 'zod';
import { messageOf } from '../runtime/errors.ts';
import type { Log } from '../runtime/log.ts';
import { createLive, type Live, type LiveOptions } from './live.ts';
import { openApi } from './openapi.ts';
import { ProblemError, problemBody } from './problem.ts';
import { type Route, register, route } from './route.ts';
import { alertRoutes, plumbingRoutes } from './routes/alerts.ts';
import { characteristicRoutes } from './routes/characteristics.ts';
import { entryRoutes } from './routes/entries.ts';
import { healthRoutes } from './routes/health.ts';
import { reactionRoutes } from './routes/reactions.ts';
import { SECURITY_HEADERS, secure } from './security.ts';
import { type ConsoleSettings, isLoopback } from './settings.ts';
import type { ConsoleView } from './view.ts';

export interface ConsoleOptions {
  view: ConsoleView;
  settings: ConsoleSettings;
  log: Log;
  /** folder of the built page (dist/console) */
  assetsDir: string;
  /** bounds of the live stream; tests make them small */
  live?: Omit<LiveOptions, 'view' | 'log'>;
}

export interface Console {
  /** resolves to the address people open */
  listen(): Promise<string>;
  close(): Promise<void>;
  app: FastifyInstance;
}

/** The web page and the HTTP API of one agent. Nothing listens before `listen`. */
export function createConsole(options: ConsoleOptions): Console {
  const { view, settings, log, assetsDir } = options;
  const app = Fastify({
    logger: false,
    bodyLimit: 64 * 1024,
    requestTimeout: 30_000,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 200 },
    http: { maxHeaderSize: 16 * 1024 },
  });
  app.server.maxConnections = 1024;
  app.removeContentTypeParser('text/plain');
  const live = createLive({ view, log, ...options.live });
  secure(app, settings.hostNames);
  answerErrors(app, log);
  for (const one of routeTable(view, live)) register(app, one);
  addLiveRoute(app, live);
  addPage(app, assetsDir);
  app.addHook('preClose', async () => live.close());
  return {
    app,
    async listen() {
      if (!isLoopback(settings.host)) warnRemote(log, settings.host);
      await app.listen({ host: settings.host, port: settings.port });
      const address = app.server.address();
      const port = typeof address === 'object' ? address?.port : settings.port;
      const host = settings.host.includes(':') ? `[${settings.host}]` : settings.host;
      const url = `http://${host}:${port}`;
      log.info('console-listening', { url });
      return url;
    },
    close: () => app.close(),
  };
}

/** Every JSON route; the document describes this table and is one of its rows. */
function routeTable(view: ConsoleView, live: Live): Route[] {
  const routes = [
    ...healthRoutes(view, live.metrics),
    ...characteristicRoutes(view),
    ...alertRoutes(view),
    ...plumbingRoutes(view),
    ...entryRoutes(view),
    ...reactionRoutes(view),
  ];
  const document: Route = route(
    {
      method: 'GET',
      url: '/api/openapi.json',
      tag: 'documentation',
      summary: 'This description of the API.',
      response: z.record(z.string(), z.unknown()),
    },
    () => openApi([...routes, document, liveEntry], view.plant().version),
  );
  return [...routes, document];
}

/** The live stream is not JSON and has a handler of its own; this is its line in the document. */
const liveEntry: Route = route(
  {
    method: 'GET',
    url: '/api/live',
    tag: 'live',
    summary:
      'Server-sent events: `snapshot` (LiveSnapshot) on connect, then `change` (LiveChange) at ' +
      'most four times a second, and `tick` {now} every 15 s.',
    response: z.string(),
    contentType: 'text/event-stream',
  },
  () => '',
);

function addLiveRoute(app: FastifyInstance, live: Live): void {
  app.get('/api/live', { exposeHeadRoute: false }, (_request, answer) => {
    const headers = { ...SECURITY_HEADERS, connection: 'keep-alive' };
    if (live.open(answer.raw, headers)) {
      answer.hijack();
      return;
    }
    answer.header('retry-after', '10');
    throw new ProblemError(
      503,
      'too-many-clients',
      'Too many pages are connected to the live stream.',
      'Close pages that nobody looks at, then try again.',
    );
  });
}

function addPage(app: FastifyInstance, assetsDir: string): void {
  if (existsSync(join(assetsDir, 'index.html'))) {
    app.register(fastifyStatic, {
      root: assetsDir,
      cacheControl: false,
      dotfiles: 'deny',
      setHeaders(answer, path) {
        const hashed = relative(assetsDir, path).startsWith('assets');
        answer.header('cache-control', hashed ? 'max-age=31536000, immutable' : 'no-cache');
      },
    });
    return;
  }
  app.get('/', (_request, answer) => answer.type('text/html; charset=utf-8').send(NO_PAGE));
}

const NO_PAGE = `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Meyar</title>
<h1>Meyar is running, but its web page is not built</h1>
<p>Run <code>npm run build:console</code> once, then start the agent again.</p>
<p>The API works without the page: <a href="api/openapi.json">api/openapi.json</a></p>
</html>
`;

function answerErrors(app: FastifyInstance, log: Log): void {
  app.setErrorHandler((thrown: unknown, request, answer) => {
    const error = thrown instanceof ProblemError ? thrown : foreignProblem(thrown);
    if (error.status >= 500 && !(thrown instanceof ProblemError)) {
      const stack = thrown instanceof Error ? thrown.stack : undefined;
      const { method, url } = request;
      log.error('console-request-failed', { method, url, message: messageOf(thrown), stack });
    }
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

function warnRemote(log: Log, host: string): void {
  log.warn('console-remote', {
    host,
    message:
      'The web page can be reached from other machines and has no login: everybody on this ' +
      'network can read it and acknowledge alerts.',
  });
}
