import { afterEach, expect, it, vi } from 'vitest';
import { HoldError, PermanentError, RetryError } from '../../agent/runtime/errors.ts';
import type { Log } from '../../agent/runtime/log.ts';
import { type Shipper, type ShipperOptions, shipper } from '../../agent/sinks/shipper.ts';
import type { Rows, Sink } from '../../agent/sinks/sink.ts';
import { fakeJournal } from '../support/sink-journal.ts';

const running: Shipper[] = [];
afterEach(async () => {
  vi.useRealTimers();
  for (const one of running.splice(0)) await one.stop(0);
});

function rig(write: (rows: Rows, attempt: number) => void, part: Partial<ShipperOptions> = {}) {
  const journal = fakeJournal();
  const writes: Rows[] = [];
  const attempts: number[] = [];
  const cursors: number[] = [];
  const logged: string[] = [];
  let inFlight = 0;
  const sink: Sink = {
    async open() {},
    async write(rows) {
      inFlight += 1;
      expect(inFlight).toBe(1);
      await new Promise<void>((resolve) => queueMicrotask(resolve));
      inFlight -= 1;
      attempts.push(Date.now());
      write(rows, attempts.length);
      writes.push(rows);
      const written = rows.batches.reduce((sum, { batch }) => sum + batch.readings, 0);
      return { written, rejected: [] };
    },
    async close() {},
    ...part.sink,
  };
  const note = (event: string) => logged.push(event);
  const log: Log = { debug: note, info: note, warn: note, error: note, child: () => log };
  const one = shipper({
    name: 'influx',
    kind: 'influxdb',
    rows: journal.rows,
    saveCursor: (seq) => {
      cursors.push(seq);
    },
    cursor: 0,
    flushEveryMs: 1000,
    clock: { now: () => Date.now(), monotonic: () => Date.now() },
    random: () => 0.5,
    log,
    ...part,
    sink,
  });
  running.push(one);
  const commit = (readings = 1) => {
    const value = Array.from({ length: readings }, () => 1);
    one.wake(journal.commit({ deliveries: [{ value, receiveMs: Date.now() }] }), readings);
  };
  return { journal, one, commit, writes, attempts, cursors, logged };
}

it('collects commits for the flush time and sends them together', async () => {
  vi.useFakeTimers();
  const { commit, writes, cursors, one } = rig(() => {});
  for (let i = 0; i < 10; i += 1) {
    commit();
    await vi.advanceTimersByTimeAsync(50);
  }
  expect(writes).toHaveLength(0);
  expect(one.health()).toMatchObject({ cursor: 0, head: 10 });
  await vi.advanceTimersByTimeAsync(500);
  expect(writes).toHaveLength(1);
  expect(writes[0]?.batches.map((batch) => batch.seq)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  expect(cursors).toEqual([10]);
  expect(one.health()).toMatchObject({ cursor: 10, rowsWritten: 10, oldestUnsentMs: null });
});

it('sends at once when a thousand readings wait', async () => {
  vi.useFakeTimers();
  const { commit, writes } = rig(() => {});
  commit(999);
  await vi.advanceTimersByTimeAsync(1);
  expect(writes).toHaveLength(0);
  commit(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(writes).toHaveLength(1);
});

it('does not let wait once more what was there before the start', async () => {
  vi.useFakeTimers();
  const { journal, one, commit, writes } = rig(() => {}, { flushEveryMs: 60_000, cursor: 20 });
  for (let i = 0; i < 25; i += 1) journal.commit({ deliveries: [{ value: [1] }] });
  await vi.advanceTimersByTimeAsync(1);
  one.wake(25);
  await vi.advanceTimersByTimeAsync(1);
  expect(writes[0]?.batches.map((batch) => batch.seq)).toEqual([21, 22, 23, 24, 25]);
  commit();
  await vi.advanceTimersByTimeAsync(59_000);
  expect(writes).toHaveLength(1);
});

it('drains a backlog without pauses, every transaction once and in order', async () => {
  vi.useFakeTimers();
  const { journal, one, writes, cursors } = rig(() => {}, { maxReadings: 50, cursor: 20 });
  for (let i = 0; i < 500; i += 1) journal.commit({ deliveries: [{ value: [1] }] });
  one.wake(500);
  await vi.advanceTimersByTimeAsync(1000);
  const seqs = writes.flatMap((rows) => rows.batches.map((batch) => batch.seq));
  expect(seqs).toEqual(Array.from({ length: 480 }, (_, i) => i + 21));
  expect(cursors.at(-1)).toBe(500);
  expect([...cursors].sort((a, b) => a - b)).toEqual(cursors);
});

it('leaves half a second between writes while the agent does not keep up', async () => {
  vi.useFakeTimers({ now: 1_000_000 });
  let busy = true;
  const { commit, attempts } = rig(() => {}, { maxReadings: 1, busy: () => busy });
  for (let i = 0; i < 6; i += 1) commit(1000);
  await vi.advanceTimersByTimeAsync(1200);
  expect(attempts).toEqual([1_000_500, 1_001_000]);
  busy = false;
  // The next commit says so.
  commit(1000);
  await vi.advanceTimersByTimeAsync(1);
  expect(attempts).toHaveLength(7);
});

it('does not wait for anybody when it is stopped', async () => {
  const { commit, one, cursors } = rig(() => {}, { busy: () => true });
  commit(1000);
  await one.stop(10_000);
  expect(cursors).toEqual([1]);
});

it('backs off up to a minute, without end, and moves the cursor only after success', async () => {
  vi.useFakeTimers();
  const { commit, attempts, cursors, one, logged } = rig((_, attempt) => {
    if (attempt <= 15) throw new RetryError('ECONNREFUSED');
  });
  commit();
  await vi.advanceTimersByTimeAsync(120_000);
  expect(one.health()).toMatchObject({ state: 'retrying', detail: 'ECONNREFUSED', cursor: 0 });
  expect(one.health().oldestUnsentMs).toBeLessThanOrEqual(Date.now() - 120_000);
  await vi.advanceTimersByTimeAsync(900_000);
  const gaps = attempts.slice(1).map((at, i) => at - (attempts[i] ?? 0));
  expect(Math.max(...gaps)).toBeLessThanOrEqual(60_000);
  expect(gaps[5]).toBeGreaterThan(gaps[0] ?? 0);
  expect(cursors).toEqual([1]);
  expect(one.health()).toMatchObject({ state: 'up', detail: '', cursor: 1 });
  expect(logged).toEqual(['sink-retrying', 'sink-up']);
});

it('does not ask again before the time that the server named', async () => {
  vi.useFakeTimers();
  const { commit, attempts } = rig((_, attempt) => {
    if (attempt === 1) throw new RetryError('429', 30_000);
  });
  commit();
  await vi.advanceTimersByTimeAsync(1000);
  expect(attempts).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(29_900);
  expect(attempts).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(1100);
  expect(attempts).toHaveLength(2);
});

it('holds and probes each minute', async () => {
  vi.useFakeTimers();
  const { commit, attempts, one, logged } = rig((_, attempt) => {
    if (attempt <= 3) throw new HoldError('401: authorization failed');
  });
  commit();
  await vi.advanceTimersByTimeAsync(1001);
  expect(one.health()).toMatchObject({ state: 'held', detail: '401: authorization failed' });
  await vi.advanceTimersByTimeAsync(59_000);
  expect(attempts).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(180_000);
  expect(attempts).toHaveLength(4);
  expect(one.health()).toMatchObject({ state: 'up', cursor: 1 });
  expect(logged).toEqual(['sink-held', 'sink-up']);
});

it('stops on a permanent error and keeps everything', async () => {
  vi.useFakeTimers();
  const { commit, attempts, one, cursors } = rig(() => {
    throw new PermanentError('this can never be written');
  });
  commit();
  await vi.advanceTimersByTimeAsync(600_000);
  commit();
  expect(attempts).toHaveLength(1);
  expect(cursors).toEqual([]);
  expect(one.health()).toMatchObject({
    state: 'stopped',
    detail: 'this can never be written',
    cursor: 0,
    head: 2,
  });
});

it('writes again when the cursor could not be saved', async () => {
  vi.useFakeTimers();
  let saves = 0;
  const { commit, writes, one } = rig(() => {}, {
    saveCursor: () => {
      saves += 1;
      if (saves === 1) throw new Error('disk full');
    },
  });
  commit();
  await vi.advanceTimersByTimeAsync(5000);
  expect(writes.map((rows) => rows.upTo)).toEqual([1, 1]);
  expect(one.health()).toMatchObject({ state: 'up', cursor: 1 });
});

it('counts refused rows, hands each over to be kept, and logs each reason once', async () => {
  vi.useFakeTimers();
  const refuse = (rows: Rows) => ({
    written: 0,
    rejected: rows.batches.map(({ seq }) => ({ row: `row ${seq}`, reason: `400: line ${seq}` })),
  });
  const sink = { async open() {}, write: async (rows: Rows) => refuse(rows), async close() {} };
  const kept: { row: string; reason: string; timeMs: number }[] = [];
  const keepRejected: ShipperOptions['keepRejected'] = (rows) => kept.push(...rows);
  const { commit, one, logged } = rig(() => {}, { sink, keepRejected });
  for (let i = 0; i < 250; i += 1) commit();
  await vi.advanceTimersByTimeAsync(1000);
  expect(one.health()).toMatchObject({ rowsRejected: 250, cursor: 250, state: 'up' });
  expect(kept).toHaveLength(250);
  expect(kept.at(-1)).toMatchObject({ row: 'row 250', reason: '400: line 250' });
  expect(logged).toEqual(['sink-row-rejected']);
});

it('ships what waits when it is stopped', async () => {
  const { commit, one, writes } = rig(() => {}, { flushEveryMs: 60_000 });
  commit();
  await one.stop(1000);
  expect(writes).toHaveLength(1);
  expect(one.health()).toMatchObject({ state: 'stopped', cursor: 1 });
});

it('stops by its deadline while the other side hangs', async () => {
  const hang = (_: Rows, signal: AbortSignal) =>
    new Promise<never>((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(new RetryError('stopped')));
    });
  const sink = { async open() {}, write: hang, async close() {} };
  const { commit, one, cursors } = rig(() => {}, { sink, flushEveryMs: 0 });
  commit();
  await one.stop(20);
  expect(cursors).toEqual([]);
});

it('sends rejected rows once more, between two writes, and says which were taken', async () => {
  const asked: string[][] = [];
  const sink: Sink = {
    async open() {},
    write: async () => ({ written: 1, rejected: [] }),
    async again(rows) {
      asked.push([...rows]);
      return { written: rows.length - 1, rejected: [{ row: 'b', reason: '400: still bad' }] };
    },
    async close() {},
  };
  const { one } = rig(() => {}, { sink });
  const row = (id: number, text: string) => ({
    id,
    sink: 'influx',
    timeMs: 0,
    row: text,
    reason: '',
  });
  const result = await one.again([row(3, 'a'), row(5, 'b')]);
  expect(asked).toEqual([['a', 'b']]);
  expect(result).toEqual({ taken: [3], refused: [{ id: 5, reason: '400: still bad' }] });
});
