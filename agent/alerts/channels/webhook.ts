import { createHmac } from 'node:crypto';
import { z } from 'zod';
import { kind } from '../../registry.ts';
import type { Clock } from '../../runtime/clock.ts';
import { duration, sayDuration } from '../../runtime/duration.ts';
import { HoldError, messageOf, PermanentError, RetryError } from '../../runtime/errors.ts';
import type { Channel, ChannelContext, Notice } from './channel.ts';
import { payloadOf } from './payload.ts';

const settings = z
  .object({
    url: z
      .url({ protocol: /^https?$/ })
      .describe('Address that takes the POST; a redirect is not followed'),
    secret: z
      .string()
      .min(1)
      .optional()
      .describe("Signs each message: 'whsec_' and base64, or plain text; take it from a variable"),
    headers: z
      .record(z.string(), z.string())
      .default({})
      .describe('Extra request headers, for example authorization'),
    timeout: duration('10s').describe('Longest wait for the answer'),
    digest: z
      .boolean()
      .default(true)
      .describe('Put a storm of warnings into one message; off when a program reads them'),
  })
  .describe('HTTP POST with JSON, signed as Standard Webhooks 1.0');

type Settings = z.output<typeof settings>;

/** HTTP POST per Standard Webhooks 1.0: the receiver drops repeats by the header webhook-id. */
export const webhook = kind<typeof settings, ChannelContext, Channel>({
  settings,
  create(options, context) {
    const closed = new AbortController();
    return {
      everyNotice: !options.digest,
      async send(notice, signal) {
        const timer = AbortSignal.timeout(options.timeout);
        const stop = AbortSignal.any([signal, closed.signal, timer]);
        const status = await post(options, notice, context.clock, stop).catch((thrown) => {
          signal.throwIfAborted();
          throw asRetry(thrown, timer.aborted, options.timeout);
        });
        if (status !== null) throw status;
      },
      async close() {
        closed.abort(new RetryError('the channel is closed'));
      },
    };
  },
});

/** Value of the header webhook-signature for one attempt. `timestamp` in seconds. */
export function signatureOf(secret: string, key: string, timestamp: string, body: Buffer): string {
  const own = secret.startsWith('whsec_');
  const secretBytes = own ? Buffer.from(secret.slice(6), 'base64') : Buffer.from(secret);
  const mac = createHmac('sha256', secretBytes).update(`${key}.${timestamp}.`).update(body);
  return `v1,${mac.digest('base64')}`;
}

/** One attempt: null when taken, else the error that says what to do. Rejects without an answer. */
async function post(
  options: Settings,
  notice: Notice,
  clock: Clock,
  signal: AbortSignal,
): Promise<Error | null> {
  const body = payloadOf(notice, bodyOf(notice));
  const timestamp = String(Math.floor(clock.now() / 1000));
  const headers = new Headers(options.headers);
  headers.set('content-type', 'application/json');
  headers.set('user-agent', 'meyar');
  headers.set('webhook-id', notice.key);
  headers.set('webhook-timestamp', timestamp);
  if (options.secret !== undefined) {
    headers.set('webhook-signature', signatureOf(options.secret, notice.key, timestamp, body));
  }
  const response = await fetch(options.url, {
    method: 'POST',
    headers,
    body: new Uint8Array(body),
    redirect: 'manual',
    signal,
  });
  await response.body?.cancel();
  return judge(response, clock.now());
}

/** `text` is where chat programs look for words. */
function bodyOf(notice: Notice): Record<string, unknown> {
  const { event, key, site, title, text } = notice;
  return {
    type: `alert.${event.transition}`,
    timestamp: Math.abs(event.timeMs) <= 8.64e15 ? new Date(event.timeMs).toISOString() : null,
    text: `${title}\n${text}`,
    data: { key, site, title, text, event },
  };
}

function judge(response: Response, nowMs: number): Error | null {
  const { status } = response;
  if (status >= 200 && status < 300) return null;
  const said = `the webhook answered ${status}`;
  if (status >= 300 && status < 400) {
    return new HoldError(`${said}, a redirect: set its final address as url`);
  }
  if (status === 401 || status === 403 || status === 404) return new HoldError(said);
  if (status === 408 || status === 425 || status === 429 || status >= 500) {
    return new RetryError(said, retryAfterMs(response.headers.get('retry-after'), nowMs));
  }
  return new PermanentError(said);
}

/** RFC 9110, 10.2.3: seconds or a date; null when it says neither. */
function retryAfterMs(header: string | null, nowMs: number): number | null {
  if (header === null) return null;
  const text = header.trim();
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  const date = Date.parse(text);
  return Number.isNaN(date) ? null : Math.max(0, date - nowMs);
}

/** The address may hold a token, so no message names it. */
function asRetry(thrown: unknown, timedOut: boolean, timeoutMs: number): Error {
  if (thrown instanceof PermanentError || thrown instanceof RetryError) return thrown;
  if (timedOut) return new RetryError(`the webhook did not answer in ${sayDuration(timeoutMs)}`);
  const cause = thrown instanceof Error && thrown.cause !== undefined ? thrown.cause : thrown;
  const code =
    typeof cause === 'object' && cause !== null && 'code' in cause ? String(cause.code) : '';
  return new RetryError(`the webhook cannot be reached: ${code || messageOf(cause)}`);
}
