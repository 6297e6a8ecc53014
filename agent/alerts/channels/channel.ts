import type { AlertEvent } from '../../model.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Log } from '../../runtime/log.ts';

/** What is sent: plain words for people, the event for machines, a key that never changes. */
export interface Notice {
  /** same on every attempt and after every restart: receivers drop repeats by it */
  key: string;
  title: string;
  text: string;
  site: string;
  event: AlertEvent;
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
