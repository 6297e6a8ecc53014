import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CHUNK, type Columns, columns, decodeChunk, encodeChunk } from '../../agent/store/codec.ts';

type Row = [sourceMs: number, value: number, sequence: number, quality: number];

function chunk(rows: readonly Row[]): Columns {
  const all = columns(CHUNK);
  for (const [sourceMs, value, sequence, quality] of rows) {
    const i = all.count;
    all.sourceMs[i] = sourceMs;
    all.value[i] = value;
    all.sequence[i] = sequence;
    all.quality[i] = quality;
    all.count = i + 1;
  }
  return all;
}

function rowsOf(from: Columns): Row[] {
  return Array.from({ length: from.count }, (_, i) => [
    from.sourceMs[i] ?? 0,
    from.value[i] ?? 0,
    from.sequence[i] ?? 0,
    from.quality[i] ?? 0,
  ]);
}

function roundTrip(rows: readonly Row[]): Row[] {
  const bytes = encodeChunk(chunk(rows)).slice();
  return rowsOf(decodeChunk(bytes, columns(CHUNK)));
}

/** Doubles of every kind a column form exists for, and mixtures of them. */
const special = fc.constantFrom(Number.NaN, 0, -0, Infinity, -Infinity, 5e-324, Number.MAX_VALUE);
const decimal = fc
  .tuple(fc.integer({ min: -1e6, max: 1e6 }), fc.integer({ min: 0, max: 9 }))
  .map(([m, places]) => m / 10 ** places);
const number = fc.oneof(
  { weight: 4, arbitrary: decimal },
  { weight: 1, arbitrary: special },
  { weight: 1, arbitrary: fc.double() },
);
const column = fc.oneof(
  fc.constant(fc.constant(Number.NaN)),
  fc.constant(decimal as fc.Arbitrary<number>),
  fc.constant(fc.float() as fc.Arbitrary<number>),
  fc.constant(fc.double() as fc.Arbitrary<number>),
  fc.constant(fc.maxSafeInteger() as fc.Arbitrary<number>),
  fc.constant(number),
);
const table = fc.tuple(column, column, column).chain(([time, value, sequence]) =>
  fc.array(fc.tuple(time, value, sequence, fc.integer({ min: 0, max: 255 })), {
    maxLength: CHUNK,
    size: 'max',
  }),
);

describe('history chunk codec', () => {
  it('gives every double back as it was', () => {
    fc.assert(
      fc.property(table, (rows) => {
        // toEqual tells -0 from 0 and finds NaN equal to NaN.
        expect(roundTrip(rows as Row[])).toEqual(rows);
      }),
      { numRuns: 300, seed: 20_260_801 },
    );
  });

  it('keeps counted, steady columns at next to nothing', () => {
    const rows: Row[] = Array.from({ length: CHUNK }, (_, i) => [1.75e12 + 1000 * i, 5, i, 0]);
    expect(encodeChunk(chunk(rows)).length).toBeLessThan(60);
    expect(roundTrip(rows)).toEqual(rows);
  });

  it('keeps gauge readings within 4 bytes, time jitter and part counter included', () => {
    let seed = 1;
    const random = () => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed / 2_147_483_647;
    };
    const rows: Row[] = Array.from({ length: CHUNK }, (_, i) => {
      const noise = random() + random() + random() + random() - 2;
      const value = Math.round((21.9805 + 0.0045 * noise) * 1e4) / 1e4;
      return [1.75e12 + 1000 * i + Math.floor(7 * random()), value, 4711 + i, 0];
    });
    expect(encodeChunk(chunk(rows)).length / CHUNK).toBeLessThan(4);
    expect(roundTrip(rows)).toEqual(rows);
  });

  it('finds every flipped bit', () => {
    const rows: Row[] = Array.from({ length: 20 }, (_, i) => [1e12 + i * i, i / 10, i, i % 3]);
    const bytes = encodeChunk(chunk(rows)).slice();
    for (let bit = 0; bit < 8 * bytes.length; bit += 1) {
      const flipped = bytes.slice();
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(() => decodeChunk(flipped, columns(CHUNK))).toThrow();
    }
  });

  it('decodes only the columns that are wanted', () => {
    const rows: Row[] = [
      [1000, 1.5, 7, 0],
      [2000, 2.5, 8, 16],
    ];
    const into = columns(CHUNK);
    decodeChunk(encodeChunk(chunk(rows)).slice(), into, { times: false, sequences: false });
    expect([...into.value.subarray(0, 2)]).toEqual([1.5, 2.5]);
    expect([...into.quality.subarray(0, 2)]).toEqual([0, 16]);
    expect(into.sourceMs[0]).toBe(0);
  });
});
