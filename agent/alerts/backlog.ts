import type { AlertEvent, RecordedAlertEvent } from '../model.ts';
import type { Clock } from '../runtime/clock.ts';

/** Reads events after a position from the store, whole or cut by `limit`, oldest first. */
export type LoadEvents = (after: number, limit: number) => Promise<RecordedAlertEvent[]>;

/** An event that waits. */
export interface Waiting {
  event: AlertEvent;
  /** monotonic time at which this machine knew of it: clocks of sources may be years off */
  knownMs: number;
}

/**
 * What one channel has still to handle, in order and without holes. Events just committed come by
 * `offer`; while the channel keeps up they are handed on without a read. When more come than memory
 * should hold they are forgotten here and read from the store, which is the queue.
 */
export interface Backlog {
  offer(events: readonly AlertEvent[], seq: number): void;
  /** the next event, null when there is none; rejects when the store cannot be read */
  next(): Promise<Waiting | null>;
  /** true when the event handed out last is the last of its transaction */
  endsTransaction(): boolean;
  /** true while events are known that were not handed out */
  waiting(): boolean;
  /** newest transaction known */
  head(): number;
}

const PAGE = 500;
const MAX_PAGE = 128_000;
const MAX_FRESH = 1000;

/** A backlog that begins after the transaction `after`. */
export function backlog(after: number, load: LoadEvents, clock: Clock): Backlog {
  let position = after;
  let head = after;
  let queue: Waiting[] = [];
  let at = 0;
  let fresh: Waiting[] = [];
  let behind = true;

  const refill = (events: Waiting[]) => {
    queue = events.filter(({ event }) => event.seq > position);
    at = 0;
    position = queue.at(-1)?.event.seq ?? position;
    head = Math.max(head, position);
  };
  const read = async () => {
    behind = false;
    try {
      const page = await loadPage(load, position);
      refill(page.events.map((event) => stored(event, clock)));
      if (page.more && queue.length > 0) behind = true;
    } catch (thrown) {
      behind = true;
      throw thrown;
    }
  };
  return {
    offer(events, seq) {
      const knownMs = clock.monotonic();
      fresh.push(...events.map((event) => ({ event, knownMs })));
      head = Math.max(head, seq);
      if (fresh.length <= MAX_FRESH) return;
      fresh = [];
      behind = true;
    },
    async next() {
      while (at >= queue.length) {
        if (behind) await read();
        else {
          refill(fresh);
          fresh = [];
          if (queue.length === 0) return null;
        }
      }
      at += 1;
      return queue[at - 1] ?? null;
    },
    endsTransaction: () => at >= queue.length || queue[at]?.event.seq !== queue[at - 1]?.event.seq,
    waiting: () => behind || at < queue.length || fresh.length > 0,
    head: () => head,
  };
}

function stored({ recordedMs, ...event }: RecordedAlertEvent, clock: Clock): Waiting {
  const ageMs = Math.max(0, clock.now() - (recordedMs ?? event.timeMs));
  return { event, knownMs: clock.monotonic() - ageMs };
}

/** Whole transactions only: the last one of a full page may be cut, so it is read again. */
async function loadPage(
  load: LoadEvents,
  after: number,
): Promise<{ events: RecordedAlertEvent[]; more: boolean }> {
  for (let limit = PAGE; ; limit *= 4) {
    const events = await load(after, limit);
    if (events.length < limit) return { events, more: false };
    const last = events.at(-1)?.seq ?? after;
    const whole = events.filter((event) => event.seq < last);
    if (whole.length > 0) return { events: whole, more: true };
    if (limit >= MAX_PAGE) return { events, more: true };
  }
}
