/**
 * Probability limits for attribute charts: binomial or Poisson quantiles at 0.00135 and 0.99865,
 * to be used where the normal approximation is poor (n p < 9 or c < 9).
 */
import type { Band } from './control-chart.ts';
import { binomialCdf, discreteQuantile, poissonCdf } from './discrete.ts';
import { normalCdf } from './normal.ts';

/** True when 3-sigma limits of a count with this mean are too rough. */
export function needsExactLimits(mean: number): boolean {
  return mean < 9;
}

/** Limits of a binomial count; a lower limit of 0 never signals. */
export function binomialLimits(n: number, p: number, k = 3): Band {
  return limits((x) => binomialCdf(x, n, p), n * p, k);
}

/** Limits of a Poisson count. */
export function poissonLimits(mean: number, k = 3): Band {
  return limits((x) => poissonCdf(x, mean), mean, k);
}

function limits(cdf: (x: number) => number, center: number, k: number): Band {
  const lcl = discreteQuantile(cdf, normalCdf(-k));
  const ucl = discreteQuantile(cdf, normalCdf(k));
  return { center, lcl, ucl };
}
