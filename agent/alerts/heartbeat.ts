import { z } from 'zod';
import type { Clock } from '../runtime/clock.ts';
import { duration } from '../runtime/duration.ts';
import { http, https } from '../runtime/http.ts';
import type { Log } from '../runtime/log.ts';
import { outwardAgent, outwardShape, refusedUrl } from '../runtime/outward.ts';

const LEAST_EVERY_MS = 5000;

/** A sign of life to a service that tells people when it stays away. */
export const heartbeatSettings = z
  .strictObject({
    url: z
      .url({ protocol: /^https?$/ })
      .refine((url) => refusedUrl(url) === null, {
        error: (issue) => refusedUrl(String(issue.input)) ?? '',
      })
      .describe('Address that is asked (GET); a service that waits for it raises the alarm'),
    ...outwardShape,
    every: duration('1m')
      .refine((ms) => ms >= LEAST_EVERY_MS, { error: 'at least 5 s' })
      .describe('How often; the service should wait three times as long'),
  })
  .describe('Sign of life to the outside, sent only while this agent reads and records');

export type HeartbeatSettings = z.output<typeof heartbeatSettings>;

/** Sent only on purpose: whoever looks after the process says each second that all is well. */
export interface Heartbeat {
  /** all is well now; may be called as often as one likes */
  alive(): void;
  /** how it went, null when none is configured */
  figures(): { sent: number; failed: number; lastSentMs: number | null } | null;
  stop(): void;
}

const LONGEST_WAIT_MS = 10_000;

/** `settings` undefined: nothing is sent. The address may hold a token, so nothing names it. */
export function createHeartbeat(
  settings: HeartbeatSettings | undefined,
  { clock, log }: { clock: Clock; log: Log },
): Heartbeat {
  if (settings === undefined) return { alive() {}, figures: () => null, stop() {} };
  const agent = outwardAgent(settings, 1);
  const ending = new AbortController();
  const figures = { sent: 0, failed: 0, lastSentMs: null as number | null };
  let dueMs = Number.NEGATIVE_INFINITY;
  let going = false;
  let failing = false;
  const note = (why: string | null) => {
    if (why === null) {
      figures.sent += 1;
      figures.lastSentMs = clock.now();
    } else figures.failed += 1;
    if (failing === (why !== null)) return;
    failing = why !== null;
    if (why === null) log.info('heartbeat-back');
    else log.warn('heartbeat-failed', { reason: why });
  };
  const send = async () => {
    going = true;
    const timer = AbortSignal.timeout(Math.min(settings.every, LONGEST_WAIT_MS));
    const stop = AbortSignal.any([ending.signal, timer]);
    const why = await ask(settings.url, () => agent.get(), stop);
    going = false;
    if (!ending.signal.aborted) note(why);
  };
  return {
    alive() {
      const now = clock.monotonic();
      if (going || now < dueMs || ending.signal.aborted) return;
      dueMs = now + settings.every;
      void send();
    },
    figures: () => ({ ...figures }),
    stop() {
      ending.abort();
      agent.destroy();
    },
  };
}

/** One request; null when it was taken, else why not. Follows nothing and reads no body. */
function ask(
  url: string,
  agent: () => Parameters<typeof http.request>[1]['agent'],
  signal: AbortSignal,
): Promise<string | null> {
  const request = url.startsWith('https:') ? https.request : http.request;
  return new Promise((resolve) => {
    const failed = (thrown: unknown) => resolve(codeOf(thrown));
    try {
      const headers = { 'user-agent': 'meyar' };
      const going = request(url, { method: 'GET', headers, agent: agent(), signal }, (answer) => {
        const status = answer.statusCode ?? 0;
        resolve(status >= 200 && status < 300 ? null : `the service answered ${status}`);
        answer.on('error', () => {});
        answer.destroy();
      });
      going.on('error', failed);
      going.end();
    } catch (thrown) {
      failed(thrown);
    }
  });
}

function codeOf(thrown: unknown): string {
  if (typeof thrown !== 'object' || thrown === null) return 'no answer';
  return 'code' in thrown ? String(thrown.code) : 'no answer';
}
