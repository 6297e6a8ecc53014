import { describe, expect, it } from 'vitest';
import { QUALITY } from '../../../agent/model.ts';
import { decoder, type FieldRule } from '../../../agent/sources/modbus/decode.ts';
import { clockReader } from '../../../agent/sources/modbus/decode-clock.ts';
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
const bytes = (hex: string) => {
  const data = Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
  return new DataView(data.buffer);
};
const read = (over: Partial<FieldRule>, hex: string) => ({
  ...decoder({ ...RULE, ...over })(bytes(hex), 0),
});

describe('numbers of other kinds', () => {
  it.each([
    ['bcd16', 'AB', '1234', 1234],
    ['bcd16', 'BA', '3412', 1234],
    ['bcd32', 'ABCD', '0012 3456', 123_456],
    ['bcd32', 'CDAB', '3456 0012', 123_456],
    ['bcd32', 'ABCD', '9999 9999', 99_999_999],
    // Examples of IEEE 754 binary16: one third, the largest number, the smallest subnormal.
    ['float16', 'AB', '3555', 0.333251953125],
    ['float16', 'AB', '7bff', 65_504],
    ['float16', 'AB', '0001', 2 ** -24],
    ['float16', 'BA', '00c0', -2],
  ] as const)('%s %s %s', (type, order, hex, value) => {
    expect(read({ type, order }, hex)).toEqual({ value, quality: QUALITY.GOOD });
  });

  it('what is no decimal digit, and what is no number, is bad', () => {
    for (const [type, hex] of [
      ['bcd16', '12a4'],
      ['bcd32', '0000 00f1'],
      ['float16', '7c00'],
      ['float16', '7e01'],
    ] as const) {
      const order = type === 'bcd32' ? 'ABCD' : 'AB';
      expect(read({ type, order }, hex).quality).toBe(QUALITY.BAD_VALUE);
    }
  });

  it('a range of bits', () => {
    expect(read({ bits: { from: 4, to: 7 } }, 'abcd').value).toBe(0xc);
    expect(read({ bits: { from: 0, to: 15 } }, 'abcd').value).toBe(0xabcd);
    const wide = { type: 'uint32', order: 'ABCD' } as const;
    expect(read({ ...wide, bits: { from: 24, to: 31 } }, 'fe00 0001').value).toBe(0xfe);
    expect(read({ ...wide, bits: { from: 0, to: 31 } }, 'fe00 0001').value).toBe(0xfe00_0001);
  });

  it('a value beyond the clamp is set to it and called uncertain', () => {
    const clamp = { min: 0, max: 100 };
    const value = (hex: string) => read({ type: 'int16', clamp }, hex);
    expect(value('ffff')).toEqual({ value: 0, quality: QUALITY.UNCERTAIN_CLAMPED });
    expect(value('0065')).toEqual({ value: 100, quality: QUALITY.UNCERTAIN_CLAMPED });
    expect(value('0064')).toEqual({ value: 100, quality: QUALITY.GOOD });
  });
});

describe('text', () => {
  it.each([
    ['two', 'AB', '4142 4344'],
    ['two', 'BA', '4241 4443'],
    ['high', 'AB', '4100 4200 4300 4400'],
    ['low', 'AB', '0041 0042 0043 0044'],
  ] as const)('packed %s %s', (packing, order, hex) => {
    expect(readText(bytes(hex), 0, 4, order, packing)).toBe('ABCD');
  });
});

describe('clocks of PLCs', () => {
  const wantedMs = Date.UTC(2026, 2, 31, 23, 59, 58);
  const nowMs = wantedMs + 5000;
  const unix = (wantedMs / 1000).toString(16).padStart(8, '0');
  const unixMs = wantedMs.toString(16).padStart(16, '0');
  it.each([
    ['unix-s', 'ABCD', unix, wantedMs],
    ['unix-s', 'CDAB', unix.slice(4) + unix.slice(0, 4), wantedMs],
    ['unix-ms', 'ABCD', unixMs, wantedMs],
    ['bcd', 'ABCD', '2603 3123 5958', wantedMs],
  ] as const)('%s %s', (format, order, hex, ms) => {
    expect(clockReader(format, undefined, order, 0)(bytes(hex), 0, nowMs)).toBe(ms);
  });

  it('local time is set right', () => {
    const local = clockReader('bcd', undefined, 'ABCD', 300);
    expect(local(bytes('2604 0104 5958'), 0, nowMs)).toBe(wantedMs);
  });

  it.each([
    ['no month', '2613 0100 0000'],
    ['no digit', '26a3 0100 0000'],
    ['the 31st of a short month', '2604 3100 0000'],
    ['no hour', '2603 0124 0000'],
    ['a clock that was never set', '0001 0100 0000'],
    ['more than a day ahead', '2604 0300 0000'],
  ])('%s is no time', (_name, hex) => {
    expect(clockReader('bcd', undefined, 'ABCD', 0)(bytes(hex), 0, nowMs)).toBeNaN();
  });
});
