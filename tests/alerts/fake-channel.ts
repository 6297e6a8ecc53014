import type { Channel, Notice } from '../../agent/alerts/channels/channel.ts';
import type { Dispatcher } from '../../agent/alerts/dispatcher.ts';
import { dispatcher } from '../../agent/alerts/dispatcher.ts';
import type { Unsent } from '../../agent/alerts/expiry.ts';
import { alertSettings, deliveryOf } from '../../agent/alerts/policy.ts';
import type { AlertEvent, RecordedAlertEvent } from '../../agent/model.ts';
import { silentLog } from '../../agent/runtime/log.ts';

/** A channel that records attempts and fails as told; what it was given stays readable. */
export interface FakeChannel extends Channel {
  attempts: Notice[];
  taken: Notice[];
  /** called for every attempt; throw to fail, return a promise to be slow */
  behave: (notice: Notice) => void | Promise<void>;
  closed: boolean;
}

export function fakeChannel(everyNotice = false): FakeChannel {
  const channel: FakeChannel = {
    everyNotice,
    attempts: [],
    taken: [],
    behave: () => {},
    closed: false,
    async send(notice, signal) {
      channel.attempts.push(notice);
      await channel.behave(notice);
      signal.throwIfAborted();
      channel.taken.push(notice);
    },
    async close() {
      channel.closed = true;
    },
  };
  return channel;
}

/** The store as the dispatcher sees it: events by seq, and cursors that outlive the dispatcher. */
export function fakeStore() {
  const events: RecordedAlertEvent[] = [];
  const cursors: Record<string, number> = {};
  const unsent: Record<string, Unsent[]> = {};
  return {
    events,
    cursors,
    /** what was refused or came too late, by channel */
    unsent,
    reads: 0,
    async load(after: number, limit: number) {
      this.reads += 1;
      return events.filter((event) => event.seq > after).slice(0, limit);
    },
  };
}

/** A dispatcher over fake channels and a fake store, on the (faked) clock of the test. */
export function start(
  channels: Record<string, FakeChannel>,
  store: ReturnType<typeof fakeStore>,
  settings: Record<string, unknown> = {},
  head = 0,
  expireAfterMs: Record<string, number> = {},
): Dispatcher {
  return dispatcher({
    ...deliveryOf(alertSettings.parse(settings)),
    channels: Object.entries(channels).map(([name, channel]) => {
      const afterMs = expireAfterMs[name];
      const expiry = afterMs === undefined ? {} : { expireAfterMs: afterMs };
      return { name, kind: 'fake', channel, ...expiry };
    }),
    keepUnsent(name, notices) {
      store.unsent[name] = [...(store.unsent[name] ?? []), ...notices];
    },
    load: (after, limit) => store.load(after, limit),
    saveCursor(name, seq) {
      store.cursors[name] = seq;
    },
    cursors: { ...store.cursors },
    head,
    clock: { now: () => Date.now(), monotonic: () => performance.now() },
    random: () => 0.5,
    log: silentLog,
    site: 'Lahore',
  });
}

/** Commits events as the store does, then offers them. */
export function commit(
  store: ReturnType<typeof fakeStore>,
  to: Dispatcher | null,
  events: AlertEvent[],
): void {
  store.events.push(...events.map((event) => ({ ...event, recordedMs: Date.now() })));
  to?.offer(events, events.at(-1)?.seq ?? 0);
}
