/**
 * When did the level change? tau is the number of observations before the change. Known mean:
 * maximum likelihood after a signal (Samuel, Pignatiello & Calvin 1998); unknown mean: largest
 * two-sample t (Hawkins, Qiu & Kang 2003); counts: likelihood ratio of two Poisson rates.
 */
import { meanOf, squaresOf, sumOf } from './summation.ts';

export interface KnownMeanChange {
  /** (n - t)(mean of the tail - mean0)^2 for t = 0 .. n - 1 */
  statistic: number[];
  tau: number;
  meanAfter: number;
}

/** Change away from a known mean; null for no values. */
export function changeFromKnown(values: readonly number[], mean0: number): KnownMeanChange | null {
  const n = values.length;
  if (n === 0) return null;
  const statistic = values.map((_, t) => {
    const tail = sumOf(values.slice(t).map((x) => x - mean0));
    return (tail * tail) / (n - t);
  });
  const tau = largest(statistic);
  return { statistic, tau, meanAfter: meanOf(values.slice(tau)) as number };
}

export interface UnknownMeanChange {
  /** |t| of the first t values against the rest, for t = 1 .. n - 1; null without spread */
  tStatistic: (number | null)[];
  tau: number;
  tMax: number;
  meanBefore: number;
  meanAfter: number;
}

/** One change of the mean, nothing known; null for fewer than three values or no spread. */
export function changeUnknown(values: readonly number[]): UnknownMeanChange | null {
  const n = values.length;
  const origin = meanOf(values);
  if (n < 3 || origin === null) return null;
  const tStatistic = values.slice(1).map((_, i) => {
    const before = values.slice(0, i + 1);
    const after = values.slice(i + 1);
    const pooled = (squaresOf(before) + squaresOf(after)) / (n - 2);
    const gap = (meanOf(before) as number) - (meanOf(after) as number);
    if (!(pooled > 0)) return null;
    return Math.abs(gap) / Math.sqrt(pooled * (1 / before.length + 1 / after.length));
  });
  const sizes = tStatistic.map((t) => t ?? -1);
  const at = largest(sizes);
  const tMax = tStatistic[at] ?? null;
  if (tMax === null) return null;
  const tau = at + 1;
  return {
    tStatistic,
    tau,
    tMax,
    meanBefore: meanOf(values.slice(0, tau)) as number,
    meanAfter: meanOf(values.slice(tau)) as number,
  };
}

export interface RateChange {
  /** 2 ln of the likelihood ratio of a change after t counts, t = 1 .. n - 1 */
  logLikRatio: number[];
  tau: number;
  rateBefore: number;
  rateAfter: number;
}

/** One change of a Poisson rate; null for fewer than two counts. */
export function changeOfRate(counts: readonly number[]): RateChange | null {
  const n = counts.length;
  if (n < 2) return null;
  const total = sumOf(counts);
  const part = (sum: number, size: number) => (sum > 0 ? sum * Math.log(sum / size) : 0);
  let before = 0;
  const logLikRatio = counts.slice(0, -1).map((count, i) => {
    before += count;
    const parts = part(before, i + 1) + part(total - before, n - i - 1);
    return 2 * (parts - part(total, n));
  });
  const tau = largest(logLikRatio) + 1;
  return {
    logLikRatio,
    tau,
    rateBefore: sumOf(counts.slice(0, tau)) / tau,
    rateAfter: sumOf(counts.slice(tau)) / (n - tau),
  };
}

/** Position of the first largest value. */
function largest(values: readonly number[]): number {
  let at = 0;
  for (let i = 1; i < values.length; i += 1) {
    if ((values[i] as number) > (values[at] as number)) at = i;
  }
  return at;
}
