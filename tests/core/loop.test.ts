import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { alertSettings, policyOf } from '../../agent/alerts/policy.ts';
import { createLoop, type Loop } from '../../agent/core/loop.ts';
import type { FromCore } from '../../agent/core/protocol.ts';
import { type Recovered, recover } from '../../agent/core/recover.ts';
import { openReader } from '../../agent/store/reader.ts';
import type { Writer } from '../../agent/store/store.ts';
import { openWriter, type StoreWriter } from '../../agent/store/writer.ts';
import { mixedRows, randomInputs, runs } from '../support/random-inputs.ts';
import {
  checkedRow,
  encode,
  type Input,
  type Rows,
  reducerOf,
  stateOf,
} from '../support/reducer.ts';

const T0 = 1_700_000_000_000;
const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'meyar-loop-'));
  folders.push(made);
  return made;
}

interface Rig {
  loop: Loop;
  writer: StoreWriter;
  reducer: Recovered['reducer'];
  posted: FromCore[];
  /** what happened, in order: commit, post, frame kinds */
  log: string[];
  clock: { nowMs: number };
  /** runs what the loop asked to have done later */
  timers: Map<number, () => void>;
  recovered: Recovered;
}

/** The core without its thread: a real store, a clock in the hand, timers that fire when told. */
function rig(file: string, rows: Rows, snapshotEveryMs = 1000, maxBytes = 1e12): Rig {
  const log: string[] = [];
  const clock = { nowMs: T0 };
  const writer = openWriter(file, { monotonic: () => clock.nowMs, maxBytes });
  const checked = Object.entries(rows).map(([id, row]) => [id, checkedRow(id, row)] as const);
  const recovered = recover({
    writer,
    settings: {
      characteristics: Object.fromEntries(checked),
      alerts: policyOf(alertSettings.parse({})),
      sources: ['s'],
    },
    make(settings) {
      const ids = Object.keys(settings.characteristics);
      const numbers = writer.numbers(ids);
      return reducerOf(settings, { numbers: ids.map((id) => numbers.get(id) ?? -1) });
    },
    newStoreId: `id-${file}`,
    nowMs: T0,
  });
  const { reducer } = recovered;
  const posted: FromCore[] = [];
  const timers = new Map<number, () => void>();
  let nextTimer = 1;
  const loop = createLoop({
    reducer,
    writer: watched(writer, log),
    clock: { now: () => clock.nowMs, monotonic: () => clock.nowMs },
    post(message) {
      log.push(message.type === 'committed' ? `ack ${message.committed.batch}` : message.type);
      posted.push(message);
    },
    later(_ms, work) {
      const id = nextTimer;
      nextTimer += 1;
      timers.set(id, work);
      return () => timers.delete(id);
    },
    options: {
      commitEveryMs: 20,
      commitReadings: 1000,
      snapshotEveryMs,
      newStoreId: 'unused',
      readers: [],
      retention: { journalKeepMs: 1e12, historyKeepMs: 1e12, maxBytes: 1e12 },
    },
  });
  return { loop, writer, reducer, posted, log, clock, timers, recovered };
}

function watched(writer: StoreWriter, log: string[]): Writer {
  return {
    ...writer,
    frame(kind, bytes) {
      log.push(kind);
      writer.frame(kind, bytes);
    },
    commit() {
      writer.commit();
      log.push('commit');
    },
  };
}

function fire(r: Rig): void {
  for (const [id, work] of [...r.timers]) {
    r.timers.delete(id);
    work();
  }
}

const calm: Rows = {
  od: {
    subgroup: { kind: 'by-count', size: 1 },
    limits: { kind: 'fixed', center: 10, sigma: 1 },
    rules: 'shewhart',
    noDataAfter: '1m',
  },
};
const buffer = (bytes: Uint8Array) => bytes.slice().buffer as ArrayBuffer;
const reading = (sequence: number, value: number) =>
  buffer(
    encode([{ stream: 's/x', receiveMs: T0, tag: [0], value: [value], sequence: [sequence] }]),
  );

describe('a transaction', () => {
  it('is acknowledged after its commit, never before', () => {
    const r = rig(join(folder(), 'meyar.db'), calm);
    r.loop.batch(1, reading(1, 10));
    r.loop.batch(2, reading(2, 10));
    expect(r.log).toEqual(['batch', 'batch']);
    fire(r);
    expect(r.log).toEqual(['batch', 'batch', 'commit', 'ack 2']);
    r.writer.close();
  });

  it('tells what changed once a second, and four times while somebody looks', () => {
    const r = rig(join(folder(), 'meyar.db'), calm);
    let id = 0;
    const second = () => {
      r.posted.length = 0;
      for (let i = 0; i < 20; i += 1) {
        r.clock.nowMs += 50;
        id += 1;
        r.loop.batch(id, reading(id, 10));
        fire(r);
      }
      const lists = r.posted.flatMap((m) =>
        m.type === 'committed' ? [m.committed.summaries] : [],
      );
      expect(lists).toHaveLength(20);
      return lists.flatMap((list) => list.map((s) => s.readings));
    };
    second();
    expect(second()).toHaveLength(1);
    r.loop.watched(true);
    expect(second()).toHaveLength(4);
    r.loop.watched(false);
    expect(second()).toHaveLength(1);
    r.writer.close();
  });

  it('closes at once when a rule is broken', () => {
    const r = rig(join(folder(), 'meyar.db'), calm);
    r.loop.batch(1, reading(1, 10));
    r.loop.batch(2, reading(2, 13.2));
    expect(r.log).toEqual(['batch', 'batch', 'commit', 'ack 2']);
    const [message] = r.posted;
    expect(message).toMatchObject({ committed: { seq: 1, batch: 2 } });
    const alerts = message?.type === 'committed' ? message.committed.alerts : [];
    expect(alerts.map((e) => [e.seq, e.transition, e.alert.kind])).toEqual([
      [1, 'raised', 'out-of-control'],
    ]);
    expect(r.timers.size).toBe(0);
    r.writer.close();
  });

  it('waits for a batch that is at hand, but not for ever', () => {
    const r = rig(join(folder(), 'meyar.db'), calm);
    r.loop.batch(1, reading(1, 13.2), true);
    expect(r.log).toEqual(['batch']);
    r.loop.batch(2, reading(2, 10));
    expect(r.log).toEqual(['batch', 'batch', 'commit', 'ack 2']);
    r.loop.batch(3, reading(3, 13.2), true);
    r.clock.nowMs += 20;
    r.loop.batch(4, reading(4, 13.2), true);
    expect(r.log.slice(4)).toEqual(['batch', 'batch', 'commit', 'ack 4']);
    r.writer.close();
  });

  it('closes when it holds enough readings', () => {
    const r = rig(join(folder(), 'meyar.db'), calm);
    const many = Array.from({ length: 1000 }, (_, i) => ({
      stream: 's/x',
      receiveMs: T0,
      tag: [0],
      value: [10],
      sequence: [i + 1],
    }));
    r.loop.batch(1, buffer(encode(many.slice(0, 999))));
    expect(r.log).toEqual(['batch']);
    r.loop.batch(2, buffer(encode(many.slice(999))));
    expect(r.log).toEqual(['batch', 'batch', 'commit', 'ack 2']);
    r.writer.close();
  });

  it('is closed before anything is cleaned up', () => {
    const r = rig(join(folder(), 'meyar.db'), calm);
    r.loop.batch(1, reading(1, 10));
    r.loop.retain();
    expect(r.log).toEqual(['batch', 'commit', 'ack 1']);
    r.loop.batch(2, reading(2, 10));
    fire(r);
    expect(r.log.slice(3)).toEqual(['batch', 'commit', 'ack 2']);
    r.writer.close();
  });

  it('takes in commands and events at once, in the order in which they came', () => {
    const r = rig(join(folder(), 'meyar.db'), calm);
    r.loop.batch(1, reading(1, 13.2));
    r.log.length = 0;
    r.loop.batch(2, reading(2, 10));
    const who = { by: 'Bilal', cause: 'insert worn', action: 'changed', comment: '' };
    r.loop.command(7, { kind: 'acknowledge', alert: 1, ...who, timeMs: T0 });
    expect(r.log).toEqual(['batch', 'command', 'commit', 'ack 2', 'answer']);
    expect(r.posted.at(-1)).toMatchObject({ id: 7, alert: { state: 'acknowledged' } });
    r.loop.event({ source: 's', kind: 'device', severity: 'alarm', text: 'off', timeMs: T0 });
    expect(r.log.slice(5)).toEqual(['event', 'commit', 'ack 2']);
    r.loop.event({ source: 's', kind: 'lot', severity: 'info', text: 'L-8', timeMs: T0 }, 3);
    expect(r.log.slice(8)).toEqual(['event', 'commit', 'ack 3']);
    r.loop.command(8, { kind: 'acknowledge', alert: 99, ...who, timeMs: T0 });
    expect(r.posted.at(-1)).toMatchObject({ id: 8, error: expect.stringContaining('not known') });
    r.writer.close();
  });
});

describe('ticks', () => {
  it('are journaled only when they change something', () => {
    const r = rig(join(folder(), 'meyar.db'), calm);
    r.loop.tick(true);
    for (let second = 1; second <= 59; second += 1) {
      r.clock.nowMs += 1000;
      r.loop.tick(false);
    }
    expect(r.log.filter((what) => what === 'tick')).toHaveLength(1);
    r.clock.nowMs += 2000;
    r.loop.tick(false);
    expect(r.log.filter((what) => what === 'tick')).toHaveLength(2);
    r.clock.nowMs += 60_000;
    r.loop.tick(false);
    expect(r.log.filter((what) => what === 'tick')).toHaveLength(2);
    expect([...r.writer.frames(0)].map((frame) => frame.kind)).toEqual(['tick', 'tick']);
    r.writer.close();
  });

  it('carry positions of readers to the disk without growing the journal', () => {
    const file = join(folder(), 'meyar.db');
    const r = rig(file, calm);
    r.loop.batch(1, reading(1, 13.2));
    r.loop.cursor('sink:influx', 1);
    r.loop.tick(false);
    expect(r.writer.head()).toBe(1);
    const reader = openReader(file);
    expect(reader.cursors()).toEqual({ 'sink:influx': 1 });
    reader.close();
    r.writer.close();
  });

  it('tell people when the disk had to give up what a sink still waits for', () => {
    const file = join(folder(), 'meyar.db');
    const r = rig(file, calm, 0, 1);
    r.loop.cursor('sink:influx', 0);
    for (let i = 1; i < 8; i += 1) {
      r.clock.nowMs += 100;
      r.loop.batch(i, reading(i, 13.2));
      for (const fire of [...r.timers.values()]) fire();
    }
    r.loop.retain();
    const reader = openReader(file);
    const [alert] = reader.alerts({ limit: 10 });
    expect(alert).toMatchObject({ subject: 'store', kind: 'source', severity: 'alarm' });
    expect(alert?.title).toMatch(/removed before sink:influx had them/);
    expect(r.posted.some((m) => m.type === 'committed' && m.committed.alerts.length > 0)).toBe(
      true,
    );
    reader.close();
    r.writer.close();
  });
});

/** What a killed process leaves behind: the files as they are, without a last word. */
function killed(r: Rig, from: string): string {
  const copy = folder();
  cpSync(from, copy, { recursive: true });
  r.writer.close();
  return copy;
}

function give(r: Rig, inputs: readonly Input[]): void {
  inputs.forEach((input, i) => {
    r.clock.nowMs += 170;
    if (input.kind === 'batch') r.loop.batch(i + 1, buffer(input.bytes));
    else if (input.kind === 'event') r.loop.event(input.event);
    else if (input.kind === 'command') r.loop.command(i, input.command);
  });
}

/** Everything derived that a store holds, with its keys. */
function contents(file: string) {
  const reader = openReader(file);
  const { points, signals, alerts, limits, gaps } = reader.rows(0, Number.POSITIVE_INFINITY);
  const readings = Object.keys(mixedRows).map((id) => reader.readings(id, 10_000));
  reader.close();
  return { points, signals, alerts, limits, gaps, readings };
}

describe('a killed core', () => {
  it('comes back with the state it had, bit for bit, whenever it is killed', () => {
    let replayed = 0;
    fc.assert(
      fc.property(randomInputs, fc.nat(), (inputs, pick) => {
        const at = pick % (inputs.length + 1);
        const home = folder();
        const first = rig(join(home, 'meyar.db'), mixedRows, 4000);
        give(first, inputs.slice(0, at));
        fire(first);
        const state = stateOf(first.reducer);
        const left = killed(first, home);
        const second = rig(join(left, 'meyar.db'), mixedRows);
        replayed += second.recovered.replayed;
        expect(stateOf(second.reducer)).toEqual(state);
        expect(second.recovered.storeId).toBe(`id-${join(home, 'meyar.db')}`);
        give(second, inputs.slice(at));
        second.loop.stop();
        second.writer.close();

        const calmHome = folder();
        const whole = rig(join(calmHome, 'meyar.db'), mixedRows);
        give(whole, inputs.slice(0, at));
        fire(whole);
        give(whole, inputs.slice(at));
        whole.loop.stop();
        whole.writer.close();
        expect(stateOf(second.reducer)).toEqual(stateOf(whole.reducer));
        expect(contents(join(left, 'meyar.db'))).toEqual(contents(join(calmHome, 'meyar.db')));
      }),
      runs(12),
    );
    expect(replayed).toBeGreaterThan(20);
  });

  it('has not taken in what was not committed, and takes it when it is sent again', () => {
    const home = folder();
    const first = rig(join(home, 'meyar.db'), calm);
    first.loop.batch(1, reading(1, 10));
    fire(first);
    first.loop.batch(2, reading(2, 10));
    const left = killed(first, home);
    const second = rig(join(left, 'meyar.db'), calm);
    expect(second.reducer.figures.readings).toBe(1);
    second.loop.batch(1, reading(1, 10));
    second.loop.batch(2, reading(2, 10));
    fire(second);
    expect(second.reducer.figures).toMatchObject({ readings: 2, duplicates: 1 });
    second.writer.close();
  });

  it('replays nothing after an orderly end', () => {
    const home = folder();
    const first = rig(join(home, 'meyar.db'), calm);
    first.loop.batch(1, reading(1, 13.2));
    first.loop.stop();
    first.writer.close();
    const second = rig(join(home, 'meyar.db'), calm);
    expect(second.recovered.replayed).toBe(0);
    expect(stateOf(second.reducer)).toEqual(stateOf(first.reducer));
    second.writer.close();
  });

  it('goes on with other characteristics when some left the settings and others came', () => {
    const home = folder();
    const row = calm['od'] as Record<string, unknown>;
    const first = rig(join(home, 'meyar.db'), { od: row, length: row });
    first.loop.tick(true);
    const both = encode([
      { stream: 's/x', receiveMs: T0, tag: [0, 1], value: [13.2, 13.2], sequence: [1, 1] },
    ]);
    first.loop.batch(1, buffer(both));
    const left = killed(first, home);
    const second = rig(join(left, 'meyar.db'), { width: row, length: row });
    second.loop.tick(true);
    const alerts = second.posted.flatMap((m) => (m.type === 'committed' ? m.committed.alerts : []));
    expect(alerts.map((e) => [e.alert.id, e.alert.subject, e.transition])).toEqual([
      [1, 'od', 'cleared'],
    ]);
    const number = second.writer.numbers(['width']).get('width') ?? -1;
    expect(number).toBe(2);
    const next = encode([
      { stream: 's/x', receiveMs: T0, tag: [1, number], value: [10, 10], sequence: [2, 2] },
    ]);
    second.loop.batch(1, buffer(next));
    const answer = { by: 'Sana', cause: 'insert worn', action: 'changed', comment: '' };
    second.loop.command(1, { kind: 'acknowledge', alert: 2, ...answer, timeMs: T0 });
    expect(second.posted.at(-1)).toMatchObject({ alert: { subject: 'length' } });
    second.writer.close();
    const reader = openReader(join(left, 'meyar.db'));
    expect(reader.points('length', { limit: 9 }).map((p) => p.index)).toEqual([1, 2]);
    expect(reader.points('width', { limit: 9 }).map((p) => p.index)).toEqual([1]);
    expect(reader.points('od', { limit: 9 }).map((p) => p.index)).toEqual([1]);
    reader.close();
  });
});
