import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decodeBatch } from '../../agent/batch.ts';
import { QUALITY } from '../../agent/model.ts';
import { openReader, type StoreReader } from '../../agent/store/reader.ts';
import type { StoreWriter } from '../../agent/store/writer.ts';
import {
  alertEvent,
  batch,
  folder,
  gap,
  limits,
  open,
  point,
  START_MS,
  signal,
  text,
  transact,
} from './support.ts';

let at: ReturnType<typeof folder>;
let writer: StoreWriter;
let reader: StoreReader;
beforeEach(() => {
  at = folder();
  writer = open(at.file);
  writer.numbers(['bore', 'od']);
  reader = openReader(at.file);
});
afterEach(() => {
  reader.close();
  writer.close();
  at.clean();
});

/** Readings `from` … `to` − 1 of 'od', one a second; every tenth is bad. */
function readings(from: number, to: number): void {
  for (let i = from; i < to; i += 1) {
    const bad = i % 10 === 3;
    const quality = bad ? QUALITY.BAD_TIMEOUT : QUALITY.GOOD;
    writer.reading(1, START_MS + 1000 * i, bad ? Number.NaN : i / 8, quality, i);
  }
}

describe('points', () => {
  it('come back as they were written', () => {
    const first = point(1, { partSequence: null, z: null, spread: null, phase: 1 });
    const second = point(2);
    transact(writer, () => {
      writer.point(first);
      writer.point(second);
    });
    expect(reader.points('od', { limit: 10 })).toEqual([first, second]);
    expect(reader.points('od', { limit: 1 })).toEqual([second]);
    expect(reader.points('unknown', { limit: 10 })).toEqual([]);
  });

  it('are chosen by characteristic, chart and index, indexed or not yet', () => {
    const charts = ['xbar-r', 'ewma', 'cusum'];
    for (let t = 0; t < 30; t += 1) {
      transact(writer, () => {
        for (let k = 0; k < 100; k += 1) {
          for (const chart of charts) writer.point(point(100 * t + k + 1, { chart }));
          writer.point(point(100 * t + k + 1, { characteristic: 'bore' }));
        }
      });
    }
    const index = (chart: string | undefined, after: number | undefined, limit: number) =>
      reader
        .points('od', { limit, ...(chart && { chart }), ...(after && { after }) })
        .map((p) => p.index);
    expect(index('ewma', undefined, 3)).toEqual([2998, 2999, 3000]);
    expect(index('ewma', 2999, 50)).toEqual([3000]);
    expect(index('ewma', 100, 5000)).toHaveLength(2900);
    expect(index('ewma', 3000, 50)).toEqual([]);
    expect(index(undefined, undefined, 4)).toEqual([2999, 3000, 3000, 3000]);
    expect(index('p', undefined, 4)).toEqual([]);
    expect(index('cusum', undefined, 1e9)).toHaveLength(3000);
    expect(reader.points('bore', { limit: 2 }).map((p) => p.index)).toEqual([2999, 3000]);
  });

  it('are found after a restart in the middle of indexing', () => {
    transact(writer, () => {
      for (let k = 1; k <= 9000; k += 1) writer.point(point(k));
    });
    transact(writer, () => writer.point(point(9001)));
    writer.reopen();
    transact(writer, () => {
      for (let k = 9002; k <= 18_000; k += 1) writer.point(point(k));
    });
    const all = reader.points('od', { limit: 5000 });
    expect(all.map((p) => p.index)).toEqual(Array.from({ length: 5000 }, (_, i) => 13_001 + i));
    expect(reader.points('od', { limit: 10, after: 17_998 }).map((p) => p.index)).toEqual([
      17_999, 18_000,
    ]);
  });
});

describe('signals, limits, gaps and alerts', () => {
  it('come newest first, limits in order of version', () => {
    const rows = [signal(1), signal(2, { provisional: true, side: 'both' })] as const;
    const gaps = [gap(3, 5), gap(9, 9)] as const;
    transact(writer, () => {
      writer.signal(rows[0]);
      writer.gap(gaps[0]);
      writer.limits(limits(2));
      writer.limits(limits(1));
    });
    transact(writer, () => {
      writer.signal(rows[1]);
      writer.gap(gaps[1]);
      writer.limits(limits(2, { approvedBy: 'Q. Lead (made up)' }));
      writer.limits(limits(1, { characteristic: 'bore' }));
    });
    expect(reader.signals('od', 10)).toEqual([rows[1], rows[0]]);
    expect(reader.signals('od', 1)).toEqual([rows[1]]);
    expect(reader.signals('bore', 10)).toEqual([]);
    expect(reader.gaps(10)).toEqual([gaps[1], gaps[0]]);
    expect(reader.limits('od')).toEqual([
      limits(1),
      limits(2, { approvedBy: 'Q. Lead (made up)' }),
    ]);
  });

  it('show each alert as it is now, and every step it took', () => {
    const steps = [
      alertEvent(1),
      alertEvent(2),
      { ...alertEvent(1, { state: 'acknowledged' }), transition: 'acknowledged' as const },
      { ...alertEvent(1, { state: 'closed', cause: 'insert' }), transition: 'closed' as const },
    ];
    for (const step of steps) transact(writer, () => writer.alert(step));
    expect(reader.alert(1)?.cause).toBe('insert');
    expect(reader.alert(3)).toBeUndefined();
    const ids = (state?: 'active' | 'open' | 'closed') =>
      reader.alerts({ limit: 10, ...(state && { state }) }).map((a) => a.id);
    expect(ids()).toEqual([2, 1]);
    expect(ids('active')).toEqual([2]);
    expect(ids('open')).toEqual([2]);
    expect(ids('closed')).toEqual([1]);
    // With the time at which this machine kept it, which is not that of the event.
    const recordedMs = expect.any(Number);
    expect(reader.alertEvents(0, 10)).toEqual(steps.map((step) => ({ ...step, recordedMs })));
    expect(reader.alertEvents(2, 1)).toEqual([{ ...steps[2], recordedMs }]);
    expect(reader.alertHistory(1, 10)).toEqual([steps[0], steps[2], steps[3]]);
    expect(reader.alertHistory(1, 2)).toEqual([steps[2], steps[3]]);
    expect(reader.alertHistory(9, 10)).toEqual([]);
    expect(reader.alertEvents(4, 10)).toEqual([]);
  });
});

describe('history', () => {
  it('gives the newest readings, oldest first, null for what was not measured', () => {
    transact(writer, () => {
      writer.frame('tick', text('a'));
      readings(0, 1304);
      writer.saveState([]);
    });
    expect(reader.readings('od', 2)).toEqual([
      { sourceMs: START_MS + 1_302_000, value: 1302 / 8, quality: 0, sequence: 1302 },
      { sourceMs: START_MS + 1_303_000, value: null, quality: 20, sequence: 1303 },
    ]);
    expect(reader.readings('od', 5000).map((r) => r.sequence)).toEqual(
      Array.from({ length: 1304 }, (_, i) => i),
    );
    expect(reader.readings('bore', 10)).toEqual([]);
  });

  it('shows no reading twice when a chunk filled after the state was saved', () => {
    transact(writer, () => {
      writer.frame('tick', text('a'));
      readings(0, 500);
      writer.saveState([]);
    });
    transact(writer, () => {
      writer.frame('tick', text('b'));
      readings(500, 520);
    });
    expect(reader.readings('od', 5000).map((r) => r.sequence)).toEqual(
      Array.from({ length: 512 }, (_, i) => i),
    );
  });

  it('writes chunks that a replay fills, with no transaction open', () => {
    readings(0, 600);
    expect(reader.readings('od', 5000)).toEqual([]);
    transact(writer, () => writer.frame('tick', text('a')));
    expect(reader.readings('od', 5000)).toHaveLength(512);
    // A long replay does not hold all of them in memory.
    readings(600, 140_000);
    let count = 0;
    reader.scan('od', (chunk) => {
      for (let i = 0; i < chunk.count; i += 1) if (chunk.sequence[i] === count) count += 1;
      return true;
    });
    expect(count).toBeGreaterThan(130_000);
  });

  it('counts good readings in bins', () => {
    transact(writer, () => {
      writer.frame('tick', text('a'));
      readings(0, 1000);
      writer.saveState([]);
    });
    const all = reader.histogram('od', { limit: 20_000, from: 25, to: 75, bins: 5 });
    const good = Array.from({ length: 1000 }, (_, i) => i).filter((i) => i % 10 !== 3);
    const within = (low: number, high: number) =>
      good.filter((i) => i / 8 >= low && i / 8 < high).length;
    expect(all.counts.slice(0, 4)).toEqual([25, 35, 45, 55].map((low) => within(low, low + 10)));
    // The upper edge belongs to the last bin.
    expect(all.counts[4]).toBe(within(65, 75.001));
    expect(all.below).toBe(within(-1, 25));
    expect(all.above).toBe(within(75.001, 1e9));
    expect(all.readings).toBe(900);
    const newest = reader.histogram('od', { limit: 90, from: 0, to: 200, bins: 1 });
    expect(newest).toMatchObject({ counts: [90], readings: 90 });
  });

  it('makes the same buckets from summaries as from single readings', () => {
    transact(writer, () => {
      writer.frame('tick', text('a'));
      readings(0, 9000);
      writer.saveState([]);
    });
    for (const [fromS, toS, count] of [
      [0, 9000, 7],
      [0, 9000, 400],
      [-500, 20_000, 3],
      [1000, 1100, 13],
      [513, 4711, 4],
    ] as const) {
      const width = (1000 * (toS - fromS)) / count;
      const expected = Array.from({ length: count }, (_, b) => {
        const inside = Array.from({ length: 9000 }, (_, i) => i).filter(
          (i) => i % 10 !== 3 && Math.floor((1000 * (i - fromS)) / width) === b,
        );
        const mean = inside.reduce((sum, i) => sum + i / 8, 0) / inside.length;
        const [min, max] = [Number(inside[0]) / 8, Number(inside.at(-1)) / 8];
        return {
          fromMs: START_MS + 1000 * fromS + b * width,
          count: inside.length,
          min,
          max,
          mean,
        };
      }).filter((bucket) => bucket.count > 0);
      const query = { fromMs: START_MS + 1000 * fromS, toMs: START_MS + 1000 * toS, count };
      const got = reader.buckets('od', query);
      expect(got.map((b) => [b.count, b.min, b.max])).toEqual(
        expected.map((b) => [b.count, b.min, b.max]),
      );
      for (const [i, bucket] of got.entries()) {
        expect(bucket.mean).toBeCloseTo(expected[i]?.mean ?? 0, 9);
        expect(bucket.fromMs).toBeCloseTo(expected[i]?.fromMs ?? 0, 3);
      }
    }
    expect(reader.buckets('od', { fromMs: 5, toMs: 5, count: 10 })).toEqual([]);
  });
});

describe('rows', () => {
  it('gives whole transactions, with everything they derived', () => {
    for (let n = 1; n <= 6; n += 1) {
      transact(writer, () => {
        writer.frame('tick', text('t'));
        writer.frame('batch', batch(1, Array(40).fill(n)));
        writer.frame('batch', batch(0, Array(10).fill(n)));
        writer.point(point(n));
        if (n === 3) writer.alert(alertEvent(1));
      });
    }
    const first = reader.rows(0, 100);
    expect([first.after, first.upTo]).toEqual([0, 2]);
    expect(first.batches.map((b) => [b.seq, decodeBatch(b.bytes).value[0]])).toEqual([
      [1, 1],
      [1, 1],
      [2, 2],
      [2, 2],
    ]);
    expect(first.points.map((p) => p.index)).toEqual([1, 2]);
    expect(first.alerts).toEqual([]);
    const next = reader.rows(2, 1);
    expect([next.upTo, next.batches.length, next.alerts.length]).toEqual([3, 2, 1]);
    expect(reader.rows(3, 1e6).upTo).toBe(6);
    expect(reader.rows(6, 100)).toEqual({
      after: 6,
      upTo: 6,
      batches: [],
      points: [],
      signals: [],
      alerts: [],
      limits: [],
      gaps: [],
    });
  });

  it('gives bytes that own their buffer, so that they can change threads', () => {
    transact(writer, () => writer.frame('batch', batch(1, [1, 2])));
    const bytes = reader.rows(0, 10).batches[0]?.bytes;
    expect(bytes?.byteLength).toBe(bytes?.buffer.byteLength);
  });

  it('sees what is committed and nothing else', () => {
    transact(writer, () => writer.frame('tick', text('a')));
    writer.begin(START_MS);
    writer.frame('tick', text('b'));
    writer.point(point(1));
    expect(reader.head()).toBe(1);
    expect(reader.points('od', { limit: 5 })).toEqual([]);
    writer.commit();
    expect(reader.head()).toBe(2);
    expect(reader.points('od', { limit: 5 })).toHaveLength(1);
    writer.cursor('influx', 2);
    expect(reader.cursors()).toEqual({ influx: 2 });
  });
});
