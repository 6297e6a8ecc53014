/**
 * Are the readings independent? Lag-1 check, Ljung-Box (1978), and the number of independent
 * readings an AR(1) series is worth for its mean.
 */
import { chiSquareSf } from './distributions.ts';
import { autocorrelation } from './moments.ts';

/** True when |r1| > 2/sqrt(n): run rules are not to be trusted then. null without spread. */
export function isAutocorrelated(values: readonly number[]): boolean | null {
  const r1 = autocorrelation(values, 1);
  return r1 === null ? null : Math.abs(r1) > 2 / Math.sqrt(values.length);
}

/** Ljung-Box test over lags 1 .. lags; null for too few values or no spread. */
export function ljungBox(
  values: readonly number[],
  lags = 10,
): { statistic: number; df: number; p: number } | null {
  const n = values.length;
  if (n <= lags + 1) return null;
  let sum = 0;
  for (let lag = 1; lag <= lags; lag += 1) {
    const r = autocorrelation(values, lag);
    if (r === null) return null;
    sum += (r * r) / (n - lag);
  }
  const statistic = n * (n + 2) * sum;
  return { statistic, df: lags, p: chiSquareSf(statistic, lags) };
}

/** n (1 - r)/(1 + r), between 1 and n: what n dependent readings tell about the mean. */
export function effectiveSize(n: number, r1: number): number {
  if (n <= 0) return 0;
  const worth = (n * (1 - r1)) / (1 + r1);
  return Math.min(n, Math.max(1, worth));
}
