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
}

export const FIRST_RETRY_MS = 500;
export const MAX_RETRY_MS = 60_000;
/** A server may ask for patience, but not for ever. */
const MAX_ASKED_MS = 3_600_000;

export type Sender = ReturnType<typeof createSender>;

/** Sends one notice until it is taken, refused for good, or the agent stops. */
export function createSender(named: NamedChannel, options: SenderOptions) {
  const stopping = new AbortController();
  const { name, channel } = named;
  const { clock, log, random, site, staleAfterMs, keyPrefix = '' } = options;
  const waits = backoff({ firstMs: FIRST_RETRY_MS, maxMs: MAX_RETRY_MS, random });
  const health = {
    state: 'up' as SinkHealth['state'],
    detail: '',
    rowsWritten: 0,
    rowsRejected: 0,
    retries: 0,
    oldestUnsentMs: null as number | null,
  };
  const turn = (state: SinkHealth['state'], detail: string) => {
    if (state !== health.state) {
      log[state === 'up' ? 'info' : 'warn']('alerts.channel', { channel: name, state, detail });
    }
    health.state = state;
    health.detail = detail;
  };
  const attempt = async (notice: Notice): Promise<number | null> => {
    try {
      await channel.send(notice, stopping.signal);
      health.rowsWritten += 1;
      turn('up', '');
      return null;
    } catch (thrown) {
      if (stopping.signal.aborted) return 0;
      const reason = messageOf(thrown);
      if (thrown instanceof PermanentError) {
        health.rowsRejected += 1;
        turn('up', `refused ${notice.key}: ${reason}`);
        log.warn('alerts.refused', { channel: name, key: notice.key, reason });
        return null;
      }
      health.retries += 1;
      turn(thrown instanceof HoldError ? 'held' : 'retrying', reason);
      if (thrown instanceof HoldError) return thrown.probeMs;
      const asked = thrown instanceof RetryError ? (thrown.afterMs ?? 0) : 0;
      return Math.max(waits.next(), Math.min(asked, MAX_ASKED_MS));
    }
  };
  return {
    signal: stopping.signal,
    stopped: () => stopping.signal.aborted,
    stop() {
      stopping.abort();
      turn('stopped', '');
    },
    health: () => ({ ...health }),
    /** false: the agent stops and the notice was not taken */
    async send(make: (context: NoticeContext) => Notice, timeMs: number): Promise<boolean> {
      health.oldestUnsentMs = timeMs;
      while (!stopping.signal.aborted) {
        const notice = make({ site, keyPrefix, nowMs: clock.now(), staleAfterMs });
        const waitMs = await attempt(notice);
        if (waitMs === null) {
          waits.reset();
          health.oldestUnsentMs = null;
          return true;
        }
        await sleep(waitMs, stopping.signal);
      }
      return false;
    },
  };
}
