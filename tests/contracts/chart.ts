import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { charts } from '../../agent/charts/index.ts';
import type { Point } from '../../agent/model.ts';
import { given, normals, type Rig, repeat, rig } from '../support/spc.ts';

/** What a kind of chart brings to be held to the port's promises. */
export interface ChartRig {
  kind: string;
  settings?: Record<string, unknown>;
  /** readings of a subgroup it suits */
  size: number;
  pair: boolean;
  timeWeighted: boolean;
}

/** The promises every kind of chart keeps (agent/charts/chart.ts). */
export function chartContract({ kind, settings = {}, size, pair, timeWeighted }: ChartRig): void {
  const own = { kind, ...settings };
  const charted = (limits: unknown = given): Rig =>
    rig({ subgroup: { kind: 'by-count', size }, charts: [own], rules: 'nelson', limits });
  const values = (count: number, seed = 5) => normals(count * size, seed).map((x) => 10 + x);

  /** Both sums of a pair of sums speak of the location. */
  const aboutLocation = (r: Rig) =>
    r.signals
      .filter((s) => s.severity === 'alarm')
      .filter((s) => s.statistic === 'location' || timeWeighted);

  describe(`chart ${kind} keeps the contract`, () => {
    it('describes every setting and refuses unknown ones', () => {
      const text = JSON.stringify(z.toJSONSchema(charts.schema, { io: 'input' }));
      expect(text).toContain(`"const":"${kind}"`);
      expect(() => charts.schema.parse({ ...own, nonsense: 1 })).toThrow(/nonsense/);
    });

    it('is what it says', () => {
      const chart = charts.create(charts.schema.parse(own), { size });
      expect(chart).toMatchObject({ kind, pair, timeWeighted });
      expect(chart.sizes.least).toBeLessThanOrEqual(size);
      expect(chart.sizes.most).toBeGreaterThanOrEqual(size);
    });

    it('plots one point for every subgroup, with numbers or null and never NaN', () => {
      const r = charted().feed(...values(50));
      expect(r.points.map((p) => p.index)).toEqual(Array.from({ length: 50 }, (_, i) => i + 1));
      for (const point of r.points) expectHonest(point);
      expect(r.points.every((p) => (p.spread !== null) === pair)).toBe(kind !== 'imr');
    });

    it('signals a shift, on the side where it is', () => {
      for (const shift of [4, -4]) {
        const alarms = aboutLocation(charted().feed(...values(20).map((x) => x + shift)));
        expect(alarms.length).toBeGreaterThan(0);
        expect(new Set(alarms.map((s) => s.side))).toEqual(
          new Set([shift > 0 ? 'upper' : 'lower']),
        );
      }
    });

    it('is quiet on the centre', () => {
      expect(aboutLocation(charted().feed(...repeat(10, 30 * size)))).toEqual([]);
    });

    it('starts with frozen limits when points depend on each other', () => {
      const r = charted({ kind: 'baseline', subgroups: 10 }).feed(...values(12));
      expect(r.points.filter((p) => p.phase === 1)).toHaveLength(timeWeighted ? 0 : 10);
      expect(r.points.filter((p) => p.phase === 2)).toHaveLength(2);
    });

    it('forgets the past at a gap, to the last bit', () => {
      const after = values(12, 6);
      const r = charted().feed(...values(30, 7));
      r.nowMs += 100_000_000;
      r.feed(...after);
      const fresh = charted().feed(...after);
      const seen = (points: Point[]) =>
        points.slice(-12).map(({ index: _i, timeMs: _t, ...p }) => p);
      expect(seen(r.points)).toEqual(seen(fresh.points));
    });

    it('goes on after its state was written down and read back, to the last bit', () => {
      const series = values(20, 8);
      const straight = charted().feed(...series);
      const cut = charted();
      for (const value of series) cut.reload().feed(value);
      expect(cut.points).toEqual(straight.points);
      expect(cut.signals).toEqual(straight.signals);
    });
  });
}

/** Every number is one; nothing undefined is shown as a number. */
export function expectHonest(point: Point): void {
  for (const [field, value] of Object.entries(point)) {
    if (typeof value === 'number') expect(Number.isFinite(value), field).toBe(true);
    else expect(value === null || typeof value === 'string', field).toBe(true);
  }
  expect(Math.abs(point.ucl ?? 0)).toBeLessThan(1e300);
  expect(Math.abs(point.lcl ?? 0)).toBeLessThan(1e300);
}
