import type { InfluxDB } from '@influxdata/influxdb-client';
import { RetryError } from '../../runtime/errors.ts';
import { type Outward, outwardAgent } from '../../runtime/outward.ts';
import { sayTls } from '../../runtime/tls.ts';
import { library } from './library.ts';

export interface Target {
  /** how it may be reached: certificates, networks */
  outward: Outward;
  url: string;
  /** with its query */
  path: string;
  authorization: string | null;
  gzip: boolean;
  timeoutMs: number;
  /** wall clock: certificates are judged by it */
  now(): number;
}

export interface Connection {
  post(body: string, signal: AbortSignal): Promise<void>;
  ping(signal: AbortSignal): Promise<boolean>;
  close(): void;
}

/** Opens the way to a server. */
export type Connect = (target: Target) => Connection;

/** Below this a body is sent as it is: compressing would cost more than it saves. */
const GZIP_FROM_BYTES = 1000;

/**
 * The official client as transport only. Its own buffers and retries lose data in a long outage
 * (Retry-After read as milliseconds, 401 and 413 dropped), so neither is used: one request here is
 * one promise, and a request that takes too long is aborted together with its socket.
 */
export function connect(target: Target): Connection {
  // One socket for the rows and one for the beat beside it.
  const agent = outwardAgent(target.outward, 2);
  let made: InfluxDB['transport'] | null = null;
  const transport = () => {
    const options = { agent: agent.get() };
    made ??= new (library().InfluxDB)({
      url: target.url,
      timeout: target.timeoutMs,
      transportOptions: options,
    }).transport;
    return made;
  };
  const headers = {
    'content-type': 'text/plain; charset=utf-8',
    ...(target.authorization === null ? {} : { authorization: target.authorization }),
  };
  const gzip = target.gzip ? { gzipThreshold: GZIP_FROM_BYTES } : {};

  const request = async (method: string, path: string, body: string, outer: AbortSignal) => {
    const abort = new AbortController();
    const stop = () => abort.abort();
    const timer = setTimeout(stop, target.timeoutMs);
    outer.addEventListener('abort', stop, { once: true });
    if (outer.aborted) abort.abort();
    try {
      await transport().request(path, body, { method, headers, ...gzip, signal: abort.signal });
    } catch (error) {
      const secure = sayTls(error, target.now());
      if (secure !== null) throw new RetryError(`no secure connection: ${secure}`);
      if (!abort.signal.aborted) throw error;
      const seconds = target.timeoutMs / 1000;
      throw new RetryError(outer.aborted ? 'stopped' : `no answer within ${seconds} s`);
    } finally {
      clearTimeout(timer);
      outer.removeEventListener('abort', stop);
    }
  };

  return {
    post: (body, signal) => request('POST', target.path, body, signal),
    async ping(signal) {
      try {
        await request('GET', '/ping', '', signal);
        return true;
      } catch {
        return false;
      }
    },
    close: () => agent.destroy(),
  };
}
