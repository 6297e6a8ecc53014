import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, expect, it } from 'vitest';
import { alertSettings, policyOf } from '../../agent/alerts/policy.ts';
import { createLoop } from '../../agent/core/loop.ts';
import type { FromCore } from '../../agent/core/protocol.ts';
import { recover } from '../../agent/core/recover.ts';
import { openReader } from '../../agent/store/reader.ts';
import { openWriter } from '../../agent/store/writer.ts';
import { checkedRow, encode, reducerOf } from '../support/reducer.ts';

const T0 = 1_700_000_000_000;
const IDS = Array.from({ length: 40 }, (_, i) => `od-${i}`);
const PER_BATCH = 20;
const folder = mkdtempSync(join(tmpdir(), 'meyar-small-'));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Bytes that are in use after everything that can be collected was. */
function inUse(): number {
  collect();
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** Core and store with a thousand readings for each second of its clock, and a reader behind it. */
function plant() {
  const clock = { nowMs: T0 };
  const file = join(folder, 'meyar.db');
  const writer = openWriter(file, { monotonic: () => clock.nowMs });
  const rows = IDS.map((id) => {
    const limits = { kind: 'fixed', center: 10, sigma: 1 };
    return [id, checkedRow(id, { subgroup: { kind: 'by-count', size: 5 }, limits })] as const;
  });
  const { reducer } = recover({
    writer,
    settings: {
      characteristics: Object.fromEntries(rows),
      alerts: policyOf(alertSettings.parse({})),
      sources: ['s'],
    },
    make(settings) {
      const numbers = writer.numbers(IDS);
      return reducerOf(settings, { numbers: IDS.map((id) => numbers.get(id) ?? -1) });
    },
    newStoreId: 'small',
    nowMs: T0,
  });
  const posted: FromCore[] = [];
  let due: (() => void) | null = null;
  const loop = createLoop({
    ...{ reducer, writer },
    clock: { now: () => clock.nowMs, monotonic: () => clock.nowMs },
    post: (message) => void posted.push(message),
    later(_ms, work) {
      due = work;
      return () => {
        due = null;
      };
    },
    options: {
      ...{ commitEveryMs: 20, commitReadings: 1000, snapshotEveryMs: 1000 },
      ...{ newStoreId: 'unused', readers: [] },
      retention: { journalKeepMs: 60_000, historyKeepMs: 1e12, maxBytes: 1e12 },
    },
  });
  const reader = openReader(file);
  let batches = 0;
  let shipped = 0;
  const feed = (seconds: number) => {
    for (let i = 0; i < seconds * (1000 / PER_BATCH); i += 1) {
      clock.nowMs += PER_BATCH;
      const first = batches * PER_BATCH;
      batches += 1;
      const tag = Array.from({ length: PER_BATCH }, (_, j) => (first + j) % IDS.length);
      const value = tag.map((_, j) => 10 + Math.sin(first + 7 * j) / 2);
      const sequence = tag.map((_, j) => first + j + 1);
      const bytes = encode([{ stream: 's/x', receiveMs: clock.nowMs, tag, value, sequence }]);
      loop.batch(batches, bytes.slice().buffer as ArrayBuffer);
      due?.();
      if (batches % 50 !== 0) continue;
      loop.tick(false);
      loop.retain();
      shipped = reader.rows(shipped, 10_000).upTo;
      posted.length = 0;
    }
  };
  return { feed, readings: () => reducer.figures.readings, loop, writer, reader };
}

it('takes no more memory after fifty thousand readings than after fifteen thousand', () => {
  const { feed, readings, loop, writer, reader } = plant();
  feed(15);
  const before = inUse();
  feed(35);
  expect(readings()).toBe(50_000);
  expect(inUse() - before).toBeLessThan(300_000);
  loop.stop();
  reader.close();
  writer.close();
});
