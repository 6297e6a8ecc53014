import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mcusum } from '../../agent/spc/mcusum.ts';
import { normals } from '../support/spc.ts';

const unit = [
  [1, 0],
  [0, 1],
];

describe('MCUSUM of Crosier', () => {
  it('of one variable is a CUSUM that keeps its sign', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -4, max: 4, noNaN: true }), { maxLength: 30 }), (x) => {
        let sum = 0;
        const plain = x.map((value) => {
          sum += value;
          sum = Math.abs(sum) <= 0.5 ? 0 : sum - 0.5 * Math.sign(sum);
          return Math.abs(sum);
        });
        const made = mcusum(
          x.map((value) => [10 + 2 * value]),
          [10],
          [[4]],
          0.5,
          5,
        );
        made?.y.forEach((y, i) => {
          expect(y).toBeCloseTo(plain[i] ?? 0, 9);
        });
      }),
    );
  });

  it('is the same in any linear coordinates', () => {
    const rows = normals(80, 3).reduce<number[][]>((all, x, i) => {
      if (i % 2 === 0) all.push([x]);
      else all.at(-1)?.push(x);
      return all;
    }, []);
    const bent = rows.map(([a = 0, b = 0]) => [3 + 2 * a + b, -1 + b]);
    const cov = [
      [5, 1],
      [1, 1],
    ];
    const straight = mcusum(rows, [0, 0], unit, 0.5, 5.5);
    mcusum(bent, [3, -1], cov, 0.5, 5.5)?.y.forEach((y, i) => {
      expect(y).toBeCloseTo(straight?.y[i] ?? 0, 9);
    });
  });

  it('adds up what persists, and says when it began', () => {
    const rows = [
      [0.2, 0.1],
      [0, 0.3],
      ...Array.from({ length: 9 }, () => [3 / Math.SQRT2, 3 / Math.SQRT2]),
    ];
    const made = mcusum(rows, [0, 0], unit, 0.5, 5.5);
    // 2.5 a row from the third on: 2.5, 5, 7.5.
    expect(made?.y.slice(0, 5).map((y) => Math.round(1e9 * y) / 1e9)).toEqual([0, 0, 2.5, 5, 7.5]);
    expect(made).toMatchObject({ signals: [4, 5, 6, 7, 8, 9, 10], onset: 2 });
  });

  it('has no answer without an inverse', () => {
    const flat = [
      [1, 1],
      [1, 1],
    ];
    expect(mcusum([[0, 0]], [0, 0], flat, 0.5, 5.5)).toBe(null);
  });
});
