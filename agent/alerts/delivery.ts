import type { AlertEvent } from '../model.ts';
import { messageOf } from '../runtime/errors.ts';
import type { backoff } from '../runtime/retry.ts';
import type { Backlog, Waiting } from './backlog.ts';
import type { Bell } from './bell.ts';
import type { Expiry } from './expiry.ts';
import type { Flood } from './flood.ts';
import { digestOf, expiredOf, type NoticeContext, noticeOf } from './notice.ts';
import type { OutletOptions } from './outlet.ts';
import type { Sender } from './sender.ts';
import type { Unrecorded } from './unrecorded.ts';

/** What the runner of one channel knows. */
export interface Parts {
  name: string;
  options: OutletOptions;
  wanted: (event: AlertEvent) => boolean;
  pending: Backlog;
  /** what the store cannot take now */
  unrecorded: Unrecorded;
  expiry: Expiry;
  guard: Flood | null;
  sender: Sender;
  bell: Bell;
  reading: ReturnType<typeof backoff>;
  /** last transaction that is completely sent, held or not wanted */
  done: number;
  /** `done` when a summary began: what it holds must be read again after a restart */
  heldAfter: number;
  /** -1 = never saved */
  saved: number;
  collapsed: number;
}

/** Sends one event, counts it into the digest of a storm, or keeps it as one that came too late. */
export async function deliver(
  o: Parts,
  waiting: Waiting,
): Promise<'sent' | 'held' | 'expired' | 'stopped'> {
  const { event } = waiting;
  const { clock } = o.options;
  const expire = () => {
    if (!summing(o)) o.heldAfter = o.done;
    o.expiry.note(event);
    return 'expired' as const;
  };
  // First what came too late, as one message; meanwhile this one may come too late as well.
  for (;;) {
    if (o.expiry.isOver(waiting)) return expire();
    if (o.expiry.untold() === null) break;
    await tellExpired(o);
    if (o.sender.stopped()) return 'stopped';
  }
  if (o.guard?.admit(event, clock.monotonic()) === false) {
    if (o.guard.held()?.count === 1 && o.expiry.untold() === null) o.heldAfter = o.done;
    o.collapsed += 1;
    return 'held';
  }
  const over = () => o.expiry.isOver(waiting);
  if (await o.sender.send((context) => noticeOf(event, context), event.timeMs, over)) {
    o.guard?.sent(clock.monotonic());
    return 'sent';
  }
  return o.sender.stopped() ? 'stopped' : expire();
}

/** Whether a summary waits: the cursor stays where it began. */
const summing = (o: Parts): boolean =>
  o.expiry.untold() !== null || (o.guard?.held() ?? null) !== null;

/** One attempt at a time: what comes too late in between is in the next one. */
export async function tellExpired(o: Parts): Promise<void> {
  const gone = o.expiry.untold();
  if (gone === null) return;
  const make = (context: NoticeContext) => expiredOf(gone, context);
  if (!(await o.sender.send(make, gone.first.timeMs, () => true))) return;
  o.expiry.told();
  o.guard?.sent(o.options.clock.monotonic());
  await save(o);
}

export async function sendDigest(o: Parts): Promise<void> {
  const held = o.guard?.held();
  if (o.guard === null || !held) return;
  if (!(await o.sender.send((context) => digestOf(held, context), held.first.timeMs))) return;
  o.guard.release(o.options.clock.monotonic());
  o.guard.sent(o.options.clock.monotonic());
  await save(o);
}

/** Not saved is sent again after a restart, and the key makes the repeat harmless. */
export async function save(o: Parts): Promise<void> {
  const seq = summing(o) ? o.heldAfter : o.done;
  if (seq <= o.saved) return;
  try {
    await o.options.saveCursor(o.name, seq);
    o.saved = seq;
  } catch (thrown) {
    const reason = messageOf(thrown);
    o.options.log.warn('alerts.cursor.failed', { channel: o.name, reason });
  }
}
