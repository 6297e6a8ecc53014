import type { AlertEvent, SinkHealth } from '../model.ts';
import { messageOf } from '../runtime/errors.ts';
import { type BackoffOptions, backoff, sleep } from '../runtime/retry.ts';
import { type Backlog, backlog, type LoadEvents } from './backlog.ts';
import type { NamedChannel } from './channels/index.ts';
import { type Flood, type FloodOptions, flood } from './flood.ts';
import { digestOf, noticeOf } from './notice.ts';
import { type Route, routeTo } from './routes.ts';
import {
  createSender,
  FIRST_RETRY_MS,
  MAX_RETRY_MS,
  type Sender,
  type SenderOptions,
} from './sender.ts';

/** Health of one channel, in the form of a sink so that one page shows both. */
export interface ChannelHealth extends SinkHealth {
  /** events put into a digest instead of being sent alone */
  collapsed: number;
  /** attempts that failed and were repeated */
  retries: number;
}

/** What every channel is run with. */
export interface OutletOptions extends SenderOptions {
  routes: readonly Route[];
  flood: FloodOptions;
  load: LoadEvents;
  saveCursor: (channel: string, seq: number) => void | Promise<void>;
  /** of a stand-in: the channel it stands in for, and what decides for each event it wants */
  standsInFor?: string;
  gate?: (event: AlertEvent, signal: AbortSignal) => Promise<boolean>;
}

/** Runs one channel: takes events in order, sends, repeats, and remembers how far it came. */
export interface Outlet {
  /** events committed by transaction `seq` */
  offer(events: readonly AlertEvent[], seq: number): void;
  health(): ChannelHealth;
  /** last transaction that is completely sent, held for a digest, or not wanted */
  done(): number;
  /** monotonic time since which attempts fail; null = they do not */
  failingSinceMs(): number | null;
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
  const o: Parts = {
    name: named.name,
    options,
    wanted: routeTo(options.standsInFor ?? named.name, options.routes),
    pending: backlog(after, options.load),
    guard: named.channel.everyNotice === true ? null : flood(options.flood),
    sender: createSender(named, options),
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
    health: () => healthOf(named, o),
    done: () => o.done,
    failingSinceMs: o.sender.failingSinceMs,
    async stop() {
      o.sender.stop();
      o.bell.ring();
      await running;
      await named.channel.close();
    },
  };
}

interface Parts {
  name: string;
  options: OutletOptions;
  wanted: (event: AlertEvent) => boolean;
  pending: Backlog;
  guard: Flood | null;
  sender: Sender;
  bell: ReturnType<typeof createBell>;
  reading: ReturnType<typeof backoff>;
  /** last transaction that is completely sent, held or not wanted */
  done: number;
  /** `done` when the digest began: what is held must be read again after a restart */
  heldAfter: number;
  /** -1 = never saved */
  saved: number;
  collapsed: number;
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
  const event = await o.pending.next();
  o.reading.reset();
  if (event !== null) await handle(o, event);
  else {
    // Nothing is left, so the cursor may follow the store: else it would hold back the clean-up.
    if (!o.bell.isRung()) o.done = Math.max(o.done, o.pending.head());
    await save(o);
    await o.bell.wait(Math.min(IDLE_MS, waitMs));
  }
}

async function handle(o: Parts, event: AlertEvent): Promise<void> {
  const { clock } = o.options;
  let sent = false;
  const gate = o.wanted(event) ? (o.options.gate ?? (async () => true)) : async () => false;
  if (await gate(event, o.sender.signal)) {
    if (o.guard?.admit(event, clock.monotonic()) ?? true) {
      sent = await o.sender.send((context) => noticeOf(event, context), event.timeMs);
      if (!sent) return;
      o.guard?.sent(clock.monotonic());
    } else {
      if (o.guard?.held()?.count === 1) o.heldAfter = o.done;
      o.collapsed += 1;
    }
  }
  if (o.sender.stopped() && !sent) return;
  if (!o.pending.endsTransaction()) return;
  o.done = event.seq;
  if (sent) await save(o);
}

async function sendDigest(o: Parts): Promise<void> {
  const held = o.guard?.held();
  if (o.guard === null || !held) return;
  if (!(await o.sender.send((context) => digestOf(held, context), held.first.timeMs))) return;
  o.guard.release(o.options.clock.monotonic());
  o.guard.sent(o.options.clock.monotonic());
  await save(o);
}

/** Not saved is sent again after a restart, and the key makes the repeat harmless. */
async function save(o: Parts): Promise<void> {
  const seq = o.guard?.held() ? o.heldAfter : o.done;
  if (seq <= o.saved) return;
  try {
    await o.options.saveCursor(o.name, seq);
    o.saved = seq;
  } catch (thrown) {
    const reason = messageOf(thrown);
    o.options.log.warn('alerts.cursor.failed', { channel: o.name, reason });
  }
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
  };
}

/** Wakes the loop; a ring between two waits is not lost. */
function createBell() {
  let rung = false;
  let wake = () => {};
  return {
    ring() {
      rung = true;
      wake();
    },
    isRung: () => rung,
    reset() {
      rung = false;
    },
    wait(ms: number): Promise<void> {
      if (rung) return Promise.resolve();
      const nudge = new AbortController();
      wake = () => nudge.abort();
      return sleep(ms, nudge.signal);
    },
  };
}
