import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Channel, ChannelContext, Notice } from '../../agent/alerts/channels/channel.ts';
import { noticeOf } from '../../agent/alerts/notice.ts';
import { systemClock } from '../../agent/runtime/clock.ts';
import { HoldError, PermanentError, RetryError } from '../../agent/runtime/errors.ts';
import { silentLog } from '../../agent/runtime/log.ts';
import { storedEvent } from '../alerts/support.ts';
import { until } from '../support/source-context.ts';

/** What a kind of channel brings to be held to the port's promises: a real other side. */
export interface ChannelRig {
  create(context: ChannelContext, timeout: string): Channel;
  /** a channel that the other side does not let in */
  createRefused(context: ChannelContext): Channel;
  /** every notice that arrived, repeats too, in order */
  received(): Notice[];
  /** the other side is there and says nothing, and speaks again */
  freeze(): void;
  thaw(): void;
  down(): Promise<void>;
  /** resolves when `received` sees what is sent from now on */
  up(): Promise<void>;
  close(): Promise<void>;
}

export const channelContext: ChannelContext = {
  name: 'phone',
  clock: systemClock,
  log: silentLog,
};

let nextId = 0;

/** A notice with a key of its own. */
export function someNotice(more: Parameters<typeof storedEvent>[2] = {}): Notice {
  nextId += 1;
  const event = storedEvent(nextId, 100 + nextId, more);
  return noticeOf(event, { site: 'Lahore', keyPrefix: '', nowMs: 1000, staleAfterMs: 1000 });
}

const never = () => new AbortController().signal;
const errorOf = (promise: Promise<unknown>) =>
  promise.then(
    () => null,
    (thrown: unknown) => thrown,
  );

/** The promises every kind of channel keeps (agent/alerts/channels/channel.ts). */
export function channelContract(name: string, makeRig: () => Promise<ChannelRig>): void {
  describe(`${name} keeps the contract of a channel`, () => {
    let rig: ChannelRig;
    let channel: Channel | null = null;
    beforeAll(async () => {
      rig = await makeRig();
    });
    afterEach(async () => {
      await channel?.close();
      channel = null;
    });
    afterAll(() => rig?.close());

    const open = (timeout = '5s') => {
      channel = rig.create(channelContext, timeout);
      return channel;
    };
    const arrived = (notice: Notice) => rig.received().filter((n) => n.key === notice.key);
    const arrives = (notice: Notice) =>
      until(() => arrived(notice).length > 0, `notice ${notice.key}`);

    it('resolves when the other side has the whole notice', async () => {
      const notice = someNotice({ title: 'Ø 22 h8 is out of tolerance: 22.003 mm' });
      await open().send(notice, never());
      await arrives(notice);
      expect(arrived(notice)).toEqual([notice]);
    });

    it('keeps the order of notices', async () => {
      const notices = Array.from({ length: 20 }, () => someNotice());
      const phone = open();
      for (const notice of notices) await phone.send(notice, never());
      await arrives(notices.at(-1) as Notice);
      const keys = new Set(notices.map((notice) => notice.key));
      expect(rig.received().filter((notice) => keys.has(notice.key))).toEqual(notices);
    });

    it('asks for a retry when no answer comes in time, and keeps the key', async () => {
      const notice = someNotice();
      const phone = open('400ms');
      await phone.send(someNotice(), never());
      rig.freeze();
      expect(await errorOf(phone.send(notice, never()))).toBeInstanceOf(RetryError);
      rig.thaw();
      await retried(phone, notice);
      await arrives(notice);
      for (const copy of arrived(notice)) expect(copy).toEqual(notice);
    });

    it('asks for a retry while nobody is there, and works once somebody is', async () => {
      const notice = someNotice();
      const phone = open('400ms');
      await rig.down();
      expect(await errorOf(phone.send(notice, never()))).toBeInstanceOf(RetryError);
      await rig.up();
      await retried(phone, notice);
      await arrives(notice);
    });

    it('holds when it is not let in', async () => {
      channel = rig.createRefused(channelContext);
      const notice = someNotice();
      expect(await errorOf(channel.send(notice, never()))).toBeInstanceOf(HoldError);
      expect(await errorOf(channel.send(notice, never()))).toBeInstanceOf(HoldError);
      expect(arrived(notice)).toEqual([]);
    });

    it('never sends what is too large, and goes on with the next', async () => {
      const large = someNotice({ detail: 'x'.repeat(300_000) });
      const notice = someNotice();
      const phone = open();
      expect(await errorOf(phone.send(large, never()))).toBeInstanceOf(PermanentError);
      await phone.send(notice, never());
      await arrives(notice);
      expect(arrived(large)).toEqual([]);
    });

    it('stops when it is told to, before and during the wait, and can be used again', async () => {
      const phone = open('20s');
      await phone.send(someNotice(), never());
      const reason = new Error('the agent stops');
      const early = someNotice();
      expect(await errorOf(phone.send(early, AbortSignal.abort(reason)))).toBe(reason);
      rig.freeze();
      const stop = new AbortController();
      const sending = errorOf(phone.send(someNotice(), stop.signal));
      stop.abort(reason);
      expect(await sending).toBe(reason);
      rig.thaw();
      const notice = someNotice();
      await retried(phone, notice);
      await arrives(notice);
      expect(arrived(early)).toEqual([]);
    });

    it('refuses to send once it is closed, and may be closed twice', async () => {
      const phone = rig.create(channelContext, '5s');
      await phone.close();
      await phone.close();
      expect(await errorOf(phone.send(someNotice(), never()))).toBeInstanceOf(Error);
    });
  });
}

/** As the dispatcher does, without its waits. */
async function retried(channel: Channel, notice: Notice): Promise<void> {
  for (let attempt = 0; attempt < 40; attempt += 1) {
    const error = await errorOf(channel.send(notice, never()));
    if (error === null) return;
    if (!(error instanceof RetryError)) throw error;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`notice ${notice.key} was never taken`);
}
