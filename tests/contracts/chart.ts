import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { charts } from '../../agent/charts/index.ts';
import type { Point } from '../../agent/model.ts';
import { given, normals, type Rig, rig } from '../support/spc.ts';

/** What a kind of chart brings to be held to the port's promises. */
export interface ChartRig {
  kind: string;
  settings?: Record<string, unknown>;
  /** readings of a subgroup it suits; how they are grouped when not by count */
  size: number;
  subgroup?: Record<string, unknown>;
  /** anything else of the characteristic: tolerance, limits in control (10 and 1 when left out) */
  own?: Record<string, unknown>;
  limits?: Record<string, unknown>;
  pair: boolean;
  timeWeighted: boolean;
  /** the second statistic needs a neighbour */
  neighbours?: boolean;
  /** its settings fix its lines: there is no Phase I */
  given?: boolean;
  /** points it needs before it plots */
  lost?: number;
  /** both statistics speak about the location */
  twoSided?: boolean;
  /** shifts it signals; how a reading comes about from chance, a shift and its number */
  shifts?: number[];
  reading?: (chance: number, shift: number, i: number) => number;
  contextOf?: (reading: number) => Record<string, string>;
  /** a reading that is as it should be */
  quiet?: (i: number) => number;
}

/** The promises every kind of chart keeps (agent/charts/chart.ts). */
export function chartContract(one: ChartRig): void {
  const { kind, settings = {}, size, pair, timeWeighted, lost = 0 } = one;
  const own = { kind, ...settings };
  const shifts = one.shifts ?? [4, -4];
  const reading = one.reading ?? ((chance, shift) => 10 + chance + shift);
  const perPoint = one.subgroup?.['kind'] === 'counts' ? 1 : size;
  const context = { size, lsl: 2, usl: 18 };
  const charted = (limits: unknown = one.limits ?? given): Rig => {
    const subgroup = one.subgroup ?? { kind: 'by-count', size };
    const said = one.given === true ? {} : { limits };
    const made = rig({ subgroup, charts: [own], rules: 'nelson', ...said, ...one.own });
    made.contextOf = one.contextOf ?? (() => ({}));
    return made;
  };
  const values = (count: number, seed = 5, shift = 0) =>
    normals(count * perPoint, seed).map((chance, i) => reading(chance, shift, i));

  /** Both statistics of some pairs speak of the location. */
  const aboutLocation = (r: Rig) =>
    r.signals
      .filter((s) => s.severity === 'alarm')
      .filter((s) => s.statistic === 'location' || timeWeighted || one.twoSided === true);

  describe(`chart ${kind} keeps the contract`, () => {
    it('describes every setting and refuses unknown ones', () => {
      const text = JSON.stringify(z.toJSONSchema(charts.schema, { io: 'input' }));
      expect(text).toContain(`"const":"${kind}"`);
      expect(() => charts.schema.parse({ ...own, nonsense: 1 })).toThrow(/nonsense/);
    });

    it('is what it says', () => {
      const chart = charts.create(charts.schema.parse(own), context);
      expect(chart).toMatchObject({ kind, pair, timeWeighted });
      expect(chart.sizes.least).toBeLessThanOrEqual(size);
      expect(chart.sizes.most).toBeGreaterThanOrEqual(size);
    });

    it('plots one point for every subgroup, with numbers or null and never NaN', () => {
      const r = charted().feed(...values(50));
      const numbers = Array.from({ length: 50 - lost }, (_, i) => i + 1 + lost);
      expect(r.points.map((p) => p.index)).toEqual(numbers);
      for (const point of r.points) expectHonest(point);
      const later = one.neighbours === true ? r.points.slice(1) : r.points;
      expect(later.every((p) => (p.spread !== null) === pair)).toBe(true);
      if (one.neighbours === true) expect(r.points[0]?.spread).toBe(null);
    });

    it.each(shifts)('signals a shift of %f, on the side where it is', (shift) => {
      const alarms = aboutLocation(charted().feed(...values(20, 5, shift)));
      expect(alarms.length).toBeGreaterThan(0);
      expect(new Set(alarms.map((s) => s.side))).toEqual(new Set([shift > 0 ? 'upper' : 'lower']));
      for (const s of alarms) {
        expect(s.onsetIndex).toBeGreaterThan(0);
        expect(s.onsetIndex).toBeLessThanOrEqual(s.pointIndex);
        expect(s.onsetMs).toBeLessThanOrEqual(s.timeMs);
      }
    });

    it('is quiet on the centre', () => {
      const quiet = one.quiet ?? ((i: number) => reading(0, 0, i));
      const still = Array.from({ length: 30 * perPoint }, (_, i) => quiet(i));
      expect(aboutLocation(charted().feed(...still))).toEqual([]);
    });

    it('starts with frozen limits when points depend on each other', () => {
      const r = charted({ kind: 'baseline', subgroups: 10 }).feed(...values(12));
      const learned = timeWeighted || one.given === true ? 0 : 10;
      expect(r.points.filter((p) => p.phase === 1)).toHaveLength(learned);
      const judged = one.given === true ? 12 - lost : 2;
      expect(r.points.filter((p) => p.phase === 2)).toHaveLength(judged);
    });

    it('forgets the past at a gap, to the last bit', () => {
      const after = values(12, 6);
      const r = charted().feed(...values(30, 7));
      r.nowMs += 100_000_000;
      r.feed(...after);
      const fresh = charted();
      fresh.contextOf = (i) => r.contextOf(i + 30 * perPoint);
      fresh.feed(...after);
      const seen = (points: Point[]) =>
        points.slice(lost - 12).map(({ index: _i, timeMs: _t, ...p }) => p);
      expect(seen(r.points)).toEqual(seen(fresh.points));
    });

    it('goes on after its state was written down and read back, to the last bit', () => {
      const series = values(20, 8);
      for (const limits of [undefined, { kind: 'baseline', subgroups: 8 }]) {
        const straight = charted(limits).feed(...series);
        const cut = charted(limits);
        for (const value of series) cut.reload().feed(value);
        expect(cut.points).toEqual(straight.points);
        expect(cut.signals).toEqual(straight.signals);
        expect(cut.limits).toEqual(straight.limits);
      }
    });

    it('keeps one state, however long it runs', () => {
      const r = charted().feed(...values(60));
      const slots = r.state.numbers.length;
      r.feed(...values(60, 9));
      expect(r.state.numbers).toHaveLength(slots);
      expect(r.state.numbers.every(Number.isFinite)).toBe(true);
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
