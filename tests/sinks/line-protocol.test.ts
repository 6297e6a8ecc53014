import fc from 'fast-check';
import { expect, it } from 'vitest';
import { lineBuffer, MAX_TEXT } from '../../agent/sinks/influxdb/line-protocol.ts';
import { linePrefix, tagText } from '../../agent/sinks/influxdb/measurements.ts';

const encoder = new TextEncoder();
const key = encoder.encode('v=');
const prefix = encoder.encode('m');

function line(write: (out: ReturnType<typeof lineBuffer>) => void, ms = 1, offset = 0): string {
  const out = lineBuffer(16);
  out.begin(prefix);
  write(out);
  out.end(ms, offset);
  return all(out);
}

const fieldOf = (text: string) => /^m v=(.*) \d+\n$/s.exec(text)?.[1] ?? '';

it.each([
  [21.9805, '21.9805'],
  [10, '10'],
  [-0.05, '-0.05'],
  [0, '0'],
  [1e-9, '1e-9'],
  [123_456_789_012, '123456789012'],
  [0.0000001, '0.0000001'],
  [Math.fround(21.9805), '21.980499267578125'],
])('writes %d as %s', (value, text) => {
  expect(fieldOf(line((out) => out.float(key, value)))).toBe(text);
});

it('reads back every finite float as the same number', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      expect(Number(fieldOf(line((out) => out.float(key, value))))).toBe(value === 0 ? 0 : value);
    }),
  );
});

it('reads back gauge values of every resolution as the same number', () => {
  const gauge = fc.tuple(fc.integer({ min: -2_000_000, max: 2_000_000 }), fc.nat({ max: 7 }));
  fc.assert(
    fc.property(gauge, ([steps, decimals]) => {
      const value = steps / 10 ** decimals;
      expect(Number(fieldOf(line((out) => out.float(key, value))))).toBe(value === 0 ? 0 : value);
    }),
  );
});

it('writes whole numbers with i', () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), (value) => {
      expect(fieldOf(line((out) => out.int(key, value)))).toBe(`${value === 0 ? 0 : value}i`);
    }),
  );
});

it('writes no field for what is not defined, and no line without a field', () => {
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, null]) {
    expect(line((out) => out.float(key, value))).toBe('');
    expect(line((out) => out.int(key, value))).toBe('');
  }
  expect(line((out) => out.text(key, null))).toBe('');
});

it('takes back a line without fields and goes on after the one before it', () => {
  const out = lineBuffer(16);
  for (const value of [1, Number.NaN, 2]) {
    out.begin(prefix);
    out.float(key, value);
    out.end(1, 0);
  }
  const lines = out.take();
  expect(lines.body(0, lines.count)).toBe('m v=1 1000000\nm v=2 1000000\n');
  expect(lines.body(1, 2)).toBe('m v=2 1000000\n');
  expect(lines.size(1, 2)).toBe(14);
});

it('keeps every nanosecond of a timestamp', () => {
  const ms = fc.integer({ min: -4_000_000_000_000, max: 9_000_000_000_000 });
  fc.assert(
    fc.property(ms, fc.nat({ max: 999_999 }), (at, offset) => {
      const text = line((out) => out.float(key, 1), at, offset);
      const expected = BigInt(at) * 1_000_000n + BigInt(offset);
      expect(text.split(' ').at(-1)).toBe(`${expected}\n`);
    }),
  );
});

it('escapes text so that it ends where it should', () => {
  const text = (value: string) => fieldOf(line((out) => out.text(key, value)));
  expect(text('plain')).toBe('"plain"');
  expect(text('ends with \\')).toBe('"ends with \\\\"');
  expect(text('two\nlines "quoted"')).toBe('"two lines \\"quoted\\""');
  expect(text('معیار "ok"\n\\')).toBe('"معیار \\"ok\\" \\\\"');
  expect(text('x'.repeat(5000))).toHaveLength(MAX_TEXT + 2);
});

it('escapes tags, cuts what no escape exists for, and leaves out empty ones', () => {
  expect(tagText('a b,c=d')).toBe('a\\ b\\,c\\=d');
  expect(tagText('ends with \\\\')).toBe('ends\\ with');
  expect(tagText('two\nlines')).toBe('two\\ lines');
  const tags = { site: 'x', sink: '' };
  const bytes = linePrefix('spc_agent', tags, { plant: 'north', site: 'other', none: '\\' });
  expect(new TextDecoder().decode(bytes)).toBe('spc_agent,site=x,plant=north');
});

function all(out: ReturnType<typeof lineBuffer>): string {
  const lines = out.take();
  return lines.body(0, lines.count);
}

it('keeps taken lines readable while the next ones are written', () => {
  const out = lineBuffer(16);
  const write = (value: number) => {
    out.begin(prefix);
    out.float(key, value);
    out.end(1, 0);
  };
  write(1);
  const first = out.take();
  for (let i = 0; i < 50; i += 1) write(2);
  expect(first.body(0, first.count)).toBe('m v=1 1000000\n');
  expect(out.take().count).toBe(50);
  expect(out.count()).toBe(0);
});
