import { readFileSync, statSync } from 'node:fs';
import type { Server as TlsServer } from 'node:https';
import type { Socket } from 'node:net';
import Fastify, { type FastifyInstance } from 'fastify';
import { InputError, messageOf } from '../runtime/errors.ts';
import type { Log } from '../runtime/log.ts';
import type { ConsoleSettings } from './settings.ts';

/** Bounds on what strangers may hold open; tests make them small. */
export interface Limits {
  /** a request's headers, and the whole of it, must be here after so long */
  headersMs: number;
  requestMs: number;
  /** how often that is looked at */
  checkMs: number;
  connections: number;
  /** of one address; a proxy in front may use them all */
  connectionsEach: number;
}

const LIMITS: Limits = {
  headersMs: 10_000,
  requestMs: 30_000,
  checkMs: 5_000,
  connections: 1024,
  connectionsEach: 256,
};

const TLS_CHECK_MS = 60_000;

/** The bare server, with or without TLS, with every bound set. */
export function createServer(settings: ConsoleSettings, log: Log, given?: Partial<Limits>) {
  const limits = { ...LIMITS, ...given };
  const bounds = {
    maxHeaderSize: 16 * 1024,
    headersTimeout: limits.headersMs,
    connectionsCheckingInterval: limits.checkMs,
  };
  const { tls } = settings;
  const app = Fastify({
    logger: false,
    bodyLimit: 64 * 1024,
    requestTimeout: limits.requestMs,
    // Streams are never this silent: they beat every 15 s.
    connectionTimeout: 60_000,
    keepAliveTimeout: 20_000,
    forceCloseConnections: true,
    // The proxy itself, and nobody before it: others may have written into the header.
    trustProxy: settings.behindProxy ? (_address: string, hop: number) => hop === 0 : false,
    routerOptions: { maxParamLength: 200 },
    schemaController: {
      compilersFactory: { buildValidator: noSchemas, buildSerializer: noSchemas },
    },
    ...(tls === undefined
      ? { http: bounds }
      : { https: { ...bounds, ...readTls(tls), handshakeTimeout: 10_000 } }),
  }) as unknown as FastifyInstance;
  app.server.maxConnections = limits.connections;
  app.removeContentTypeParser('text/plain');
  if (!settings.behindProxy) capEach(app, limits.connectionsEach);
  if (tls !== undefined) watchTls(app, tls, log);
  return app;
}

/** Routes are checked by their own schemas; Fastify would load a second kind of them with its compilers. */
function noSchemas(): never {
  throw new Error('a route brings a JSON schema: give it to `add` of the routes instead');
}

/** One machine, gone wrong or hostile, must not take the places of all others. */
function capEach(app: FastifyInstance, most: number): void {
  const open = new Map<string, number>();
  app.server.on('connection', (socket: Socket) => {
    const address = socket.remoteAddress ?? '';
    const count = (open.get(address) ?? 0) + 1;
    open.set(address, count);
    socket.once('close', () => {
      const left = (open.get(address) ?? 1) - 1;
      if (left > 0) open.set(address, left);
      else open.delete(address);
    });
    if (count > most) socket.destroy();
  });
}

type Tls = NonNullable<ConsoleSettings['tls']>;

function readTls({ cert, key }: Tls) {
  const read = (what: string, file: string) => {
    try {
      return readFileSync(file);
    } catch (error) {
      throw new InputError(
        `console.tls.${what}: ${file} cannot be read: ${messageOf(error)} — ` +
          'correct the path, or make the file readable for the user of the agent',
      );
    }
  };
  return { cert: read('cert', cert), key: read('key', key), minVersion: 'TLSv1.2' as const };
}

/** A renewed certificate is taken in within a minute; one that does not work changes nothing. */
function watchTls(app: FastifyInstance, tls: Tls, log: Log): void {
  const stamp = () => [tls.cert, tls.key].map((file) => statSync(file).mtimeMs).join();
  let known = stamp();
  const timer = setInterval(() => {
    try {
      const now = stamp();
      if (now === known) return;
      known = now;
      (app.server as unknown as TlsServer).setSecureContext(readTls(tls));
      log.info('console-certificate', { file: tls.cert });
    } catch (error) {
      log.error('console-certificate', { file: tls.cert, message: messageOf(error) });
    }
  }, TLS_CHECK_MS);
  timer.unref();
  app.addHook('preClose', async () => clearInterval(timer));
}
