import { describe, expect, it } from 'vitest';
import {
  ALARM_SIGNAL,
  POINT,
  resetRun,
  SIGNAL,
  savedState,
} from '../../agent/core/characteristic.ts';
import { QUALITY } from '../../agent/model.ts';
import { tQuantile } from '../../agent/spc/distributions.ts';
import { firedAt, given, individuals, normals, repeat, rig } from '../support/spc.ts';

const single = (own: Record<string, unknown> = {}) =>
  rig({ subgroup: individuals, limits: given, rules: 'nelson', ...own });

describe('E1 distances are per point and per side', () => {
  it('standardises a mean by its own standard error', () => {
    const r = rig({ subgroup: { kind: 'by-count', size: 4 }, limits: given }).feed(11, 11, 11, 11);
    expect(r.points[0]).toMatchObject({ value: 11, cl: 10, ucl: 11.5, lcl: 8.5, z: 2 });
  });

  it('uses a third of each side where limits are not symmetric', () => {
    const r = single().feed(10, 12);
    const point = r.points[1];
    const [cl, ucl] = [point?.spreadCl ?? 0, point?.spreadUcl ?? 0];
    expect(point?.spreadLcl).toBe(0);
    expect(point?.spreadZ).toBeCloseTo((2 - cl) / ((ucl - cl) / 3), 12);
    r.feed(12.1);
    expect(r.points[2]?.spreadZ).toBeCloseTo((0.1 - cl) / (cl / 3), 9);
  });

  it('has no lower zones where the lower limit is cut at 0', () => {
    const rules = [{ kind: 'k-of-m', id: 'two', k: 2, m: 3, sigmas: 2 }];
    const r = single({ rules, charts: [{ kind: 'imr', spreadRules: ['k-of-m'] }] });
    r.feed(10, 10.01, 10.02, 10.03);
    expect(r.points[3]?.spreadZ).toBeLessThan(-2);
    expect(firedAt(r, 'two', 'spread')).toEqual([]);
  });
});

describe('E2 beyond is strict, with a tolerance', () => {
  it('leaves a point exactly on a limit or a zone line inside', () => {
    const r = single().feed(13, 7, 12, 12, 12);
    expect(firedAt(r, 'nelson-1')).toEqual([]);
    expect(firedAt(r, 'nelson-5')).toEqual([]);
    r.feed(13.000001);
    expect(firedAt(r, 'nelson-1')).toEqual([6]);
  });

  it('does not take rounding noise for a crossing', () => {
    const r = rig({
      subgroup: individuals,
      rules: 'shewhart',
      limits: { kind: 'fixed', center: 0.1, sigma: 0.1 },
    });
    r.feed(0.1 + 0.1 + 0.1 + 0.1, 0.4 + 1e-16, 0.4 + 1e-9);
    expect(firedAt(r, 'shewhart-1')).toEqual([3]);
  });
});

describe('E3 a point exactly on the centre line', () => {
  const run = (onCentre: string) =>
    single({ rules: [{ kind: 'same-side', id: 'run', points: 4, onCentre }] }).feed(
      ...[10.5, 10.6, 10, 10.5, 10.6, 10.7, 10.8],
    );
  it('ends a run', () => expect(firedAt(run('break'), 'run')).toEqual([7]));
  it('is left out with skip, and fires nothing itself', () => {
    expect(firedAt(run('skip'), 'run')).toEqual([5, 6, 7]);
    const r = single({
      rules: [{ kind: 'same-side', id: 'run', points: 3, onCentre: 'skip' }],
    }).feed(11, 11.1, 11, 10, 11);
    expect(firedAt(r, 'run')).toEqual([3, 5]);
  });
  it('counts as above with upper', () =>
    expect(firedAt(run('upper'), 'run')).toEqual([4, 5, 6, 7]));
});

describe('E4 equal neighbours', () => {
  it('end a trend', () => {
    const r = single().feed(10, 10.1, 10.2, 10.2, 10.3, 10.4, 10.5, 10.6, 10.7);
    expect(firedAt(r, 'nelson-3')).toEqual([9]);
  });
  it('end alternation', () => {
    const zigzag = Array.from({ length: 13 }, (_, i) => (i % 2 === 0 ? 10.2 : 9.8));
    expect(firedAt(single().feed(...zigzag, 9.8), 'nelson-4')).toEqual([14]);
    expect(firedAt(single().feed(...zigzag, zigzag[12] ?? 0, 9.8), 'nelson-4')).toEqual([]);
  });
});

describe('E5 a trend of 6 is 6 points', () => {
  const rise = [10, 10.1, 10.2, 10.3, 10.4, 10.5, 10.6];
  it('fires at the sixth', () => {
    expect(firedAt(single().feed(...rise), 'nelson-3')).toEqual([6, 7]);
  });
  it('takes another length as trendPoints', () => {
    const r = single({ rules: [{ kind: 'trend', id: 'seven', trendPoints: 7 }] }).feed(...rise);
    expect(firedAt(r, 'seven')).toEqual([7]);
  });
});

describe('E6 k of m', () => {
  it('fires only on a point in the zone', () => {
    expect(firedAt(single().feed(12.5, 10, 12.5, 10), 'nelson-5')).toEqual([3]);
  });
  it('fires as soon as k points exist', () => {
    expect(firedAt(single().feed(12.5, 12.5), 'nelson-5')).toEqual([2]);
  });
  it('does not mix sides unless told so', () => {
    expect(firedAt(single().feed(12.5, 7.5, 12.5), 'nelson-5')).toEqual([3]);
    const rules = [{ kind: 'k-of-m', id: 'any', k: 2, m: 2, sigmas: 2, side: 'either' }];
    expect(firedAt(single({ rules }).feed(12.5, 7.5), 'any')).toEqual([2]);
  });
});

describe('E7 eight beyond 1 sigma', () => {
  const rules = [
    { kind: 'outside', id: 'either' },
    { kind: 'outside', id: 'both', bothSides: true },
  ];
  it('needs both sides only when asked', () => {
    const r = single({ rules }).feed(...repeat(11.5, 8), 8.5);
    expect(firedAt(r, 'either')).toEqual([8, 9]);
    expect(firedAt(r, 'both')).toEqual([9]);
  });
});

describe('E8 a signal resets nothing', () => {
  it('keeps flagging a long run', () => {
    const long = repeat(10.5, 60).map((x, i) => x + (i % 2) / 100);
    const r = single().feed(...long);
    expect(firedAt(r, 'nelson-2')).toEqual(long.map((_, i) => i + 1).slice(8));
  });
});

describe('E9 one point may break many rules', () => {
  it('stores all of them', () => {
    const r = single().feed(...repeat(12.5, 8).map((x, i) => x + i / 100), 14);
    const last = r.points.at(-1);
    const bits = r.plan.rules.flatMap((rule, i) => ((last?.rules ?? 0) & (1 << i) ? rule.id : []));
    expect(bits).toEqual(['nelson-1', 'nelson-2', 'nelson-3', 'nelson-5', 'nelson-6', 'nelson-8']);
    const told = r.signals.filter((s) => s.pointIndex === 9 && s.statistic === 'location');
    expect(told.map((s) => s.rule)).toEqual(bits);
  });
});

describe('E10 order is process time', () => {
  it('counts a late reading, but neither charts it nor alarms', () => {
    const r = single({ usl: 13 }).feed(10, 10.1);
    expect(r.give(99, { quality: QUALITY.UNCERTAIN_LATE, pauseMs: -5000 })).toBe(0);
    expect(r.points).toHaveLength(2);
    expect(savedState(r.plan, r.state)).toMatchObject({
      late: 1,
      outOfTolerance: 0,
      lastValue: 10.1,
    });
  });
  it('charts a reading that is late but still in order', () => {
    const r = single().feed(10);
    expect(r.give(10.1, { quality: QUALITY.UNCERTAIN_LATE })).toBe(POINT);
  });
});

describe('E11 run memory breaks', () => {
  const seven = repeat(10.5, 7).map((x, i) => x + (i % 2) / 100);
  const runs = (between: (r: ReturnType<typeof single>) => unknown) => {
    const r = single({ rules: 'western-electric', maxGap: '1h' }).feed(...seven);
    between(r);
    return firedAt(r.feed(10.5, ...seven), 'we-4');
  };
  it('at a gap longer than maxGap, not at a shorter one', () => {
    expect(runs((r) => (r.nowMs += 3_500_000))).toEqual([8, 9, 10, 11, 12, 13, 14, 15]);
    expect(runs((r) => (r.nowMs += 3_700_000))).toEqual([15]);
  });
  it('at a clock set back by more than maxGap', () => {
    expect(runs((r) => (r.nowMs -= 3_700_000))).toEqual([15]);
  });
  it('at a reset', () => expect(runs((r) => resetRun(r.state))).toEqual([15]));
  it('not at a missing reading, which is no point', () => {
    const r = single({ rules: 'western-electric' }).feed(...seven, Number.NaN, 10.5);
    expect(firedAt(r, 'we-4')).toEqual([8]);
    expect(r.points).toHaveLength(8);
  });
  it('drops an open subgroup at a gap, and counts it', () => {
    const r = rig({ subgroup: { kind: 'by-count', size: 3 }, limits: given, maxGap: '1h' });
    r.feed(1, 2);
    r.give(10, { pauseMs: 4_000_000 });
    r.feed(10, 10);
    expect(r.points.map((p) => p.value)).toEqual([10]);
    expect(r.state.dropped).toBe(1);
  });
  it('at new limits: Phase I points do not count into Phase II runs', () => {
    const r = rig({
      subgroup: individuals,
      rules: 'western-electric',
      limits: { kind: 'baseline', subgroups: 20 },
    });
    r.feed(...normals(13, 3).map((x) => x - 0.2), ...seven.map((x) => x - 8));
    expect(r.limits).toHaveLength(1);
    r.feed(...repeat((r.limits[0]?.center ?? 0) + 0.01, 7));
    expect(firedAt(r, 'we-4')).toEqual([]);
  });
});

describe('E12 time-weighted charts across a gap', () => {
  const charts = [{ kind: 'ewma' }, { kind: 'cusum', h: 5 }];
  const last = (r: ReturnType<typeof single>, chart: string) =>
    r.points.filter((p) => p.chart === chart).at(-1);
  it('restart with the head start and narrow limits', () => {
    const r = single({ charts, maxGap: '1h' }).feed(...repeat(11, 20));
    expect(last(r, 'cusum')?.value).toBeCloseTo(2.5 + 20 * 0.5, 9);
    r.give(11, { pauseMs: 4_000_000 });
    expect(last(r, 'cusum')?.value).toBeCloseTo(2.5 + 0.5, 9);
    expect(last(r, 'ewma')?.value).toBeCloseTo(10.2, 12);
    expect(last(r, 'ewma')?.ucl).toBeCloseTo(10 + 2.962 * 0.2, 12);
  });
  it('are judged by their limits alone', () => {
    const r = single({ charts }).feed(...normals(300, 9).map((x) => 10 + x));
    const rules = new Set(r.signals.map((s) => s.rule));
    expect([...rules].filter((rule) => rule !== 'nelson-1')).toEqual([]);
  });
});

describe('E13 rules on dispersion charts', () => {
  const up = Array.from({ length: 9 }, (_, i) => [10, 11.5 + i / 50]).flat();
  it('are the limits and the run by default', () => {
    const r = single().feed(...up);
    const rules = new Set(r.signals.filter((s) => s.statistic === 'spread').map((s) => s.rule));
    expect([...rules]).toEqual(['nelson-2']);
  });
  it('are more when the chart says so', () => {
    const r = single({ charts: [{ kind: 'imr', spreadRules: ['trend'] }] });
    r.feed(10, 10.1, 10.3, 10.6, 11, 11.5, 12.1);
    expect(firedAt(r, 'nelson-3', 'spread')).toEqual([7]);
  });
});

describe('E14 the first points are provisional', () => {
  const start = [10, 10.2, 9.9, 10.1, 9.8];
  const learning = () => rig({ subgroup: individuals, rules: 'nelson' }).feed(...start);
  it('have no limits before five points', () => {
    const r = learning();
    expect(r.points[4]).toMatchObject({ cl: null, ucl: null, z: null, phase: 1, limitsVersion: 0 });
  });
  it('then have prediction limits from the points before', () => {
    const r = learning().feed(10.05);
    const sd = Math.sqrt(start.reduce((sum, x) => sum + (x - 10) ** 2, 0) / 4);
    const half = (tQuantile(0.99865, 4) ?? 0) * sd * Math.sqrt(1 + 1 / 5);
    expect(r.points[5]?.ucl).toBeCloseTo(10 + half, 10);
    expect(r.points[5]?.lcl).toBeCloseTo(10 - half, 10);
  });
  it('are judged by them alone, and signals say that they are provisional', () => {
    const r = learning().feed(10.3, 10.4, 10.5, 10.6, 10.7, 10.8);
    expect(r.signals).toEqual([]);
    const flags = r.give(50);
    expect(r.signals).toMatchObject([{ rule: 'nelson-1', provisional: true }]);
    expect(flags & (SIGNAL | ALARM_SIGNAL)).toBe(0);
  });
});
