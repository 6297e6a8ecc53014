import { describe, expect, it } from 'vitest';
import { adapters } from '../../agent/evidence/validation/adapters/index.ts';
import { boxCoxScale, fitBoxCox } from '../../agent/spc/box-cox.ts';
import {
  studentizedRangeCdf,
  studentizedRangeQuantile,
} from '../../agent/spc/studentized-range.ts';

/** Inputs away from the usual; numbers by a 50-digit computation of the cited definitions. */

describe('Box-Cox far from lambda 0', () => {
  it('finds the lambda of a tight sample far from 0, hundreds away', () => {
    const fit = fitBoxCox([73.986, 74.004, 73.995, 74.011, 73.999, 74.002, 73.991, 74.017]);
    expect(fit?.lambda).toBeCloseTo(-789.315052156, 5);
    expect(fit?.ci[0]).toBeCloseTo(-6567.95733439, 3);
    expect(fit?.ci[1]).toBeCloseTo(4816.93498008, 3);
    expect(fit?.logLikMax).toBeCloseTo(37.247689126952, 9);
  });

  it('gives an interval that ends beyond 10', () => {
    const fit = fitBoxCox([9.2, 12.9, 14.1, 14.8, 15.2, 15.3, 15.6, 15.7, 15.8, 15.9]);
    expect(fit?.lambda).toBeCloseTo(7.70997791616, 8);
    expect(fit?.ci[0]).toBeCloseTo(2.65520896938, 8);
    expect(fit?.ci[1]).toBeCloseTo(14.9661497748, 8);
  });

  it('keeps the digits of large values under a negative lambda', () => {
    const data = [120_311, 101_877, 99_310, 105_662, 93_120, 110_480];
    const scale = boxCoxScale(data, -2);
    const [low, high] = [scale?.score(80_000) ?? 0, scale?.score(130_000) ?? 0];
    expect(-low / 3).toBeCloseTo(1.331221921695, 9);
    expect(high / 3).toBeCloseTo(0.6888307995247, 9);
  });
});

it('the studentized range keeps its far tail for few degrees of freedom', () => {
  // scipy 1.17, stats.studentized_range; printed tables have 19.02
  expect(studentizedRangeCdf(8, 3, 2)).toBeCloseTo(0.946008999723081, 10);
  expect(studentizedRangeCdf(8, 2, 5)).toBeCloseTo(0.997601145953122, 10);
  expect(studentizedRangeQuantile(0.99, 3, 2)).toBeCloseTo(19.018935987324, 7);
});

describe('reference kinds with less usual inputs', () => {
  const answer = (kind: string, input: Record<string, unknown>) =>
    adapters[kind]?.(input) as Record<string, never>;

  it('a moving average takes its sigma from ranges of two, whatever its own span', () => {
    const data = [4, 6, 5, 9, 7, 8];
    const { sigma } = answer('chart-ma', { data, span: 4, sigmaMethod: 'mr-mean', k: 3 });
    // steps 2, 1, 4, 2, 1: mean 2, over d2(2) = 2/sqrt(pi)
    expect(sigma).toBeCloseTo(Math.sqrt(Math.PI), 12);
  });

  it('Z-MR states the given mean and sigma of parts that did not run', () => {
    const given = { mean: { A: 5, B: 9 }, sigma: { A: 1, B: 2 } };
    const input = { values: [5, 6], part: ['A', 'A'], method: 'given', ...given };
    expect(answer('chart-zmr', input)).toMatchObject(given);
  });

  it('rules see points of a tiny scale as the charts do', () => {
    const points = [1e-9, 1.3001e-9, 0.9e-9];
    const found = answer('rules', { points, center: 1e-9, sigma: 1e-10 });
    expect(found['beyond-limits']).toMatchObject({ completing: [1] });
  });

  it('a CUSUM of unequal sizes or with a head start dates no change', () => {
    const subgroups = [
      [1, 2],
      [2, 3, 4],
      [9, 9],
      [9, 8],
    ];
    const settings = { sigma: 1, target: 2, k: 0.5, h: 4 };
    const ragged = answer('chart-cusum', { subgroups, ...settings });
    expect(ragged).toMatchObject({ changeEstimate: null, cPlusDataUnits: null });
    const fast = answer('chart-cusum', { data: [2, 6, 7], headStart: 2, ...settings });
    expect(fast).toMatchObject({ changeEstimate: null, firstSignal: 1 });
  });

  it('counts have upper quantiles, far out as well', () => {
    // P(X > 7) = 0.0119, P(X > 6) = 0.0335, P(X > 25) = 3.5e-16 for a Poisson mean of 3
    const poisson = { distribution: 'poisson', op: 'upperQuantile', params: { mean: 3 } };
    expect(answer('distribution', { ...poisson, p: [0.02, 0.5, 1e-15] })).toEqual({
      values: [7, 3, 25],
    });
  });

  it('a rater with one answer for all leaves kappa 0 without a standard error', () => {
    const { cohen } = answer('kappa', {
      table: [
        [27, 2],
        [0, 0],
      ],
    });
    expect(cohen).toMatchObject({ seNull: 0, z: null, pOneSided: null });
  });

  it('missing values are no readings', () => {
    const study = { sigmaMethod: 'mr-mean', lsl: 4, usl: 8, confidence: 0.95 };
    const found = answer('capability', { data: [5, 6, null, 5.5, 6.1], ...study });
    // moving ranges 1 and 0.6, none across the gap
    expect(found).toMatchObject({ n: 4, mean: 5.65 });
    expect(found['sigmaWithin']).toBeCloseTo((0.8 * Math.sqrt(Math.PI)) / 2, 12);
  });
});
