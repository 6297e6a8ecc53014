import { describe, expect, it } from 'vitest';
import { defectsPerUnit, proportionCapability } from '../../agent/spc/attribute-capability.ts';
import { lawOf } from '../../agent/spc/families.ts';
import { actualCp } from '../../agent/spc/gage.ts';
import { bartlett, brownForsythe, oneWay } from '../../agent/spc/homogeneity.ts';
import { percentileIndices, zScoreIndices } from '../../agent/spc/percentile-capability.ts';

/** Three groups small enough to work out by hand. */
const GROUPS = [
  [1, 2, 3],
  [2, 4, 6],
  [3, 6, 9],
];

describe('groups with one mean and one variance', () => {
  it('one-way analysis of variance', () => {
    // Means 2, 4, 6: between 3 (4 + 0 + 4) = 24 on 2; within 2 + 8 + 18 = 28 on 6.
    const test = oneWay(GROUPS);
    expect(test?.statistic).toBeCloseTo(12 / (28 / 6), 12);
    expect([test?.df1, test?.df2]).toEqual([2, 6]);
    // F with 2 and 6: the upper tail is (1 + F/3)^-3.
    expect(test?.p).toBeCloseTo((1 + (test?.statistic ?? 0) / 3) ** -3, 12);
  });

  it('Bartlett', () => {
    // Variances 1, 4, 9, pooled 14/3: 2 ln((14/3)^3/36)/(1 + (3/2 - 1/6)/6).
    const expected = (2 * Math.log((14 / 3) ** 3 / 36)) / (1 + (1.5 - 1 / 6) / 6);
    const test = bartlett(GROUPS);
    expect(test?.statistic).toBeCloseTo(expected, 12);
    expect(test?.p).toBeCloseTo(Math.exp(-expected / 2), 12);
  });

  it('Brown-Forsythe', () => {
    // Distances from the medians: 1 0 1, 2 0 2, 3 0 3; means 2/3, 4/3, 2.
    const between = 3 * ((2 / 3) ** 2 + 0 + (2 / 3) ** 2);
    const within = 2 / 3 + 8 / 3 + 6;
    expect(brownForsythe(GROUPS)?.statistic).toBeCloseTo(between / 2 / (within / 6), 12);
  });

  it('say nothing without groups or without spread', () => {
    expect(oneWay([[1, 2]])).toBeNull();
    expect(
      oneWay([
        [1, 1],
        [2, 2],
      ]),
    ).toBeNull();
    expect(
      bartlett([
        [1, 2],
        [3, 3],
      ]),
    ).toBeNull();
    expect(bartlett([[1, 2], [3]])).toBeNull();
    expect(brownForsythe([])).toBeNull();
  });
});

describe('counted characteristics', () => {
  it('proportion with exact limits: none in 59 is 95 % sure of less than 5 %', () => {
    const none = proportionCapability(0, 59, 0.9);
    expect(none?.p.lower).toBe(0);
    expect(none?.p.upper).toBeCloseTo(1 - 0.05 ** (1 / 59), 12);
    expect(none?.z).toBeNull();
    expect(none?.zLower).toBeCloseTo(1.6496, 3);
    expect(proportionCapability(23, 1000)?.z).toBeCloseTo(1.9954, 3);
    expect(proportionCapability(0, 0)).toBeNull();
  });

  it('defects per unit', () => {
    const none = defectsPerUnit(0, 10);
    expect(none).toMatchObject({ value: 0, lower: 0 });
    expect(none?.upper).toBeCloseTo(-Math.log(0.025) / 10, 12);
    expect(defectsPerUnit(10, 5)?.lower).toBeCloseTo(0.95908, 4);
    expect(defectsPerUnit(10, 5)?.upper).toBeCloseTo(3.67807, 4);
    expect(defectsPerUnit(1, 0)).toBeNull();
  });
});

describe('method matters', () => {
  it('percentiles and z-scores agree for a normal law only', () => {
    const limits = { lsl: 8, usl: 20 };
    const normal = lawOf('normal', { mean: 16, sd: 2 });
    if (normal === null) throw new Error('no law');
    expect(zScoreIndices(normal, limits).ppk).toBeCloseTo(2 / 3, 12);
    const weibull = lawOf('weibull', { shape: 1.5, scale: 5 });
    if (weibull === null) throw new Error('no law');
    const own = percentileIndices(weibull, limits).ppu ?? 0;
    expect(Math.abs((zScoreIndices(weibull, limits).ppu ?? 0) - own)).toBeGreaterThan(0.01);
    expect(zScoreIndices(weibull, { lsl: -1, usl: 20 }).ppl).toBeNull();
  });

  it('a gauge hides part of the capability', () => {
    // GRR of 30 % of the tolerance: an observed 1.33 really is 1.451.
    expect(actualCp(1.33, 0.05, 1)).toBeCloseTo(1 / Math.sqrt(1 / 1.33 ** 2 - 0.09), 12);
    expect(actualCp(1.33, 0.2, 1)).toBeNull();
    expect(actualCp(0, 0.05, 1)).toBeNull();
  });
});
