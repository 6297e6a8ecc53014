import type { AlertEvent } from '../model.ts';

/** Reads events after a position from the store, whole or cut by `limit`, oldest first. */
export type LoadEvents = (after: number, limit: number) => Promise<AlertEvent[]>;

/**
 * What one channel has still to handle, in order and without holes. Events just committed come by
 * `offer`; while the channel keeps up they are handed on without a read. When more come than memory
 * should hold they are forgotten here and read from the store, which is the queue.
 */
export interface Backlog {
  offer(events: readonly AlertEvent[], seq: number): void;
  /** the next event, null when there is none; rejects when the store cannot be read */
  next(): Promise<AlertEvent | null>;
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
export function backlog(after: number, load: LoadEvents): Backlog {
  let position = after;
  let head = after;
  let queue: AlertEvent[] = [];
  let at = 0;
  let fresh: AlertEvent[] = [];
  let behind = true;

  const refill = (events: AlertEvent[]) => {
    queue = events.filter((event) => event.seq > position);
    at = 0;
    position = queue.at(-1)?.seq ?? position;
    head = Math.max(head, position);
  };
  const read = async () => {
    behind = false;
    try {
      const page = await loadPage(load, position);
      refill(page.events);
      if (page.more && queue.length > 0) behind = true;
    } catch (thrown) {
      behind = true;
      throw thrown;
    }
  };
  return {
    offer(events, seq) {
      fresh.push(...events);
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
    endsTransaction: () => at >= queue.length || queue[at]?.seq !== queue[at - 1]?.seq,
    waiting: () => behind || at < queue.length || fresh.length > 0,
    head: () => head,
  };
}

/** Whole transactions only: the last one of a full page may be cut, so it is read again. */
async function loadPage(
  load: LoadEvents,
  after: number,
): Promise<{ events: AlertEvent[]; more: boolean }> {
  for (let limit = PAGE; ; limit *= 4) {
    const events = await load(after, limit);
    if (events.length < limit) return { events, more: false };
    const last = events.at(-1)?.seq ?? after;
    const whole = events.filter((event) => event.seq < last);
    if (whole.length > 0) return { events: whole, more: true };
    if (limit >= MAX_PAGE) return { events, more: true };
  }
}
