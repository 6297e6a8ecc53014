import { describe, expect, it } from 'vitest';
import { savedState } from '../../agent/core/characteristic.ts';
import { subgroupers } from '../../agent/subgroups/index.ts';
import { emptySubgroup } from '../../agent/subgroups/subgroup.ts';
import { given, rig } from '../support/spc.ts';

const upTo = (count: number) => Array.from({ length: count }, (_, i) => i + 1);
const means = (subgroup: Record<string, unknown>, count: number) =>
  rig({ subgroup: { kind: 'by-count', ...subgroup }, limits: given })
    .feed(...upTo(count))
    .points.filter((p) => p.chart !== 'ewma')
    .map((p) => p.value);

describe('by-count', () => {
  it('groups consecutive readings', () => {
    expect(means({ size: 3 }, 8)).toEqual([2, 5]);
  });

  it('takes the first of every so many', () => {
    expect(means({ size: 2, every: 5 }, 12)).toEqual([1.5, 6.5, 11.5]);
    expect(means({ size: 1, every: 3 }, 7)).toEqual([1, 4, 7]);
  });

  it('says so in plain words', () => {
    const say = (s: Record<string, unknown>) =>
      subgroupers.create(subgroupers.schema.parse({ kind: 'by-count', ...s }), {}).sampling;
    expect(say({ size: 5, every: 30 })).toBe('5 parts every 30');
    expect(say({ size: 1, every: 30 })).toBe('1 part every 30');
    expect(say({ size: 1 })).toBe('every part');
    expect(say({ size: 5 })).toBe('every part, 5 to a subgroup');
  });

  it('leaves bad readings out without counting them as parts', () => {
    const r = rig({ subgroup: { kind: 'by-count', size: 2 }, limits: given });
    r.feed(1, Number.NaN, 3, Number.POSITIVE_INFINITY, 5);
    r.give(7, { quality: 20 });
    expect(r.points.map((p) => p.value)).toEqual([2]);
    expect(savedState(r.plan, r.state)).toMatchObject({ readings: 3, bad: 3 });
  });

  it('computes range, squares and sd', () => {
    const made = subgroupers.create({ kind: 'by-count', size: 4 }, {});
    const state = new Float64Array(made.slots);
    const subgroup = emptySubgroup();
    const done = [2, 4, 4, 6].map((x) =>
      made.add(state, 0, Object.assign(subgroup, { reading: x })),
    );
    expect(done).toEqual([false, false, false, true]);
    expect(subgroup).toMatchObject({ size: 4, mean: 4, range: 4, squares: 8 });
    expect(subgroup.sd).toBeCloseTo(Math.sqrt(8 / 3), 14);
  });
});
