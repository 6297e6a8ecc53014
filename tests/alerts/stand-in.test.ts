import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Dispatcher } from '../../agent/alerts/dispatcher.ts';
import { RetryError } from '../../agent/runtime/errors.ts';
import { commit, type FakeChannel, fakeChannel, fakeStore, start } from './fake-channel.ts';
import { storedEvent } from './support.ts';

let store = fakeStore();
let phone = fakeChannel();
let mail = fakeChannel();
let running: Dispatcher | null = null;

beforeEach(() => {
  vi.useFakeTimers({ now: Date.UTC(2026, 9, 5, 12) });
  store = fakeStore();
  phone = fakeChannel();
  mail = fakeChannel();
});
afterEach(async () => {
  await running?.stop();
  running = null;
  vi.useRealTimers();
});

// Mail by itself only hears of what is closed, so that all else it gets is as a stand-in.
const ROUTES = [{ channels: ['phone'] }, { channels: ['mail'], transitions: ['closed'] }];
const open = () => {
  running = start({ phone, mail }, store, { standIns: { phone: 'mail' }, routes: ROUTES });
  return running;
};
const down = () => {
  throw new RetryError('nobody there');
};
const alarm = (id: number, more = {}) =>
  storedEvent(id, id, { timeMs: Date.now(), severity: 'alarm' as const, ...more });
const ids = (channel: FakeChannel) => channel.taken.map((notice) => notice.event.alert.id);

it('tells an alarm by the other channel within a minute while its own is down', async () => {
  const d = open();
  phone.behave = down;
  commit(store, d, [alarm(1)]);
  commit(store, d, [alarm(2, { severity: 'warning' }), alarm(3)]);
  await vi.advanceTimersByTimeAsync(29_000);
  expect(ids(mail)).toEqual([]);
  await vi.advanceTimersByTimeAsync(31_000);
  expect(ids(mail)).toEqual([1, 3]);
  expect(store.cursors['phone~mail']).toBe(3);
  // The phone still gets all of it, under the same keys.
  phone.behave = () => {};
  await vi.advanceTimersByTimeAsync(120_000);
  expect(ids(phone)).toEqual([1, 2, 3]);
  expect(phone.taken[0]?.key).toBe(mail.taken[0]?.key);
  commit(store, d, [alarm(4)]);
  await vi.advanceTimersByTimeAsync(120_000);
  expect(ids(mail)).toEqual([1, 3]);
});

it('does not repeat by the other channel what the own one delivered, slow as it may be', async () => {
  const d = open();
  phone.behave = () => new Promise((resolve) => setTimeout(resolve, 45_000));
  commit(store, d, [alarm(1)]);
  await vi.advanceTimersByTimeAsync(120_000);
  expect(ids(phone)).toEqual([1]);
  expect(ids(mail)).toEqual([]);
});

it('goes on after a restart in the middle of the outage', async () => {
  const d = open();
  phone.behave = down;
  commit(store, d, [alarm(1)]);
  await vi.advanceTimersByTimeAsync(60_000);
  commit(store, d, [alarm(2)]);
  await d.stop();
  expect(ids(mail)).toEqual([1]);
  open();
  await vi.advanceTimersByTimeAsync(90_000);
  expect(ids(mail)).toEqual([1, 2]);
});

it('never uses one channel for two messages at a time', async () => {
  const d = open();
  let inFlight = 0;
  let most = 0;
  mail.behave = async () => {
    inFlight += 1;
    most = Math.max(most, inFlight);
    await new Promise((resolve) => setTimeout(resolve, 1000));
    inFlight -= 1;
  };
  phone.behave = down;
  for (let id = 1; id <= 5; id += 1) commit(store, d, [alarm(id)]);
  await vi.advanceTimersByTimeAsync(31_000);
  for (let id = 6; id <= 8; id += 1)
    commit(store, d, [alarm(id, { transition: 'closed' as const })]);
  await vi.advanceTimersByTimeAsync(120_000);
  expect(mail.taken.length).toBeGreaterThan(7);
  expect(most).toBe(1);
});
