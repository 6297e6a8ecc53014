import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Delivery } from '../../../agent/batch.ts';
import { startCounters } from '../../../agent/sources/mqtt/counters.ts';
import { createDecoder } from '../../../agent/sources/mqtt/decode.ts';
import { compileEntry, planner } from '../../../agent/sources/mqtt/plan.ts';
import { type Numbers, scanItems } from '../../../agent/sources/mqtt/scan.ts';
import { settings } from '../../../agent/sources/mqtt/settings.ts';
import { learnShape, type Shape, wantedPaths } from '../../../agent/sources/mqtt/shape.ts';

const NOW = Date.UTC(2026, 2, 1, 8, 0, 0);
const TOPIC = {
  ...{ topic: 'ravi/{station}/result', items: '', sequence: 'seq' },
  time: { path: 'ts', unit: 'ms' },
  values: { od: 'v.od', bore: 'v["inner bore"]', again: 'v.od' },
};

/** The decoder as it is, and one that always parses. */
function twoDecoders(topic: Record<string, unknown> = TOPIC) {
  const make = (quick: boolean) => {
    const parsed = settings.parse({ url: 'mqtt://127.0.0.1', topics: [topic] });
    const counters = startCounters();
    const deliveries: Delivery[] = [];
    const plan = planner(parsed.topics.map(compileEntry), (tag) => tag.length)('ravi/k7/result');
    if (plan === null) throw new Error('no plan');
    if (!quick) plan.quick = null;
    const keep = (d: Delivery) => void deliveries.push(structuredClone(d));
    const decoder = createDecoder(keep, counters, 65_536);
    const take = (payload: Buffer) => {
      try {
        return decoder.take(plan, payload, NOW, false, payload.length % 2 === 0 ? 'k7' : '');
      } catch (error) {
        return String(error);
      }
    };
    const said = (payload: Buffer) => {
      deliveries.length = 0;
      const result = take(payload);
      const shown = deliveries.map((d) => ({
        ...d,
        ...{ raw: Buffer.from(d.raw).toString('hex'), tag: d.tag.slice(0, d.count) },
        ...{ value: d.value.slice(0, d.count), quality: d.quality.slice(0, d.count) },
        ...{ sourceMs: d.sourceMs.slice(0, d.count), sequence: d.sequence.slice(0, d.count) },
      }));
      return { result, shown, counters: { ...counters } };
    };
    return { said, quick: () => plan.quick };
  };
  return { quick: make(true), parsing: make(false) };
}

const decimal = fc.oneof(
  fc.integer({ min: -9_999_999, max: 9_999_999 }).map((n) => n / 10_000),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(-0, 0, 1e21, 1e-7, 0.1, 123_456_789_012_345, 1234567890123456),
);
const item = fc.record({
  seq: fc.oneof(fc.nat(1e9), fc.constantFrom(-1, 1.5, 2 ** 53)),
  ts: fc.oneof(
    fc.nat(1e6).map((n) => NOW - n),
    fc.constantFrom(5, NOW + 1e9),
  ),
  v: fc.record({ od: decimal, 'inner bore': decimal }),
  sn: fc.oneof(fc.stringMatching(/^[A-Z0-9-]{0,8}$/), fc.string()),
});
const odd = fc.constantFrom('{}', '{"seq":1}', 'null', '7', '{"seq":1,"v":{"od":"1,5"}}', '[1]');
const payload = fc
  .tuple(
    fc.array(fc.oneof({ weight: 9, arbitrary: item.map((i) => JSON.stringify(i)) }, odd), {
      maxLength: 12,
    }),
    fc.constantFrom(',', ', ', ',\n', ' ,\t'),
    fc.constantFrom('', '', '', ' ', 'x', ']'),
  )
  .map(([items, between, after]) => Buffer.from(`[${items.join(between)}]${after}`));

describe('items read from the bytes', () => {
  it('are what parsing makes of them, whatever comes in which order', () => {
    fc.assert(
      fc.property(fc.array(payload, { minLength: 1, maxLength: 8 }), (payloads) => {
        const { quick, parsing } = twoDecoders();
        for (const bytes of payloads) expect(quick.said(bytes)).toEqual(parsing.said(bytes));
      }),
      { numRuns: 400 },
    );
  });

  it('are what parsing makes of them where single bytes are wrong', () => {
    const good = JSON.stringify(
      Array.from({ length: 3 }, (_, i) => ({
        ...{ seq: 10 + i, ts: NOW - i, v: { od: 21.98 + i / 1000, 'inner bore': -0.5 } },
        sn: `S-${i}`,
      })),
    );
    const { quick, parsing } = twoDecoders();
    for (let n = 0; n < 2; n += 1) {
      const bytes = Buffer.from(good);
      expect(quick.said(bytes)).toEqual(parsing.said(bytes));
    }
    const shape = quick.quick()?.shape;
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.nat(255), (at, byte) => {
        const state = quick.quick();
        if (state === null || state === undefined) throw new Error('not read from the bytes');
        // As after a good message.
        state.misses = 0;
        state.shape = shape ?? null;
        const bytes = Buffer.from(good);
        bytes[at] = byte;
        expect(quick.said(bytes)).toEqual(parsing.said(bytes));
      }),
      { numRuns: 3000 },
    );
  });

  it('are given up where every message has another shape', () => {
    const { quick, parsing } = twoDecoders();
    for (let n = 0; n < 80; n += 1) {
      const bytes = Buffer.from(`[{"seq":${n},"ts":${NOW},"v":{"od":1,"inner bore":2},"k${n}":1}]`);
      expect(quick.said(bytes)).toEqual(parsing.said(bytes));
    }
    expect(quick.quick()?.misses).toBe(64);
  });

  it('are not tried where texts are wanted, or a time as text', () => {
    const none = (over: object) => twoDecoders({ ...TOPIC, ...over }).quick.quick();
    expect(none({})).not.toBeNull();
    expect(none({ context: { serial: 'sn' } })).toBeNull();
    expect(none({ time: { path: 'ts', unit: 'iso' } })).toBeNull();
    expect(none({ items: 'list' })).toBeNull();
  });
});

it('a message of the same shape is not parsed', () => {
  const paths = wantedPaths(['seq', 'v.od']) ?? [];
  const first = Buffer.from('[ {"seq": 1, "on": "a", "v": {"od": 2.5}, "n": -3e2}, {}]');
  const shape = learnShape(first, paths) as Shape;
  const numbers: Numbers = { values: new Float64Array(2) };
  const next =
    '[{"seq": 7, "on": "bc", "v": {"od": -0.125}, "n": 4},' +
    '{"seq": 8, "on": "", "v": {"od": 3}, "n": 5} ]';
  expect(scanItems(Buffer.from(next), shape, numbers)).toBe(2);
  expect([...numbers.values.subarray(0, 4)]).toEqual([7, -0.125, 8, 3]);
  expect(scanItems(Buffer.from(next.replace('"seq": 8', '"seq":8')), shape, numbers)).toBe(-1);
});
