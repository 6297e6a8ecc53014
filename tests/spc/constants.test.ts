import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  c4,
  c5,
  d2,
  d2Star,
  d3,
  d4,
  factors,
  isSize,
  sdMedian,
} from '../../agent/spc/constants.ts';

/** n, d2, d3, c4, d4, A2, A3, D3, D4, B3, B4 as printed in tables of factors. */
const PRINTED = [
  [2, 1.128379, 0.852502, 0.7978846, 0.95387, 1.87997, 2.65868, 0, 3.26653, 0, 3.26653],
  [3, 1.692569, 0.888368, 0.8862269, 1.58779, 1.02333, 1.95441, 0, 2.57459, 0, 2.56817],
  [5, 2.325929, 0.864082, 0.9399856, 2.25688, 0.57682, 1.4273, 0, 2.1145, 0, 2.089],
  [7, 2.704357, 0.833205, 0.9593688, 2.64545, 0.41928, 1.18192, 0.07571, 1.92429, 0.11769, 1.88231],
  [10, 3.077505, 0.797051, 0.9726593, 3.0242, 0.30826, 0.97535, 0.22302, 1.77698, 0.28371, 1.71629],
  [
    25, 3.930629, 0.708441, 0.9896404, 3.88214, 0.15265, 0.60628, 0.45929, 1.54071, 0.56479,
    1.43521,
  ],
  [
    100, 5.015187, 0.605179, 0.997478, 4.96795, 0.05982, 0.30076, 0.63799, 1.36201, 0.78653,
    1.21347,
  ],
] as const;

describe('control-chart constants', () => {
  it.each(PRINTED)('agree with the printed factors for n = %d', (n, ...printed) => {
    const f = factors(n);
    const own = [f.d2, f.d3, f.c4, f.d4, f.A2, f.A3, f.D3, f.D4, f.B3, f.B4];
    own.forEach((value, i) => {
      expect(value).toBeCloseTo(printed[i] as number, i < 2 ? 6 : i === 2 ? 7 : 5);
    });
  });

  it('have their closed forms for two values', () => {
    expect(d2(2)).toBeCloseTo(2 / Math.sqrt(Math.PI), 14);
    expect(d3(2)).toBeCloseTo(Math.sqrt(2 - 4 / Math.PI), 13);
    expect(c4(2)).toBeCloseTo(Math.sqrt(2 / Math.PI), 15);
    expect(d4(2)).toBeCloseTo(0.9538725524, 10);
    expect(sdMedian(2)).toBeCloseTo(Math.SQRT1_2, 14);
    expect(d2Star(2, 1)).toBeCloseTo(Math.SQRT2, 13);
  });

  it('hold for subgroups no table reaches', () => {
    // 30-digit quadrature of the defining integrals.
    expect(d2(1000)).toBeCloseTo(6.482871538266882, 13);
    expect(sdMedian(1001)).toBeCloseTo(0.03960497609622139, 12);
    expect(c4(1000)).toBeCloseTo(0.9997497811015132, 14);
  });

  it('keep the limits every estimator needs, for any size', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 400 }), (n) => {
        expect(c4(n)).toBeGreaterThan(0.797);
        expect(c4(n)).toBeLessThan(1);
        expect(c5(n) ** 2 + c4(n) ** 2).toBeCloseTo(1, 12);
        expect(d2(n + 1)).toBeGreaterThan(d2(n));
        expect(d4(n)).toBeLessThan(d2(n));
        expect(sdMedian(n)).toBeGreaterThanOrEqual((1 - 1e-12) / Math.sqrt(n));
      }),
      { numRuns: 30 },
    );
  });

  it('do not exist for sizes that are not whole or below two', () => {
    for (const n of [1, 0, -3, 2.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(isSize(n)).toBe(false);
      expect(() => d2(n)).toThrow(RangeError);
    }
  });
});
