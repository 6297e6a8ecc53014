/**
 * Maximum-likelihood fits of the families. One-parameter score equations are solved by a bracketed
 * root; the logistic by a root inside a root. null when the data cannot be of the family (values
 * not positive, no spread, too few).
 */
import { digamma } from './digamma.ts';
import type { FamilyName, Params } from './families.ts';
import { findRoot } from './solve.ts';
import { meanOf, squaresOf, sumOf } from './summation.ts';

/** Maximum-likelihood parameters of the family for the values; null when there are none. */
export function fitFamily(family: FamilyName, values: readonly number[]): Params | null {
  const mean = meanOf(values);
  if (mean === null || values.length < 2 || !(squaresOf(values) > 0)) return null;
  const positive = values.every((x) => x > 0);
  const notNegative = values.every((x) => x >= 0);
  const rootMean = () => Math.sqrt(sumOf(values.map((x) => x * x)) / values.length);
  const logs = () => values.map((x) => Math.log(x));
  switch (family) {
    case 'normal':
      return { mean, sd: populationSd(values) };
    case 'lognormal': {
      if (!positive) return null;
      return { meanlog: meanOf(logs()) as number, sdlog: populationSd(logs()) };
    }
    case 'weibull':
      return positive ? fitWeibull(values) : null;
    case 'gamma':
      return positive ? fitGamma(values, mean) : null;
    case 'exponential':
      return notNegative ? { scale: mean } : null;
    case 'rayleigh':
      return notNegative ? { sigma: rootMean() / Math.SQRT2 } : null;
    case 'half-normal':
      return notNegative ? { sigma: rootMean() } : null;
    case 'folded-normal':
      return notNegative ? fitFolded(values, rootMean()) : null;
    case 'logistic':
      return fitLogistic(values);
    case 'loglogistic':
      return positive ? fitLogistic(logs()) : null;
    case 'gumbel-max':
      return fitGumbel(values);
    case 'gumbel-min': {
      const mirrored = fitGumbel(values.map((x) => -x));
      if (mirrored === null) return null;
      return { location: -(mirrored['location'] as number), scale: mirrored['scale'] as number };
    }
  }
}

function populationSd(values: readonly number[]): number {
  return Math.sqrt(squaresOf(values) / values.length);
}

/** Root over a positive parameter, solved in its logarithm around a first guess. */
function positiveRoot(f: (x: number) => number, guess: number): number | null {
  const g = (u: number) => f(Math.exp(u));
  const middle = Math.log(guess);
  for (let width = 1; width <= 64; width *= 2) {
    const root = findRoot(g, middle - width, middle + width);
    if (root !== null) return Math.exp(root);
  }
  return null;
}

function fitWeibull(values: readonly number[]): Params | null {
  const top = Math.max(...values);
  const logs = values.map((x) => Math.log(x / top));
  const meanLog = meanOf(logs) as number;
  const score = (shape: number) => {
    const powers = logs.map((log) => Math.exp(shape * log));
    const weighted = sumOf(powers.map((p, i) => p * (logs[i] as number))) / sumOf(powers);
    return weighted - 1 / shape - meanLog;
  };
  const shape = positiveRoot(score, 1.2825 / populationSd(logs));
  if (shape === null) return null;
  const moment = meanOf(logs.map((log) => Math.exp(shape * log))) as number;
  return { shape, scale: top * moment ** (1 / shape) };
}

function fitGamma(values: readonly number[], mean: number): Params | null {
  const gap = -(meanOf(values.map((x) => Math.log(x / mean))) as number);
  if (!(gap > 0)) return null;
  const guess = (3 - gap + Math.sqrt((gap - 3) ** 2 + 24 * gap)) / (12 * gap);
  const shape = positiveRoot((k) => Math.log(k) - digamma(k) - gap, guess);
  return shape === null ? null : { shape, scale: mean / shape };
}

/** mu^2 + sigma^2 is the mean square; mu solves mu = mean of x tanh(mu x/sigma^2). */
function fitFolded(values: readonly number[], rootMean: number): Params {
  const square = rootMean * rootMean;
  const score = (mu: number) => {
    const variance = square - mu * mu;
    const pulled = values.map((x) => x * Math.tanh((mu * x) / variance));
    return (meanOf(pulled) as number) - mu;
  };
  // mu = 0 always solves it; the largest root, if there is another, is the maximum.
  const steps = 400;
  for (let i = steps - 1; i > 0; i -= 1) {
    const low = (rootMean * i) / steps;
    if (score(low) <= 0) continue;
    const high = (rootMean * (i + 1)) / steps;
    const mu = findRoot(score, low, Math.min(high, rootMean * (1 - 1e-12)));
    if (mu !== null) return { mu, sigma: Math.sqrt(square - mu * mu) };
  }
  return { mu: 0, sigma: rootMean };
}

function fitLogistic(values: readonly number[]): Params | null {
  const low = Math.min(...values);
  const high = Math.max(...values);
  const locationAt = (scale: number) => {
    const score = (m: number) => sumOf(values.map((x) => Math.tanh((x - m) / (2 * scale))));
    return findRoot(score, low, high) ?? (meanOf(values) as number);
  };
  const score = (scale: number) => {
    const m = locationAt(scale);
    const z = values.map((x) => (x - m) / scale);
    return sumOf(z.map((x) => x * Math.tanh(x / 2))) - values.length;
  };
  const scale = positiveRoot(score, (populationSd(values) * Math.sqrt(3)) / Math.PI);
  return scale === null ? null : { location: locationAt(scale), scale };
}

function fitGumbel(values: readonly number[]): Params | null {
  const origin = Math.min(...values);
  const x = values.map((value) => value - origin);
  const mean = meanOf(x) as number;
  const score = (scale: number) => {
    const weights = x.map((value) => Math.exp(-value / scale));
    const weighted = sumOf(x.map((value, i) => value * (weights[i] as number)));
    return mean - weighted / sumOf(weights) - scale;
  };
  const scale = positiveRoot(score, (populationSd(values) * Math.sqrt(6)) / Math.PI);
  if (scale === null) return null;
  const average = meanOf(x.map((value) => Math.exp(-value / scale))) as number;
  return { location: origin - scale * Math.log(average), scale };
}
