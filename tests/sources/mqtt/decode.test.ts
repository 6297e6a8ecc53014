import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { QUALITY } from '../../../agent/model.ts';
import { startCounters } from '../../../agent/sources/mqtt/counters.ts';
import { createDecoder } from '../../../agent/sources/mqtt/decode.ts';
import { PayloadError } from '../../../agent/sources/mqtt/payload.ts';
import { compileEntry, planner } from '../../../agent/sources/mqtt/plan.ts';
import { settings } from '../../../agent/sources/mqtt/settings.ts';
import { testContext } from '../../support/source-context.ts';

const NOW = Date.UTC(2026, 2, 1, 8, 0, 0);
const TAGS = ['hardness', 'depth', 'k7.hardness'];

function decoding(topic: Record<string, unknown>, maxBytes = 65_536) {
  const parsed = settings.parse({
    url: 'mqtt://127.0.0.1',
    topics: [{ topic: 'ravi/{station}/result', ...topic }],
  });
  const context = testContext(TAGS);
  const counters = startCounters();
  const plan = planner(parsed.topics.map(compileEntry), context.tagNumber);
  const decoder = createDecoder((d) => void context.deliver(d), counters, maxBytes);
  const take = (payload: unknown, on = 'ravi/k7/result') => {
    const bytes = Buffer.isBuffer(payload)
      ? payload
      : Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload));
    const found = plan(on);
    if (found === null) throw new Error(`no plan for ${on}`);
    return decoder.take(found, bytes, NOW, false);
  };
  return { take, context, counters };
}

const two = { hardness: 'v.hardness', depth: 'v.depth' };

describe('one object per message', () => {
  it('reads values, sequence, time, stream and context', () => {
    const { take, context } = decoding({
      stream: '{station}',
      sequence: { path: 'seq', modulus: 65_536 },
      time: { path: 'ts', unit: 'ms' },
      values: { '{station}.hardness': 'v.hardness', depth: 'v["case depth"][1]' },
      context: { part: 'part', serial: 'sn', cell: 'cell {station}', lot: 'lot' },
    });
    const message = {
      seq: 7,
      ts: NOW - 5,
      v: { hardness: 58.5, 'case depth': [0, 0.82] },
      part: 'shaft',
      sn: 1204,
    };
    expect(take(message)).toBe(1);
    expect(context.readings).toHaveLength(2);
    expect(context.readings[0]).toEqual({
      tag: 'k7.hardness',
      value: 58.5,
      quality: QUALITY.GOOD,
      sourceMs: NOW - 5,
      receiveMs: NOW,
      sequence: 7,
      stream: 'k7',
      modulus: 65_536,
      context: { part: 'shaft', serial: '1204', cell: 'cell k7' },
      redelivered: false,
      delivery: 1,
    });
    expect(context.readings[1]).toMatchObject({ tag: 'depth', value: 0.82, sequence: 7 });
    expect(Buffer.from(context.raw[0] ?? []).toString()).toBe(JSON.stringify(message));
  });

  it.each([
    ['58.5', 58.5],
    [' 58,5 ', 58.5],
    ['-1.5e-3', -0.0015],
    [',5', 0.5],
    [58, 58],
  ])('reads %j as a number', (value, expected) => {
    const { take, context } = decoding({ values: two });
    take({ v: { hardness: value } });
    expect(context.good('hardness')[0]?.value).toBe(expected);
  });

  it.each([null, '', 'NaN', 'n/a', '1.234,5', '0x10', '1e999', true, false, {}])(
    'counts %j as a bad value, not as a number',
    (value) => {
      const { take, context, counters } = decoding({ values: two, sequence: 'seq' });
      take({ seq: 3, v: { hardness: value } });
      const [reading] = context.of('hardness');
      expect(reading?.value).toBeNaN();
      expect(reading?.quality).toBe(QUALITY.BAD_VALUE);
      expect(reading?.sequence).toBe(3);
      expect(counters.badValues).toBe(1);
    },
  );

  it('reads NaN, Infinity and 1e309, which JSON does not know, as bad values', () => {
    const { take, context } = decoding({ values: two, context: { part: 'part' } });
    take('{"part":"NaN \\"x\\" Infinity","v":{"hardness":NaN,"depth":-Infinity}}');
    take('{"v":{"hardness":1e309}}');
    expect(context.readings.map((r) => r.quality)).toEqual([24, 24, 24]);
    expect(context.readings[0]?.context).toEqual({ part: 'NaN "x" Infinity' });
  });

  it('leaves out what is absent and says so when all is', () => {
    const { take, context, counters } = decoding({ values: two });
    take({ v: { depth: 0.8 } });
    expect(context.readings.map((r) => r.tag)).toEqual(['depth']);
    expect(counters.valuesAbsent).toBe(1);
    expect(() => take({ w: 1 })).toThrow(PayloadError);
    expect(context.deliveries()).toBe(1);
  });

  it('gives no reading to a tag that no characteristic reads', () => {
    const { take, context } = decoding({ values: { ...two, other: 'v.other' } });
    take({ v: { hardness: 1, depth: 2, other: 3 } });
    expect(context.readings.map((r) => r.tag)).toEqual(['hardness', 'depth']);
  });

  it('reads only what the sender sent: __proto__ and constructor reach nothing', () => {
    const { take, context } = decoding({
      values: { hardness: 'constructor.length', depth: '__proto__.x' },
    });
    expect(() => take({ a: 1 })).toThrow(PayloadError);
    take('{"__proto__":{"x":5}}');
    expect(context.readings.map((r) => [r.tag, r.value])).toEqual([['depth', 5]]);
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });

  it('keeps the context small', () => {
    const { take, context } = decoding({
      values: { hardness: 'v' },
      context: { a: 'a', b: 'b', c: 'c' },
    });
    take({ v: 1, a: 'x'.repeat(100), b: { not: 'text' }, c: true });
    expect(context.readings[0]?.context).toEqual({ a: 'x'.repeat(64), c: 'true' });
    const many = Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`k${i}`, 'v.t']));
    const long = decoding({ values: { hardness: 'v.n' }, context: many });
    long.take({ v: { n: 1, t: 'ح'.repeat(64) } });
    const kept = long.context.readings[0]?.context ?? {};
    expect(Object.keys(kept)).toEqual(['k0', 'k1', 'k2']);
  });
});

describe('time and sequence', () => {
  it.each([
    ['s', NOW / 1000],
    ['ms', NOW],
    ['us', NOW * 1000],
    ['ns', NOW * 1e6],
    ['iso', '2026-03-01T08:00:00Z'],
    ['s', String(NOW / 1000)],
  ])('reads a time in %s', (unit, ts) => {
    const { take, context } = decoding({ values: two, time: { path: 'ts', unit } });
    take({ ts, v: { hardness: 1 } });
    expect(context.readings[0]?.sourceMs).toBeCloseTo(NOW, 3);
    expect(context.readings[0]?.quality).toBe(QUALITY.GOOD);
  });

  it.each([NOW + 86_400_001, 0, null, 'yesterday', undefined])(
    'does not believe the time %j and uses its own',
    (ts) => {
      const { take, context, counters } = decoding({
        values: two,
        time: { path: 'ts', unit: 'ms' },
      });
      take({ ts, v: { hardness: 1 } });
      expect(context.readings[0]?.sourceMs).toBe(NOW);
      expect(context.readings[0]?.quality).toBe(QUALITY.UNCERTAIN_CLOCK);
      expect(counters.clockCorrected).toBe(1);
    },
  );

  it.each([
    [12, 12],
    ['12', 12],
    [1.5, Number.NaN],
    [2 ** 53, Number.NaN],
    ['x', Number.NaN],
    [null, Number.NaN],
    [undefined, Number.NaN],
  ])('reads the sequence %j as %d', (seq, expected) => {
    const { take, context, counters } = decoding({ values: two, sequence: 'seq' });
    take({ seq, v: { hardness: 1 } });
    expect(context.readings[0]?.sequence).toBe(expected);
    expect(counters.badSequence).toBe(Number.isNaN(expected) ? 1 : 0);
  });
});

describe('many readings in one message', () => {
  it('reads an array of objects in order, one delivery per context', () => {
    const { take, context } = decoding({
      items: 'parts',
      sequence: 'n',
      time: { path: 't', unit: 'ms' },
      values: { hardness: 'h' },
      context: { serial: 'sn', lot: 'lot' },
    });
    const parts = [
      { n: 1, t: NOW - 3, h: 50, sn: 'a' },
      { n: 2, t: NOW - 2, h: 51, sn: 'a' },
      { n: 3, t: NOW - 1, h: 52, sn: 'b' },
    ];
    expect(take({ lot: 'L1', parts })).toBe(2);
    expect(context.readings.map((r) => [r.sequence, r.sourceMs - NOW, r.value])).toEqual([
      [1, -3, 50],
      [2, -2, 51],
      [3, -1, 52],
    ]);
    expect(context.readings.map((r) => r.delivery)).toEqual([1, 1, 2]);
    expect(context.readings[2]?.context).toEqual({ serial: 'b', lot: 'L1' });
    expect(context.raw.map((raw) => raw.length > 0)).toEqual([true, false]);
  });

  it('takes the message itself as the array', () => {
    const { take, context } = decoding({ items: '', sequence: 'n', values: { hardness: 'h' } });
    take([
      { n: 1, h: 5 },
      { n: 2, h: 6 },
    ]);
    expect(context.readings.map((r) => r.value)).toEqual([5, 6]);
    expect(() => take({})).toThrow(/no array/);
  });

  it('reads parallel arrays with an array of times and of sequences', () => {
    const { take, context } = decoding({
      sequence: 'n',
      time: { path: 't', unit: 'ms' },
      values: { hardness: 'h', depth: 'd' },
    });
    take({ n: [8, 9], t: [NOW - 2, NOW - 1], h: [50, null], d: [0.8, 0.9] });
    expect(context.readings.map((r) => [r.tag, r.sequence, r.sourceMs - NOW, r.value])).toEqual([
      ['hardness', 8, -2, 50],
      ['depth', 8, -2, 0.8],
      ['hardness', 9, -1, Number.NaN],
      ['depth', 9, -1, 0.9],
    ]);
  });

  it('reads a wave form: start time and step', () => {
    const { take, context, counters } = decoding({
      time: { path: 't0', unit: 's', step: 'dt' },
      values: { hardness: 'v' },
      sequence: 'n',
    });
    take({ n: 4, t0: NOW / 1000 - 1, dt: 0.25, v: [1, 2, 3] });
    expect(context.readings.map((r) => r.sourceMs - NOW)).toEqual([-1000, -750, -500]);
    expect(context.readings.map((r) => r.sequence)).toEqual([4, 4, 4]);
    expect(counters.badSequence).toBe(0);
  });
});

describe('a payload that is one number', () => {
  it('is read as text', () => {
    const { take, context } = decoding({ format: 'number', values: { hardness: '' } });
    take('58,25');
    take('nan');
    expect(context.readings.map((r) => [r.value, r.quality])).toEqual([
      [58.25, 0],
      [Number.NaN, QUALITY.BAD_VALUE],
    ]);
    expect(() => take('fifty')).toThrow(/not a number/);
  });
});

describe('what cannot be read', () => {
  it.each([
    ['too large', `{"v":{"hardness":1},"x":"${'y'.repeat(2000)}"}`, /at most 1000/],
    ['empty', '', /empty/],
    ['not JSON', '{"v":', /not JSON/],
    ['not UTF-8', Buffer.from([0x22, 0xff, 0xfe, 0x22]), /UTF-8/],
    ['a bare value', '5', /none of the configured/],
    ['deep', '['.repeat(900), /not JSON/],
  ])('%s: says why and hands over nothing', (_name, payload, reason) => {
    const { take, context } = decoding({ values: two }, 1000);
    expect(() => take(payload)).toThrow(reason);
    expect(() => take(payload)).toThrow(PayloadError);
    expect(context.deliveries()).toBe(0);
  });

  it('goes on after a byte order mark and after a replacement character', () => {
    const { take, context } = decoding({ values: two });
    take('\uFEFF{"v":{"hardness":1},"note":"\uFFFD"}');
    expect(context.readings).toHaveLength(1);
  });

  it('survives 10 000 random payloads: a reading or a reason, never anything else', () => {
    const { take, context } = decoding({
      items: 'parts',
      sequence: 'n',
      time: { path: 't', unit: 'iso' },
      values: { hardness: 'v.hardness', depth: 'v[0]' },
      context: { part: 'p' },
    });
    const key = fc.constantFrom('n', 't', 'v', 'p', '__proto__');
    const leaf = fc.constantFrom(
      ...['null', 'true', '"x"', '""', '1e999', '-0', '7', '"7,5"', '[]', '{}', 'NaN'],
      ...['{"hardness":5}', '{"hardness":[1,null]}', '[3]', '"2026-03-01"', '\uFFFD'],
    );
    const part = fc
      .array(fc.tuple(key, leaf), { maxLength: 5 })
      .map((pairs) => `{${pairs.map(([k, v]) => `"${k}":${v}`).join(',')}}`);
    const shaped = fc
      .array(part, { maxLength: 4 })
      .map((parts) => `{"parts":[${parts.join(',')}]}`);
    const payload = fc.oneof(
      fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
      { arbitrary: shaped.map((text) => Buffer.from(text)), weight: 5 },
      shaped.map((text) => Buffer.from(text.slice(0, -1))),
      leaf.map((text) => Buffer.from(text)),
    );
    fc.assert(
      fc.property(payload, (bytes) => {
        const before = context.readings.length;
        try {
          take(bytes);
        } catch (error) {
          if (!(error instanceof PayloadError)) throw error;
          expect(context.readings.length).toBe(before);
        }
        for (const r of context.readings.splice(0)) {
          expect(Number.isNaN(r.value)).toBe(r.quality === QUALITY.BAD_VALUE);
          expect(Number.isFinite(r.sourceMs)).toBe(true);
        }
        context.raw.length = 0;
      }),
      { numRuns: 10_000, seed: 20_260_301 },
    );
    expect(context.deliveries()).toBeGreaterThan(100);
  });
});
