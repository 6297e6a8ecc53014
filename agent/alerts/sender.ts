import type { SinkHealth } from '../model.ts';
import type { Clock } from '../runtime/clock.ts';
import { HoldError, messageOf, PermanentError, RetryError } from '../runtime/errors.ts';
import type { Log } from '../runtime/log.ts';
import { backoff, sleep } from '../runtime/retry.ts';
import type { Notice } from './channels/channel.ts';
import type { NamedChannel } from './channels/index.ts';
import type { NoticeContext } from './notice.ts';

export interface SenderOptions {
  staleAfterMs: number;
  clock: Clock;
  random: () => number;
  log: Log;
  site: string;
  /** put before every key, so that two agents, or a new store, never share one */
  keyPrefix?: string;
  /** the other side will never take this one */
  refused?: (notice: Notice, reason: string) => void;
}

export const FIRST_RETRY_MS = 500;
export const MAX_RETRY_MS = 60_000;
/** A server may ask for patience, but not for ever. */
const MAX_ASKED_MS = 3_600_000;

export type Sender = ReturnType<typeof createSender>;

/** Sends one notice until it is taken, refused for good, or the agent stops. */
export function createSender(named: NamedChannel, options: SenderOptions) {
  const stopping = new AbortController();
  const { clock, random, site, staleAfterMs, keyPrefix = '' } = options;
  const waits = backoff({ firstMs: FIRST_RETRY_MS, maxMs: MAX_RETRY_MS, random });
  const health = {
    state: 'up' as SinkHealth['state'],
    detail: '',
    rowsWritten: 0,
    rowsRejected: 0,
    retries: 0,
    oldestUnsentMs: null as number | null,
  };
  let failingSinceMs: number | null = null;
  const attempt = (notice: Notice) => attemptOn(named, notice, stopping.signal);
  const note = (result: Result, notice: Notice) => {
    if (result.state !== health.state) {
      const fields = { channel: named.name, state: result.state, detail: result.detail };
      options.log[result.state === 'up' ? 'info' : 'warn']('alerts.channel', fields);
    }
    if (result.outcome === 'refused') {
      options.log.warn('alerts.refused', {
        ...{ channel: named.name, key: notice.key, reason: result.detail },
      });
      options.refused?.(notice, result.detail);
    }
    if (result.state === 'up') failingSinceMs = null;
    else failingSinceMs ??= clock.monotonic();
    health.state = result.state;
    health.detail = result.detail;
    if (result.outcome === 'taken') health.rowsWritten += 1;
    else if (result.outcome === 'refused') health.rowsRejected += 1;
    else if (result.outcome === 'again') health.retries += 1;
  };
  return {
    signal: stopping.signal,
    stopped: () => stopping.signal.aborted,
    stop() {
      stopping.abort();
      health.state = 'stopped';
      health.detail = '';
    },
    health: () => ({ ...health }),
    /** monotonic time of the first attempt since which none was answered well; null = all is well */
    failingSinceMs: () => failingSinceMs,
    /**
     * false: not taken, and it is not tried again: the agent stops, or `givesUp` says so. It is asked
     * after each wait, so that at least one attempt is made.
     */
    async send(
      make: (context: NoticeContext) => Notice,
      timeMs: number,
      givesUp: () => boolean = () => false,
    ): Promise<boolean> {
      health.oldestUnsentMs = timeMs;
      for (let tried = false; !stopping.signal.aborted; tried = true) {
        if (tried && givesUp()) break;
        const notice = make({ site, keyPrefix, nowMs: clock.now(), staleAfterMs });
        const result = await attempt(notice);
        // A stop during the attempt leaves only one question: does the other side have it?
        if (stopping.signal.aborted) return result.outcome === 'taken';
        note(result, notice);
        if (result.outcome !== 'again') {
          waits.reset();
          health.oldestUnsentMs = null;
          return true;
        }
        await sleep(Math.max(result.waitMs ?? 0, waits.next()), stopping.signal);
      }
      return false;
    },
  };
}

interface Result {
  outcome: 'taken' | 'refused' | 'again';
  state: SinkHealth['state'];
  detail: string;
  /** the least wait that the error asks for; the back-off may be longer */
  waitMs: number | null;
}

async function attemptOn(
  { channel }: NamedChannel,
  notice: Notice,
  signal: AbortSignal,
): Promise<Result> {
  try {
    await channel.send(notice, signal);
    return { outcome: 'taken', state: 'up', detail: '', waitMs: null };
  } catch (thrown) {
    const detail = messageOf(thrown);
    if (thrown instanceof PermanentError) {
      return { outcome: 'refused', state: 'up', detail, waitMs: null };
    }
    if (thrown instanceof HoldError) {
      return { outcome: 'again', state: 'held', detail, waitMs: thrown.probeMs };
    }
    const asked = thrown instanceof RetryError ? thrown.afterMs : null;
    const waitMs = asked === null ? null : Math.min(asked, MAX_ASKED_MS);
    return { outcome: 'again', state: 'retrying', detail, waitMs };
  }
}
