import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { QUALITY } from '../../../agent/model.ts';
import {
  decoder,
  type FieldRule,
  type FieldType,
  ORDERS_16,
  ORDERS_32,
  ORDERS_64,
  type Order,
  orderFor,
} from '../../../agent/sources/modbus/decode.ts';
import { readText } from '../../../agent/sources/modbus/decode-text.ts';

const RULE: FieldRule = {
  type: 'uint16',
  order: 'AB',
  bit: 0,
  scale: 1,
  offset: 0,
  min: null,
  max: null,
  sentinels: [],
};

/** The bytes of a value on the wire: byte A most significant, placed as the letters say. */
function onWire(type: FieldType, value: number | bigint, order: Order): DataView {
  const big = new DataView(new ArrayBuffer(8));
  const write: Record<string, () => void> = {
    uint16: () => big.setUint16(0, Number(value)),
    int16: () => big.setInt16(0, Number(value)),
    uint32: () => big.setUint32(0, Number(value)),
    int32: () => big.setInt32(0, Number(value)),
    float32: () => big.setFloat32(0, Number(value)),
    float64: () => big.setFloat64(0, Number(value)),
    uint64: () => big.setBigUint64(0, BigInt(value)),
    int64: () => big.setBigInt64(0, BigInt(value)),
  };
  write[type]?.();
  const wire = new DataView(new ArrayBuffer(order.length + 3));
  for (const [i, letter] of [...order].entries()) {
    wire.setUint8(3 + i, big.getUint8(letter.charCodeAt(0) - 65));
  }
  return wire;
}

const read = (over: Partial<FieldRule>, view: DataView, at = 3) => ({
  ...decoder({ ...RULE, ...over })(view, at),
});

const TYPES: [FieldType, readonly Order[], fc.Arbitrary<number | bigint>][] = [
  ['uint16', ORDERS_16, fc.integer({ min: 0, max: 0xffff })],
  ['int16', ORDERS_16, fc.integer({ min: -0x8000, max: 0x7fff })],
  ['uint32', ORDERS_32, fc.integer({ min: 0, max: 0xffffffff })],
  ['int32', ORDERS_32, fc.integer({ min: -0x80000000, max: 0x7fffffff })],
  ['float32', ORDERS_32, fc.float({ noNaN: true, noDefaultInfinity: true })],
  ['float64', ORDERS_64, fc.double({ noNaN: true, noDefaultInfinity: true })],
  ['int64', ORDERS_64, fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })],
  ['uint64', ORDERS_64, fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })],
];

describe.each(TYPES)('%s', (type, orders, values) => {
  it.each(orders)('comes back whole from order %s', (order) => {
    fc.assert(
      fc.property(values, (value) => {
        const decoded = read({ type, order }, onWire(type, value, order));
        const least = { float32: 2 ** -126, float64: 2 ** -1022 }[type as string] ?? 0;
        if (value !== 0 && Math.abs(Number(value)) < least) {
          // Subnormal: never a measurement, and what swapped bytes often look like.
          expect(decoded).toEqual({ value: Number.NaN, quality: QUALITY.BAD_VALUE });
          return;
        }
        // Adding 0 turns -0, which no gauge means, into 0.
        expect(decoded.value).toBe(Number(value) + 0);
        const inexact =
          typeof value === 'bigint' && (value > 2n ** 53n - 1n || value < -(2n ** 53n) + 1n);
        expect(decoded.quality).toBe(inexact ? QUALITY.UNCERTAIN_CLAMPED : QUALITY.GOOD);
      }),
    );
  });
});

describe('published examples', () => {
  // 123456.0 = 0x47F12000 (IEEE 754); the four byte orders as makers' manuals print them.
  it.each([
    ['ABCD', [0x47, 0xf1, 0x20, 0x00]],
    ['CDAB', [0x20, 0x00, 0x47, 0xf1]],
    ['BADC', [0xf1, 0x47, 0x00, 0x20]],
    ['DCBA', [0x00, 0x20, 0xf1, 0x47]],
  ] as const)('123456.0 in %s', (order, bytes) => {
    const view = new DataView(Uint8Array.from(bytes).buffer);
    expect(read({ type: 'float32', order }, view, 0).value).toBe(123_456);
  });

  it("the unit's order means the same swaps at every width", () => {
    expect(orderFor('uint16', 'CDAB')).toBe('AB');
    expect(orderFor('uint16', 'BADC')).toBe('BA');
    expect(orderFor('float64', 'CDAB')).toBe('GHEFCDAB');
    expect(orderFor('float64', 'BADC')).toBe('BADCFEHG');
    expect(orderFor('string', 'DCBA')).toBe('BA');
  });
});

describe('bits, coils, text', () => {
  it('reads bit n of a register, 0 the least significant', () => {
    const view = onWire('uint16', 0b1000_0000_0000_0101, 'AB');
    const bits = Array.from({ length: 16 }, (_, bit) => read({ type: 'bit', bit }, view).value);
    expect(bits).toEqual([1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
  });

  it('reads coil n of an answer: the first coil is the lowest bit of the first byte', () => {
    const view = new DataView(Uint8Array.of(0b0000_0010, 0b1000_0001).buffer);
    const coils = Array.from({ length: 16 }, (_, n) => read({ type: 'bool' }, view, n).value);
    expect(coils).toEqual([0, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1]);
  });

  it('reads text in both packings, up to the first NUL, trimmed', () => {
    const view = (text: string) => new DataView(Uint8Array.from(Buffer.from(text)).buffer);
    expect(readText(view('KS-0815 \0xyz'), 0, 12, 'AB')).toBe('KS-0815');
    expect(readText(view('SK0-18'), 0, 6, 'BA')).toBe('KS-081');
  });
});

describe('what is not fit for statistics', () => {
  const float = (value: number, over: Partial<FieldRule> = {}) =>
    read({ type: 'float32', order: 'ABCD', ...over }, onWire('float32', value, 'ABCD'));

  it.each([Number.NaN, Infinity, -Infinity])('%s is BAD_VALUE', (value) => {
    expect(float(value)).toEqual({ value: Number.NaN, quality: QUALITY.BAD_VALUE });
  });

  it('a sentinel is BAD_SENTINEL, compared before scale and offset', () => {
    const over = { type: 'int16' as const, order: 'AB' as const, sentinels: [-32_768], scale: 0.1 };
    expect(read(over, onWire('int16', -32_768, 'AB')).quality).toBe(QUALITY.BAD_SENTINEL);
    expect(read(over, onWire('int16', -3277, 'AB')).quality).toBe(QUALITY.GOOD);
  });

  it('outside min and max is BAD_RANGE, the ends belong to it', () => {
    const over = { min: 10, max: 20 };
    expect([9.5, 10, 20, 20.5].map((v) => float(v, over).quality)).toEqual([
      QUALITY.BAD_RANGE,
      QUALITY.GOOD,
      QUALITY.GOOD,
      QUALITY.BAD_RANGE,
    ]);
    expect(float(20.5, over).value).toBeNaN();
  });

  it('is never anything but a finite number with a usable quality, or NaN with a bad one', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 8, maxLength: 8 }),
        fc.constantFrom(
          ...TYPES.flatMap(([type, orders]) => orders.map((o) => [type, o] as const)),
        ),
        fc.double({ noNaN: true }),
        fc.double({ noNaN: true }),
        (bytes, [type, order], scale, offset) => {
          const view = new DataView(bytes.slice().buffer);
          const { value, quality } = read({ type, order, scale, offset }, view, 0);
          expect(Number.isFinite(value)).toBe(quality < QUALITY.BAD_CONFIG);
        },
      ),
    );
  });
});
