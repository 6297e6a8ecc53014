import type { AlertEvent } from '../model.ts';
import type { Clock } from '../runtime/clock.ts';
import { sayDuration } from '../runtime/duration.ts';
import type { Waiting } from './backlog.ts';
import type { Notice } from './channels/channel.ts';
import { collect, startDigest } from './flood.ts';
import { type Digest, noticeOf } from './notice.ts';

/** A notice that was not sent, as it is kept for people to see. */
export interface Unsent {
  row: string;
  reason: string;
  timeMs: number;
}

/** What is kept of a notice: the same text whenever it is kept once more. */
export function rowOf({ key, title, text, event }: Notice): string {
  const { transition, timeMs, alert } = event;
  const { id, severity, subject } = alert;
  return JSON.stringify({ key, alert: id, severity, subject, transition, timeMs, title, text });
}

export interface ExpiryOptions {
  /** null: nothing ever comes too late */
  afterMs: number | null;
  clock: Clock;
  keyPrefix: string;
  keep(notice: Unsent): void;
}

/** What one channel does not send any more, because it waited too long. */
export interface Expiry {
  isOver(waiting: Waiting): boolean;
  /** keeps the record of one, and counts it into the summary that is still to be sent */
  note(event: AlertEvent): void;
  /** whether this one was not sent, as far back as is remembered */
  has(event: AlertEvent): boolean;
  /** the summary that is still to be sent, null = none */
  untold(): Digest | null;
  told(): void;
  /** since the start */
  count(): number;
}

/** For stand-ins, which look within seconds. */
const MOST_REMEMBERED = 10_000;

export function createExpiry({ afterMs, clock, keyPrefix, keep }: ExpiryOptions): Expiry {
  const known = new Set<string>();
  let untold: Digest | null = null;
  let count = 0;
  return {
    isOver: ({ knownMs }) => afterMs !== null && clock.monotonic() - knownMs > afterMs,
    note(event) {
      // Without its age: the same text when it is kept once more after a restart.
      const onTime = { site: '', keyPrefix, nowMs: event.timeMs, staleAfterMs: 0 };
      keep({
        row: rowOf(noticeOf(event, onTime)),
        reason: `came too late: not sent within ${sayDuration(afterMs ?? 0)}`,
        timeMs: clock.now(),
      });
      untold ??= startDigest(event);
      collect(untold, event);
      count += 1;
      if (known.size >= MOST_REMEMBERED) known.clear();
      known.add(placeOf(event));
    },
    has: (event) => known.has(placeOf(event)),
    untold: () => untold,
    told() {
      untold = null;
    },
    count: () => count,
  };
}

const placeOf = ({ seq, ordinal }: AlertEvent): string => `${seq}-${ordinal}`;
