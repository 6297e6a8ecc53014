import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Dispatcher } from '../../agent/alerts/dispatcher.ts';
import { RetryError } from '../../agent/runtime/errors.ts';
import { commit, type FakeChannel, fakeChannel, fakeStore, start } from './fake-channel.ts';
import { storedEvent } from './support.ts';

let store = fakeStore();
let phone = fakeChannel();
let running: Dispatcher | null = null;

beforeEach(() => {
  vi.useFakeTimers({ now: Date.UTC(2026, 9, 5, 12) });
  store = fakeStore();
  phone = fakeChannel();
});
afterEach(async () => {
  await running?.stop();
  running = null;
  vi.useRealTimers();
});

const open = (channels: Record<string, FakeChannel> = { phone }, settings = {}) => {
  running = start(channels, store, settings);
  return running;
};
const settle = () => vi.advanceTimersByTimeAsync(0);
const NOON = Date.UTC(2026, 9, 5, 12);
const alarm = (id: number, seq = 0) =>
  storedEvent(id, seq, { timeMs: NOON + id, severity: 'alarm' as const });
const ids = (channel: FakeChannel) => channel.taken.map((notice) => notice.event.alert.id);
const down = () => {
  throw new RetryError('nobody there');
};

describe('a store that takes no writes', () => {
  it('people are told at once, and not again when it is recorded', async () => {
    const d = open();
    d.offerUnrecorded([alarm(1)]);
    await settle();
    expect(phone.taken[0]).toMatchObject({
      title: 'ALARM: alert 1 (not recorded)',
      event: { unrecorded: true, seq: 0, ordinal: 0 },
    });
    expect(phone.taken[0]?.text).toContain('not recorded yet');
    expect(phone.taken[0]?.key).toBe(`1-raised-unrecorded-${NOON + 1}-1`);
    // Tried again, and failed again, before it is back.
    d.offerUnrecorded([alarm(1), alarm(2)]);
    await settle();
    commit(store, d, [alarm(1, 7), alarm(2, 7), alarm(3, 8)]);
    await settle();
    expect(ids(phone)).toEqual([1, 2, 3]);
    expect(phone.taken[2]?.title).toBe('ALARM: alert 3');
    expect(store.cursors).toEqual({ phone: 8 });
  });

  it('what a channel could not tell meanwhile it tells as recorded', async () => {
    const d = open();
    phone.behave = down;
    commit(store, d, [alarm(1, 5)]);
    await settle();
    d.offerUnrecorded([alarm(2), alarm(3)]);
    commit(store, d, [alarm(2, 6), alarm(3, 6)]);
    await vi.advanceTimersByTimeAsync(1000);
    phone.behave = () => {};
    await vi.advanceTimersByTimeAsync(120_000);
    expect(phone.taken.map((n) => n.key)).toEqual(['1-raised-5-0', '2-raised-6-0', '3-raised-6-0']);
    expect(store.cursors).toEqual({ phone: 6 });
  });

  it('what finds no room in memory is told when it is recorded', async () => {
    phone.everyNotice = true;
    const d = open();
    const all = Array.from({ length: 1300 }, (_, i) => i + 1);
    let release = () => {};
    phone.behave = () => new Promise((resolve) => (release = resolve));
    d.offerUnrecorded(all.map((id) => alarm(id)));
    await settle();
    phone.behave = () => {};
    release();
    await settle();
    expect(ids(phone)).toEqual(all.slice(0, 1000));
    commit(
      store,
      d,
      all.map((id) => alarm(id, 9)),
    );
    await settle();
    expect(ids(phone)).toEqual(all);
  });

  it('is not readable either: people are told all the same', async () => {
    store.load = async () => {
      throw new Error('the disk reported an input/output error');
    };
    const d = open();
    await settle();
    d.offerUnrecorded([alarm(1)]);
    // The read that failed is tried again after a moment, and what cannot be read does not stop it.
    await vi.advanceTimersByTimeAsync(2000);
    expect(ids(phone)).toEqual([1]);
  });

  it('a storm is still put into a summary', async () => {
    const d = open({ phone }, { flood: { notices: 3, window: '10m' } });
    const all = Array.from({ length: 20 }, (_, i) => alarm(i + 1));
    d.offerUnrecorded(all);
    await vi.advanceTimersByTimeAsync(11 * 60_000);
    expect(phone.taken.map((n) => n.title)).toEqual([
      ...[1, 2, 3].map((id) => `ALARM: alert ${id} (not recorded)`),
      expect.stringMatching(/^17 more alerts since/),
    ]);
    commit(
      store,
      d,
      all.map((event) => ({ ...event, seq: 4 })),
    );
    await vi.advanceTimersByTimeAsync(11 * 60_000);
    expect(phone.taken).toHaveLength(4);
  });

  it('an alarm goes to the stand-in only while its own channel fails', async () => {
    const mail = fakeChannel();
    const routes = [{ channels: ['phone'] }, { channels: ['mail'], transitions: ['closed'] }];
    const d = open({ phone, mail }, { standIns: { phone: 'mail' }, routes });
    d.offerUnrecorded([alarm(1)]);
    await vi.advanceTimersByTimeAsync(60_000);
    expect([ids(phone), ids(mail)]).toEqual([[1], []]);
    phone.behave = down;
    d.offerUnrecorded([alarm(2)]);
    await vi.advanceTimersByTimeAsync(60_000);
    expect([ids(phone), ids(mail)]).toEqual([[1], [2]]);
    phone.behave = () => {};
    commit(store, d, [alarm(1, 3), alarm(2, 3)]);
    await vi.advanceTimersByTimeAsync(120_000);
    commit(store, d, [alarm(3, 4)]);
    await vi.advanceTimersByTimeAsync(120_000);
    expect([ids(phone), ids(mail)]).toEqual([[1, 2, 3], [2]]);
  });
});
