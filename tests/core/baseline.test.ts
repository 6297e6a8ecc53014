import { describe, expect, it } from 'vitest';
import {
  ALARM_SIGNAL,
  approve,
  changingPart,
  LIMITS_FROZEN,
  SIGNAL,
} from '../../agent/core/characteristic.ts';
import { c4, d2 } from '../../agent/spc/constants.ts';
import { individuals, normals, repeat, rig } from '../support/spc.ts';

const five = { kind: 'by-count', size: 5 };
const values = normals(125, 11).map((x) => 10 + x / 10);
const groups = Array.from({ length: 25 }, (_, i) => values.slice(5 * i, 5 * i + 5));
const mean = (x: number[]) => x.reduce((a, b) => a + b, 0) / x.length;
const squares = (x: number[]) => x.reduce((a, b) => a + (b - mean(x)) ** 2, 0);

describe('Phase I', () => {
  it.each([
    [
      'xbar-r',
      undefined,
      'rbar/d2',
      mean(groups.map((g) => Math.max(...g) - Math.min(...g))) / d2(5),
    ],
    ['xbar-s', undefined, 'sbar/c4', mean(groups.map((g) => Math.sqrt(squares(g) / 4))) / c4(5)],
    ['ewma', undefined, 'pooled/c4', Math.sqrt(mean(groups.map(squares)) / 4) / c4(101)],
    ['xbar-r', 'pooled/c4', 'pooled/c4', Math.sqrt(mean(groups.map(squares)) / 4) / c4(101)],
  ])('of %s with estimator %s freezes %s', (kind, estimator, name, sigma) => {
    const limits = { kind: 'baseline', ...(estimator === undefined ? {} : { estimator }) };
    const r = rig({ subgroup: five, charts: [{ kind }], limits }).feed(...values);
    expect(r.flags.filter((f) => f & LIMITS_FROZEN)).toHaveLength(1);
    expect((r.flags.at(-1) ?? 0) & LIMITS_FROZEN).toBe(LIMITS_FROZEN);
    expect(r.limits).toMatchObject([
      { version: 1, origin: 'baseline', estimator: name, subgroups: 25, readings: 125 },
    ]);
    expect(r.limits[0]?.center).toBeCloseTo(mean(values), 12);
    expect(r.limits[0]?.sigma).toBeCloseTo(sigma, 12);
    expect(r.limits[0]?.frozenAtMs).toBe(r.nowMs);
  });

  it('of individuals takes 100 moving ranges, none across a missing reading', () => {
    const list = normals(100, 12);
    const r = rig({ subgroup: individuals }).feed(...list.slice(0, 50), NaN, ...list.slice(50));
    const ranges = list.flatMap((x, i) =>
      i === 0 || i === 50 ? [] : [Math.abs(x - (list[i - 1] ?? 0))],
    );
    expect(r.limits).toMatchObject([{ estimator: 'mrbar/d2', subgroups: 100 }]);
    expect(r.limits[0]?.sigma).toBeCloseTo(mean(ranges) / d2(2), 12);
  });

  it('never changes limits again by itself', () => {
    const r = rig({ subgroup: five }).feed(...values, ...values.map((x) => x + 5));
    expect(r.limits).toHaveLength(1);
    expect(r.points.at(-1)).toMatchObject({ phase: 2, limitsVersion: 1 });
  });

  it('counts points outside its own limits, and keeps them', () => {
    const r = rig({ subgroup: five }).feed(...values.slice(0, 120), ...repeat(11, 4), 11.1);
    expect(r.limits[0]).toMatchObject({ baselineOutside: 1, subgroups: 25 });
  });

  it('goes on learning, bounded, while all readings are equal', () => {
    const r = rig({ subgroup: individuals, limits: { kind: 'baseline', subgroups: 10 } });
    r.feed(...repeat(5, 50));
    expect(r.limits).toEqual([]);
    expect(r.state.baseline.mean).toHaveLength(10);
    expect(changingPart(r.plan, r.state, r.nowMs).baselineRemaining).toBe(1);
    expect(r.feed(5.1).limits).toHaveLength(1);
    expect(r.state.baseline.mean).toEqual([]);
  });
});

describe('approval', () => {
  const limits = { kind: 'baseline', subgroups: 10, requireApproval: true };
  const charts = [{ kind: 'imr' }, { kind: 'cusum' }];
  const learned = () =>
    rig({ subgroup: individuals, limits, charts }).feed(...normals(10, 3).map((x) => 10 + x));

  it('keeps estimated limits provisional until a person accepts them', () => {
    const r = learned();
    const flags = r.give(40);
    expect(flags & (SIGNAL | ALARM_SIGNAL)).toBe(0);
    expect(r.signals.at(-1)).toMatchObject({ provisional: true, chart: 'imr' });
    expect(r.points.at(-1)).toMatchObject({ phase: 1, limitsVersion: 1, ucl: expect.any(Number) });
    expect(changingPart(r.plan, r.state, r.nowMs).status).toBe('provisional');
    const answer = approve(r.plan, r.state, 1, 'Q. Manager', 7, r.out);
    expect(answer).toMatchObject({ approvedBy: 'Q. Manager', approvedAtMs: 7 });
    expect(r.limits.at(-1)).toEqual(answer);
    expect(r.give(40) & ALARM_SIGNAL).toBe(ALARM_SIGNAL);
    expect(r.points.slice(-2)).toMatchObject([
      { chart: 'imr', phase: 2 },
      { chart: 'cusum', phase: 2 },
    ]);
  });

  it('says why it cannot', () => {
    const r = rig({ subgroup: individuals, limits });
    const ask = (version: number) => approve(r.plan, r.state, version, 'me', 1, r.out);
    expect(ask(1)).toMatch(/no limits yet/);
    r.feed(...normals(10, 3));
    expect(ask(2)).toMatch(/version 1/);
    ask(1);
    expect(ask(1)).toMatch(/was approved by me/);
    expect(r.limits).toHaveLength(2);
  });
});
