import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../agent/plants/random.ts';
import { exactLower } from '../../agent/spc/capability-exact.ts';
import { fitPosition, outsideCircle, positionCapability } from '../../agent/spc/position.ts';
import { credibleBound, posteriorOf, probabilityPpkAbove } from '../../agent/spc/posterior.ts';
import { streamCapability } from '../../agent/spc/streams.ts';

const random = createRandom(7);
const many = (n: number, draw: (i: number) => number) =>
  Array.from({ length: n }, (_, i) => draw(i));

describe('position', () => {
  const round = { n: 9, meanX: 0, meanY: 0, sdX: 1, sdY: 1, correlation: 0 };

  it.each([0.5, 1, 3, 6, 20])('equal spreads on true position: Rayleigh, r = %d', (r) => {
    expect(outsideCircle(round, r) / Math.exp((-r * r) / 2)).toBeCloseTo(1, 9);
  });

  it('off centre: printed noncentral chi-square', () => {
    // P(chi2 with 2 degrees of freedom, noncentrality 4, > 9): Q1(2, 3) of Marcum = 0.2030...
    // Checked against its own series below, 60 Poisson terms.
    const series = () => {
      let weight = Math.exp(-2);
      let term = Math.exp(-4.5);
      let inner = term;
      let sum = weight * inner;
      for (let j = 1; j < 60; j += 1) {
        weight *= 2 / j;
        term *= 4.5 / j;
        inner += term;
        sum += weight * inner;
      }
      return sum;
    };
    const off = { ...round, meanX: 1.2, meanY: 1.6 };
    expect(outsideCircle(off, 3)).toBeCloseTo(series(), 10);
  });

  it('correlation is a rotation', () => {
    const turned = { ...round, sdX: Math.sqrt(2.5), sdY: Math.sqrt(2.5), correlation: 0.6 };
    const straight = { ...round, sdX: 2, sdY: 1 };
    expect(outsideCircle(turned, 4)).toBeCloseTo(outsideCircle(straight, 4), 10);
  });

  it('index of a centred round spread: share 1 - exp(-R^2/2)', () => {
    const dx = many(400, random.normal);
    const dy = many(400, random.normal);
    const found = positionCapability(dx, dy, 8);
    expect(found?.outside).toBeCloseTo(Math.exp(-8), 3);
    expect(found?.poc ?? 0).toBeGreaterThanOrEqual(found?.pok ?? 9);
    expect(found?.radialMedian).toBeCloseTo(Math.sqrt(2 * Math.LN2), 0);
    expect(found?.radialHigh).toBeCloseTo(Math.sqrt(-2 * Math.log(0.00135)), 0);
  });

  it('a bonus widens the zone of its part only', () => {
    const dx = [0.1, -0.2, 0.15, 0, 0.6];
    const dy = [0.1, 0.1, -0.1, 0.2, 0];
    const none = positionCapability(dx, dy, 1);
    const some = positionCapability(dx, dy, 1, [0, 0, 0, 0, 0.4]);
    expect(none?.observedOutside).toBeCloseTo(0.2, 12);
    expect(some?.observedOutside).toBe(0);
    expect(some?.outside ?? 1).toBeLessThan(none?.outside ?? 0);
    expect(positionCapability(dx, dy, 1, [0, 0, 0, 0, 0])?.outside).toBe(none?.outside);
    expect(positionCapability(dx, dy, 1, [0, 0])).toBeNull();
    expect(positionCapability(dx, dy, 1, [0, 0, 0, 0, -1])).toBeNull();
  });

  it('scale does not matter, and neither does turning the part', () => {
    const dx = many(60, () => 0.3 + random.normal());
    const dy = many(60, () => 0.5 * random.normal());
    const own = positionCapability(dx, dy, 7);
    const larger = positionCapability(
      dx.map((x) => 1000 * x),
      dy.map((y) => 1000 * y),
      7000,
    );
    expect(larger?.pok).toBeCloseTo(own?.pok ?? 0, 9);
    const turned = positionCapability(
      dx.map((x, i) => 0.6 * x - 0.8 * (dy[i] ?? 0)),
      dx.map((x, i) => 0.8 * x + 0.6 * (dy[i] ?? 0)),
      7,
    );
    expect(turned?.pok).toBeCloseTo(own?.pok ?? 0, 9);
  });

  it.each([
    [[], []],
    [[1], [1]],
    [
      [1, 1, 1],
      [1, 2, 3],
    ],
    [
      [1, 2, 3],
      [2, 4, 6],
    ],
    [
      [1, 2, 3],
      [1, 2],
    ],
  ])('nothing to fit: null', (dx, dy) => {
    expect(fitPosition(dx, dy)).toBeNull();
    expect(positionCapability(dx, dy, 1)).toBeNull();
  });
});

describe('streams', () => {
  it('hand-worked: two streams of three', () => {
    const found = streamCapability(
      [
        [1, 2, 3],
        [5, 6, 7],
      ],
      { lsl: 0, usl: 10 },
    );
    // Within: squares 2 + 2 over 4. Between: 3 (2^2 + 2^2)/1 = 24, (24 - 1)/3.
    expect(found?.sigmaWithin).toBeCloseTo(1, 12);
    expect(found?.df).toBe(4);
    expect(found?.varianceBetween).toBeCloseTo(23 / 3, 12);
    expect(found?.shareBetween).toBeCloseTo(23 / 26, 12);
    expect(found?.streams.map((s) => s.ppk)).toEqual([2 / 3, 4 / 3]);
    expect(found?.worst).toBe(0);
  });

  it('pooling hides the cavity that fails (demo plant, 8 cavities)', () => {
    const offsets = [8, -5, 2, 0, -14, 6, 5, -2];
    const shots = many(400, () => 10 * random.normal());
    const streams = offsets.map((offset) =>
      shots.map((shot) => offset + shot + 5 * random.normal()),
    );
    const found = streamCapability(streams, { lsl: -60, usl: 60 });
    expect(found?.worst).toBe(4);
    expect(found?.means?.p).toBeLessThan(0.001);
    expect(found?.streams[4]?.ppk ?? 9).toBeLessThan(found?.pooled.ppk ?? 0);
  });

  it('odd data: null, never NaN', () => {
    const number = fc.constantFrom(0, 1, 1, 2, 1e12, -3);
    const stream = fc.array(number, { maxLength: 4 });
    fc.assert(
      fc.property(fc.array(stream, { maxLength: 4 }), (streams) => {
        const found = streamCapability(streams, { lsl: 0, usl: 3 });
        expect(JSON.stringify(found, (_, x) => (Number.isNaN(x) ? 'NaN' : x))).not.toContain('NaN');
        if (streams.some((one) => one.length === 0)) expect(found).toBeNull();
      }),
    );
  });
});

describe('posterior of Ppk', () => {
  it.each([2, 5, 10, 30, 200])('reference prior, one limit, n = %d: the exact bound', (n) => {
    const posterior = posteriorOf({ n, mean: 0, sd: 1 }, null);
    const bound = exactLower(1.5, n, 0.95) ?? Number.NaN;
    expect(credibleBound(0.95, { lsl: null, usl: 4.5 }, posterior)).toBeCloseTo(bound, 6);
    expect(probabilityPpkAbove(bound, { lsl: null, usl: 4.5 }, posterior)).toBeCloseTo(0.95, 7);
  });

  it('two limits: agrees with drawing sigma and mean', () => {
    const posterior = posteriorOf({ n: 12, mean: 0.3, sd: 1 }, null);
    let above = 0;
    const draws = 20_000;
    for (let i = 0; i < draws; i += 1) {
      const chi = many(11, random.normal).reduce((sum, z) => sum + z * z, 0);
      const sigma = Math.sqrt(11 / chi);
      const mean = 0.3 + (sigma / Math.sqrt(12)) * random.normal();
      if (Math.min(5 - mean, mean + 5) / (3 * sigma) > 1.33) above += 1;
    }
    const exact = probabilityPpkAbove(1.33, { lsl: -5, usl: 5 }, posterior) ?? 0;
    expect(Math.abs(above / draws - exact)).toBeLessThan(4 * Math.sqrt(0.25 / draws));
  });

  it('what a part family has shown counts as so many readings', () => {
    const seen = { n: 5, mean: 10, sd: 0.1 };
    const limits = { lsl: 9.5, usl: 10.5 };
    const alone = probabilityPpkAbove(1.33, limits, posteriorOf(seen, null)) ?? 0;
    const good = posteriorOf(seen, { mean: 10, meanN: 0, sd: 0.1, sdN: 50 });
    const bad = posteriorOf(seen, { mean: 10, meanN: 0, sd: 0.2, sdN: 50 });
    expect(good?.df).toBe(54);
    expect(probabilityPpkAbove(1.33, limits, good) ?? 0).toBeGreaterThan(alone);
    expect(probabilityPpkAbove(1.33, limits, bad) ?? 1).toBeLessThan(alone);
    // Five readings and a prior worth fifty are the same as all 55 at once.
    const both = posteriorOf({ n: 3, mean: 4, sd: 1 }, { mean: 1, meanN: 3, sd: 1, sdN: 2 });
    expect(both?.mean).toBeCloseTo(2.5, 12);
    expect(both?.df).toBe(5);
    expect((both?.sd ?? 0) ** 2 * 5).toBeCloseTo(2 + 2 + 1.5 * 9, 12);
  });

  it('falls from 1 to 0 as more is asked, whatever the unit', () => {
    const number = fc.integer({ min: 1, max: 50 });
    fc.assert(
      fc.property(number, number, fc.integer({ min: 2, max: 60 }), (mean, sd, n) => {
        const posterior = posteriorOf({ n, mean, sd }, null);
        const scaled = posteriorOf({ n, mean: 1e6 + 4 * mean, sd: 4 * sd }, null);
        const limits = { lsl: -20, usl: 80 };
        const moved = { lsl: 1e6 - 80, usl: 1e6 + 320 };
        let before = 1;
        for (const c of [-1, 0, 0.5, 1, 1.33, 2]) {
          const p = probabilityPpkAbove(c, limits, posterior) ?? Number.NaN;
          expect(p).toBeLessThanOrEqual(before + 1e-9);
          expect(probabilityPpkAbove(c, moved, scaled)).toBeCloseTo(p, 6);
          before = p;
        }
      }),
      { numRuns: 60 },
    );
  });

  it('is null without spread, limits or readings', () => {
    const good = posteriorOf({ n: 5, mean: 0, sd: 1 }, null);
    expect(posteriorOf({ n: 1, mean: 0, sd: 0 }, null)).toBeNull();
    expect(posteriorOf({ n: 5, mean: 0, sd: 0 }, null)).toBeNull();
    expect(probabilityPpkAbove(1, { lsl: null, usl: null }, good)).toBeNull();
    expect(probabilityPpkAbove(1, { lsl: 3, usl: 3 }, good)).toBeNull();
    expect(credibleBound(0.95, { lsl: null, usl: 1 }, null)).toBeNull();
  });
});
