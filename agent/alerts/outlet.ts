import type { AlertEvent, SinkHealth } from '../model.ts';
import { messageOf } from '../runtime/errors.ts';
import { type BackoffOptions, backoff, sleep } from '../runtime/retry.ts';
import { backlog, type LoadEvents, type Waiting } from './backlog.ts';
import { createBell } from './bell.ts';
import type { NamedChannel } from './channels/index.ts';
import { deliver, type Parts, save, sendDigest, tellExpired } from './delivery.ts';
import { createExpiry, rowOf, type Unsent } from './expiry.ts';
import { type FloodOptions, flood } from './flood.ts';
import { routeTo, type Selector } from './routes.ts';
import { createSender, FIRST_RETRY_MS, MAX_RETRY_MS, type SenderOptions } from './sender.ts';
import { createUnrecorded } from './unrecorded.ts';

/** Health of one channel, in the form of a sink so that one page shows both. */
export interface ChannelHealth extends SinkHealth {
  /** events put into a digest instead of being sent alone */
  collapsed: number;
  /** attempts that failed and were repeated */
  retries: number;
  /** events that came too late and were not sent */
  expired: number;
}

/** What every channel is run with. */
export interface OutletOptions extends SenderOptions {
  routes: readonly Selector[];
  flood: FloodOptions;
  load: LoadEvents;
  saveCursor: (channel: string, seq: number) => void | Promise<void>;
  /** keeps what was refused or came too late; called before the cursor that has passed it */
  keepUnsent?: (channel: string, notices: Unsent[]) => void;
  /** false: what people put aside goes there all the same */
  shelving?: boolean;
  /** of a stand-in: the channel it stands in for, and what decides for each event it wants */
  standsInFor?: string;
  gate?: (event: AlertEvent, signal: AbortSignal) => Promise<boolean>;
}

/** Runs one channel: takes events in order, sends, repeats, and remembers how far it came. */
export interface Outlet {
  /** events committed by transaction `seq` */
  offer(events: readonly AlertEvent[], seq: number): void;
  /** events that the store cannot take now: told all the same, and once */
  offerUnrecorded(events: readonly AlertEvent[]): void;
  health(): ChannelHealth;
  /** whether this event is sent, held for a digest, or not wanted */
  told(event: AlertEvent): boolean;
  /** monotonic time since which attempts fail; null = they do not */
  failingSinceMs(): number | null;
  /** whether it did not send this event because it came too late */
  gaveUp(event: AlertEvent): boolean;
  stop(): Promise<void>;
}

/**
 * Starts at once, after the transaction `cursor`; a channel without one is new and starts after
 * `head`. That is saved first: else alerts of an outage would be forgotten by a restart within it.
 */
export function outlet(
  named: NamedChannel,
  cursor: number | undefined,
  head: number,
  options: OutletOptions,
): Outlet {
  const after = cursor ?? head;
  const retry: BackoffOptions = {
    firstMs: FIRST_RETRY_MS,
    maxMs: MAX_RETRY_MS,
    random: options.random,
  };
  const keep = (notice: Unsent) => options.keepUnsent?.(named.name, [notice]);
  const o: Parts = {
    name: named.name,
    options,
    wanted: routeTo(options.standsInFor ?? named.name, options.routes, {
      programs: named.channel.everyNotice === true,
      shelving: options.shelving ?? true,
    }),
    pending: backlog(after, options.load, options.clock),
    unrecorded: createUnrecorded(options.clock),
    expiry: createExpiry({
      afterMs: named.expireAfterMs ?? null,
      clock: options.clock,
      keyPrefix: options.keyPrefix ?? '',
      keep,
    }),
    guard: named.channel.everyNotice === true ? null : flood(options.flood),
    sender: createSender(named, {
      ...options,
      refused: (notice, reason) =>
        keep({ row: rowOf(notice), reason, timeMs: options.clock.now() }),
    }),
    bell: createBell(),
    reading: backoff(retry),
    done: after,
    heldAfter: after,
    saved: cursor ?? -1,
    collapsed: 0,
  };
  const running = run(o);
  return {
    offer(events, seq) {
      o.pending.offer(events, seq);
      if (events.length > 0) o.bell.ring();
    },
    offerUnrecorded(events) {
      const before = o.unrecorded.overflowed();
      o.unrecorded.offer(events);
      const more = o.unrecorded.overflowed() - before;
      if (more > 0) options.log.warn('alerts.unrecorded.full', { channel: o.name, more });
      if (events.length > 0) o.bell.ring();
    },
    health: () => healthOf(named, o),
    told: (event) =>
      o.unrecorded.wasTold(event) || (event.unrecorded !== true && o.done >= event.seq),
    failingSinceMs: o.sender.failingSinceMs,
    gaveUp: o.expiry.has,
    async stop() {
      o.sender.stop();
      o.bell.ring();
      await running;
      await named.channel.close();
    },
  };
}

const IDLE_MS = 60_000;

async function run(o: Parts): Promise<void> {
  await save(o);
  while (!o.sender.stopped()) {
    try {
      await step(o);
    } catch (thrown) {
      const reason = messageOf(thrown);
      o.options.log.warn('alerts.load.failed', { channel: o.name, reason });
      await sleep(o.reading.next(), o.sender.signal);
    }
  }
}

async function step(o: Parts): Promise<void> {
  o.bell.reset();
  const waitMs = o.guard?.waitMs(o.options.clock.monotonic()) ?? Number.POSITIVE_INFINITY;
  if (waitMs <= 0) {
    await sendDigest(o);
    return;
  }
  const waiting = await recordedNext(o);
  o.reading.reset();
  const unrecorded = waiting === null ? o.unrecorded.next() : null;
  if (waiting !== null) await handle(o, waiting);
  else if (unrecorded !== null) await handleUnrecorded(o, unrecorded);
  else if (o.expiry.untold() !== null) await tellExpired(o);
  else {
    // Nothing is left, so the cursor may follow the store: else it would hold back the clean-up.
    if (!o.bell.isRung()) o.done = Math.max(o.done, o.pending.head());
    await save(o);
    await o.bell.wait(Math.min(IDLE_MS, waitMs));
  }
}

/** A store that fails may not be readable either: what it could not take is told all the same. */
async function recordedNext(o: Parts): Promise<Waiting | null> {
  try {
    return await o.pending.next();
  } catch (thrown) {
    if (o.unrecorded.next() === null) throw thrown;
    return null;
  }
}

async function attempted(o: Parts, waiting: Waiting) {
  const { event } = waiting;
  const gate = o.wanted(event) ? (o.options.gate ?? (async () => true)) : async () => false;
  return (await gate(event, o.sender.signal)) ? deliver(o, waiting) : ('unwanted' as const);
}

async function handleUnrecorded(o: Parts, waiting: Waiting): Promise<void> {
  const outcome = await attempted(o, waiting);
  if (outcome === 'stopped') return;
  o.unrecorded.told(waiting.event);
}

async function handle(o: Parts, waiting: Waiting): Promise<void> {
  const { event } = waiting;
  const outcome = o.unrecorded.recorded(event) ? 'sent' : await attempted(o, waiting);
  if (outcome === 'stopped') return;
  if (o.sender.stopped() && outcome !== 'sent') return;
  if (!o.pending.endsTransaction()) return;
  o.done = event.seq;
  if (outcome === 'sent') await save(o);
}

function healthOf(named: NamedChannel, o: Parts): ChannelHealth {
  const own = o.sender.health();
  return {
    ...own,
    name: named.name,
    kind: named.kind,
    // The saved cursor follows once a minute; what matters to people is whether anything waits.
    cursor: o.pending.waiting() ? Math.max(0, o.saved) : o.pending.head(),
    head: o.pending.head(),
    oldestUnsentMs: own.oldestUnsentMs ?? o.guard?.held()?.first.timeMs ?? null,
    collapsed: o.collapsed,
    expired: o.expiry.count(),
  };
}
