import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arlMcusum, mcusumLimit, mewmaLimit } from '../../agent/spc/arl-multivariate.ts';
import { causesOf, termLimit, tSquaredLimit, tSquaredOf } from '../../agent/spc/decomposition.ts';
import { fUpperQuantile } from '../../agent/spc/distributions.ts';
import { tSquared, tSquaredLimits } from '../../agent/spc/multivariate.ts';
import { firstDependent } from '../../agent/spc/positive-definite.ts';
import { normals } from '../support/spc.ts';

const cov3 = [
  [4, 1.2, 0.6],
  [1.2, 1, 0.3],
  [0.6, 0.3, 2],
];

describe('decomposition of T² (Mason, Tracy & Young 1995)', () => {
  it('by hand: two variables with correlation 0.9 that do not go together', () => {
    // T² = (a² - 2 r a b + b²)/(1 - r²); at (1.9, -1.9): 2 · 1.9²(1 + r)/(1 - r²) = 72.2.
    const cov = [
      [1, 0.9],
      [0.9, 1],
    ];
    const away = [1.9, -1.9];
    expect(tSquaredOf([0, 1], away, cov)).toBeCloseTo(72.2, 10);
    expect(tSquaredOf([0], away, cov)).toBeCloseTo(3.61, 12);
    const causes = causesOf(away, cov, 1, 0.0027, null);
    // T²(1 | 0) = 72.2 - 3.61, the other way round the same here.
    expect(causes.map(({ variable, given }) => [variable, given])).toEqual([
      [1, [0]],
      [0, [1]],
    ]);
    for (const { t2 } of causes) expect(t2).toBeCloseTo(68.59, 10);
  });

  it('names a mean that is off, and then asks whether the rest is in order', () => {
    const off = causesOf([20, 0.1, 0.1], cov3, 1, 0.0027, { m: 50, n: 1 });
    expect(off).toEqual([{ variable: 0, given: [], t2: 100 }]);
    expect(causesOf([0.1, 0.1, 0.1], cov3, 1, 0.0027, null)).toEqual([]);
  });

  it('three that go together two by two, and not as three', () => {
    // x2 = x0 + x1 but for a little: only the third order sees the break.
    const cov = [
      [1, 0, 1],
      [0, 1, 1],
      [1, 1, 2.01],
    ];
    const causes = causesOf([1, 1, 0.5], cov, 1, 0.0027, null);
    expect(causes.map(({ given }) => given.length)).toEqual([2, 2, 2]);
  });

  it('the terms of every order of the variables add up to T²', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: 3, maxLength: 3 }),
        fc.shuffledSubarray([0, 1, 2], { minLength: 3, maxLength: 3 }),
        (away, order) => {
          let sum = 0;
          order.forEach((_, k) => {
            const upTo = tSquaredOf(order.slice(0, k + 1), away, cov3) as number;
            sum += upTo - (k === 0 ? 0 : (tSquaredOf(order.slice(0, k), away, cov3) as number));
          });
          expect(sum).toBeCloseTo(tSquared([away], [0, 0, 0], cov3)?.t2[0] as number, 8);
        },
      ),
    );
  });

  it('limits: of one variable alone the two forms are one', () => {
    const f = fUpperQuantile(0.0027, 1, 24) as number;
    expect(termLimit(0, 0.0027, { m: 25, n: 1 })).toBeCloseTo((26 / 25) * f, 10);
    for (const [m, n] of [
      [25, 1],
      [25, 4],
    ] as const) {
      const one = tSquaredLimits(m, n, 1, 0.0027).uclPhase2 as number;
      expect(termLimit(0, 0.0027, { m, n })).toBeCloseTo(one, 9);
      expect(tSquaredLimit(1, 0.0027, n, { m, n })).toBe(one);
    }
    expect(termLimit(3, 0.0027, null)).toBeCloseTo(9, 2);
  });
});

describe('run lengths in control', () => {
  it.each([
    [0.5, 5.5, 2, 200],
    [0.5, 6.88, 3, 200],
    [0.5, 14.9, 10, 200],
  ])('MCUSUM k=%f h=%f p=%i: %f (Crosier 1988)', (k, h, p, published) => {
    expect(Math.abs((arlMcusum(k, h, p) as number) / published - 1)).toBeLessThan(0.01);
  });

  it('MCUSUM as simulated', () => {
    const [k, h, p, runs] = [0.5, 3, 3, 4000] as const;
    const lengths: number[] = [];
    const z = normals(600_000, 11);
    let at = 0;
    while (lengths.length < runs && at + p <= z.length) {
      let sum = [0, 0, 0];
      let length = 0;
      for (let on = true; on && at + p <= z.length; length += 1) {
        const moved = sum.map((s, j) => s + (z[at + j] as number));
        at += p;
        const c = Math.hypot(...moved);
        sum = moved.map((s) => (c <= k ? 0 : s * (1 - k / c)));
        on = c - k <= h;
      }
      lengths.push(length);
    }
    expect(lengths.length).toBe(runs);
    const mean = lengths.reduce((a, b) => a + b, 0) / runs;
    const sd = Math.sqrt(lengths.reduce((a, x) => a + (x - mean) ** 2, 0) / (runs - 1));
    const exact = arlMcusum(k, h, p) as number;
    expect(Math.abs(mean - exact)).toBeLessThan((4 * sd) / Math.sqrt(runs));
  });

  it('limits for a wanted one', () => {
    // Prabhu & Runger 1997: lambda 0.1, p = 2, ARL 200: 8.64.
    expect(mewmaLimit(0.1, 2, 200)).toBeCloseTo(8.64, 1);
    const h = mcusumLimit(0.5, 2, 370) as number;
    expect(arlMcusum(0.5, h, 2)).toBeCloseTo(370, 3);
  });
});

describe('which covariance can be worked with', () => {
  it('does not depend on units', () => {
    const units = [1e-6, 1, 1e9];
    const scaled = (cov: number[][]) =>
      cov.map((row, i) => row.map((x, j) => x * (units[i] as number) * (units[j] as number)));
    expect(firstDependent(scaled(cov3))).toBe(null);
    const sum = [
      [1, 0, 1],
      [0, 1, 1],
      [1, 1, 2],
    ];
    expect(firstDependent(scaled(sum))).toBe(2);
    expect(firstDependent([[0]])).toBe(0);
    expect(
      firstDependent([
        [1, 1],
        [1, 1 + 1e-9],
      ]),
    ).toBe(1);
  });
});
