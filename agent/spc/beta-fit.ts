/** Beta distribution between two unknown bounds, by a bounded search of the profile likelihood. */
import { digamma, trigamma } from './digamma.ts';
import { betaCdf, betaQuantile, betaSf, betaUpperQuantile } from './distributions.ts';
import type { Law, Params } from './families.ts';
import { logGamma } from './gamma.ts';
import { golden, insideMaximum } from './profile-search.ts';
import { meanOf, varianceOf } from './summation.ts';

/** Parameters, their number, the law they give and its log-likelihood. */
export interface Fit {
  params: Params;
  free: number;
  law: Law;
  logLikelihood: number;
}

/**
 * Bounds and shapes with the largest likelihood: both gaps are searched in turn until neither moves.
 * `scaled` are readings in ranges above the smallest, `low` and `range` in the unit of the readings.
 */
export function fitBounded(
  scaled: readonly number[],
  { low, range }: { low: number; range: number },
): Fit | { refused: string } {
  const profile = (left: number, right: number) => {
    const width = 1 + Math.exp(left) + Math.exp(right);
    const data = scaled.map((x) => (x + Math.exp(left)) / width);
    const shapes = betaShapes(data);
    if (shapes === null) return { height: -Infinity, shapes: null, width };
    return { height: betaLikelihood(data, shapes) - data.length * Math.log(width), shapes, width };
  };
  const none = { refused: 'the likelihood has no maximum with two bounds inside the search' };
  let left = Math.log(0.1);
  let right = Math.log(0.1);
  for (let turn = 0; turn < 40; turn += 1) {
    const nextLeft = close((u) => profile(u, right).height, turn === 0 ? null : left);
    if (nextLeft === null) return none;
    const nextRight = close((u) => profile(nextLeft, u).height, turn === 0 ? null : right);
    if (nextRight === null) return none;
    const moved = Math.abs(nextLeft - left) + Math.abs(nextRight - right);
    left = nextLeft;
    right = nextRight;
    if (moved < 1e-5) break;
  }
  const { height, shapes } = profile(left, right);
  if (shapes === null) return none;
  const lower = low - Math.exp(left) * range;
  const upper = low + (1 + Math.exp(right)) * range;
  const params = { lower, upper, ...shapes };
  const law = betaLaw(lower, upper, shapes.a, shapes.b);
  if (law === null) return none;
  return { params, free: 4, law, logLikelihood: height - scaled.length * Math.log(range) };
}

/** Beta between two bounds; null when a shape or the width is not positive. */
export function betaLaw(lower: number, upper: number, a: number, b: number): Law | null {
  const width = upper - lower;
  if (!(width > 0 && a > 0 && b > 0 && Number.isFinite(width))) return null;
  const at = (x: number) => Math.min(1, Math.max(0, (x - lower) / width));
  const back = (u: number | null) => (u === null ? null : lower + width * u);
  const constant = logGamma(a + b) - logGamma(a) - logGamma(b) - Math.log(width);
  return {
    cdf: (x) => betaCdf(at(x), a, b),
    sf: (x) => betaSf(at(x), a, b),
    quantile: (p) => back(betaQuantile(p, a, b)),
    upperQuantile: (q) => back(betaUpperQuantile(q, a, b)),
    logDensity: (x) => {
      const u = (x - lower) / width;
      if (!(u > 0 && u < 1)) return -Infinity;
      return (a - 1) * Math.log(u) + (b - 1) * Math.log1p(-u) + constant;
    },
  };
}

/** Near the last place once there is one, else anywhere. */
function close(f: (u: number) => number, last: number | null): number | null {
  const found = last === null ? null : golden(f, last - NEAR, last + NEAR);
  return found ?? insideMaximum(f);
}

const NEAR = 0.5;

interface Shapes {
  a: number;
  b: number;
}

/** Maximum-likelihood shapes of readings between 0 and 1: Newton from the moments. */
function betaShapes(data: readonly number[]): Shapes | null {
  const mean = meanOf(data) ?? 0;
  const spread = varianceOf(data) ?? 0;
  const sum = (mean * (1 - mean)) / spread - 1;
  if (!(sum > 0) || data.some((x) => !(x > 0 && x < 1))) return null;
  const left = meanOf(data.map(Math.log)) as number;
  const right = meanOf(data.map((x) => Math.log1p(-x))) as number;
  let a = mean * sum;
  let b = (1 - mean) * sum;
  for (let step = 0; step < 100; step += 1) {
    const both = digamma(a + b);
    const fa = digamma(a) - both - left;
    const fb = digamma(b) - both - right;
    const shared = -trigamma(a + b);
    const ja = trigamma(a) + shared;
    const jb = trigamma(b) + shared;
    const det = ja * jb - shared * shared;
    const da = (fa * jb - fb * shared) / det;
    const db = (fb * ja - fa * shared) / det;
    // A step may at most halve or double a shape: they stay positive.
    a = Math.min(2 * a, Math.max(a / 2, a - da));
    b = Math.min(2 * b, Math.max(b / 2, b - db));
    if (!(Number.isFinite(a) && Number.isFinite(b))) return null;
    if (Math.abs(da) < 1e-12 * a && Math.abs(db) < 1e-12 * b) return { a, b };
  }
  return null;
}

function betaLikelihood(data: readonly number[], { a, b }: Shapes): number {
  const n = data.length;
  const logs = meanOf(data.map((x) => (a - 1) * Math.log(x) + (b - 1) * Math.log1p(-x))) as number;
  return n * (logs + logGamma(a + b) - logGamma(a) - logGamma(b));
}
