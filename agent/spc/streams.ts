/**
 * Several streams that make the same characteristic (cavities, spindles, heads): an index per
 * stream, the worst stream, the spread within streams and the variance between them. Pooling hides
 * a bad stream, so the verdict is that of the worst one.
 */
import { type Indices, indices } from './capability.ts';
import { brownForsythe, type GroupTest, oneWay } from './homogeneity.ts';
import type { Tolerance } from './nonconforming.ts';
import { meanOf, sdOf, squaresOf, sumOf } from './summation.ts';

export interface StreamResult {
  n: number;
  mean: number;
  sd: number | null;
  pp: number | null;
  ppk: number | null;
}

export interface StreamsResult {
  streams: StreamResult[];
  /** position of the stream with the smallest Ppk; null without indices */
  worst: number | null;
  /** sd of readings about the mean of their own stream, pooled; its degrees of freedom */
  sigmaWithin: number | null;
  df: number;
  /** variance component between streams by moments, 0 when the estimate is negative */
  varianceBetween: number | null;
  /** share of varianceBetween in the variance of a reading from any stream */
  shareBetween: number | null;
  /** do the means, do the spreads differ? */
  means: GroupTest | null;
  spreads: GroupTest | null;
  /** indices of all readings as if they were of one stream */
  pooled: Pick<Indices, 'pp' | 'ppk'>;
}

/** One list of readings per stream, any sizes, in the unit of the tolerance; null for no stream. */
export function streamCapability(
  streams: readonly (readonly number[])[],
  tolerance: Tolerance,
): StreamsResult | null {
  const used = streams.filter((stream) => stream.length > 0);
  if (used.length === 0 || used.length !== streams.length) return null;
  const results = used.map((values) => oneStream(values, tolerance));
  const all = used.flat();
  const df = all.length - used.length;
  const within = df > 0 ? sumOf(used.map(squaresOf)) / df : null;
  const between = within === null ? null : betweenVariance(used, within);
  const whole = between === null || within === null ? null : between + within;
  const { pp, ppk } = oneStream(all, tolerance);
  return {
    streams: results,
    worst: worstOf(results),
    ...{ sigmaWithin: within === null ? null : Math.sqrt(within), df },
    varianceBetween: between,
    shareBetween: whole === null || !(whole > 0) ? null : (between as number) / whole,
    ...{ means: oneWay(used), spreads: brownForsythe(used) },
    pooled: { pp, ppk },
  };
}

function oneStream(values: readonly number[], tolerance: Tolerance): StreamResult {
  const mean = meanOf(values) as number;
  const sd = sdOf(values);
  const { pp, ppk } = indices({ mean, sigmaWithin: null, sigmaOverall: sd, ...tolerance });
  return { n: values.length, mean, sd, pp, ppk };
}

function worstOf(results: readonly StreamResult[]): number | null {
  let worst: number | null = null;
  results.forEach(({ ppk }, i) => {
    if (ppk !== null && (worst === null || ppk < (results[worst]?.ppk as number))) worst = i;
  });
  return worst;
}

/** (MS between - MS within)/n0 of the one-way layout with unequal sizes. */
function betweenVariance(streams: readonly (readonly number[])[], within: number): number | null {
  const k = streams.length;
  if (k < 2) return null;
  const n = sumOf(streams.map((stream) => stream.length));
  const origin = meanOf(streams.flat()) as number;
  const squares = streams.map(
    (stream) => stream.length * (meanOf(stream.map((x) => x - origin)) as number) ** 2,
  );
  const usual = (n - sumOf(streams.map((stream) => stream.length ** 2)) / n) / (k - 1);
  return Math.max(0, (sumOf(squares) / (k - 1) - within) / usual);
}
