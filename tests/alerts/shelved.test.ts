import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Dispatcher } from '../../agent/alerts/dispatcher.ts';
import { routeTo } from '../../agent/alerts/routes.ts';
import { commit, type FakeChannel, fakeChannel, fakeStore, start } from './fake-channel.ts';
import { storedEvent } from './support.ts';

const NOON = Date.UTC(2026, 9, 5, 12);
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
const shelf = { by: 'Sana', reason: 'mending', fromMs: NOON, untilMs: NOON + 1 };
const aside = { shelf: { ...shelf, endedMs: null, endedBy: null } };
const back = { shelf: { ...shelf, endedMs: NOON + 1, endedBy: null } };
const titles = (channel: FakeChannel) => channel.taken.map(({ title }) => title);
const told = (channel: FakeChannel) => channel.taken.map(({ event }) => event.transition);

const at: typeof storedEvent = (id, seq, more) => storedEvent(id, seq, { timeMs: NOON, ...more });

/** The life of an alarm that is put aside for a while, worsening and passing meanwhile. */
const LIFE = [
  at(1, 1),
  at(1, 2, { transition: 'shelved', ...aside }),
  at(1, 3, { transition: 'worsened', severity: 'alarm', ...aside }),
  at(1, 4, { transition: 'unshelved', severity: 'alarm', ...back }),
  at(1, 5, { transition: 'shelved', ...aside }),
  at(1, 6, { transition: 'cleared', state: 'cleared', ...aside }),
  at(1, 7, { transition: 'unshelved', state: 'cleared', ...back }),
  at(1, 8, { transition: 'closed', state: 'closed', ...aside }),
];

it('people hear nothing of what is put aside, and when it is back, if it still holds', async () => {
  const phone = fakeChannel();
  running = start({ phone }, store);
  for (const event of LIFE) commit(store, running, [event]);
  await vi.advanceTimersByTimeAsync(1000);
  expect(told(phone)).toEqual(['raised', 'unshelved']);
  expect(titles(phone)[1]).toBe('no longer put aside, ALARM: alert 1');
  expect(phone.taken[1]?.text).toContain('Put aside by Sana');
  expect(store.cursors).toEqual({ phone: 8 });
});

it('programs hear that it is put aside and when it is over', async () => {
  const hall = fakeChannel(true);
  running = start({ hall }, store);
  for (const event of LIFE) commit(store, running, [event]);
  await vi.advanceTimersByTimeAsync(1000);
  const all = ['raised', 'shelved', 'unshelved', 'shelved', 'unshelved', 'closed'];
  expect(told(hall)).toEqual(all);
});

it('what acts on machines acts all the same, and not once more when it is back', () => {
  const routes = [{ channels: ['stop'], transitions: ['raised' as const, 'worsened' as const] }];
  const wanted = routeTo('stop', routes, { programs: true, shelving: false });
  expect(LIFE.filter(wanted).map((event) => event.transition)).toEqual(['raised', 'worsened']);
});

it('those who are told only of what begins are told when it is back', async () => {
  const phone = fakeChannel();
  const routes = [{ channels: ['phone'], transitions: ['raised'] }];
  running = start({ phone }, store, { routes });
  for (const event of LIFE) commit(store, running, [event]);
  await vi.advanceTimersByTimeAsync(1000);
  expect(told(phone)).toEqual(['raised', 'unshelved']);
});

it('an escalation goes to the channels that it names, and to no other', async () => {
  const [phone, lead, boss] = [fakeChannel(), fakeChannel(), fakeChannel()];
  const routes = [
    { channels: ['phone'] },
    { channels: ['phone'], escalateAfter: '15m', escalateTo: ['lead'] },
  ];
  running = start({ phone, lead, boss }, store, { routes });
  const one = { ...{ rule: 'r', to: ['lead'], level: 2, levels: 3 }, afterMs: 1, sinceMs: 0 };
  const escalations = [{ ...one, toldMs: 5 }];
  const alarm = { severity: 'alarm' as const, escalations, escalatedTo: ['lead'] };
  commit(store, running, [at(1, 1, { severity: 'alarm' })]);
  commit(store, running, [at(1, 2, { transition: 'escalated', ...alarm })]);
  await vi.advanceTimersByTimeAsync(1000);
  expect(titles(lead)).toEqual(['not answered (2 of 3), ALARM: alert 1']);
  expect([told(phone), told(boss)]).toEqual([['raised'], []]);
});
