import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Dispatcher } from '../../agent/alerts/dispatcher.ts';
import { HoldError, PermanentError, RetryError } from '../../agent/runtime/errors.ts';
import { commit, type FakeChannel, fakeChannel, fakeStore, start } from './fake-channel.ts';
import { storedEvent } from './support.ts';

const NOON = Date.UTC(2026, 9, 5, 12, 0, 0);
let store = fakeStore();
let phone = fakeChannel();
let running: Dispatcher | null = null;

beforeEach(() => {
  vi.useFakeTimers({ now: NOON });
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
const event = (id: number, seq: number, more = {}) =>
  storedEvent(id, seq, { timeMs: Date.now(), ...more });
const ids = (channel: FakeChannel) => channel.taken.map((notice) => notice.event.alert.id);

describe('delivery', () => {
  it('sends what was just committed without reading the store', async () => {
    const d = open();
    await settle();
    const before = store.reads;
    commit(store, d, [event(1, 7), event(2, 7, { ordinal: 1 })]);
    await settle();
    expect(phone.taken.map((n) => n.key)).toEqual(['1-raised-7-0', '2-raised-7-1']);
    expect(phone.taken[0]).toMatchObject({ site: 'Lahore', title: 'warning: alert 1' });
    expect(store.reads).toBe(before);
    expect(store.cursors).toEqual({ phone: 7 });
  });

  it('takes up after a restart where each channel was', async () => {
    commit(store, null, [event(1, 1), event(2, 2), event(3, 3)]);
    store.cursors['phone'] = 2;
    const hall = fakeChannel();
    open({ phone, hall });
    await settle();
    expect(ids(phone)).toEqual([3]);
    expect(ids(hall)).toEqual([1, 2, 3]);
  });

  it('loses and repeats nothing when events are offered during the first read', async () => {
    for (let seq = 1; seq <= 1200; seq += 1) commit(store, null, [event(seq, seq)]);
    phone.everyNotice = true;
    const d = open();
    for (let seq = 1201; seq <= 4000; seq += 1) commit(store, d, [event(seq, seq)]);
    await settle();
    expect(ids(phone)).toEqual(Array.from({ length: 4000 }, (_, i) => i + 1));
    expect(store.cursors).toEqual({ phone: 4000 });
  });

  it('gets through a transaction with more events than one read holds', async () => {
    const many = Array.from({ length: 1700 }, (_, i) => event(i + 1, 5, { ordinal: i }));
    commit(store, null, [event(9001, 4), ...many, event(9002, 6)]);
    phone.everyNotice = true;
    open();
    await settle();
    expect(phone.taken).toHaveLength(1702);
    expect(store.cursors).toEqual({ phone: 6 });
  });

  it('saves a cursor only when the whole transaction is delivered', async () => {
    const d = open();
    await settle();
    let release = () => {};
    phone.behave = (notice) =>
      notice.event.alert.id === 2 ? new Promise((resolve) => (release = resolve)) : undefined;
    commit(store, d, [event(1, 7), event(2, 7, { ordinal: 1 })]);
    await settle();
    expect(ids(phone)).toEqual([1]);
    expect(store.cursors).toEqual({ phone: 0 });
    release();
    await settle();
    expect(store.cursors).toEqual({ phone: 7 });
  });

  it('tells a new channel nothing old, also across a restart in an outage', async () => {
    commit(store, null, [event(1, 1), event(2, 2)]);
    phone.behave = () => {
      throw new RetryError('no network');
    };
    running = start({ phone }, store, {}, 2);
    await settle();
    commit(store, running, [event(3, 3)]);
    await settle();
    await running.stop();
    phone = fakeChannel();
    running = start({ phone }, store, {}, 3);
    await settle();
    expect(ids(phone)).toEqual([3]);
  });

  it('lets the cursor of a quiet channel follow the store', async () => {
    const d = open();
    commit(store, d, [event(1, 1)]);
    await settle();
    for (let seq = 2; seq <= 900; seq += 1) d.offer([], seq);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(store.cursors).toEqual({ phone: 900 });
    expect(phone.taken).toHaveLength(1);
  });

  it('follows the routes', async () => {
    const hall = fakeChannel();
    const routes = [
      { severities: ['alarm'], classes: ['SC', 'CC'], channels: ['phone', 'hall'] },
      { kinds: ['out-of-control'], transitions: ['raised'], channels: ['hall'] },
    ];
    const d = open({ phone, hall }, { routes });
    commit(store, d, [event(1, 1, { severity: 'alarm' }), event(2, 2)]);
    commit(store, d, [event(3, 3, { transition: 'cleared' })]);
    commit(store, d, [event(4, 4, { severity: 'alarm', class: 'none', kind: 'no-data' })]);
    await settle();
    expect(ids(phone)).toEqual([1]);
    expect(ids(hall)).toEqual([1, 2]);
    expect(store.cursors).toEqual({ phone: 4, hall: 4 });
  });
});

describe('failures', () => {
  it('repeats with the same key and growing waits, and other channels do not wait', async () => {
    const hall = fakeChannel();
    const d = open({ phone, hall });
    phone.behave = () => {
      throw new RetryError('busy');
    };
    commit(store, d, [event(1, 1)]);
    await settle();
    expect(ids(hall)).toEqual([1]);
    // 0.5 s grows to 60 s; the random part is 0.75 of the ceiling here.
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(phone.attempts.length).toBeGreaterThan(70);
    expect(phone.attempts.length).toBeLessThan(100);
    expect(d.health()[0]).toMatchObject({
      state: 'retrying',
      detail: 'busy',
      cursor: 0,
      head: 1,
      oldestUnsentMs: NOON,
    });
    phone.behave = () => {};
    await vi.advanceTimersByTimeAsync(60_000);
    expect(ids(phone)).toEqual([1]);
    expect(new Set(phone.attempts.map((n) => n.key)).size).toBe(1);
    expect(d.health()[0]).toMatchObject({ state: 'up', rowsWritten: 1, oldestUnsentMs: null });
  });

  it('says that a message is late', async () => {
    const d = open();
    phone.behave = () => {
      throw new RetryError('no network');
    };
    commit(store, d, [event(1, 1)]);
    await vi.advanceTimersByTimeAsync(3 * 3_600_000);
    phone.behave = () => {};
    await vi.advanceTimersByTimeAsync(60_000);
    expect(phone.taken[0]?.title).toBe('late by 3 h: warning: alert 1');
    expect(phone.attempts[0]?.title).toBe('warning: alert 1');
  });

  it('waits as long as the server asks', async () => {
    const d = open();
    phone.behave = () => {
      throw new RetryError('too many', 300_000);
    };
    commit(store, d, [event(1, 1)]);
    await vi.advanceTimersByTimeAsync(299_999);
    expect(phone.attempts).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(phone.attempts).toHaveLength(2);
  });

  it('keeps all while held and probes with the oldest', async () => {
    const d = open();
    phone.behave = () => {
      throw new HoldError('wrong token', 60_000);
    };
    commit(store, d, [event(1, 1), event(2, 2)]);
    await vi.advanceTimersByTimeAsync(120_000);
    expect(phone.attempts.map((n) => n.event.alert.id)).toEqual([1, 1, 1]);
    expect(d.health()[0]).toMatchObject({ state: 'held', detail: 'wrong token' });
    phone.behave = () => {};
    await vi.advanceTimersByTimeAsync(60_000);
    expect(ids(phone)).toEqual([1, 2]);
  });

  it('records a refusal for good and goes on', async () => {
    const d = open();
    phone.behave = (notice) => {
      if (notice.event.alert.id === 1) throw new PermanentError('no such room');
    };
    commit(store, d, [event(1, 1)]);
    commit(store, d, [event(2, 2)]);
    await settle();
    expect(ids(phone)).toEqual([2]);
    expect(d.health()[0]).toMatchObject({ rowsRejected: 1, rowsWritten: 1, cursor: 2 });
  });

  it('reads again when the store could not be read', async () => {
    commit(store, null, [event(1, 1)]);
    const load = store.load.bind(store);
    store.load = () => Promise.reject(new Error('database is locked'));
    open();
    await vi.advanceTimersByTimeAsync(5000);
    expect(phone.taken).toEqual([]);
    store.load = load;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(ids(phone)).toEqual([1]);
  });

  it('stops in the middle of a wait, closes the channel, and the next run has it all', async () => {
    const d = open();
    phone.behave = () => {
      throw new RetryError('no network');
    };
    commit(store, d, [event(1, 1), event(2, 2)]);
    await settle();
    await d.stop();
    expect(phone.closed).toBe(true);
    expect(d.health()[0]?.state).toBe('stopped');
    phone = fakeChannel();
    open({ phone });
    await settle();
    expect(ids(phone)).toEqual([1, 2]);
  });
});

describe('storms', () => {
  const storm = (d: Dispatcher, from: number, count: number, more = {}) => {
    for (let id = from; id < from + count; id += 1) commit(store, d, [event(id, id, more)]);
  };

  it('sends ten, then one digest when the window has room again', async () => {
    const d = open();
    storm(d, 1, 24);
    await settle();
    expect(ids(phone)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(store.cursors).toEqual({ phone: 10 });
    await vi.advanceTimersByTimeAsync(599_999);
    expect(phone.taken).toHaveLength(10);
    await vi.advanceTimersByTimeAsync(1);
    expect(phone.taken).toHaveLength(11);
    const clock = new Date(NOON).toTimeString().slice(0, 5);
    expect(phone.taken[10]?.title).toBe(`14 more alerts since ${clock}`);
    expect(phone.taken[10]?.text).toContain('od-turned: 14');
    expect(d.health()[0]).toMatchObject({ collapsed: 14, cursor: 24 });
  });

  it('does not hold alarms back for warnings, and holds the rest of its life back', async () => {
    const d = open();
    storm(d, 1, 50);
    storm(d, 51, 5, { severity: 'alarm' });
    commit(store, d, [event(51, 56, { severity: 'alarm', transition: 'cleared' })]);
    await settle();
    expect(ids(phone)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 51, 52, 53, 54, 55]);
  });

  it('sends at most eleven messages in any ten minutes of an endless storm', async () => {
    const d = open();
    const sentMs: number[] = [];
    phone.behave = () => void sentMs.push(Date.now());
    for (let minute = 0; minute < 120; minute += 1) {
      storm(d, 1 + minute * 20, 20);
      await vi.advanceTimersByTimeAsync(60_000);
    }
    expect(sentMs.length).toBeGreaterThan(12);
    for (const from of sentMs) {
      const within = sentMs.filter((ms) => ms >= from && ms < from + 600_000);
      expect(within.length).toBeLessThanOrEqual(11);
    }
  });

  it('tells a person no more than ten things and one summary of a thousand alarms a minute', async () => {
    const d = open();
    const sentMs: number[] = [];
    phone.behave = () => void sentMs.push(Date.now());
    const subjects: string[] = [];
    for (let minute = 0; minute < 20; minute += 1) {
      for (let i = 0; i < 1000; i += 1) {
        const id = 1 + minute * 1000 + i;
        // Critical characteristics among them, one in the worst of each storm.
        const critical = i === 500 && minute % 4 === 1;
        const subject = critical ? `critical-${minute}` : `s${id}`;
        if (critical) subjects.push(subject);
        const ofClass = critical ? 'CC' : 'SC';
        const more = { subject, class: ofClass, severity: 'alarm' as const, title: subject };
        commit(store, d, [event(id, id, more)]);
      }
      await vi.advanceTimersByTimeAsync(60_000);
    }
    await vi.advanceTimersByTimeAsync(1_200_000);
    // Every critical one was told by itself and at once.
    const alone = phone.taken.filter((n) => n.title.startsWith('ALARM: critical-'));
    expect(alone.map((n) => n.event.alert.subject)).toEqual(subjects);
    const others = sentMs.length - subjects.length;
    expect(others).toBeLessThanOrEqual(4 * 11);
    for (const from of sentMs) {
      const within = sentMs.filter((ms) => ms >= from && ms < from + 600_000);
      expect(within.length).toBeLessThanOrEqual(11 + 3);
    }
    // And nothing of the rest is silent: each is counted in a summary.
    const summed = phone.taken.flatMap((n) => /^(\d+) more alerts/.exec(n.title)?.[1] ?? []);
    expect(summed.reduce((sum, n) => sum + Number(n), 0) + alone.length).toBeGreaterThan(19_900);
  });

  it('names every critical alarm in the summary when there are too many to tell alone', async () => {
    const d = open();
    const critical = { severity: 'alarm' as const, class: 'CC' as const };
    for (let id = 1; id <= 60; id += 1) {
      commit(store, d, [event(id, id, { ...critical, subject: `cc${id}`, title: `cc${id}` })]);
    }
    await settle();
    expect(phone.taken).toHaveLength(20);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(phone.taken).toHaveLength(21);
    for (let id = 21; id <= 60; id += 1) {
      expect(phone.taken[20]?.text).toContain(`CRITICAL: cc${id}\n`);
    }
  });

  it('sends the digest although alarms go on', async () => {
    const d = open();
    storm(d, 1, 12);
    for (let n = 0; n < 20; n += 1) {
      storm(d, 100 + n, 1, { severity: 'alarm' });
      await vi.advanceTimersByTimeAsync(50_000);
    }
    expect(phone.taken.some((notice) => /^\d+ more alerts since/.test(notice.title))).toBe(true);
  });

  it('sends what a digest held once more when it was stopped before the digest', async () => {
    const d = open();
    storm(d, 1, 12);
    storm(d, 13, 1, { severity: 'alarm' });
    await settle();
    await d.stop();
    expect(store.cursors).toEqual({ phone: 10 });
    const first = phone;
    phone = fakeChannel();
    open({ phone });
    await settle();
    expect(ids(phone)).toEqual([11, 12, 13]);
    expect(phone.taken[2]?.key).toBe(first.taken.at(-1)?.key);
  });

  it('leaves channels alone that programs read', async () => {
    const hall = fakeChannel(true);
    const d = open({ hall });
    storm(d, 1, 50);
    await settle();
    expect(hall.taken).toHaveLength(50);
  });
});
