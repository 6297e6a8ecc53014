import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Clock } from '../runtime/clock.ts';
import { InputError, messageOf } from '../runtime/errors.ts';
import type { Log } from '../runtime/log.ts';
import { type AuthState, createAuth, isOpen, isStill, loadAccounts, sweep } from './auth/auth.ts';
import { guard } from './auth/guard.ts';
import { refuseUnreadable } from './auth/refused.ts';
import { answerErrors } from './errors.ts';
import { createLive, type Live, type LiveOptions } from './live.ts';
import { openApi } from './openapi.ts';
import { addPage } from './page.ts';
import { ProblemError } from './problem.ts';
import { type Route, register, route } from './route.ts';
import { alertRoutes, plumbingRoutes } from './routes/alerts.ts';
import { auditRoutes } from './routes/audit.ts';
import { characteristicRoutes } from './routes/characteristics.ts';
import { entryRoutes } from './routes/entries.ts';
import { healthRoutes } from './routes/health.ts';
import { reactionRoutes } from './routes/reactions.ts';
import { rejectedRoutes } from './routes/rejected.ts';
import { factorRoutes, ownSessionRoutes } from './routes/second-factor.ts';
import { sessionRoutes } from './routes/session.ts';
import { shopFloorRoutes } from './routes/shop-floor.ts';
import { tokenRoutes, userRoutes } from './routes/users.ts';
import { headersFor, secure } from './security.ts';
import { createServer, type Limits } from './server.ts';
import { type ConsoleSettings, isSecure, needsUsers, type SecuritySettings } from './settings.ts';
import type { AccountStore, ConsoleView } from './view.ts';

export interface ConsoleOptions {
  view: ConsoleView;
  accounts: AccountStore;
  settings: ConsoleSettings;
  security: SecuritySettings;
  log: Log;
  clock: Clock;
  /** folder of the agent's data: one-time codes lie there */
  dataDir: string;
  /** folder of the built page (dist/console) */
  assetsDir: string;
  /** file with the passwords that most people take; none: the rules alone decide */
  commonPasswords?: string;
  /** bounds of the live stream and of connections; tests make them small */
  live?: Omit<LiveOptions, 'view' | 'log'>;
  limits?: Partial<Limits>;
}

export interface Console {
  /** resolves to the address people open */
  listen(): Promise<string>;
  /** true while there are no users; known after `listen` */
  open(): boolean;
  close(): Promise<void>;
  app: FastifyInstance;
}

const SWEEP_MS = 60_000;

/** The web page and the HTTP API of one agent. Nothing listens before `listen`. */
export function createConsole(options: ConsoleOptions): Console {
  const { view, settings, log, assetsDir, accounts: store, clock, dataDir } = options;
  const app = createServer(settings, log, options.limits);
  const tls = isSecure(settings);
  const { security } = options;
  refuseUnreadable(security.refusedPasswords);
  const { commonPasswords = null } = options;
  const own = { commonPasswords, security, plant: view.plant(), secure: tls, port: settings.port };
  const auth = createAuth({ store, clock, dataDir, ...own });
  const live = createLive({ view, log, ...options.live });
  auth.changed = () => live.recheck();
  secure(app, settings.hostNames, tls);
  guard(app, auth, log);
  answerErrors(app, log);
  for (const one of routeTable(view, live, auth)) register(app, one);
  addLiveRoute(app, live, auth, tls);
  addPage(app, assetsDir);
  app.addHook('onReady', () => loadAccounts(auth));
  keepSwept(app, auth, log);
  app.addHook('preClose', async () => live.close());
  return {
    app,
    async listen() {
      await app.ready();
      refuseUnguarded(settings, auth);
      await app.listen({ host: settings.host, port: settings.port });
      const address = app.server.address();
      const port = typeof address === 'object' ? address?.port : settings.port;
      const host = settings.host.includes(':') ? `[${settings.host}]` : settings.host;
      const url = `${settings.tls === undefined ? 'http' : 'https'}://${host}:${port}`;
      log.info('console-listening', { url });
      return url;
    },
    open: () => isOpen(auth),
    close: () => app.close(),
  };
}

/** Other machines are let in only where somebody can be kept out. */
function refuseUnguarded(settings: ConsoleSettings, auth: AuthState): void {
  if (!needsUsers(settings) || !isOpen(auth)) return;
  throw new InputError(
    `the console does not open ${settings.host}:${settings.port} to other machines while there ` +
      'are no users: make the first with `meyar user add NAME --role admin --data DIR`',
  );
}

function keepSwept(app: FastifyInstance, auth: AuthState, log: Log): void {
  const timer = setInterval(() => {
    sweep(auth).catch((thrown) => log.warn('console-sweep', { message: messageOf(thrown) }));
  }, SWEEP_MS);
  timer.unref();
  app.addHook('preClose', async () => clearInterval(timer));
}

/** Every JSON route; the document describes this table and is one of its rows. */
function routeTable(view: ConsoleView, live: Live, auth: AuthState): Route[] {
  const routes = [
    ...sessionRoutes(auth),
    ...factorRoutes(auth),
    ...ownSessionRoutes(auth),
    ...healthRoutes(view, live.metrics),
    ...characteristicRoutes(view),
    ...alertRoutes(view),
    ...plumbingRoutes(view),
    ...rejectedRoutes(view),
    ...entryRoutes(view),
    ...shopFloorRoutes(view),
    ...reactionRoutes(view),
    ...auditRoutes(auth.store),
    ...userRoutes(auth),
    ...tokenRoutes(auth),
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

function addLiveRoute(app: FastifyInstance, live: Live, auth: AuthState, tls: boolean): void {
  app.get('/api/live', { exposeHeadRoute: false }, ({ who }, answer) => {
    const headers = { ...headersFor(tls), connection: 'keep-alive' };
    if (live.open(answer.raw, headers, () => isStill(auth, who))) {
      answer.hijack();
      return;
    }
    throw new ProblemError(
      503,
      'too-many-clients',
      'Too many pages are connected to the live stream.',
      'Close pages that nobody looks at, then try again.',
      10,
    );
  });
}
