import { describe, expect, it } from 'vitest';
import { changingPart } from '../../agent/core/characteristic.ts';
import { bissellLower, chiSquareLower } from '../../agent/spc/capability.ts';
import { c4, d2 } from '../../agent/spc/constants.ts';
import { given, individuals, normals, repeat, rig } from '../support/spc.ts';

const tolerance = { lsl: 6, usl: 14 };
const five = { kind: 'by-count', size: 5 };
const mean = (x: number[]) => x.reduce((a, b) => a + b, 0) / x.length;
const squares = (x: number[]) => x.reduce((a, b) => a + (b - mean(x)) ** 2, 0);
const capability = (r: ReturnType<typeof rig>) => changingPart(r.plan, r.state, r.nowMs).capability;

describe('the capability window', () => {
  it('equals arrays, for subgroups', () => {
    const values = normals(1000, 21).map((x) => 10.3 + x);
    const c = capability(rig({ subgroup: five, limits: given, ...tolerance }).feed(...values));
    const groups = Array.from({ length: 200 }, (_, i) => values.slice(5 * i, 5 * i + 5));
    const within = Math.sqrt(mean(groups.map(squares)) / 4) / c4(801);
    const overall = Math.sqrt(squares(values) / 999);
    expect(c).toMatchObject({ n: 1000, estimator: 'pooled/c4', reason: null });
    expect(c.mean).toBeCloseTo(mean(values), 12);
    expect(c.sigmaWithin).toBeCloseTo(within, 12);
    expect(c.sigmaOverall).toBeCloseTo(overall, 12);
    expect(c.cp).toBeCloseTo(8 / 6 / within, 12);
    expect(c.cpk).toBeCloseTo((14 - mean(values)) / 3 / within, 12);
    expect(c.ppk).toBeCloseTo((14 - mean(values)) / 3 / overall, 12);
    expect(c.cpLower95).toBeCloseTo(chiSquareLower(c.cp, 800, 0.95) ?? 0, 12);
    expect(c.cpkLower95).toBeCloseTo(bissellLower(c.cpk, 1000, 800, 0.95) ?? 0, 12);
    expect(c.ppkLower95).toBeCloseTo(bissellLower(c.ppk, 1000, 999, 0.95) ?? 0, 12);
  });

  it('forgets what is older than 40 full blocks of 25 points', () => {
    const old = repeat(99, 5 * 25 * 3);
    const recent = normals(5 * 25 * 40 + 35, 22).map((x) => 10 + x);
    const c = capability(
      rig({ subgroup: five, limits: given, ...tolerance }).feed(...old, ...recent),
    );
    expect(c.n).toBe(recent.length);
    expect(c.mean).toBeCloseTo(mean(recent), 12);
    expect(c.sigmaOverall).toBeCloseTo(Math.sqrt(squares(recent) / (recent.length - 1)), 11);
  });

  it('uses moving ranges for individuals, with their own degrees of freedom', () => {
    const values = normals(60, 23).map((x) => 10 + x);
    const r = rig({ subgroup: individuals, limits: given, ...tolerance });
    const c = capability(r.feed(...values.slice(0, 30), NaN, ...values.slice(30)));
    const ranges = values.flatMap((x, i) =>
      i === 0 || i === 30 ? [] : [Math.abs(x - (values[i - 1] ?? 0))],
    );
    expect(c).toMatchObject({ n: 60, estimator: 'mrbar/d2' });
    expect(c.sigmaWithin).toBeCloseTo(mean(ranges) / d2(2), 12);
    expect(c.cpkLower95).toBeCloseTo(bissellLower(c.cpk, 60, 58, 0.95) ?? 0, 12);
  });

  it('says why an index is not defined, and gives null, never 0', () => {
    const c = (own: Record<string, unknown>, values: number[]) =>
      capability(rig({ subgroup: five, limits: given, ...own }).feed(...values));
    const spread = normals(50, 24);
    expect(c({}, spread)).toMatchObject({ cp: null, cpk: null, reason: 'no tolerance is stated' });
    expect(c({ usl: 14 }, spread)).toMatchObject({ cp: null, cpLower95: null });
    expect(c({ usl: 14 }, spread).cpk).toBeGreaterThan(0);
    expect(c({ usl: 14 }, spread).reason).toMatch(/one-sided/);
    expect(c(tolerance, [])).toMatchObject({ n: 0, mean: null, cpk: null, sigmaWithin: null });
    expect(c(tolerance, repeat(10, 50))).toMatchObject({ cpk: null, ppk: null });
    expect(c(tolerance, repeat(10, 50)).reason).toMatch(/sigma is 0/);
  });

  it('leaves the side of a natural bound out', () => {
    const own = { lsl: 0, usl: 10, natural: 'lower' };
    const r = rig({ subgroup: five, limits: given, ...own });
    const c = capability(r.feed(...normals(100, 25).map((x) => 1 + x / 10)));
    expect(c.cp).toBeNull();
    expect(c.cpk).toBeCloseTo((10 - (c.mean ?? 0)) / 3 / (c.sigmaWithin ?? 1), 12);
  });
});
