import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shortest } from '../../agent/runtime/shortest.ts';

const half = (value: number) =>
  (Math as unknown as { f16round(x: number): number }).f16round(value);

describe('the shortest decimal of a number that came as a float', () => {
  it('is what people wrote into the device', () => {
    for (const typed of [0.1, -0.1, 21.967, 1e-7, 3.4e38, 16777216, 0.3, 1234.567, 1e-40]) {
      expect(shortest(Math.fround(typed), 32)).toBe(String(typed));
    }
    for (const typed of [0.1, 21.97, -0.3, 60000]) {
      expect(shortest(half(typed), 16)).toBe(String(typed));
    }
    expect(shortest(Math.fround(0.1), null)).toBe('0.1');
    expect(shortest(Math.fround(0.1), 64)).toBe('0.10000000149011612');
  });

  it('leaves alone what is no float32, and what may well be none', () => {
    expect(shortest(0.1, null)).toBe('0.1');
    expect(shortest(1 / 3, null)).toBe(String(1 / 3));
    expect(shortest(123456.78125, null)).toBe('123456.78125');
    for (const odd of [Number.NaN, Infinity, 0, -0]) expect(shortest(odd, 32)).toBe(String(odd));
  });

  it('is the same float32 again, and no shorter decimal is', () => {
    const float = fc.float({ noNaN: true, noDefaultInfinity: true });
    fc.assert(
      fc.property(float, (value) => {
        const text = shortest(value, 32);
        expect(Math.fround(Number(text))).toBe(value === 0 ? 0 : value);
        for (let digits = 1; digits < 9; digits += 1) {
          const other = Number(value.toPrecision(digits));
          if (String(other).length < text.length) expect(Math.fround(other)).not.toBe(value);
        }
      }),
    );
  });

  it('is the same float16 again', () => {
    fc.assert(
      fc.property(fc.double({ min: -65504, max: 65504, noNaN: true }), (value) => {
        const held = half(value);
        expect(half(Number(shortest(held, 16)))).toBe(held === 0 ? 0 : held);
      }),
    );
  });
});
