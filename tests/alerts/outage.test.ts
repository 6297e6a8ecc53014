import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Dispatcher } from '../../agent/alerts/dispatcher.ts';
import { PermanentError, RetryError } from '../../agent/runtime/errors.ts';
import { commit, type FakeChannel, fakeChannel, fakeStore, start } from './fake-channel.ts';
import { storedEvent } from './support.ts';

const NOON = Date.UTC(2026, 9, 5, 12);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
let store = fakeStore();
let running: Dispatcher | null = null;
beforeEach(() => {
  vi.useFakeTimers({ now: NOON });
  store = fakeStore();
});
afterEach(async () => {
  await running?.stop();
  running = null;
  vi.useRealTimers();
});
const down = () => {
  throw new RetryError('nobody there');
};
const keyOf = (id: number) => `${id}-raised-${id}-0`;
const rowsOf = (channel: string) =>
  (store.unsent[channel] ?? []).map(({ row }) => JSON.parse(row) as { key: string });
const alert = (id: number, more = {}) => storedEvent(id, id, { timeMs: Date.now(), ...more });

describe('channels that are down for 24 hours', () => {
  // Mail has a stand-in for alarms; the phone wants nothing old; the hall wants all of it.
  const settings = { standIns: { phone: 'mail' }, flood: { notices: 1000, window: '1m' } };
  const ROUTES = {
    routes: [{ channels: ['phone', 'hall'] }, { channels: ['mail'], transitions: ['closed'] }],
  };
  const open = (channels: Record<string, FakeChannel>) => {
    running = start(channels, store, { ...settings, ...ROUTES }, 0, { phone: 30 * MINUTE });
    return running;
  };

  it('deliver everything or keep a record of it, and alarms go the other way within a minute', async () => {
    const [phone, mail, hall] = [fakeChannel(), fakeChannel(), fakeChannel(true)];
    open({ phone, mail, hall });
    await vi.advanceTimersByTimeAsync(1000);
    phone.behave = down;
    hall.behave = down;
    const raisedMs = new Map<string, number>();
    const mailMs = new Map<string, number>();
    mail.behave = (notice) => void mailMs.set(notice.key, Date.now());
    let id = 0;
    for (let minute = 0; minute < 24 * 60; minute += 5) {
      id += 1;
      // The first is an alarm, and then one in an hour.
      const alarm = id % 12 === 1;
      if (alarm) raisedMs.set(keyOf(id), Date.now());
      commit(store, running, [alert(id, alarm ? { severity: 'alarm', class: 'CC' } : {})]);
      await vi.advanceTimersByTimeAsync(5 * MINUTE);
      if (minute === 12 * 60) {
        await running?.stop();
        open({ phone, mail, hall });
      }
    }
    phone.behave = () => {};
    hall.behave = () => {};
    await vi.advanceTimersByTimeAsync(2 * HOUR);

    const all = Array.from({ length: id }, (_, i) => keyOf(i + 1));
    const delivered = new Set(phone.taken.map((notice) => notice.key));
    const expired = new Set(rowsOf('phone').map(({ key }) => key));
    expect(all.filter((key) => !delivered.has(key) && !expired.has(key))).toEqual([]);
    expect(all.filter((key) => delivered.has(key) && expired.has(key))).toEqual([]);
    // What is younger than half an hour is sent, what is older is not.
    expect(delivered.size - 1).toBe(all.filter((key) => delivered.has(key)).length);
    expect(all.length - expired.size).toBeGreaterThan(4);
    expect(all.length - expired.size).toBeLessThan(9);
    const summaries = phone.taken.filter((notice) => notice.summary === true);
    expect(summaries.map(({ title }) => title.replace(/since \S+/, 'since …'))).toEqual([
      `${expired.size} messages since … came too late and were not sent`,
    ]);
    expect(hall.taken.map((notice) => notice.key)).toEqual(all);
    // Each alarm, within a minute, by the stand-in.
    const waits = [...raisedMs].map(([key, ms]) => (mailMs.get(key) ?? Number.NaN) - ms);
    expect(waits).toHaveLength(24);
    expect(Math.max(...waits)).toBeLessThanOrEqual(60_000);
  });
});

describe('what comes too late', () => {
  const open = (phone: FakeChannel, afterMs = 30 * MINUTE, settings = {}) => {
    running = start({ phone }, store, settings, 0, { phone: afterMs });
    return running;
  };

  it('is counted by the time of this machine, not by that of the source', async () => {
    const phone = fakeChannel();
    const d = open(phone);
    commit(store, d, [storedEvent(1, 1, { timeMs: 1000 })]);
    await vi.advanceTimersByTimeAsync(1000);
    expect(phone.taken.map((n) => n.key)).toEqual([keyOf(1)]);
    expect(store.unsent).toEqual({});
  });

  it('is known after a restart by when it was kept', async () => {
    const phone = fakeChannel();
    store.events.push({ ...storedEvent(1, 1, { timeMs: 1000 }), recordedMs: NOON - HOUR });
    store.events.push({ ...storedEvent(2, 2, { timeMs: 1000 }), recordedMs: NOON - 1000 });
    store.cursors['phone'] = 0;
    open(phone);
    await vi.advanceTimersByTimeAsync(1000);
    expect(rowsOf('phone').map(({ key }) => key)).toEqual([keyOf(1)]);
    expect(phone.taken.map((n) => n.title)).toEqual([
      expect.stringMatching(/^1 message since \S+ came too late and was not sent$/),
      expect.stringContaining('warning: alert 2'),
    ]);
    expect(phone.taken[1]?.event).not.toHaveProperty('recordedMs');
  });

  it('is counted again, and told once, when the agent stopped before the summary', async () => {
    let phone = fakeChannel();
    phone.behave = down;
    commit(store, open(phone), [alert(1), alert(2, {})].slice(0, 1));
    commit(store, running, [alert(2)]);
    await vi.advanceTimersByTimeAsync(HOUR);
    expect(running?.health()[0]).toMatchObject({ state: 'retrying', expired: 2 });
    await running?.stop();
    expect(store.cursors['phone']).toBe(0);
    phone = fakeChannel();
    open(phone);
    await vi.advanceTimersByTimeAsync(MINUTE);
    expect(phone.taken.map((n) => n.title)).toEqual([expect.stringMatching(/^2 messages since/)]);
    expect(new Set(rowsOf('phone').map(({ key }) => key)).size).toBe(2);
    expect(store.cursors['phone']).toBe(2);
  });

  it('goes to the stand-in all the same', async () => {
    const [phone, mail] = [fakeChannel(), fakeChannel()];
    phone.behave = down;
    const more = {
      ...{ standIns: { phone: 'mail' }, standInAfter: '5m' },
      routes: [{ channels: ['phone'] }, { channels: ['mail'], transitions: ['closed'] }],
    };
    running = start({ phone, mail }, store, more, 0, { phone: MINUTE });
    commit(store, running, [alert(1, { severity: 'alarm' })]);
    await vi.advanceTimersByTimeAsync(10 * MINUTE);
    expect(rowsOf('phone')).toHaveLength(1);
    expect(mail.taken.map((n) => n.key)).toEqual([keyOf(1)]);
  });

  it('never is without a limit', async () => {
    const phone = fakeChannel();
    phone.behave = down;
    running = start({ phone }, store);
    commit(store, running, [alert(1)]);
    await vi.advanceTimersByTimeAsync(30 * 24 * HOUR);
    phone.behave = () => {};
    await vi.advanceTimersByTimeAsync(2 * MINUTE);
    expect(phone.taken.map((n) => n.key)).toEqual([keyOf(1)]);
  });

  it('is kept as well as what the other side refuses for good', async () => {
    const phone = fakeChannel();
    phone.behave = () => {
      throw new PermanentError('no such room');
    };
    running = start({ phone }, store);
    commit(store, running, [alert(1)]);
    await vi.advanceTimersByTimeAsync(1000);
    expect(store.unsent['phone']).toEqual([
      { row: expect.stringContaining(keyOf(1)), reason: 'no such room', timeMs: NOON },
    ]);
  });
});
