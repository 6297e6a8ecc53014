import { describe, expect, it } from 'vitest';
import { createRandom } from '../../agent/plants/random.ts';
import { digamma, trigamma } from '../../agent/spc/digamma.ts';
import { fitMixture, mixtureLaw } from '../../agent/spc/mixture.ts';
import { logLikelihood } from '../../agent/spc/percentile-capability.ts';
import {
  fitThreshold,
  THRESHOLD_FAMILIES,
  type ThresholdFamily,
  thresholdLaw,
} from '../../agent/spc/threshold-fits.ts';

const random = createRandom(20_26);
const many = (n: number, draw: () => number) => Array.from({ length: n }, draw);
const exponential = () => -Math.log(1 - random.uniform());
const erlang = (k: number) => many(k, exponential).reduce((a, b) => a + b, 0);

/** Readings of each family whose parameters can be told from them. */
const samples: Record<ThresholdFamily, number[]> = {
  'lognormal-3': many(400, () => 10 + Math.exp(0.5 * random.normal())),
  'weibull-3': many(400, () => 5 + 2 * Math.sqrt(exponential())),
  'gamma-3': many(400, () => 100 + erlang(3)),
  beta: many(600, () => {
    const [x, y] = [erlang(2), erlang(3)];
    return 2 + (3 * x) / (x + y);
  }),
};

const fitted = (family: ThresholdFamily, values: readonly number[]) => {
  const fit = fitThreshold(family, values);
  if (!('params' in fit)) throw new Error(fit.refused);
  return fit;
};

describe.each(THRESHOLD_FAMILIES)('%s', (family) => {
  const values = samples[family];
  const best = fitted(family, values);

  it('has the likelihood of its law', () => {
    expect(logLikelihood(best.law, values)).toBeCloseTo(best.logLikelihood, 6);
  });

  it('is better than its neighbours in every parameter, and flat there', () => {
    const at = (params: Record<string, number>) => {
      const law = thresholdLaw(family, params);
      return (law && logLikelihood(law, values)) ?? -Infinity;
    };
    for (const [name, value] of Object.entries(best.params)) {
      const step = 1e-4 * Math.max(Math.abs(value), 0.01);
      const up = at({ ...best.params, [name]: value + step });
      const down = at({ ...best.params, [name]: value - step });
      // The search for bounds stops at a relative change of 1e-5 or less.
      expect(up).toBeLessThan(best.logLikelihood + 1e-6);
      expect(down).toBeLessThan(best.logLikelihood + 1e-6);
      const curve = best.logLikelihood - (up + down) / 2;
      expect(Math.abs(up - down) / 2).toBeLessThan(Math.max(1e-4, 0.2 * curve));
    }
  });

  it('follows shift and scale', () => {
    const moved = fitted(
      family,
      values.map((x) => 8 * x - 1000),
    );
    expect(moved.logLikelihood).toBeCloseTo(best.logLikelihood - values.length * Math.log(8), 4);
    for (const p of [0.00135, 0.5, 0.99]) {
      const own = best.law.quantile(p) ?? 0;
      expect(moved.law.quantile(p)).toBeCloseTo(8 * own - 1000, 3);
    }
  });

  it('both tails and quantiles agree', () => {
    for (const p of [1e-6, 0.00135, 0.3, 0.9]) {
      const x = best.law.quantile(p) ?? Number.NaN;
      expect(best.law.cdf(x) / p).toBeCloseTo(1, 8);
      const high = best.law.upperQuantile(p) ?? Number.NaN;
      expect(best.law.sf(high) / p).toBeCloseTo(1, 8);
    }
  });

  it.each([
    ['too few', [1, 2, 3]],
    ['constant', many(50, () => 3)],
    ['not finite', [...many(50, () => 3), Infinity]],
  ])('%s readings: a reason', (_, few) => {
    expect(fitThreshold(family, few)).toEqual({ refused: expect.stringMatching(/[a-z]{4}/) });
  });
});

describe('thresholds that the readings do not hold', () => {
  it('readings piled up at their smallest value have no threshold inside', () => {
    const piled = many(400, () => exponential() ** 2);
    expect(fitThreshold('gamma-3', piled)).toHaveProperty('refused');
    expect(fitThreshold('weibull-3', piled)).toHaveProperty('refused');
  });

  it('parameters are found near those that made the readings', () => {
    expect(fitted('lognormal-3', samples['lognormal-3']).params['threshold']).toBeCloseTo(10, 0);
    expect(fitted('weibull-3', samples['weibull-3']).params['shape']).toBeCloseTo(2, 0);
    expect(fitted('beta', samples.beta).params['upper']).toBeCloseTo(5, 0);
  });

  it('parameters without a law give none', () => {
    expect(thresholdLaw('weibull-3', { shape: 2, scale: 1 })).toBeNull();
    expect(thresholdLaw('beta', { lower: 1, upper: 1, a: 1, b: 1 })).toBeNull();
    expect(thresholdLaw('gamma-3', { threshold: 0, shape: -1, scale: 1 })).toBeNull();
  });
});

describe('derivatives of ln gamma', () => {
  it('printed values (Abramowitz & Stegun table 6.1)', () => {
    expect(digamma(1)).toBeCloseTo(-0.5772156649015329, 13);
    expect(digamma(0.5)).toBeCloseTo(-1.9635100260214235, 13);
    expect(trigamma(1)).toBeCloseTo(Math.PI ** 2 / 6, 13);
    expect(trigamma(0.5)).toBeCloseTo(Math.PI ** 2 / 2, 12);
  });
});

describe('mixtures of normal distributions', () => {
  const two = many(400, () => (random.uniform() < 0.4 ? -3 : 2) + random.normal());
  const three = many(900, () => 6 * Math.floor(3 * random.uniform()) + random.normal());

  it('two and three streams are found', () => {
    const pair = fitMixture(two, 2);
    if (!('parts' in pair)) throw new Error(pair.refused);
    expect(pair.parts.map((p) => Math.round(p.mean))).toEqual([-3, 2]);
    expect(pair.parts[0]?.weight).toBeCloseTo(0.4, 1);
    expect(pair.bicOfOne - pair.bic).toBeGreaterThan(10);
    const triple = fitMixture(three, 3);
    if (!('parts' in triple)) throw new Error(triple.refused);
    expect(triple.parts.map((p) => Math.round(p.mean))).toEqual([0, 6, 12]);
    expect(fitMixture(two, 3)).toHaveProperty('refused');
  });

  it('stands at a maximum of the likelihood', () => {
    const fit = fitMixture(two, 2);
    if (!('parts' in fit)) throw new Error(fit.refused);
    const [a, b] = fit.parts;
    if (a === undefined || b === undefined) throw new Error('two parts');
    const at = (change: Partial<typeof a>) => {
      const law = mixtureLaw([{ ...a, ...change }, b]);
      return (law && logLikelihood(law, two)) ?? -Infinity;
    };
    expect(at({})).toBeCloseTo(fit.logLikelihood, 6);
    for (const sign of [-1, 1]) {
      expect(at({ mean: a.mean + sign * 0.02 })).toBeLessThan(fit.logLikelihood);
      expect(at({ sd: a.sd + sign * 0.02 })).toBeLessThan(fit.logLikelihood);
    }
  });

  it('follows shift and scale', () => {
    const own = fitMixture(two, 2);
    const moved = fitMixture(
      two.map((x) => 1e6 - 4 * x),
      2,
    );
    if (!('parts' in own && 'parts' in moved)) throw new Error('two streams');
    expect(moved.parts[1]?.mean).toBeCloseTo(1e6 - 4 * (own.parts[0]?.mean ?? 0), 2);
    expect(moved.parts[1]?.sd).toBeCloseTo(4 * (own.parts[0]?.sd ?? 0), 3);
  });

  it.each([
    ['one normal', many(400, random.normal)],
    ['skewed', many(400, () => Math.exp(0.5 * random.normal()))],
    ['a few far readings', [...many(400, random.normal), 40, 41, 42]],
    ['ties', [...many(400, random.normal), ...many(100, () => 9)]],
    ['constant', many(100, () => 1)],
    ['few', [1, 2, 3, 9, 10, 11]],
  ])('%s: refused with a reason', (_, values) => {
    expect(fitMixture(values, 2)).toEqual({ refused: expect.stringMatching(/[a-z]{4}/) });
  });

  it('the law has both tails and quantiles', () => {
    const law = mixtureLaw([
      { weight: 1, mean: 0, sd: 1 },
      { weight: 3, mean: 10, sd: 2 },
    ]);
    expect(law?.cdf(0)).toBeCloseTo(0.125, 6);
    for (const p of [1e-9, 0.00135, 0.25, 0.7]) {
      expect((law?.cdf(law.quantile(p) ?? 0) ?? 0) / p).toBeCloseTo(1, 9);
      expect((law?.sf(law.upperQuantile(p) ?? 0) ?? 0) / p).toBeCloseTo(1, 9);
    }
    expect(mixtureLaw([{ weight: 1, mean: 0, sd: 0 }])).toBeNull();
    expect(mixtureLaw([])).toBeNull();
  });
});
