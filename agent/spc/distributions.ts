/**
 * Distribution functions for charts, intervals and tests: cdf is P(X <= x), sf the upper tail
 * P(X > x) computed by itself, quantiles solve the smaller tail in logarithms, so that tiny
 * probabilities keep their digits. Quantiles are null for p outside (0, 1) or parameters outside
 * their domain. Relations: NIST/SEMATECH e-Handbook 1.3.6.6; DLMF 8.17 and 8.2.
 */
import { betaTails } from './beta.ts';
import { gammaP, gammaQ } from './gamma.ts';
import { normalQuantile, normalSf } from './normal.ts';
import { findRoot } from './solve.ts';

export { normalCdf, normalQuantile, normalSf } from './normal.ts';

/** Student's t, lower tail; df > 0, Infinity being the normal distribution. */
export function tCdf(t: number, df: number): number {
  return tSf(-t, df);
}

/** Student's t, upper tail. */
export function tSf(t: number, df: number): number {
  if (df === Number.POSITIVE_INFINITY) return normalSf(t);
  const square = t * t;
  const sum = df + square;
  const half = 0.5 * betaTails(df / sum, df / 2, 0.5, square / sum).lower;
  return t >= 0 ? half : 1 - half;
}

/** The t with P(T <= t) = p. */
export function tQuantile(p: number, df: number): number | null {
  if (!(p > 0 && p < 1 && df > 0)) return null;
  if (df === Number.POSITIVE_INFINITY) return normalQuantile(p);
  if (p === 0.5) return 0;
  const q = Math.min(p, 1 - p);
  const size = positiveQuantile(
    q,
    true,
    (x) => 1 - tSf(x, df),
    (x) => tSf(x, df),
    1,
  );
  return size === null || p > 0.5 ? size : -size;
}

/** The t with P(T > t) = q. */
export function tUpperQuantile(q: number, df: number): number | null {
  const t = tQuantile(q, df);
  return t === null || t === 0 ? t : -t;
}

/** Chi-square, lower tail. */
export function chiSquareCdf(x: number, df: number): number {
  return gammaP(df / 2, x / 2);
}

/** Chi-square, upper tail. */
export function chiSquareSf(x: number, df: number): number {
  return gammaQ(df / 2, x / 2);
}

/** The x with P(X <= x) = p for chi-square. */
export function chiSquareQuantile(p: number, df: number): number | null {
  return gammaQuantile(p, df / 2, 2);
}

/** The x with P(X > x) = q for chi-square. */
export function chiSquareUpperQuantile(q: number, df: number): number | null {
  return gammaUpperQuantile(q, df / 2, 2);
}

/** Fisher's F, lower tail. */
export function fCdf(x: number, df1: number, df2: number): number {
  return x <= 0 ? 0 : fTails(x, df1, df2).lower;
}

/** Fisher's F, upper tail. */
export function fSf(x: number, df1: number, df2: number): number {
  return x <= 0 ? 1 : fTails(x, df1, df2).upper;
}

/** The x with P(X <= x) = p for F. */
export function fQuantile(p: number, df1: number, df2: number): number | null {
  if (!(df1 > 0 && df2 > 0)) return null;
  return positiveQuantile(
    p,
    false,
    (x) => fCdf(x, df1, df2),
    (x) => fSf(x, df1, df2),
    1,
  );
}

/** The x with P(X > x) = q for F. */
export function fUpperQuantile(q: number, df1: number, df2: number): number | null {
  if (!(df1 > 0 && df2 > 0)) return null;
  return positiveQuantile(
    q,
    true,
    (x) => fCdf(x, df1, df2),
    (x) => fSf(x, df1, df2),
    1,
  );
}

/** Gamma with shape and scale, lower tail. */
export function gammaCdf(x: number, shape: number, scale: number): number {
  return gammaP(shape, x / scale);
}

/** Gamma with shape and scale, upper tail. */
export function gammaSf(x: number, shape: number, scale: number): number {
  return gammaQ(shape, x / scale);
}

/** The x with P(X <= x) = p for gamma. */
export function gammaQuantile(p: number, shape: number, scale: number): number | null {
  if (!(shape > 0 && scale > 0)) return null;
  const cdf = (x: number) => gammaP(shape, x);
  const unit = positiveQuantile(p, false, cdf, (x) => gammaQ(shape, x), shape);
  return unit === null ? null : unit * scale;
}

/** The x with P(X > x) = q for gamma. */
export function gammaUpperQuantile(q: number, shape: number, scale: number): number | null {
  if (!(shape > 0 && scale > 0)) return null;
  const cdf = (x: number) => gammaP(shape, x);
  const unit = positiveQuantile(q, true, cdf, (x) => gammaQ(shape, x), shape);
  return unit === null ? null : unit * scale;
}

/** Beta, lower tail. */
export function betaCdf(x: number, a: number, b: number): number {
  return betaTails(x, a, b).lower;
}

/** Beta, upper tail. */
export function betaSf(x: number, a: number, b: number): number {
  return betaTails(x, a, b).upper;
}

/** The x with P(X <= x) = p for beta; solved as odds x/(1 - x), which keeps both ends exact. */
export function betaQuantile(p: number, a: number, b: number): number | null {
  return betaInverse(p, false, a, b);
}

/** The x with P(X > x) = q for beta. */
export function betaUpperQuantile(q: number, a: number, b: number): number | null {
  return betaInverse(q, true, a, b);
}

/**
 * The x > 0 with lower (or, when `upper`, upper) tail p, for a distribution on the positive line.
 * `start` is any point of the bulk; the bracket grows from there by factors.
 */
export function positiveQuantile(
  p: number,
  upper: boolean,
  cdf: (x: number) => number,
  sf: (x: number) => number,
  start: number,
): number | null {
  if (!(p > 0 && p < 1)) return null;
  // The smaller of the two tails decides, for only that one has digits to spare.
  const low = upper ? p > 0.5 : p <= 0.5;
  const wanted = Math.log(p <= 0.5 ? p : 1 - p);
  const error = (u: number) => {
    const tail = low ? cdf(Math.exp(u)) : sf(Math.exp(u));
    const log = tail > 0 ? Math.log(tail) : -750;
    return low ? log - wanted : wanted - log;
  };
  let from = Math.log(start);
  let to = from;
  let step = 0.5;
  while (error(from) > 0 && from > -700) {
    to = from;
    from -= step;
    step *= 2;
  }
  step = 0.5;
  while (error(to) < 0 && to < 700) {
    from = to;
    to += step;
    step *= 2;
  }
  const root = findRoot(error, Math.max(from, -745), Math.min(to, 709));
  return root === null ? null : Math.exp(root);
}

function fTails(x: number, df1: number, df2: number): { lower: number; upper: number } {
  const top = df1 * x;
  const sum = top + df2;
  return betaTails(top / sum, df1 / 2, df2 / 2, df2 / sum);
}

function betaInverse(p: number, upper: boolean, a: number, b: number): number | null {
  if (!(a > 0 && b > 0)) return null;
  const tails = (odds: number) => betaTails(odds / (1 + odds), a, b, 1 / (1 + odds));
  const cdf = (odds: number) => tails(odds).lower;
  const odds = positiveQuantile(p, upper, cdf, (value) => tails(value).upper, a / b);
  return odds === null ? null : odds / (1 + odds);
}
