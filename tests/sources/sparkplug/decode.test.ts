import { deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { QUALITY } from '../../../agent/model.ts';
import { decodePayload, type Metric } from '../../../agent/sources/sparkplug/payload.ts';
import { ProtobufError } from '../../../agent/sources/sparkplug/protobuf.ts';
import { encodeRebirth } from '../../../agent/sources/sparkplug/rebirth-payload.ts';
import { numberOf, qualityOf, textOf } from '../../../agent/sources/sparkplug/values.ts';
import {
  compressedBytes,
  type MetricInput,
  sparkplugBytes,
  TYPE,
} from '../../support/sparkplug-bytes.ts';

function one(input: MetricInput): Metric {
  const [metric] = decodePayload(sparkplugBytes({ metrics: [input] })).metrics;
  if (metric === undefined) throw new Error('no metric came back');
  return metric;
}
const value = (input: MetricInput) => numberOf(one(input), input.datatype ?? 0);

describe('a Sparkplug payload', () => {
  it('gives back time, sequence, names, aliases and flags', () => {
    const timestamp = 1_772_000_000_123;
    const metrics = [
      { name: 'Outputs/force', alias: 300, timestamp, datatype: TYPE.Double, double: 12.5 },
      { alias: 300, double: 12.75, historical: true },
    ];
    const payload = decodePayload(sparkplugBytes({ timestamp, seq: 255, metrics }));
    expect(payload).toMatchObject({ timestamp, seq: 255 });
    expect(payload.metrics[0]).toMatchObject({ name: 'Outputs/force', alias: 300, timestamp });
    expect(payload.metrics[1]).toMatchObject({ name: null, alias: 300, historical: true });
  });

  it.each([
    ['Int8', { datatype: TYPE.Int8, int: 0xfe }, -2],
    ['Int16', { datatype: TYPE.Int16, int: 0xff38 }, -200],
    ['Int32', { datatype: TYPE.Int32, int: 0xffff_ffff }, -1],
    ['Int32 sign-extended', { datatype: TYPE.Int32, int: -70_000n }, -70_000],
    ['Int64', { datatype: TYPE.Int64, long: -5_000_000_000n }, -5_000_000_000],
    ['UInt8', { datatype: TYPE.UInt8, int: 0xfe }, 254],
    ['UInt32', { datatype: TYPE.UInt32, int: 0xffff_ffff }, 4_294_967_295],
    ['UInt32 in the long field', { datatype: TYPE.UInt32, long: 77 }, 77],
    ['UInt64', { datatype: TYPE.UInt64, long: 2n ** 53n - 1n }, 2 ** 53 - 1],
    ['Float', { datatype: TYPE.Float, float: 0.5 }, 0.5],
    ['Double', { datatype: TYPE.Double, double: -21.9835 }, -21.9835],
  ])('reads %s', (_name, input, expected) => {
    expect(value(input)).toBe(expected);
  });

  it.each([
    ['null', { datatype: TYPE.Double, double: 3, isNull: true }],
    ['an integer that no double holds', { datatype: TYPE.UInt64, long: 2n ** 53n + 1n }],
    ['an infinite double', { datatype: TYPE.Double, double: Number.POSITIVE_INFINITY }],
    ['a boolean', { datatype: TYPE.Boolean, boolean: true }],
    ['a time', { datatype: TYPE.DateTime, long: 1_772_000_000_123n }],
    ['a value in the field of another type', { datatype: TYPE.Double, int: 4 }],
  ])('finds no number in %s', (_name, input) => {
    expect(value(input)).toBeNaN();
  });

  it('takes strings and numbers for the context', () => {
    expect(textOf(one({ string: 'LOT-7' }), TYPE.String)).toBe('LOT-7');
    expect(textOf(one({ int: 12 }), TYPE.Int16)).toBe('12');
  });

  it('believes the quality that the node gives', () => {
    expect(qualityOf(one({ double: 1, quality: 192 }))).toBe(QUALITY.GOOD);
    expect(qualityOf(one({ double: 1, quality: 0 }))).toBe(QUALITY.BAD_DEVICE);
    expect(qualityOf(one({ double: 1, quality: 500 }))).toBe(QUALITY.STALE);
    expect(qualityOf(one({ double: 1, historical: true }))).toBe(QUALITY.UNCERTAIN_LATE);
  });

  it('is read or refused, whatever the bytes: nothing else happens', () => {
    const good = sparkplugBytes({
      seq: 3,
      metrics: [{ name: 'a', datatype: TYPE.Float, float: 1, quality: 192 }],
    });
    let refused = 0;
    for (let i = 0; i < 20_000; i += 1) {
      const bytes = Buffer.from(good);
      const seed = Math.imul(i + 1, 2_654_435_761) >>> 0;
      bytes[seed % bytes.length] = (seed >>> 8) & 0xff;
      try {
        for (const m of decodePayload(bytes.subarray(0, seed % (bytes.length + 1))).metrics) {
          numberOf(m, m.datatype);
        }
      } catch (error) {
        expect(error).toBeInstanceOf(ProtobufError);
        refused += 1;
      }
    }
    expect(refused).toBeGreaterThan(1000);
  });

  it('writes the request for a birth so that it can be read', () => {
    const payload = decodePayload(encodeRebirth(1_772_000_000_123));
    expect(payload.timestamp).toBe(1_772_000_000_123);
    expect(payload.metrics[0]).toMatchObject({
      ...{ name: 'Node Control/Rebirth', datatype: TYPE.Boolean, field: 14, low: 1 },
    });
  });
});

describe('a compressed payload', () => {
  const plain = sparkplugBytes({
    timestamp: 5,
    seq: 7,
    metrics: [{ name: 'f', datatype: TYPE.Double, double: 21.5 }],
  });

  it.each([gzipSync, deflateSync])('is read like what is in it', (pack) => {
    const found = decodePayload(compressedBytes(pack(plain)));
    expect([found.seq, found.timestamp, found.metrics[0]?.name]).toEqual([7, 5, 'f']);
    const bare = sparkplugBytes({ metrics: [{ name: 'f' }] });
    expect(decodePayload(compressedBytes(pack(bare), 9)).seq).toBe(9);
  });

  it('that is damaged, empty, a bomb, or in another one is refused', () => {
    const packed = gzipSync(plain);
    const twice = compressedBytes(gzipSync(compressedBytes(packed)));
    const bomb = compressedBytes(gzipSync(Buffer.alloc(20_000_000)));
    const bad = [compressedBytes(packed.subarray(0, 12)), compressedBytes(plain), twice, bomb];
    for (const bytes of bad) expect(() => decodePayload(bytes)).toThrow(ProtobufError);
  });
});
