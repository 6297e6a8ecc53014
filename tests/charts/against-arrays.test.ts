import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { groupPoints } from '../../agent/spc/group-chart.ts';
import { autocorrelation } from '../../agent/spc/moments.ts';
import { Q_START, type QState, qLearn, qScore } from '../../agent/spc/self-starting.ts';
import { acceptanceLimits, modifiedLimits } from '../../agent/spc/tolerance-charts.ts';
import { zoneScores } from '../../agent/spc/zone-chart.ts';
import { given, individuals, normals, rig } from '../support/spc.ts';

/** Live charts without reference data against the formulas over whole arrays. */
const seeds = fc.integer({ min: 1, max: 100_000 });
const series = (seed: number, count: number) => normals(count, seed).map((x) => 10 + 1.3 * x);

describe('live charts against arrays', () => {
  it('zone', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const values = series(seed, 40);
        const r = rig({ subgroup: individuals, charts: [{ kind: 'zone' }], limits: given });
        r.feed(...values);
        const wanted = zoneScores(values.map((x) => x - 10));
        expect(r.points.map((p) => Math.abs(p.value))).toEqual(wanted.map((p) => p.score));
        const signals = wanted.flatMap((p, i) => (p.signal ? [i + 1] : []));
        expect(r.signals.map((s) => s.pointIndex)).toEqual(signals);
      }),
    );
  });

  it('q, without readings that signal and with mean and sigma fixed in the end', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const values = series(seed, 40);
        const charts = [{ kind: 'q', handOver: 20 }];
        const r = rig({ subgroup: individuals, charts, rules: 'shewhart' }).feed(...values);
        let state: QState = Q_START;
        const wanted = values.map((value) => {
          const score = qScore(state, value);
          if (Math.abs(score ?? 0) <= 3 && state.n < 20) state = qLearn(state, value);
          return score;
        });
        expect(r.points.map((p) => p.value)).toEqual(wanted.filter((score) => score !== null));
      }),
    );
  });

  it('group, the streams farthest out in deviations from their cycle', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const values = series(seed, 60);
        const streams = ['a', 'b', 'c'];
        const subgroup = { kind: 'by-stream', streams };
        const limits = { kind: 'fixed', center: 0, sigma: 1 };
        const charts = [{ kind: 'group', sigmas: 1 }];
        const r = rig({ subgroup, charts, limits });
        r.contextOf = (i) => ({ cavity: streams[i % 3] ?? '' });
        r.feed(...values);
        const rows = Array.from({ length: 20 }, (_, i) => {
          const cycle = values.slice(3 * i, 3 * i + 3);
          const mean = cycle.reduce((a, b) => a + b, 0) / 3;
          return cycle.map((x) => x - mean);
        });
        groupPoints(rows).forEach((wanted, i) => {
          expect(r.points[i]?.value).toBeCloseTo(wanted.max, 9);
          expect(r.points[i]?.spread).toBeCloseTo(wanted.min, 9);
        });
        for (const s of r.signals) {
          const one = groupPoints(rows.slice(0, s.pointIndex)).at(-1);
          const stream = s.statistic === 'location' ? one?.maxStream : one?.minStream;
          expect(s.text).toContain(`in stream ${streams[stream ?? -1]}`);
        }
      }),
    );
  });

  it('group learns what is usual for a stream', () => {
    const usual = [8, -5, -3];
    const streams = ['1', '2', '3'];
    const limits = { kind: 'baseline', subgroups: 50 };
    const own = { subgroup: { kind: 'by-stream', streams }, charts: [{ kind: 'group' }], limits };
    const r = rig(own);
    r.contextOf = (i) => ({ cavity: streams[i % 3] ?? '' });
    r.feed(...normals(240, 4).map((x, i) => 10 + x + (usual[i % 3] ?? 0)));
    expect(r.limits[0]?.sigma).toBeGreaterThan(0.8);
    expect(r.limits[0]?.sigma).toBeLessThan(1.2);
    expect(r.signals).toEqual([]);
  });

  it('residual: errors of AR(1), learned from Phase I', () => {
    let before = 0;
    const values = normals(400, 9).map((error) => {
      before = 0.7 * before + error;
      return 10 + before;
    });
    const limits = { kind: 'baseline', subgroups: 300 };
    const own = {
      subgroup: individuals,
      charts: [{ kind: 'residual' }],
      rules: 'shewhart',
      limits,
    };
    const r = rig(own).feed(...values);
    const { center = 0, sigma = 0, parameters } = r.limits[0] ?? {};
    const phi = parameters?.['phi'] ?? 0;
    expect(phi).toBeCloseTo(autocorrelation(values.slice(0, 300), 1) ?? 0, 12);
    expect(Math.abs(phi - 0.7)).toBeLessThan(0.15);
    expect(Math.abs(sigma - 1)).toBeLessThan(0.1);
    r.points.slice(1).forEach((p, i) => {
      expect(p.cl).toBeCloseTo(center + phi * ((values[300 + i] ?? 0) - center), 9);
    });
    expect(r.signals.length).toBeLessThan(4);
  });

  it('modified and acceptance limits', () => {
    for (const [kind, band] of [
      ['modified', modifiedLimits(2, 18, 1, 4)],
      ['acceptance', acceptanceLimits(2, 18, 1, 4, 0.01, 0.1)],
    ] as const) {
      const own = { lsl: 2, usl: 18, charts: [{ kind }], limits: given };
      const r = rig({ ...own, subgroup: { kind: 'by-count', size: 4 } }).feed(9, 10, 11, 12);
      expect(r.points).toMatchObject([{ value: 10.5, cl: 10, lcl: band?.lcl, ucl: band?.ucl }]);
    }
  });

  it('modified limits that would cross are none, and say so', () => {
    const own = { lsl: 9.9, usl: 10.1, charts: [{ kind: 'modified' }], limits: given };
    const r = rig({ ...own, subgroup: { kind: 'by-count', size: 4 } }).feed(9, 10, 11, 12);
    expect(r.points).toMatchObject([{ cl: null, lcl: null, ucl: null, z: null }]);
  });
});
