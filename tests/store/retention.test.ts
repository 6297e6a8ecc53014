import { statSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openReader } from '../../agent/store/reader.ts';
import type { StoreOptions, StoreWriter } from '../../agent/store/writer.ts';
import {
  alertEvent,
  batch,
  DAY_MS,
  folder,
  limits,
  open,
  point,
  START_MS,
  transact,
} from './support.ts';

let at: ReturnType<typeof folder>;
let writer: StoreWriter;
beforeEach(() => {
  at = folder();
});
afterEach(() => {
  writer.close();
  at.clean();
});

const KEEP = { journalKeepMs: 10 * DAY_MS, historyKeepMs: 20 * DAY_MS, pointsKeepMs: 15 * DAY_MS };

/** Thirty days, one transaction of 600 readings and a point a day. */
function month(options: Partial<StoreOptions>, wall = (day: number) => START_MS + day * DAY_MS) {
  writer = open(at.file, options);
  writer.numbers(['od']);
  for (let day = 0; day < 30; day += 1) {
    transact(
      writer,
      () => {
        writer.frame('batch', batch(0, Array(600).fill(day)));
        for (let i = 0; i < 600; i += 1) writer.reading(0, START_MS + i, day, 0, i);
        writer.point(point(day));
        writer.saveState([]);
      },
      wall(day),
    );
  }
}

function clean(wallMs: number): { journalRows: number; chunks: number; points: number } {
  const total = { journalRows: 0, chunks: 0, points: 0 };
  for (let call = 0; call < 50; call += 1) {
    const removed = writer.retain(wallMs);
    total.journalRows += removed.journalRows;
    total.chunks += removed.chunks;
    total.points += removed.points;
    if (removed.journalRows + removed.chunks + removed.points === 0) return total;
  }
  throw new Error('cleaning up does not come to an end');
}

const seqs = () => [...writer.frames(0)].map((frame) => frame.seq);

describe('clean-up by age', () => {
  it('removes what is older than asked, and nothing that is younger', () => {
    month(KEEP);
    const removed = clean(START_MS + 30 * DAY_MS);
    expect(seqs()[0]).toBe(21);
    const reader = openReader(at.file);
    expect(reader.points('od', { limit: 100 }).map((p) => p.index)).toEqual(
      Array.from({ length: 15 }, (_, i) => 15 + i),
    );
    let oldest = Infinity;
    reader.scan('od', (chunk) => {
      oldest = Math.min(oldest, ...chunk.value.subarray(0, chunk.count));
      return true;
    });
    reader.close();
    // A chunk of two days counts as old as its younger one, and marks are a day apart.
    expect(oldest).toBeGreaterThanOrEqual(7);
    expect(oldest).toBeLessThanOrEqual(10);
    expect(removed.points).toBe(15);
    expect(clean(START_MS + 30 * DAY_MS)).toEqual({ journalRows: 0, chunks: 0, points: 0 });
  });

  it('keeps journal and points that some reader has not got yet', () => {
    month(KEEP);
    writer.cursor('fast', 30);
    writer.cursor('slow', 4);
    clean(START_MS + 30 * DAY_MS);
    expect(seqs()[0]).toBe(5);
    writer.cursor('slow', 12);
    clean(START_MS + 30 * DAY_MS);
    expect(seqs()[0]).toBe(13);
    writer.forget('slow');
    clean(START_MS + 30 * DAY_MS);
    expect(seqs()[0]).toBe(21);
  });

  it('keeps the journal that a replay needs, however old', () => {
    month(KEEP);
    transact(writer, () => writer.frame('batch', batch(0, [1])), START_MS + 29 * DAY_MS);
    clean(START_MS + 900 * DAY_MS);
    expect(seqs()).toEqual([31]);
    expect(writer.loadState().seq).toBe(30);
  });

  it('does not take rows for old that a clock not yet set has dated 1970', () => {
    month(KEEP, (day) => (day < 29 ? day * 1000 : START_MS));
    expect(clean(START_MS)).toEqual({ journalRows: 0, chunks: 0, points: 0 });
  });

  it('never removes alerts and limits', () => {
    month(KEEP);
    transact(writer, () => {
      writer.alert(alertEvent(1));
      writer.limits(limits(1));
    });
    for (let i = 0; i < 3; i += 1) {
      transact(writer, () => {
        writer.frame('batch', batch(0, [1]));
        writer.saveState([]);
      });
    }
    clean(START_MS + 5000 * DAY_MS);
    const reader = openReader(at.file);
    expect(reader.alertEvents(0, 10)).toHaveLength(1);
    expect(reader.limits('od')).toHaveLength(1);
    reader.close();
  });
});

describe('clean-up by size', () => {
  it('removes shipped journal first, and gives the space back', () => {
    month({ maxBytes: 600_000 });
    clean(START_MS);
    const left = seqs();
    expect(left.length).toBeLessThan(30);
    expect(left.at(-1)).toBe(30);
    expect(writer.figures()['usedBytes']).toBeLessThanOrEqual(600_000);
    expect(writer.figures()['unshippedRemoved']).toBe(0);
    const reader = openReader(at.file);
    expect(reader.readings('od', 1)[0]?.value).toBe(29);
    expect(reader.points('od', { limit: 100 })).toHaveLength(30);
    reader.close();
    writer.close();
    expect(statSync(at.file).size).toBeLessThan(1_000_000);
  });

  it('counts what it had to remove before it was shipped', () => {
    month({ maxBytes: 400_000 });
    writer.cursor('influx', 2);
    clean(START_MS);
    const removed = 30 - seqs().length;
    expect(removed).toBeGreaterThan(2);
    expect(writer.figures()['unshippedRemoved']).toBe(removed - 2);
  });

  it('goes on to points and history when the journal is not enough', () => {
    month({ maxBytes: 1 });
    const removed = clean(START_MS);
    // Two of 35 full chunks belong to the newest transaction, which always stays.
    expect(removed).toEqual({ journalRows: 29, chunks: 33, points: 29 });
    expect(seqs()).toEqual([30]);
  });

  it('stops when its time is up, and goes on in the next call', () => {
    let nowMs = 0;
    const monotonic = () => {
      nowMs += 20;
      return nowMs;
    };
    writer = open(at.file, { maxBytes: 1, monotonic });
    writer.numbers(['od']);
    for (let t = 0; t < 9; t += 1) {
      transact(writer, () => {
        for (let i = 0; i < 1000; i += 1) writer.point(point(i));
        writer.saveState([]);
      });
    }
    const first = writer.retain(START_MS).points;
    expect(first).toBeLessThanOrEqual(3000);
    expect(first + clean(START_MS).points).toBe(8000);
  });
});
