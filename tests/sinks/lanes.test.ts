import fc from 'fast-check';
import { expect, it } from 'vitest';
import { RetryError } from '../../agent/runtime/errors.ts';
import { silentLog } from '../../agent/runtime/log.ts';
import {
  behindOf,
  holeOf,
  jumped,
  liveOf,
  type Position,
  shipped,
} from '../../agent/sinks/lanes.ts';
import { type Shipper, shipper } from '../../agent/sinks/shipper.ts';
import type { Rows } from '../../agent/sinks/sink.ts';
import { fakeJournal } from '../support/sink-journal.ts';
import { until } from '../support/source-context.ts';

/** What a position claims to have, as a plain list. */
function held(p: Position): number[] {
  const all = Array.from({ length: p.seq }, (_, i) => i + 1);
  for (const { after, upTo } of p.ahead) for (let n = after + 1; n <= upTo; n += 1) all.push(n);
  return all;
}

const step = fc.record({
  kind: fc.constantFrom('commit', 'jump', 'live', 'hole'),
  size: fc.integer({ min: 1, max: 9 }),
});

it('claims exactly what was shipped, whatever the order of jumps and steps', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
      let p: Position = { seq: 0, ahead: [] };
      let head = 0;
      const sent = new Set<number>();
      const ship = (after: number, upTo: number) => {
        for (let n = after + 1; n <= upTo; n += 1) sent.add(n);
        p = shipped(p, { after, upTo });
      };
      for (const { kind, size } of steps) {
        const hole = holeOf(p);
        if (kind === 'commit') head += size;
        else if (kind === 'jump') p = jumped(p, head);
        else if (kind === 'live') ship(liveOf(p), Math.min(head, liveOf(p) + size));
        else if (hole !== null) ship(hole.after, Math.min(hole.upTo, hole.after + size));
        // Never more than was sent; less only when a stretch was forgotten, and then it is a hole.
        for (const n of held(p)) expect(sent).toContain(n);
        expect(behindOf(p)).toBe(liveOf(p) - held(p).length);
        expect(p.ahead.length).toBeLessThanOrEqual(64);
      }
      if (p.ahead.length < 64) expect(held(p).length).toBe(sent.size);
      for (let hole = holeOf(p); hole !== null; hole = holeOf(p)) ship(hole.after, hole.upTo);
      ship(p.seq, head);
      expect(p).toEqual({ seq: head, ahead: [] });
      expect(sent.size).toBe(head);
    }),
    { numRuns: 300 },
  );
});

it('forgets the smallest stretch when a database flaps more often than it drains', () => {
  let p: Position = { seq: 0, ahead: [] };
  for (let i = 1; i <= 100; i += 1) {
    p = jumped(p, i * 100);
    p = shipped(p, { after: i * 100, upTo: i * 100 + 10 });
  }
  expect(p.ahead).toHaveLength(64);
  expect(liveOf(p)).toBe(10_010);
  expect(holeOf(p)?.after).toBe(0);
});

const HOUR_MS = 3_600_000;

/** An other side that is down or up, and a shipper that can be killed and started again. */
function rig() {
  const journal = fakeJournal();
  const writes: Rows[] = [];
  let saved: Position = { seq: 0, ahead: [] };
  let down = false;
  let one: Shipper | undefined;
  const start = () => {
    one = shipper({
      name: 'influx',
      kind: 'influxdb',
      sink: {
        async open() {},
        async write(rows) {
          await new Promise((resolve) => setImmediate(resolve));
          if (down) throw new RetryError('ECONNREFUSED', 1);
          writes.push(rows);
          return { written: rows.batches.length, rejected: [] };
        },
        async close() {},
      },
      rows: journal.rows,
      saveCursor: (seq, ahead) => {
        saved = structuredClone({ seq, ahead }) as Position;
      },
      cursor: saved.seq,
      ahead: saved.ahead,
      flushEveryMs: 1,
      clock: { now: () => Date.now(), monotonic: () => performance.now() },
      random: () => 0,
      log: silentLog,
      maxReadings: 50,
    });
    one.wake(journal.head());
  };
  const commit = (agoMs: number) => {
    const at = { value: [1], receiveMs: Date.now() - agoMs };
    one?.wake(journal.commit({ deliveries: [at] }), 1);
  };
  return {
    journal,
    writes,
    commit,
    start,
    saved: () => saved,
    shipper: () => one as Shipper,
    down: (is: boolean) => {
      down = is;
    },
    /** what kill -9 leaves: nothing but what was saved */
    kill: () => one?.stop(0),
  };
}

const seqsOf = (writes: readonly Rows[]) => writes.flatMap((w) => w.batches.map((b) => b.seq));

it('sends what is fresh first after an outage, then fills the hole from its old end', async () => {
  const r = rig();
  r.start();
  r.down(true);
  for (let i = 0; i < 2000; i += 1) r.commit(HOUR_MS);
  await until(() => r.shipper().health().state === 'retrying' || r.saved().seq > 0, 'a failure');
  r.down(false);
  await until(() => (r.shipper().health().behind ?? 0) > 0 && r.writes.length > 1, 'the backlog');
  r.commit(0);
  await until(() => seqsOf(r.writes).includes(2001), 'the fresh row');
  expect(r.shipper().health()).toMatchObject({ state: 'up', head: 2001 });
  expect(seqsOf(r.writes).length).toBeLessThan(2001);
  await until(() => r.saved().seq === 2001, 'the end of the backlog');
  const old = seqsOf(r.writes).filter((seq) => seq <= 2000);
  expect(old).toEqual(Array.from({ length: 2000 }, (_, i) => i + 1));
  expect(r.shipper().health().behind).toBeUndefined();
  await r.kill();
});

it('loses nothing when it is killed at any time and the database flaps', async () => {
  const r = rig();
  let seed = 7;
  const random = (below: number) => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % below;
  };
  r.start();
  for (let round = 0; round < 40; round += 1) {
    r.down(random(2) === 0);
    for (let i = random(300); i > 0; i -= 1) r.commit(HOUR_MS);
    for (let i = random(4); i > 0; i -= 1) r.commit(0);
    for (let i = random(30); i > 0; i -= 1) await new Promise((done) => setImmediate(done));
    if (random(2) === 0) {
      await r.kill();
      const { seq, ahead } = r.saved();
      const sent = new Set(seqsOf(r.writes));
      const claimed = held({ seq, ahead });
      expect(claimed.filter((n) => !sent.has(n))).toEqual([]);
      r.start();
    }
  }
  r.down(false);
  const head = r.journal.head();
  await until(() => r.saved().seq === head && r.saved().ahead.length === 0, 'everything shipped');
  expect(new Set(seqsOf(r.writes)).size).toBe(head);
  await r.kill();
});
