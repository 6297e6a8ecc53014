import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { batchBuilder, batchBytes, type Delivery, decodeBatch } from '../agent/batch.ts';

const reading = fc.record({
  tag: fc.nat(2 ** 31),
  value: fc.double(),
  quality: fc.nat(255),
  sourceMs: fc.double({ noNaN: true }),
  sequence: fc.oneof(fc.nat(), fc.constant(Number.NaN)),
});
const deliveries = fc.array(
  fc.record({
    stream: fc.string({ maxLength: 20 }),
    context: fc.oneof(fc.constant(''), fc.string({ unit: 'grapheme', maxLength: 20 })),
    raw: fc.uint8Array({ maxLength: 40 }),
    receiveMs: fc.double({ noNaN: true }),
    modulus: fc.constantFrom(0, 65536, 2 ** 32),
    redelivered: fc.boolean(),
    readings: fc.array(reading, { maxLength: 5 }),
  }),
  { maxLength: 120 },
);

function asDelivery(d: {
  stream: string;
  context: string;
  raw: Uint8Array;
  receiveMs: number;
  modulus: number;
  redelivered: boolean;
  readings: { tag: number; value: number; quality: number; sourceMs: number; sequence: number }[];
}): Delivery {
  const { readings, ...rest } = d;
  return {
    ...rest,
    count: readings.length,
    tag: readings.map((r) => r.tag),
    value: readings.map((r) => r.value),
    quality: readings.map((r) => r.quality),
    sourceMs: readings.map((r) => r.sourceMs),
    sequence: readings.map((r) => r.sequence),
  };
}

describe('batch', () => {
  it('gives back exactly what was put in, batch after batch from one builder', () => {
    const builder = batchBuilder();
    fc.assert(
      fc.property(deliveries, (list) => {
        for (const d of list) builder.add(asDelivery(d));
        const bytes = new Uint8Array(builder.take());
        expect(bytes.byteLength % 8).toBe(0);
        expect(batchBytes(bytes, 0)).toBe(bytes.byteLength);
        const batch = decodeBatch(bytes);
        expect(batch.deliveries).toBe(list.length);
        list.forEach((d, i) => {
          expect(batch.stream(i)).toBe(d.stream.toWellFormed());
          expect(batch.context(i)).toBe(d.context.toWellFormed());
          expect([...batch.raw(i)]).toEqual([...d.raw]);
          expect(batch.receiveMs[i]).toBe(d.receiveMs);
          expect(batch.modulus[i]).toBe(d.modulus);
          expect(batch.flags[i]).toBe(d.redelivered ? 1 : 0);
          d.readings.forEach((r, j) => {
            const at = (batch.first[i] ?? 0) + j;
            expect(batch.characteristic[at]).toBe(r.tag);
            expect(batch.value[at]).toBe(r.value);
            expect(batch.quality[at]).toBe(r.quality);
            expect(batch.sourceMs[at]).toBe(r.sourceMs);
            expect(batch.sequence[at]).toBe(r.sequence);
          });
        });
      }),
      { numRuns: 60 },
    );
  });

  it('reads from any place in a larger buffer', () => {
    const builder = batchBuilder();
    builder.add(
      asDelivery({
        stream: 'line/1',
        context: '{"lot":"ب"}',
        raw: new Uint8Array([1, 2, 3]),
        receiveMs: 5,
        modulus: 0,
        redelivered: false,
        readings: [{ tag: 1, value: 0.1, quality: 0, sourceMs: 4, sequence: 9 }],
      }),
    );
    const one = new Uint8Array(builder.take());
    const shifted = new Uint8Array(one.byteLength + 3);
    shifted.set(one, 3);
    const batch = decodeBatch(shifted.subarray(3));
    expect(batch.value[0]).toBe(0.1);
    expect(batch.context(0)).toBe('{"lot":"ب"}');
  });

  it('refuses what is not a batch, and one that is cut short', () => {
    expect(() => decodeBatch(new Uint8Array(64))).toThrow('not a batch');
    const builder = batchBuilder();
    const d = { stream: 's', context: '', raw: new Uint8Array(50), receiveMs: 1, modulus: 0 };
    builder.add(asDelivery({ ...d, redelivered: false, readings: [] }));
    const bytes = new Uint8Array(builder.take());
    expect(() => decodeBatch(bytes.slice(0, bytes.byteLength - 16))).toThrow('cut short');
  });
});
