/**
 * The distribution families a characteristic may be modelled with (ISO 22514-2), each as both
 * tails, both quantiles and the log density for given parameters. Parameter names are those of the
 * maximum-likelihood fits in fitting.ts. Sources: NIST/SEMATECH e-Handbook 1.3.6.6.
 */
import {
  gammaCdf,
  gammaQuantile,
  gammaSf,
  gammaUpperQuantile,
  positiveQuantile,
} from './distributions.ts';
import { logGamma } from './gamma.ts';
import { normalCdf, normalPdf, normalQuantile, normalSf, normalUpperQuantile } from './normal.ts';
import { integrate } from './solve.ts';

/** A distribution with its parameters filled in. */
export interface Law {
  cdf(x: number): number;
  sf(x: number): number;
  quantile(p: number): number | null;
  upperQuantile(q: number): number | null;
  logDensity(x: number): number;
}

export type Params = Record<string, number>;

/** Names of the families, in the order they are offered. */
export const FAMILIES = [
  'normal',
  'lognormal',
  'weibull',
  'gamma',
  'exponential',
  'rayleigh',
  'folded-normal',
  'half-normal',
  'logistic',
  'loglogistic',
  'gumbel-max',
  'gumbel-min',
] as const;
export type FamilyName = (typeof FAMILIES)[number];

/** The law of a family; null when a parameter is missing or outside its domain. */
export function lawOf(family: FamilyName, params: Params): Law | null {
  const get = (name: string) => params[name] ?? Number.NaN;
  switch (family) {
    case 'normal':
      return valid(get('sd')) && locationScale(NORMAL, get('mean'), get('sd'));
    case 'lognormal':
      return (
        valid(get('sdlog')) && exponentialOf(locationScale(NORMAL, get('meanlog'), get('sdlog')))
      );
    case 'weibull':
      return valid(get('shape'), get('scale')) && weibull(get('shape'), get('scale'));
    case 'gamma':
      return valid(get('shape'), get('scale')) && gamma(get('shape'), get('scale'));
    case 'exponential':
      return valid(get('scale')) && weibull(1, get('scale'));
    case 'rayleigh':
      return valid(get('sigma')) && weibull(2, get('sigma') * Math.SQRT2);
    case 'folded-normal':
      return valid(get('sigma')) && get('mu') >= 0 ? folded(get('mu'), get('sigma')) : null;
    case 'half-normal':
      return valid(get('sigma')) && folded(0, get('sigma'));
    case 'logistic':
      return valid(get('scale')) && locationScale(LOGISTIC, get('location'), get('scale'));
    case 'loglogistic':
      return (
        valid(get('scale')) && exponentialOf(locationScale(LOGISTIC, get('location'), get('scale')))
      );
    case 'gumbel-max':
      return valid(get('scale')) && locationScale(GUMBEL, get('location'), get('scale'));
    case 'gumbel-min':
      return valid(get('scale')) && mirrored(locationScale(GUMBEL, -get('location'), get('scale')));
  }
}

const HALF_LOG_2PI = 0.9189385332046727;

const NORMAL: Law = {
  cdf: normalCdf,
  sf: normalSf,
  quantile: normalQuantile,
  upperQuantile: normalUpperQuantile,
  logDensity: (z) => -HALF_LOG_2PI - 0.5 * z * z,
};

const LOGISTIC: Law = {
  cdf: (z) => 1 / (1 + Math.exp(-z)),
  sf: (z) => 1 / (1 + Math.exp(z)),
  quantile: (p) => (inside(p) ? Math.log(p) - Math.log1p(-p) : null),
  upperQuantile: (q) => (inside(q) ? Math.log1p(-q) - Math.log(q) : null),
  logDensity: (z) => -Math.abs(z) - 2 * Math.log1p(Math.exp(-Math.abs(z))),
};

/** Largest extreme value. */
const GUMBEL: Law = {
  cdf: (z) => Math.exp(-Math.exp(-z)),
  sf: (z) => -Math.expm1(-Math.exp(-z)),
  quantile: (p) => (inside(p) ? -Math.log(-Math.log(p)) : null),
  upperQuantile: (q) => (inside(q) ? -Math.log(-Math.log1p(-q)) : null),
  logDensity: (z) => -z - Math.exp(-z),
};

function inside(p: number): boolean {
  return p > 0 && p < 1;
}

/** null (no law) unless all are positive numbers; written so that `valid(x) && law` is a law. */
function valid(...positive: number[]): true | null {
  return positive.every((x) => x > 0 && Number.isFinite(x)) || null;
}

function map(value: number | null, f: (x: number) => number): number | null {
  return value === null ? null : f(value);
}

function locationScale(law: Law, location: number, scale: number): Law {
  const z = (x: number) => (x - location) / scale;
  return {
    cdf: (x) => law.cdf(z(x)),
    sf: (x) => law.sf(z(x)),
    quantile: (p) => map(law.quantile(p), (q) => location + scale * q),
    upperQuantile: (p) => map(law.upperQuantile(p), (q) => location + scale * q),
    logDensity: (x) => law.logDensity(z(x)) - Math.log(scale),
  };
}

/** The law of e^X. */
function exponentialOf(law: Law): Law {
  return {
    cdf: (x) => (x > 0 ? law.cdf(Math.log(x)) : 0),
    sf: (x) => (x > 0 ? law.sf(Math.log(x)) : 1),
    quantile: (p) => map(law.quantile(p), Math.exp),
    upperQuantile: (q) => map(law.upperQuantile(q), Math.exp),
    logDensity: (x) => (x > 0 ? law.logDensity(Math.log(x)) - Math.log(x) : -Infinity),
  };
}

/** The law of -X. */
function mirrored(law: Law): Law {
  return {
    cdf: (x) => law.sf(-x),
    sf: (x) => law.cdf(-x),
    quantile: (p) => map(law.upperQuantile(p), (x) => -x),
    upperQuantile: (q) => map(law.quantile(q), (x) => -x),
    logDensity: (x) => law.logDensity(-x),
  };
}

function weibull(shape: number, scale: number): Law {
  const power = (x: number) => (x / scale) ** shape;
  return {
    cdf: (x) => (x > 0 ? -Math.expm1(-power(x)) : 0),
    sf: (x) => (x > 0 ? Math.exp(-power(x)) : 1),
    quantile: (p) => (inside(p) ? scale * (-Math.log1p(-p)) ** (1 / shape) : null),
    upperQuantile: (q) => (inside(q) ? scale * (-Math.log(q)) ** (1 / shape) : null),
    logDensity: (x) =>
      x > 0 || (x === 0 && shape === 1)
        ? Math.log(shape / scale) + (shape - 1) * Math.log(shape === 1 ? 1 : x / scale) - power(x)
        : -Infinity,
  };
}

function gamma(shape: number, scale: number): Law {
  return {
    cdf: (x) => gammaCdf(x, shape, scale),
    sf: (x) => gammaSf(x, shape, scale),
    quantile: (p) => gammaQuantile(p, shape, scale),
    upperQuantile: (q) => gammaUpperQuantile(q, shape, scale),
    logDensity: (x) =>
      x > 0
        ? (shape - 1) * Math.log(x / scale) - x / scale - logGamma(shape) - Math.log(scale)
        : -Infinity,
  };
}

/** |X| for X normal: ISO 22514-2's absolute value of the first kind. */
function folded(mu: number, sigma: number): Law {
  const density = (z: number) => normalPdf(z - mu / sigma) + normalPdf(z + mu / sigma);
  const cdf = (x: number) => {
    if (!(x > 0)) return 0;
    // Close to 0 the difference of two tails would have no digits left; the integral has all.
    if (x < sigma) return integrate(density, 0, x / sigma, 1);
    return normalSf((mu - x) / sigma) - normalCdf((-x - mu) / sigma);
  };
  const sf = (x: number) => (x > 0 ? normalSf((x - mu) / sigma) + normalSf((x + mu) / sigma) : 1);
  return {
    cdf,
    sf,
    quantile: (p) => positiveQuantile(p, false, cdf, sf, mu + sigma),
    upperQuantile: (q) => positiveQuantile(q, true, cdf, sf, mu + sigma),
    logDensity: (x) => {
      if (x < 0) return -Infinity;
      const near = -0.5 * ((x - mu) / sigma) ** 2;
      return (
        near + Math.log1p(Math.exp((-2 * x * mu) / sigma ** 2)) - HALF_LOG_2PI - Math.log(sigma)
      );
    },
  };
}
