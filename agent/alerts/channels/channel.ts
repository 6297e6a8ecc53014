import type { AlertEvent } from '../../model.ts';
import type { Clock } from '../../runtime/clock.ts';
import { givenDuration } from '../../runtime/duration.ts';
import type { Log } from '../../runtime/log.ts';

/** What is sent: plain words for people, the event for machines, a key that never changes. */
export interface Notice {
  /** same on every attempt and after every restart: receivers drop repeats by it */
  key: string;
  title: string;
  text: string;
  site: string;
  event: AlertEvent;
  /** stands for several events, of which `event` is the last */
  summary?: boolean;
}

/**
 * The port of every way to tell people. Resolves when the other side has it. Errors as in sinks:
 * RetryError, HoldError, PermanentError. `send` is never called in parallel on one channel.
 */
export interface Channel {
  /** true: programs read this channel and want every notice, so a storm is not put into a digest */
  everyNotice?: boolean;
  send(notice: Notice, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

export interface ChannelContext {
  name: string;
  clock: Clock;
  log: Log;
}

const LEAST_EXPIRY_MS = 60_000;

/** Settings that every kind of channel has; a kind spreads them into its own schema. */
export const channelShape = {
  expireAfter: givenDuration()
    .refine((ms) => ms >= LEAST_EXPIRY_MS, { error: 'at least one minute' })
    .optional()
    .describe(
      'A message that could not be sent for so long is not sent any more, but kept as a record and ' +
        'counted in a summary; left out: all are sent, however late',
    ),
};
