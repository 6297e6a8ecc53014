import { describe, expect, it } from 'vitest';
import { changingPart } from '../../agent/core/characteristic.ts';
import type { SourceEvent } from '../../agent/model.ts';
import { collect, encode, feed, type Input, reducerFor, stateOf } from '../support/reducer.ts';
import { individuals, rig } from '../support/spc.ts';

const T0 = 1_700_000_000_000;
const SLOPE = 0.05;
/** Made-up wear: 0.05 a part from 10 on, and what chance adds. */
const worn = (age: number, tool = 0) => 10 + tool + SLOPE * age + 0.02 * ((age * 7) % 3);
const limits = { kind: 'fixed', center: 10, sigma: 0.05, parameters: { slope: SLOPE } };
const wear = { subgroup: individuals, rules: 'shewhart', limits, usl: 12, lsl: 9 };
const row = { ...wear, charts: [{ kind: 'regression' }], machine: 'cnc-1' };
const rows = {
  bore: row,
  plain: { ...wear, machine: 'cnc-1' },
  other: { ...row, machine: 'cnc-2' },
};

const changed = (of: Partial<SourceEvent>): Input => ({
  kind: 'event',
  event: {
    ...{ source: 'person', kind: 'tool-change', severity: 'info', text: 'insert 8', timeMs: T0 },
    ...of,
  } as SourceEvent,
});

const part = (number: number, value: number): Input => ({
  kind: 'batch',
  bytes: encode([
    {
      stream: 's/parts',
      receiveMs: T0 + 1000 * number,
      tag: [0, 1, 2],
      value: [value, value, value],
      quality: [0, 0, 0],
      sequence: [number, number, number],
      count: 3,
    },
  ]),
});

const ages = (inputs: Input[], from?: Map<string, string>) => {
  const reducer = reducerFor(rows);
  if (from !== undefined) reducer.restore(from);
  const out = collect();
  for (const input of inputs) feed(reducer, input, out);
  const of = (id: string) => out.points.filter((p) => p.characteristic === id);
  const age = (id: string) => of(id).map((p) => Math.round(((p.cl ?? 0) - 10) / SLOPE));
  return { reducer, out, bore: age('bore'), other: age('other'), plain: of('plain').length };
};

describe('a declared tool change', () => {
  const before = [1, 2, 3].map((i) => part(i, worn(i)));
  const after = [4, 5].map((i) => part(i, worn(i - 3)));

  it('starts the age of the tool again on charts of its machine that follow wear', () => {
    const seen = ages([...before, changed({ machine: 'cnc-1' }), ...after]);
    expect(seen.bore).toEqual([1, 2, 3, 1, 2]);
    expect(seen.other).toEqual([1, 2, 3, 4, 5]);
    expect(seen.plain).toBe(5);
  });

  it('is for the characteristic it names alone, and for none when it names nothing', () => {
    const named = ages([
      ...before,
      changed({ characteristic: 'other', machine: 'cnc-1' }),
      ...after,
    ]);
    expect([named.bore.at(-1), named.other.at(-1)]).toEqual([5, 2]);
    const silent = ages([...before, changed({}), ...after]);
    expect([silent.bore.at(-1), silent.other.at(-1)]).toEqual([5, 5]);
    const maintained = ages([
      ...before,
      changed({ kind: 'maintenance', machine: 'cnc-1' }),
      ...after,
    ]);
    expect(maintained.bore.at(-1)).toBe(5);
  });

  it('counts before the first part as well, and is in the state that is saved', () => {
    expect(ages([changed({ machine: 'cnc-1' }), ...before]).bore).toEqual([1, 2, 3]);
    const cut = ages([...before, changed({ machine: 'cnc-1' })]);
    expect(ages(after, stateOf(cut.reducer)).bore).toEqual([1, 2]);
  });

  it('gives the forecast of the new tool at once', () => {
    const points = (r: ReturnType<typeof ages>) =>
      Number(/about (\d+) points/.exec(r.reducer.summaries(T0)[0]?.forecast ?? '')?.[1]);
    // 3 sigma below 12 is 11.85: 37 steps of 0.05 from 10.
    expect(points(ages(before))).toBe(34);
    expect(points(ages([...before, changed({ machine: 'cnc-1' })]))).toBe(37);
  });
});

describe('wear of a tool', () => {
  const charts = (own: object) => [{ kind: 'regression', ...own }];

  it('goes on where Phase I ended: new limits make no tool young', () => {
    const learned = { kind: 'baseline', subgroups: 20 };
    const r = rig({ ...wear, limits: learned, charts: charts({}) });
    r.feed(...Array.from({ length: 40 }, (_, i) => worn(i + 1)));
    expect(r.signals).toEqual([]);
    expect(r.points.at(-1)?.cl).toBeCloseTo(12, 1);
  });

  it('has an intercept for every tool from its first points on', () => {
    const r = rig({ ...wear, charts: charts({ newTool: 4 }), maxGap: '1h' });
    const tool = (offset: number) => Array.from({ length: 8 }, (_, i) => worn(i + 1, offset));
    r.feed(...tool(0));
    r.nowMs += 10_000_000;
    r.feed(...tool(0.1));
    const mean = [1, 2, 3, 4].reduce((sum, i) => sum + worn(i, 0.1) - 10 - SLOPE * i, 0) / 4;
    expect(r.points[11]?.cl).toBeCloseTo(10 + SLOPE * 4, 12);
    expect(r.points[12]?.cl).toBeCloseTo(10 + mean + SLOPE * 5, 12);
    expect(r.signals).toEqual([]);
    const { forecast } = changingPart(r.plan, r.state, r.nowMs);
    const left = Math.floor((11.85 - (10 + mean + SLOPE * 8)) / SLOPE + 1e-6);
    expect(forecast).toMatch(new RegExp(`^about ${left} points until`));
  });
});
