import { describe, expect, it } from 'vitest';
import { subgroupKinds } from '../../agent/subgroups/index.ts';
import { keyOf, NO_KEY } from '../../agent/subgroups/key.ts';
import { given, normals, rig, START_MS } from '../support/spc.ts';

const charts = [{ kind: 'xbar-r' }];
const plotted = (r: ReturnType<typeof rig>) => r.points.map((p) => [p.size, p.value]);

describe('by-time', () => {
  const windows = (own: Record<string, unknown> = {}) =>
    rig({ subgroup: { kind: 'by-time', window: '10s', size: 4, ...own }, charts, limits: given });

  it('closes a window on the clock with the first reading after it', () => {
    const r = windows();
    r.nowMs = START_MS - 1000;
    r.feed(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
    expect(plotted(r)).toEqual([[4, 2.5]]);
    expect(r.points[0]?.timeMs).toBe(START_MS + 3000);
  });

  it('keeps what a thin window has, and drops less than asked', () => {
    const r = windows();
    r.nowMs = START_MS;
    r.feed(1, 2, 3);
    r.give(9, { pauseMs: 20_000 });
    r.give(10, { pauseMs: 20_000 });
    expect(plotted(r)).toEqual([[3, 2]]);
    expect(r.state.dropped).toBe(1);
  });
});

describe('by-part', () => {
  const serials = (text: string, own: Record<string, unknown> = {}) => {
    const subgroup = { kind: 'by-part', key: 'serial', size: 3, ...own };
    const r = rig({ subgroup, charts, limits: given });
    r.contextOf = (i) => ({ serial: text[i] ?? '' });
    return r.feed(...Array.from(text, (_, i) => i + 1));
  };

  it('takes the readings of one part together and drops what is incomplete', () => {
    const r = serials('AAABBCCC');
    expect(plotted(r)).toEqual([
      [3, 2],
      [3, 7],
    ]);
    expect(r.state.dropped).toBe(1);
  });

  it('keeps incomplete parts of two readings when it is told to', () => {
    const r = serials('AABBBCDD', { partial: 'keep' });
    expect(plotted(r)).toEqual([
      [2, 1.5],
      [3, 4],
    ]);
    expect(r.points[0]?.timeMs).toBe(START_MS + 2000);
    expect(r.state.dropped).toBe(1);
  });

  it('tells texts apart by numbers that JSON can keep', () => {
    const keys = Array.from({ length: 5000 }, (_, i) => keyOf(`part ${i}`));
    expect(new Set(keys).size).toBe(5000);
    expect(keys.every((key) => Number.isSafeInteger(key) && key > NO_KEY)).toBe(true);
    expect(keyOf(undefined)).toBe(NO_KEY);
  });
});

describe('by-stream', () => {
  it('waits for every stream, in any order, and starts again when one comes twice', () => {
    const order = ['2', '1', '3', '1', '2', '1', '3', '2', 'x'];
    const subgroup = { kind: 'by-stream', streams: ['1', '2', '3'] };
    const r = rig({ subgroup, charts, limits: given });
    r.contextOf = (i) => ({ cavity: order[i] ?? '' });
    r.feed(1, 2, 3, 4, 5, 6, 7, 8, 9);
    expect(plotted(r)).toEqual([
      [3, 2],
      [3, 7],
    ]);
    expect(r.state.dropped).toBe(1);
  });

  it('takes the mean of several readings of a stream for one value', () => {
    const order = ['1', '2', '2', '1', '2', '1', '1', '2', '1'];
    const subgroup = { kind: 'by-stream', streams: ['1', '2'], each: 2 };
    const r = rig({ subgroup, charts, limits: given });
    r.contextOf = (i) => ({ cavity: order[i] ?? '' });
    r.feed(1, 2, 4, 5, 10, 20, 30, 40, 50);
    // (1, 5) and (2, 4); then (20, 30) and (10, 40).
    expect(plotted(r)).toEqual([
      [2, 3],
      [2, 25],
    ]);
  });
});

describe('counts', () => {
  it('takes a reading for a count among so many, or as many as it says', () => {
    const subgroup = { kind: 'counts', sampleSize: 50, sizeKey: 'inspected' };
    const r = rig({ subgroup, limits: { kind: 'fixed', center: 0.1 } });
    r.contextOf = (i) => ({ inspected: ['', '100', 'many'][i] ?? '' });
    r.feed(5, 5, 10, -1);
    expect(plotted(r)).toEqual([
      [50, 0.1],
      [100, 0.05],
      [50, 0.2],
    ]);
    expect(r.points.map((p) => p.chart)).toEqual(['p', 'p', 'p']);
  });
});

it.each(Object.keys(subgroupKinds))('%s goes on after its state was read back', (kind) => {
  const own = {
    'by-count': { size: 3, every: 4 },
    'by-time': { window: '7s' },
    'by-part': { size: 3 },
    'by-stream': { streams: ['1', '2', '3'] },
    counts: { sampleSize: 20 },
  }[kind];
  const made = () => {
    const limits = { kind: 'fixed', center: 0.5, sigma: 0.5 };
    const median = kind === 'counts' ? { kind: 'p' } : { kind: 'median' };
    const r = rig({ subgroup: { kind, ...own }, charts: [median], limits });
    r.contextOf = (i) => ({ part: `${Math.floor(i / 3)}`, cavity: `${1 + (i % 3)}` });
    return r;
  };
  const values = normals(60, 3).map((x) => Math.abs(x));
  const straight = made().feed(...values);
  const cut = made();
  for (const value of values) cut.reload().feed(value);
  expect(straight.points.length).toBeGreaterThan(5);
  expect(cut.points).toEqual(straight.points);
});
