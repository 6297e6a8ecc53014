import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bissellInterval,
  bissellLower,
  chiSquareInterval,
  chiSquareLower,
  indices,
} from '../../agent/spc/capability.ts';
import {
  exactLower,
  indexForBound,
  requiredIndex,
  valuesNeeded,
} from '../../agent/spc/capability-exact.ts';
import { lawOf } from '../../agent/spc/families.ts';
import * as outside from '../../agent/spc/nonconforming.ts';
import { percentileIndices } from '../../agent/spc/percentile-capability.ts';

const limits = { lsl: 8, usl: 20 };

describe('indices', () => {
  it('of the NIST example: mean 16, sigma 2, 8 to 20', () => {
    const own = indices({ mean: 16, sigmaWithin: 2, sigmaOverall: 2, ...limits });
    expect(own.cp).toBe(1);
    expect(own.cpu).toBeCloseTo(0.6667, 4);
    expect(own.cpl).toBeCloseTo(1.3333, 4);
    expect(own.ppk).toBe(own.cpu);
  });

  it('are null, never 0 or infinite, where they are not defined', () => {
    const none = {
      ...{ cp: null, cpl: null, cpu: null, cpk: null },
      ...{ pp: null, ppl: null, ppu: null, ppk: null },
    };
    const base = { mean: 1, sigmaWithin: 1, sigmaOverall: 1 };
    expect(indices({ ...base, lsl: null, usl: null })).toEqual(none);
    expect(indices({ ...base, lsl: 2, usl: 2 })).toEqual(none);
    expect(indices({ ...base, sigmaWithin: 0, sigmaOverall: null, lsl: 0, usl: 2 })).toEqual(none);
    const oneSided = indices({ ...base, lsl: null, usl: 4 });
    expect(oneSided).toMatchObject({ cp: null, cpl: null, cpu: 1, cpk: 1, pp: null, ppk: 1 });
  });

  it('do not change with the unit or the origin of the scale', () => {
    const number = fc.double({ min: -100, max: 100, noNaN: true });
    const positive = fc.double({ min: 0.1, max: 10, noNaN: true });
    fc.assert(
      fc.property(number, positive, number, positive, (mean, sigma, shift, scale) => {
        const at = (x: number) => x * scale + shift;
        const own = indices({ mean, sigmaWithin: sigma, sigmaOverall: sigma, lsl: -5, usl: 7 });
        const moved = indices({
          mean: at(mean),
          sigmaWithin: sigma * scale,
          sigmaOverall: sigma * scale,
          lsl: at(-5),
          usl: at(7),
        });
        expect(moved.cpk ?? 0).toBeCloseTo(own.cpk ?? 0, 7);
        expect(moved.pp ?? 0).toBeCloseTo(own.pp ?? 0, 7);
      }),
    );
  });
});

describe('confidence', () => {
  it.each([
    [30, 0.968, 1.692, 1.026, 1.022, 1.713, 2.144],
    [50, 1.051, 1.609, 1.096, 1.093, 1.608, 2.013],
    [100, 1.134, 1.526, 1.165, 1.164, 1.515, 1.899],
    [125, 1.154, 1.506, 1.183, 1.182, 1.494, 1.872],
    [300, 1.217, 1.4431, 1.235, 1.235, 1.431, 1.795],
  ])('of a Cpk of 1.33 from %d values', (n, low, high, bound, exact, for133, for167) => {
    const interval = bissellInterval(1.33, n, n - 1, 0.95);
    expect(interval?.lower).toBeCloseTo(low, 3);
    expect(interval?.upper).toBeCloseTo(high, 2);
    expect(bissellLower(1.33, n, n - 1, 0.95)).toBeCloseTo(bound, 3);
    expect(exactLower(1.33, n, 0.95)).toBeCloseTo(exact, 3);
    expect(indexForBound(1.33, n, 0.95)).toBeCloseTo(for133, 2);
    expect(indexForBound(1.67, n, 0.95)).toBeCloseTo(for167, 2);
  });

  it.each([
    [10, 1.963, 2.457],
    [25, 1.572, 1.969],
    [50, 1.433, 1.797],
    [100, 1.35, 1.694],
    [125, 1.33, 1.67],
  ])('asks more of %d values than of 125', (n, for133, for167) => {
    expect(requiredIndex(1.33, n)).toBeCloseTo(for133, 3);
    expect(requiredIndex(1.67, n)).toBeCloseTo(for167, 3);
  });

  it('says how many values a claim needs', () => {
    const n = valuesNeeded(1.5, 1.33) as number;
    expect(bissellLower(1.5, n, n - 1, 0.95)).toBeGreaterThan(1.33);
    expect(bissellLower(1.5, n - 1, n - 2, 0.95)).toBeLessThanOrEqual(1.33);
    expect(valuesNeeded(1.33, 1.33)).toBeNull();
  });

  it('of Cp by chi-square: lower bound inside the interval, null without values', () => {
    const interval = chiSquareInterval(1, 49, 0.95);
    expect(interval?.lower).toBeCloseTo(0.8025, 4);
    expect(interval?.upper).toBeCloseTo(1.1971, 4);
    expect(chiSquareLower(1, 49, 0.95)).toBeCloseTo(0.8321, 4);
    expect(chiSquareLower(1, 0, 0.95)).toBeNull();
    expect(bissellLower(null, 50, 49, 0.95)).toBeNull();
    expect(bissellInterval(1, 0, -1, 0.95)).toBeNull();
  });
});

describe('nonconforming parts', () => {
  it('expected, observed and Z.bench', () => {
    const expected = outside.perMillion(outside.expectedOutside(16, 2, limits));
    expect(expected?.below).toBeCloseTo(31.671, 3);
    expect(expected?.above).toBeCloseTo(22750.13, 2);
    expect(outside.observedOutside([7, 8, 20, 21], limits)?.total).toBe(0.5);
    expect(outside.zBench(16, 2, { lsl: null, usl: 20 })).toBeCloseTo(2, 12);
    expect(outside.expectedOutside(16, 0, limits)).toBeNull();
    expect(outside.observedOutside([], limits)).toBeNull();
  });

  it('Cpm needs a target and both limits', () => {
    expect(outside.cpm(16, 2, 14, limits)).toBeCloseTo(12 / (6 * Math.sqrt(8)), 14);
    expect(outside.cpm(16, 2, null, limits)).toBeNull();
    expect(outside.cpm(16, 2, 14, { lsl: 8, usl: null })).toBeNull();
    expect(outside.cpmStar(14, 2, 12, limits)).toBeCloseTo(4 / (3 * Math.sqrt(8)), 14);
  });

  it('percentile indices of a normal law are the plain ones', () => {
    const law = lawOf('normal', { mean: 16, sd: 2 });
    if (law === null) throw new Error('no law');
    const own = percentileIndices(law, limits);
    expect(own.pp).toBeCloseTo(1, 4);
    expect(own.ppk).toBeCloseTo(2 / 3, 4);
    expect(percentileIndices(law, { lsl: null, usl: 20 }).pp).toBeNull();
  });
});
