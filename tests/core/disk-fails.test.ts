import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { alertSettings, policyOf } from '../../agent/alerts/policy.ts';
import { unrecordedKey } from '../../agent/alerts/unrecorded.ts';
import { createLoop } from '../../agent/core/loop.ts';
import type { FromCore } from '../../agent/core/protocol.ts';
import { recover } from '../../agent/core/recover.ts';
import { StoreError } from '../../agent/store/errors.ts';
import { openReader } from '../../agent/store/reader.ts';
import { openWriter, type StoreWriter } from '../../agent/store/writer.ts';
import { checkedRow, encode, reducerOf, stateOf } from '../support/reducer.ts';

const T0 = 1_700_000_000_000;
const CALLS = ['begin', 'frame', 'reading', 'point', 'alert', 'saveState', 'commit'] as const;
type Call = (typeof CALLS)[number] | 'after commit';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

const SETTINGS = {
  characteristics: {
    od: checkedRow('od', {
      subgroup: { kind: 'by-count', size: 1 },
      limits: { kind: 'fixed', center: 10, sigma: 1 },
      rules: 'shewhart',
      noDataAfter: '1m',
    }),
  },
  alerts: policyOf(alertSettings.parse({})),
  sources: ['s'],
};

/** A core whose disk fails at the named call while `sick.at` says so. */
function rig() {
  const folder = mkdtempSync(join(tmpdir(), 'meyar-sick-'));
  folders.push(folder);
  const file = join(folder, 'meyar.db');
  const clock = { nowMs: T0 };
  const sick: { at: Call | null; closed: boolean } = { at: null, closed: false };
  const writer = openWriter(file, { monotonic: () => clock.nowMs });
  const restored = () =>
    recover({
      writer,
      settings: SETTINGS,
      make: (settings) => reducerOf(settings, { numbers: [writer.numbers(['od']).get('od') ?? 0] }),
      newStoreId: 'id',
      nowMs: T0,
    }).reducer;
  const posted: FromCore[] = [];
  const loop = createLoop({
    reducer: restored(),
    writer: failing(writer, sick),
    clock: { now: () => clock.nowMs, monotonic: () => clock.nowMs },
    post: (message) => posted.push(message),
    later: () => () => {},
    options: {
      commitEveryMs: 20,
      commitReadings: 1,
      snapshotEveryMs: 1,
      newStoreId: 'unused',
      readers: [],
      retention: { journalKeepMs: 1e12, historyKeepMs: 1e12, maxBytes: 1e12 },
    },
    rescue: {
      passing: (error) =>
        error instanceof StoreError && error.failure === 'io' ? error.message : null,
      reopen() {
        if (sick.closed) throw new StoreError('io', 'still sick');
        writer.reopen();
        return restored();
      },
    },
  });
  return { file, clock, sick, writer, posted, loop, restored };
}

function failing(writer: StoreWriter, sick: { at: Call | null }): StoreWriter {
  const broken: Record<string, unknown> = { ...writer };
  for (const call of CALLS) {
    broken[call] = (...args: never[]) => {
      const real = writer[call] as (...args: never[]) => unknown;
      if (sick.at === call) throw new StoreError('io', `no ${call}`);
      const result = real(...args);
      if (call === 'commit' && sick.at === 'after commit') throw new StoreError('io', 'no sync');
      return result;
    };
  }
  return broken as unknown as StoreWriter;
}

const reading = (sequence: number, value: number) =>
  encode([{ stream: 's/x', receiveMs: T0, tag: [0], value: [value], sequence: [sequence] }]).slice()
    .buffer as ArrayBuffer;

const acked = (posted: readonly FromCore[]) =>
  Math.max(0, ...posted.map((m) => (m.type === 'committed' ? m.committed.batch : 0)));

const recordings = (posted: readonly FromCore[]) =>
  posted.flatMap((m) => (m.type === 'recording' ? [m.recording.reason] : []));

describe('a disk that fails', () => {
  it.each(['frame', 'commit', 'after commit'] as const)(
    'at %s: an event that is waited for is acknowledged when it is back, and once',
    (call) => {
      const r = rig();
      r.loop.batch(1, reading(1, 10));
      r.sick.at = call;
      r.sick.closed = true;
      const lot = { source: 's', kind: 'lot', severity: 'info', text: 'L-8', timeMs: T0 } as const;
      r.loop.event(lot, 2);
      expect(acked(r.posted)).toBe(1);
      r.sick.at = null;
      r.sick.closed = false;
      r.loop.tick(false);
      expect(acked(r.posted)).toBe(2);
      r.loop.stop();
      const reader = openReader(r.file);
      expect(reader.events(10).filter((e) => e.text === 'L-8')).toHaveLength(1);
      reader.close();
    },
  );

  for (const call of [...CALLS, 'after commit'] as const) {
    it(`at ${call}: nothing is acknowledged, everything is recorded once it is back`, () => {
      const r = rig();
      r.loop.tick(true);
      r.loop.batch(1, reading(1, 10));
      expect(acked(r.posted)).toBe(1);
      r.clock.nowMs += 10;
      r.sick.at = call;
      r.sick.closed = true;
      r.loop.batch(2, reading(2, 14));
      r.loop.batch(3, reading(3, 10));
      r.clock.nowMs += 5000;
      r.loop.tick(false);
      r.loop.command(9, {
        kind: 'event',
        event: { source: 'person', kind: 'lot', severity: 'info', text: 'B', timeMs: T0 },
      });
      expect(acked(r.posted)).toBe(1);
      expect(r.posted.at(-1)).toMatchObject({ type: 'answer', id: 9, error: /nothing can be/ });
      // People still see their process, marked as not recorded.
      const shown = r.posted.flatMap((m) => (m.type === 'committed' ? [m.committed] : []));
      const seen = shown.filter((c) => !c.recorded);
      expect(seen.flatMap((c) => c.alerts.map((e) => e.transition))).toContain('raised');
      expect(seen.at(-1)?.figures.readings).toBe(3);
      expect(recordings(r.posted).at(-1)).not.toBe('');

      r.sick.at = null;
      r.sick.closed = false;
      r.loop.tick(false);
      expect(recordings(r.posted).at(-1)).toBe('');
      expect(acked(r.posted)).toBe(3);
      r.loop.batch(4, reading(4, 10));
      expect(acked(r.posted)).toBe(4);
      r.loop.stop();
      const reader = openReader(r.file);
      expect(reader.readings('od', 10).map((row) => row.value)).toEqual([10, 14, 10, 10]);
      expect(reader.points('od', { limit: 10 }).map((p) => p.index)).toEqual([1, 2, 3, 4]);
      expect(
        reader
          .alerts({ limit: 10 })
          .map((a) => a.kind)
          .sort(),
      ).toEqual(['out-of-control', 'source']);
      expect(reader.events(5)[0]?.text).toMatch(/took no writes for 5 s .* inputs were held/);
      reader.close();
      const state = stateOf(r.restored()).get('characteristic:od');
      r.writer.close();
      const calm = rig();
      for (const [i, value] of [10, 14, 10, 10].entries()) {
        calm.loop.batch(i + 1, reading(i + 1, value));
      }
      calm.loop.stop();
      expect(state).toBe(stateOf(calm.restored()).get('characteristic:od'));
      calm.writer.close();
    });
  }

  it('its alerts are the same before they are recorded and after, so that nobody is told twice', () => {
    const r = rig();
    r.loop.tick(true);
    r.loop.batch(1, reading(1, 10));
    r.sick.at = 'commit';
    r.sick.closed = true;
    for (const [n, value] of [10, 14, 14, 10].entries()) r.loop.batch(n + 2, reading(n + 2, value));
    // Long enough for an alarm of the disk itself, and for silence.
    for (let s = 0; s < 70; s += 1) {
      r.clock.nowMs += 1000;
      r.loop.tick(false);
    }
    // Back, but it fails once more on the way.
    r.sick.closed = false;
    r.clock.nowMs += 1000;
    r.loop.tick(false);
    r.sick.at = null;
    for (let s = 0; s < 4; s += 1) {
      r.clock.nowMs += 1000;
      r.loop.tick(false);
    }
    const all = r.posted.flatMap((m) => (m.type === 'committed' ? [m.committed] : []));
    const keys = (recorded: boolean) =>
      all
        .filter((c) => c.recorded === recorded)
        .flatMap((c) => c.alerts)
        .map(unrecordedKey);
    const before = new Set(keys(false));
    expect(before.size).toBeGreaterThan(2);
    const after = keys(true);
    expect(new Set(after).size).toBe(after.length);
    expect([...before].filter((key) => !after.includes(key))).toEqual([]);
    const alarm = all.flatMap((c) => c.alerts).find((e) => e.alert.kind === 'source');
    expect(alarm?.alert).toMatchObject({
      severity: 'alarm',
      title: expect.stringContaining('nothing can be recorded: still sick'),
    });
    r.loop.stop();
    r.writer.close();
  });

  it('fails again while the held input is put in: nothing is lost or doubled', () => {
    const r = rig();
    r.loop.tick(true);
    r.sick.at = 'commit';
    for (let n = 1; n <= 5; n += 1) r.loop.batch(n, reading(n, 10));
    r.clock.nowMs += 1000;
    r.loop.tick(false);
    r.clock.nowMs += 1000;
    r.sick.at = 'after commit';
    r.loop.tick(false);
    expect(acked(r.posted)).toBe(0);
    r.sick.at = null;
    r.clock.nowMs += 1000;
    r.loop.tick(false);
    expect(acked(r.posted)).toBe(5);
    r.writer.close();
    const reader = openReader(r.file);
    expect(reader.readings('od', 10).map((row) => row.sequence)).toEqual([1, 2, 3, 4, 5]);
    reader.close();
  });

  it('for another reason ends the core', () => {
    const r = rig();
    r.loop.tick(true);
    r.sick.at = 'commit';
    const broken = new StoreError('damaged', 'rotten');
    r.writer.commit = () => {
      throw broken;
    };
    r.sick.at = null;
    expect(() => r.loop.batch(1, reading(1, 10))).toThrow('rotten');
    r.writer.close();
  });
});
