import { describe, expect, it } from 'vitest';
import { changingPart } from '../../agent/core/characteristic.ts';
import { QUALITY } from '../../agent/model.ts';
import { createRandom } from '../../agent/plants/random.ts';
import { cChart } from '../../agent/spc/attributes.ts';
import { indices } from '../../agent/spc/capability.ts';
import { chiSquareQuantile, chiSquareUpperQuantile } from '../../agent/spc/distributions.ts';
import { cpm, cpmDf, cpmInterval } from '../../agent/spc/nonconforming.ts';
import { meanOf, sdOf } from '../../agent/spc/summation.ts';
import { collect, encode, feed, reducerFor } from '../support/reducer.ts';
import { firedAt, given, individuals, normals, type Rig, repeat, rig } from '../support/spc.ts';

/**
 * Defects that were found in other programs, one test each, through the live engine where it is
 * the engine that must be right. The names say what went wrong elsewhere.
 */
const single = (own: Record<string, unknown> = {}) =>
  rig({ subgroup: individuals, limits: given, rules: 'western-electric', ...own });
const learning = (own: Record<string, unknown> = {}) =>
  rig({ subgroup: individuals, limits: { kind: 'baseline', subgroups: 20 }, ...own });
const fives = { kind: 'by-count', size: 5 };

const linesOf = (r: Rig) => r.points.map(({ cl, lcl, ucl }) => ({ cl, lcl, ucl }));
const finite = (r: Rig) => expect(JSON.stringify([r.points, r.limits])).not.toMatch(/NaN|Infinity/);

describe('points and lines', () => {
  it('a point on a line is judged alike above and below (one compared >= above and < below)', () => {
    const rules = [
      { kind: 'k-of-m', id: 'zone', k: 1, m: 1, sigmas: 2 },
      { kind: 'beyond-limits' },
    ];
    const above = single({ rules }).feed(12, 13, 12.5, 13.5);
    const below = single({ rules }).feed(8, 7, 7.5, 6.5);
    for (const rule of ['zone', 'beyond-limits']) {
      expect(firedAt(above, rule)).toEqual(firedAt(below, rule));
    }
    // The named sets take another way through the code: points on their lines are inside too.
    for (const [one, more] of [
      [12, 12.001],
      [8, 7.999],
    ] as const) {
      expect(firedAt(single().feed(one, one), 'we-2')).toEqual([]);
      expect(firedAt(single().feed(more, more), 'we-2')).toEqual([2]);
    }
    for (const [one, more] of [
      [11, 11.001],
      [9, 8.999],
    ] as const) {
      expect(firedAt(single().feed(...repeat(one, 5)), 'we-3')).toEqual([]);
      expect(firedAt(single().feed(...repeat(more, 4)), 'we-3')).toEqual([4]);
    }
    expect(firedAt(above, 'zone')).toEqual([2, 3, 4]);
    expect(firedAt(above, 'beyond-limits')).toEqual([4]);
  });

  it('a point exactly on the centre line is on no side (one counted it as above)', () => {
    const run = [{ kind: 'same-side', id: 'run', points: 8 }];
    expect(firedAt(single({ rules: run }).feed(...repeat(10, 12)), 'run')).toEqual([]);
    const broken = single({ rules: run }).feed(...repeat(10.5, 7), 10, ...repeat(10.5, 7));
    expect(firedAt(broken, 'run')).toEqual([]);
  });

  it('2 of 3 fires only on a point in the zone (one fired when it was back near the centre)', () => {
    const r = single().feed(12.5, 10, 12.5, 10);
    expect(firedAt(r, 'we-2')).toEqual([3]);
  });

  it('2 of 3 fires as soon as two points are there (one waited for the third)', () => {
    expect(firedAt(single().feed(12.5, 12.5), 'we-2')).toEqual([2]);
  });

  it('a point keeps every rule it breaks (several keep the lowest number alone)', () => {
    const r = single().feed(12.5, 14);
    expect(r.signals.filter((s) => s.pointIndex === 2).map((s) => s.rule)).toEqual([
      'we-1',
      'we-2',
    ]);
  });

  it('zones of means use the error of a mean (one used the sd of single readings)', () => {
    const r = rig({ subgroup: fives, limits: given, rules: 'western-electric' });
    const mean = 10 + 2.5 / Math.sqrt(5);
    r.feed(...repeat(mean, 10));
    expect(r.points[0]?.z).toBeCloseTo(2.5, 9);
    expect(firedAt(r, 'we-2')).toEqual([2]);
  });

  it('a count chart whose lower limit is 0 never signals for a 0', () => {
    const counts = [2, 3, 1, 0, 4, 2, 0];
    const chart = cChart(counts, meanOf(counts));
    expect(chart.lcl[0]).toBe(0);
    expect(chart.beyond).toEqual([]);
  });
});

describe('limits', () => {
  it('stay frozen while the process moves (some compute them from the data just shown)', () => {
    const r = learning().feed(...normals(20));
    const [frozen] = r.limits;
    r.feed(...normals(60, 2).map((x) => x + 4));
    expect(r.limits).toHaveLength(1);
    const judged = r.points.filter((point) => point.phase === 2);
    expect(new Set(judged.map((point) => point.ucl)).size).toBe(1);
    expect(judged[0]?.cl).toBe(frozen?.center);
    expect(r.signals.length).toBeGreaterThan(40);
  });

  it('do not depend on how much is looked at (panels recompute them when zoomed)', () => {
    const values = normals(120, 5);
    const part = learning().feed(...values.slice(0, 70));
    const whole = learning().feed(...values);
    expect(linesOf(whole).slice(0, 70)).toEqual(linesOf(part));
    const later = whole.points.slice(50, 60);
    expect(later.every((point) => point.ucl === whole.points[30]?.ucl)).toBe(true);
  });

  it('of individuals rest on moving ranges (some use the overall sd, blind to drift)', () => {
    const drifting = Array.from({ length: 20 }, (_, i) => i + (i % 2) * 0.2);
    const r = learning().feed(...drifting);
    const sigma = r.limits[0]?.sigma ?? 0;
    expect(r.limits[0]?.estimator).toBe('mrbar/d2');
    const ranges = drifting.slice(1).map((x, i) => Math.abs(x - (drifting[i] ?? 0)));
    expect(sigma).toBeCloseTo((meanOf(ranges) ?? 0) / 1.1283791670955126, 9);
    expect(sdOf(drifting) ?? 0).toBeGreaterThan(5 * sigma);
  });

  it('of means rest on the mean range, not on the range of everything', () => {
    const r = rig({ subgroup: fives, limits: { kind: 'baseline', subgroups: 5 } });
    for (let g = 0; g < 5; g += 1) r.feed(...[0, 0.1, 0.2, 0.3, 0.4].map((x) => x + 10 * g));
    expect(r.limits[0]?.sigma).toBeCloseTo(0.4 / 2.325928947281038, 9);
  });

  it('of s rest on the mean s, not on the sd of everything', () => {
    const charts = [{ kind: 'xbar-s' }];
    const r = rig({ subgroup: fives, charts, limits: { kind: 'baseline', subgroups: 5 } });
    const group = [0, 0.1, 0.2, 0.3, 0.4];
    for (let g = 0; g < 5; g += 1) r.feed(...group.map((x) => x + 10 * g));
    // All s are alike, so their mean over c4(5) = 0.9400 is sigma.
    const sigma = r.limits[0]?.sigma ?? 0;
    expect(sigma).toBeGreaterThan(0.9 * (sdOf(group) ?? 0));
    expect(sigma).toBeLessThan(1.1 * (sdOf(group) ?? 0));
  });

  it('that were typed in say so, and are not taken for estimated ones', () => {
    const typed = single().feed(10);
    expect(typed.limits[0]).toMatchObject({ origin: 'settings', estimator: 'given', subgroups: 0 });
    const own = learning().feed(...normals(25));
    expect(own.limits[0]).toMatchObject({ origin: 'baseline', estimator: 'mrbar/d2' });
  });

  it('of s have a lower line from the size on where there is one (one had a wrong factor)', () => {
    const r = rig({
      subgroup: { kind: 'by-count', size: 10 },
      limits: given,
      charts: [{ kind: 'xbar-s' }],
    });
    r.feed(...normals(10));
    const [point] = r.points;
    expect((point?.spreadLcl ?? 0) / (point?.spreadCl ?? 1)).toBeCloseTo(0.28371, 5);
    expect((point?.spreadUcl ?? 0) / (point?.spreadCl ?? 1)).toBeCloseTo(1.71629, 5);
  });

  it('are not drawn before there are any (one drew them at 0)', () => {
    const r = learning().feed(10, 10.1);
    expect(r.points[0]).toMatchObject({ cl: null, lcl: null, ucl: null, z: null });
    expect(r.limits).toEqual([]);
  });

  it('from readings that are all equal are not frozen at no width', () => {
    const r = learning().feed(...repeat(5, 40));
    expect(r.limits).toEqual([]);
    expect(r.signals).toEqual([]);
    finite(r);
  });
});

describe('alerts', () => {
  it('keep every rule of their episode (one kept the most severe alone)', () => {
    const reducer = reducerFor({
      x: { subgroup: individuals, limits: given, rules: 'western-electric' },
    });
    const out = collect();
    [12.5, 12.5, 14].forEach((x, i) => {
      const one = { receiveMs: 1_700_000_000_000 + 1000 * i, value: [x], sequence: [i] };
      feed(reducer, { kind: 'batch', bytes: encode([one]) }, out);
    });
    expect(out.alerts.at(-1)?.alert.rules).toEqual(expect.arrayContaining(['we-1', 'we-2']));
  });
});

describe('readings', () => {
  it('that are missing make no point, never a 0 (one plotted gaps as 0)', () => {
    const r = single().feed(10, 10.1);
    r.give(0, { quality: QUALITY.BAD_TIMEOUT });
    r.give(0, { quality: QUALITY.BAD_LINK });
    r.feed(10.2);
    expect(r.points.map((point) => point.value)).toEqual([10, 10.1, 10.2]);
    expect(r.signals).toEqual([]);
    expect(r.state.bad).toBe(2);
  });

  it('no moving range is formed across a missing one', () => {
    const r = single().feed(10);
    r.give(99, { quality: QUALITY.BAD_VALUE });
    r.feed(12);
    expect(r.points.map((point) => point.spread)).toEqual([null, null]);
  });

  it('that are no numbers leave no trace (one message made all later limits NaN)', () => {
    const values = normals(40, 7);
    const clean = learning().feed(...values);
    const dirty = learning();
    values.forEach((value, i) => {
      if (i % 7 === 3) {
        for (const bad of [Number.NaN, Infinity, -Infinity]) dirty.give(bad, { pauseMs: 0 });
      }
      dirty.feed(value);
    });
    finite(dirty);
    expect(dirty.points.map((point) => point.value)).toEqual(clean.points.map((p) => p.value));
    expect(dirty.limits).toHaveLength(1);
    expect(dirty.limits[0]?.center).toBeCloseTo(clean.limits[0]?.center ?? 0, 12);
  });

  it('left over at the end do not become a small subgroup (one distorted the last point)', () => {
    const r = rig({ subgroup: fives, limits: given }).feed(...normals(27));
    expect(r.points).toHaveLength(5);
    expect(r.points.every((point) => point.size === 5)).toBe(true);
    r.feed(...normals(3, 9));
    expect(r.points).toHaveLength(6);
  });

  it('before an outage are not in one run with those after it; a short pause keeps the run', () => {
    const rules = [{ kind: 'same-side', id: 'run', points: 8 }];
    const feed = (pauseMs: number) => {
      const r = single({ rules, maxGap: '30m' }).feed(...repeat(10.5, 7));
      r.give(10.5, { pauseMs });
      return firedAt(r, 'run');
    };
    expect(feed(40 * 60_000)).toEqual([]);
    expect(feed(10 * 60_000)).toEqual([8]);
  });

  it('before a restart still count (one started its runs anew)', () => {
    const r = single()
      .feed(...repeat(10.5, 7))
      .reload()
      .feed(10.5);
    expect(firedAt(r, 'we-4')).toEqual([8]);
  });

  it('are not all kept (one never forgot any)', () => {
    const r = single();
    const size = () => JSON.stringify(r.state).length;
    r.feed(...normals(3000));
    const before = size();
    r.feed(...normals(6000, 3));
    expect(size()).toBeLessThan(1.2 * before + 500);
  });
});

describe('capability', () => {
  const tolerance = { lsl: 7, usl: 13 };

  it('follows the spread (one took its limits from the same data, so its index never moved)', () => {
    const ppOf = (sd: number) => {
      const r = single(tolerance).feed(...normals(300).map((x) => 10 + sd * x));
      return changingPart(r.plan, r.state, r.nowMs).capability.pp ?? 0;
    };
    expect(ppOf(0.5) / ppOf(1)).toBeCloseTo(2, 6);
  });

  it('with equal or swapped limits, or without spread, is not defined (some print 0 or infinity)', () => {
    const none = { cp: null, cpk: null, pp: null, ppk: null };
    const of = (lsl: number, usl: number, sigma: number) =>
      indices({ mean: 10, sigmaWithin: sigma, sigmaOverall: sigma, lsl, usl });
    expect(of(10, 10, 1)).toMatchObject(none);
    expect(of(11, 9, 1)).toMatchObject(none);
    expect(of(9, 11, 0)).toMatchObject(none);
    expect(() => single({ lsl: 10, usl: 10 })).toThrow(/above lsl/);
    const flat = single(tolerance).feed(...repeat(10, 50));
    expect(changingPart(flat.plan, flat.state, flat.nowMs).capability).toMatchObject(none);
  });

  it('of one limit has no Cp (some print 0 or the one-sided figure)', () => {
    const r = single({ usl: 13 }).feed(...normals(200).map((x) => x + 10));
    const { capability } = changingPart(r.plan, r.state, r.nowMs);
    expect(capability.cp).toBeNull();
    expect(capability.pp).toBeNull();
    expect(capability.ppk).toBeCloseTo(
      (13 - (capability.mean ?? 0)) / (3 * (capability.sigmaOverall ?? 1)),
      9,
    );
  });

  it('Cpm has the interval of Boyles; without its square it is 41 % too wide (qcc 3.0)', () => {
    const n = 50;
    const random = createRandom(4);
    const own = { hits: 0, width: 0 };
    const other = { hits: 0, width: 0 };
    const truth = 6 / (6 * Math.SQRT2);
    const runs = 3000;
    for (let run = 0; run < runs; run += 1) {
      // One sigma off the target: d = 1.
      const values = Array.from({ length: n }, () => 1 + random.normal());
      const mean = meanOf(values) ?? 0;
      const sd = sdOf(values);
      const value = cpm(mean, sd, 0, { lsl: -3, usl: 3 });
      const df = cpmDf(mean, sd, 0, n);
      const interval = cpmInterval(value, df, 0.95);
      tally(own, interval?.lower ?? 0, interval?.upper ?? 0, truth);
      const d2 = (mean / (sd ?? 1)) ** 2;
      const short = (n * (1 + d2)) / (1 + 2 * d2);
      const low = Math.sqrt((chiSquareQuantile(0.025, short) ?? 0) / short);
      const high = Math.sqrt((chiSquareUpperQuantile(0.025, short) ?? 0) / short);
      tally(other, (value ?? 0) * low, (value ?? 0) * high, truth);
    }
    expect(own.hits / runs).toBeGreaterThan(0.935);
    expect(own.hits / runs).toBeLessThan(0.965);
    expect(other.hits / runs).toBeGreaterThan(0.985);
    expect(other.width / own.width).toBeCloseTo(1.41, 1);
  });

  it('bounds of Cp use the degrees of freedom of the within sigma (qcc uses n - 1)', () => {
    const r = rig({ subgroup: fives, limits: given, ...tolerance });
    r.feed(...normals(250).map((x) => x + 10));
    const { capability } = changingPart(r.plan, r.state, r.nowMs);
    const ratio = (capability.cpLower95 ?? 0) / (capability.cp ?? 1);
    const withAll = Math.sqrt((chiSquareQuantile(0.05, 249) ?? 0) / 249);
    expect(ratio).toBeLessThan(withAll);
    expect(ratio).toBeGreaterThan(Math.sqrt((chiSquareQuantile(0.05, 160) ?? 0) / 160));
  });
});

function tally(t: { hits: number; width: number }, low: number, high: number, truth: number): void {
  if (low <= truth && truth <= high) t.hits += 1;
  t.width += high - low;
}
