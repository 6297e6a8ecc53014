import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { InfluxDB } from '@influxdata/influxdb-client';
import { RetryError } from '../../runtime/errors.ts';

export interface Target {
  url: string;
  /** with its query */
  path: string;
  authorization: string | null;
  gzip: boolean;
  timeoutMs: number;
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
  const secure = target.url.startsWith('https:');
  // One socket for the rows and one for the beat beside it.
  const agent = new (secure ? HttpsAgent : HttpAgent)({ keepAlive: true, maxSockets: 2 });
  const { transport } = new InfluxDB({
    url: target.url,
    timeout: target.timeoutMs,
    transportOptions: { agent },
  });
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
      await transport.request(path, body, { method, headers, ...gzip, signal: abort.signal });
    } catch (error) {
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
