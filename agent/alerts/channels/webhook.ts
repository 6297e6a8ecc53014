import { createHmac } from 'node:crypto';
import { z } from 'zod';
import { kind } from '../../registry.ts';
import type { Clock } from '../../runtime/clock.ts';
import { duration, sayDuration } from '../../runtime/duration.ts';
import { HoldError, messageOf, PermanentError, RetryError } from '../../runtime/errors.ts';
import { http, https } from '../../runtime/http.ts';
import {
  type OutwardAgent,
  outwardAgent,
  outwardShape,
  refusedUrl,
} from '../../runtime/outward.ts';
import { sayTls } from '../../runtime/tls.ts';
import { type Channel, type ChannelContext, channelShape, type Notice } from './channel.ts';
import { payloadOf } from './payload.ts';

const settings = z
  .object({
    url: z
      .url({ protocol: /^https?$/ })
      .refine((url) => refusedUrl(url) === null, {
        error: (issue) => refusedUrl(String(issue.input)) ?? '',
      })
      .describe('Address that takes the POST; a redirect is not followed'),
    ...outwardShape,
    secret: z
      .string()
      .min(1)
      .optional()
      .describe("Signs each message: 'whsec_' and base64, or plain text; take it from a variable"),
    headers: z
      .record(
        z.string().regex(/^[A-Za-z0-9!#$%&'*+.^_|~-]{1,100}$/, 'a header name has no such signs'),
        z.string().regex(/^[\t\x20-\x7e]{0,4000}$/, 'a header value is one line of plain signs'),
      )
      .default({})
      .describe('Extra request headers, for example authorization'),
    ...channelShape,
    body: z
      .enum(['json', 'text'])
      .default('json')
      .describe('text: plain words, with title and priority as headers, as ntfy wants them'),
    timeout: duration('10s').describe('Longest wait for the answer'),
    digest: z
      .boolean()
      .default(true)
      .describe('Put a storm of warnings into one message; off when a program reads them'),
  })
  .describe('HTTP POST with JSON or plain text, signed as Standard Webhooks 1.0');

type Settings = z.output<typeof settings>;

/** HTTP POST per Standard Webhooks 1.0: the receiver drops repeats by the header webhook-id. */
export const webhook = kind<typeof settings, ChannelContext, Channel>({
  settings,
  create(options, context) {
    const closed = new AbortController();
    const agent = outwardAgent(options, 1);
    return {
      everyNotice: !options.digest,
      async send(notice, signal) {
        const timer = AbortSignal.timeout(options.timeout);
        const stop = AbortSignal.any([signal, closed.signal, timer]);
        const status = await post(options, notice, context.clock, agent, stop).catch((thrown) => {
          signal.throwIfAborted();
          throw asRetry(thrown, timer.aborted, options.timeout, context.clock.now());
        });
        if (status !== null) throw status;
      },
      async close() {
        closed.abort(new RetryError('the channel is closed'));
        agent.destroy();
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
  agent: OutwardAgent,
  signal: AbortSignal,
): Promise<Error | null> {
  const plain = options.body === 'text';
  // The bound on what a notice may hold is the same in both forms.
  const json = payloadOf(notice, bodyOf(notice));
  const body = plain ? Buffer.from(notice.text) : json;
  const timestamp = String(Math.floor(clock.now() / 1000));
  const headers: Record<string, string> = {
    ...lowerCased(options.headers),
    'content-type': plain ? 'text/plain; charset=utf-8' : 'application/json',
    ...(plain ? plainHeaders(notice) : {}),
    'content-length': String(body.length),
    'user-agent': 'meyar',
    'webhook-id': notice.key,
    'webhook-timestamp': timestamp,
  };
  if (options.secret !== undefined) {
    headers['webhook-signature'] = signatureOf(options.secret, notice.key, timestamp, body);
  }
  return judge(await send(options.url, headers, body, agent, signal), clock.now());
}

/** What ntfy reads: a title, and 5 for an alarm, 4 for a warning, 3 for all that is over or noted. */
function plainHeaders({ title, event }: Notice): Record<string, string> {
  const over = ['acknowledged', 'shelved', 'cleared', 'closed'].includes(event.transition);
  const priority = over ? 3 : { alarm: 5, warning: 4, info: 3 }[event.alert.severity];
  // RFC 2047: a header holds no letters but those of ASCII.
  const ascii = /^[\x20-\x7e]*$/.test(title);
  const encoded = `=?UTF-8?B?${Buffer.from(title).toString('base64')}?=`;
  return { title: ascii ? title : encoded, priority: String(priority) };
}

const lowerCased = (headers: Record<string, string>) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

interface Answer {
  status: number;
  retryAfter: string | null;
}

/** One request over the checked agent; follows nothing and reads no body. */
function send(
  url: string,
  headers: Record<string, string>,
  body: Buffer,
  agent: OutwardAgent,
  signal: AbortSignal,
): Promise<Answer> {
  const request = url.startsWith('https:') ? https.request : http.request;
  return new Promise((resolve, reject) => {
    const options = { method: 'POST', headers, agent: agent.get(), signal };
    const going = request(url, options, (response) => {
      const retryAfter = response.headers['retry-after'] ?? null;
      resolve({ status: response.statusCode ?? 0, retryAfter });
      response.on('error', () => {});
      response.destroy();
    });
    going.on('error', reject);
    going.end(body);
  });
}

/** `text` is where chat programs look for words. */
function bodyOf(notice: Notice): Record<string, unknown> {
  const { event, key, site, title, text } = notice;
  return {
    type: notice.summary === true ? 'alert.summary' : `alert.${event.transition}`,
    timestamp: Math.abs(event.timeMs) <= 8.64e15 ? new Date(event.timeMs).toISOString() : null,
    text: `${title}\n${text}`,
    data: { key, site, title, text, event },
  };
}

function judge({ status, retryAfter }: Answer, nowMs: number): Error | null {
  if (status >= 200 && status < 300) return null;
  const said = `the webhook answered ${status}`;
  if (status >= 300 && status < 400) {
    return new HoldError(`${said}, a redirect: set its final address as url`);
  }
  if (status === 401 || status === 403 || status === 404) return new HoldError(said);
  if (status === 408 || status === 425 || status === 429 || status >= 500) {
    return new RetryError(said, retryAfterMs(retryAfter, nowMs));
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
function asRetry(thrown: unknown, timedOut: boolean, timeoutMs: number, nowMs: number): Error {
  if (thrown instanceof PermanentError || thrown instanceof RetryError) return thrown;
  if (timedOut) return new RetryError(`the webhook did not answer in ${sayDuration(timeoutMs)}`);
  const secure = sayTls(thrown, nowMs);
  if (secure !== null) return new RetryError(`no secure connection to the webhook: ${secure}`);
  const cause = thrown instanceof Error && thrown.cause !== undefined ? thrown.cause : thrown;
  const code =
    typeof cause === 'object' && cause !== null && 'code' in cause ? String(cause.code) : '';
  return new RetryError(`the webhook cannot be reached: ${code || messageOf(cause)}`);
}
