import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { betaTails } from '../../agent/spc/beta.ts';
import {
  binomialCdf,
  binomialPmf,
  discreteQuantile,
  hypergeometricCdf,
  poissonCdf,
  poissonSf,
} from '../../agent/spc/discrete.ts';
import * as d from '../../agent/spc/distributions.ts';
import { FAMILIES, lawOf, type Params } from '../../agent/spc/families.ts';
import { gammaP, gammaQ, logGamma } from '../../agent/spc/gamma.ts';
import {
  noncentralTCdf,
  noncentralTQuantile,
  noncentralTSf,
} from '../../agent/spc/noncentral-t.ts';
import { studentizedRangeCdf } from '../../agent/spc/studentized-range.ts';

function close(actual: number | null, expected: number, rel = 1e-12): void {
  expect(actual).not.toBeNull();
  expect(Math.abs((actual ?? 0) - expected)).toBeLessThanOrEqual(rel * Math.abs(expected));
}

const probability = fc.double({ min: 1e-12, max: 1 - 1e-9, noNaN: true });
const df = fc.integer({ min: 1, max: 5000 });

describe('special functions against 40-digit values', () => {
  it('normal upper tail far out', () => {
    close(d.normalSf(37), 5.725571222524577e-300);
    close(d.normalSf(10), 7.619853024160525e-24, 1e-13);
    close(d.normalCdf(-10), 7.619853024160525e-24, 1e-13);
  });

  it.each([
    [2500, 2600, 0.9761810019792594, 0.023818998020740653],
    [5000, 4700, 7.59706486194127e-6, 0.999992402935138],
    [50000, 50500, 0.9871311596227663, 0.012868840377233669],
    [0.25, 1e-8, 0.01103262649114312, 0.9889673735088569],
  ])('incomplete gamma, shape %d at %d', (a, x, lower, upper) => {
    close(gammaP(a, x), lower);
    close(gammaQ(a, x), upper);
  });

  it('incomplete beta, both tails', () => {
    close(betaTails(0.4, 700, 900).lower, 0.0011634342628646817);
    close(betaTails(0.4, 700, 900).upper, 0.9988365657371353);
    close(betaTails(0.001, 0.5, 3000).upper, 0.014285606783716116);
    close(betaTails(0.999, 2500, 0.5).lower, 0.02531802456488753);
  });

  it('ln Gamma at whole and half numbers', () => {
    close(logGamma(11), Math.log(3628800), 1e-15);
    close(logGamma(0.5), Math.log(Math.PI) / 2, 1e-15);
  });
});

describe('quantiles undo their distribution', () => {
  it('t, chi-square, F and beta', () => {
    fc.assert(
      fc.property(probability, df, df, (p, a, b) => {
        const small = Math.min(p, 1 - p);
        const check = (cdf: number, sf: number) => {
          if (p <= 0.5) close(cdf, p, 1e-9);
          else close(sf, small, 1e-9);
        };
        const t = d.tQuantile(p, a) as number;
        check(d.tCdf(t, a), d.tSf(t, a));
        const x = d.chiSquareQuantile(p, a) as number;
        check(d.chiSquareCdf(x, a), d.chiSquareSf(x, a));
        const f = d.fQuantile(p, a, b) as number;
        check(d.fCdf(f, a, b), d.fSf(f, a, b));
        // Away from parameters below 2, where the answer lies closer to 1 than a double can say.
        const y = d.betaQuantile(p, a + 2, b + 2) as number;
        check(d.betaCdf(y, a + 2, b + 2), d.betaSf(y, a + 2, b + 2));
      }),
      { numRuns: 60 },
    );
  });

  const PARAMS: Record<string, Params> = {
    normal: { mean: -3, sd: 2 },
    lognormal: { meanlog: 1, sdlog: 0.7 },
    weibull: { shape: 1.7, scale: 9 },
    gamma: { shape: 2.3, scale: 4 },
    exponential: { scale: 6 },
    rayleigh: { sigma: 2 },
    'folded-normal': { mu: 1.5, sigma: 1 },
    'half-normal': { sigma: 3 },
    logistic: { location: 4, scale: 0.5 },
    loglogistic: { location: 1, scale: 0.3 },
    'gumbel-max': { location: 5, scale: 2 },
    'gumbel-min': { location: 5, scale: 2 },
  };

  it.each(FAMILIES)('%s, both tails and density', (family) => {
    const law = lawOf(family, PARAMS[family] ?? {});
    expect(law).not.toBeNull();
    if (law === null) return;
    for (const p of [1e-9, 0.00135, 0.3, 0.5, 0.9]) {
      close(law.cdf(law.quantile(p) as number), p, 1e-8);
      close(law.sf(law.upperQuantile(p) as number), p, 1e-8);
    }
    const x = law.quantile(0.4) as number;
    const h = 1e-5;
    const slope = (law.cdf(x + h) - law.cdf(x - h)) / (2 * h);
    close(Math.exp(law.logDensity(x)), slope, 1e-6);
    expect(law.quantile(0)).toBeNull();
    expect(law.upperQuantile(1)).toBeNull();
  });

  it('are null for impossible probabilities and parameters', () => {
    expect(d.normalQuantile(0)).toBeNull();
    expect(d.normalQuantile(1)).toBeNull();
    expect(d.normalQuantile(Number.NaN)).toBeNull();
    expect(d.tQuantile(0.5, 0)).toBeNull();
    expect(d.chiSquareQuantile(0.5, -1)).toBeNull();
    expect(lawOf('normal', { mean: 0, sd: 0 })).toBeNull();
    expect(lawOf('weibull', {})).toBeNull();
  });
});

describe('relations between distributions', () => {
  it('noncentral t without noncentrality is t; both tails make one', () => {
    close(noncentralTCdf(1.7, 9, 0), d.tCdf(1.7, 9), 1e-11);
    close(noncentralTCdf(3, 9, 2) + noncentralTSf(3, 9, 2), 1, 1e-12);
    close(noncentralTCdf(noncentralTQuantile(0.95, 500, 60) as number, 500, 60), 0.95, 1e-10);
  });

  it('the studentized range of two means is sqrt(2) |t|', () => {
    close(studentizedRangeCdf(3, 2, 10), 1 - 2 * d.tSf(3 / Math.SQRT2, 10), 1e-10);
  });

  it('binomial, Poisson and hypergeometric sums', () => {
    let sum = 0;
    for (let x = 0; x <= 7; x += 1) sum += binomialPmf(x, 40, 0.13);
    close(binomialCdf(7, 40, 0.13), sum);
    close(poissonCdf(3, 2) + poissonSf(3, 2), 1, 1e-14);
    close(poissonCdf(0, 2), Math.exp(-2));
    close(hypergeometricCdf(0, 10, 3, 2), (7 / 10) * (6 / 9));
    expect(discreteQuantile((x) => poissonCdf(x, 4), 0.5)).toBe(4);
  });
});
