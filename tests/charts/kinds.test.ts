import { describe, expect, it } from 'vitest';
import { chartKinds } from '../../agent/charts/index.ts';
import { c4, c5, d2, d3 } from '../../agent/spc/constants.ts';
import { chartContract } from '../contracts/chart.ts';
import { chartRigs } from '../support/chart-rigs.ts';
import { firedAt, given, individuals, normals, repeat, rig } from '../support/spc.ts';

for (const one of chartRigs) chartContract(one);

it('has a contract for every kind', () => {
  expect(chartRigs.map((one) => one.kind).sort()).toEqual(Object.keys(chartKinds).sort());
});

const last = <T>(list: T[]): T => list.at(-1) as T;
const naiveMean = (x: number[]) => x.reduce((a, b) => a + b, 0) / x.length;
const naiveSd = (x: number[]) =>
  Math.sqrt(x.reduce((a, b) => a + (b - naiveMean(x)) ** 2, 0) / (x.length - 1));

describe('xbar-r and xbar-s', () => {
  it.each([
    ['xbar-r', (x: number[]) => Math.max(...x) - Math.min(...x), d2, d3],
    ['xbar-s', naiveSd, c4, c5],
  ] as const)('%s equals the textbook over arrays', (kind, spreadOf, mean, sd) => {
    const values = normals(60, 2).map((x) => 10 + x);
    const subgroup = { kind: 'by-count', size: 4 };
    const r = rig({ subgroup, charts: [{ kind }], limits: given }).feed(...values);
    r.points.forEach((point, i) => {
      const group = values.slice(4 * i, 4 * i + 4);
      expect(point.value).toBeCloseTo(naiveMean(group), 12);
      expect(point.z).toBeCloseTo((naiveMean(group) - 10) * 2, 11);
      expect(point.spread).toBeCloseTo(spreadOf(group), 12);
      expect(point.spreadCl).toBeCloseTo(mean(4), 12);
      expect(point.spreadUcl).toBeCloseTo(mean(4) + 3 * sd(4), 12);
    });
  });

  it('widens the limits by an accepted range, and leaves shape rules out', () => {
    const subgroup = { kind: 'by-count', size: 4 };
    const charts = [{ kind: 'xbar-r', allowance: 2 }];
    const r = rig({ subgroup, charts, rules: 'nelson', limits: given });
    r.feed(...[8, 8.5, 9, 9.5, 10, 10.5, 11, 11.5, 12, 13.4].flatMap((x) => repeat(x, 4)));
    expect(last(r.points)).toMatchObject({ ucl: 13.5, lcl: 6.5 });
    expect(firedAt(r, 'nelson-3')).toEqual([]);
    expect(firedAt(r.feed(...repeat(13.6, 4)), 'nelson-1')).toEqual([11]);
  });

  it('loses no digits to a large offset', () => {
    const values = normals(500, 4).map((x) => Math.round(x * 1000) / 1000);
    const subgroup = { kind: 'by-count', size: 5 };
    const at = (offset: number) => {
      const limits = { kind: 'fixed', center: offset, sigma: 1 };
      return rig({ subgroup, limits }).feed(...values.map((x) => x + offset)).points;
    };
    const small = at(0);
    at(1e6).forEach((point, i) => {
      expect(point.spread).toBeCloseTo(small[i]?.spread ?? 0, 8);
      expect(point.value - 1e6).toBeCloseTo(small[i]?.value ?? 0, 8);
    });
  });
});

describe('imr', () => {
  it('has no moving range at the first point, after a bad reading, and after a gap', () => {
    const r = rig({ subgroup: individuals, limits: given }).feed(10, 11, Number.NaN, 12, 13);
    r.give(14, { pauseMs: 100_000_000 });
    expect(r.points.map((p) => p.spread)).toEqual([null, 1, null, 1, null]);
    expect(r.points.map((p) => p.spreadZ === null)).toEqual([true, false, true, false, true]);
  });
});

describe('cusum', () => {
  it('says when the shift began', () => {
    const charts = [{ kind: 'cusum', fir: false, h: 4 }];
    const r = rig({ subgroup: individuals, charts, limits: given });
    r.feed(10, 9.8, 10.1, ...repeat(11.5, 5));
    expect(r.signals[0]).toMatchObject({ pointIndex: 8, side: 'upper', statistic: 'location' });
    expect(r.signals[0]?.text).toContain('the shift began 5 points ago');
  });
  it('tells the lower side apart', () => {
    const r = rig({ subgroup: individuals, charts: [{ kind: 'cusum' }], limits: given });
    r.feed(...repeat(8, 4));
    expect(r.signals[0]).toMatchObject({ side: 'lower', statistic: 'spread' });
  });
});
