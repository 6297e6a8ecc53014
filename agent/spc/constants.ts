/**
 * Control-chart constants for any subgroup size n >= 2, computed, not read from tables: d2, d3 and
 * d4 are mean, standard deviation and median of the relative range of n standard normals, c4 the
 * mean of s/sigma. Errors are below 1e-12. Sources: ISO 7870-2; Montgomery, Introduction to
 * Statistical Quality Control; Tippett (1925) for the integrals. Results are memoised
 * (bounded). A size without constants throws RangeError: ask `isSize` first.
 */
import { stirlingError } from './gamma.ts';
import { normalCdf, normalPdf, normalSf } from './normal.ts';
import { findRoot, integrate } from './solve.ts';

/** True when constants exist for n: a whole number from 2 up. */
export function isSize(n: number): boolean {
  return Number.isInteger(n) && n >= 2;
}

/** Mean of the relative range R/sigma. */
export const d2 = memo((n) => {
  let sum = 0;
  for (let x = -LIMIT; x <= LIMIT; x += STEP) {
    // 1 - Phi^n - (1 - Phi)^n, written so that neither tail cancels.
    sum += -Math.expm1(n * Math.log1p(-normalSf(x))) - normalSf(x) ** n;
  }
  return sum * STEP;
});

/** Standard deviation of the relative range. */
export const d3 = memo((n) => {
  const top = 10 + Math.sqrt(2 * Math.log(n));
  const square = 2 * integrate((w) => w * (1 - rangeCdf(w, n)), 0, top, 12);
  return Math.sqrt(square - d2(n) ** 2);
});

/** Median of the relative range. */
export const d4 = memo((n) => {
  const root = findRoot((w) => rangeCdf(w, n) - 0.5, 0.1, 4 * d2(n));
  return root ?? d2(n);
});

/** Mean of s/sigma: sqrt(2/(n-1)) Gamma(n/2) / Gamma((n-1)/2). */
export const c4 = memo((n) => {
  const half = (n - 1) / 2;
  // ln of the ratio by Stirling's formula, with the large terms cancelled by hand.
  const log = half * Math.log1p(0.5 / half) - 0.5;
  return Math.exp(log + stirlingError(half + 0.5) - stirlingError(half));
});

/** Standard deviation of s/sigma: sqrt(1 - c4^2). */
export const c5 = memo((n) => Math.sqrt((1 - c4(n)) * (1 + c4(n))));

/** Standard deviation of the median of n standard normals. */
export const sdMedian = memo((n) => Math.sqrt(n % 2 === 1 ? oddVariance(n) : evenVariance(n)));

/** AIAG d2*: sqrt(d2^2 + d3^2/g) for g ranges of n values each. */
export function d2Star(n: number, g: number): number {
  return Math.sqrt(d2(n) ** 2 + d3(n) ** 2 / g);
}

/** All factors of subgroup size n under the names the standards give them. */
export interface Factors {
  d2: number;
  d3: number;
  d4: number;
  c4: number;
  c5: number;
  A: number;
  A2: number;
  A3: number;
  B3: number;
  B4: number;
  B5: number;
  B6: number;
  D1: number;
  D2: number;
  D3: number;
  D4: number;
  E2: number;
  sdMedian: number;
  A2median: number;
}

/** Factors for 3-sigma limits (ISO 7870-2, Montgomery), lower ones not below 0. */
export function factors(n: number): Factors {
  const A = 3 / Math.sqrt(n);
  return {
    d2: d2(n),
    d3: d3(n),
    d4: d4(n),
    c4: c4(n),
    c5: c5(n),
    A,
    A2: A / d2(n),
    A3: A / c4(n),
    B3: Math.max(0, 1 - (3 * c5(n)) / c4(n)),
    B4: 1 + (3 * c5(n)) / c4(n),
    B5: Math.max(0, c4(n) - 3 * c5(n)),
    B6: c4(n) + 3 * c5(n),
    D1: Math.max(0, d2(n) - 3 * d3(n)),
    D2: d2(n) + 3 * d3(n),
    D3: Math.max(0, 1 - (3 * d3(n)) / d2(n)),
    D4: 1 + (3 * d3(n)) / d2(n),
    E2: 3 / d2(n),
    sdMedian: sdMedian(n),
    A2median: (3 * sdMedian(n)) / d2(n),
  };
}

/** P(W <= w) for the range W of n standard normals. */
export function rangeCdf(w: number, n: number): number {
  if (w <= 0) return 0;
  let sum = 0;
  // Symmetric about 0 when both ends are moved by w/2, so half of the line is enough. The lower end
  // lies around w/2 there, so the line goes that much further; beyond 24 a double holds only 1.
  if (w > 2 * LIMIT) return 1;
  for (let x = 0; x <= NEAR + w / 2; x += STEP) {
    const low = x - w / 2;
    const high = x + w / 2;
    const between = normalSf(low) - normalSf(high);
    const weight = x === 0 ? 0.5 : 1;
    sum += weight * (normalPdf(low) + normalPdf(high)) * between ** (n - 1);
  }
  return n * sum * STEP;
}

/**
 * The trapezoidal rule over the whole line converges faster than any power for these integrands:
 * step 1/16 and ends at 12 sigma leave nothing that a double could hold.
 */
const STEP = 1 / 16;
const LIMIT = 12;

/** Where the density itself is below the last bit of its middle. */
const NEAR = 9;

const MEMO_SIZE = 2048;

function memo(compute: (n: number) => number): (n: number) => number {
  const known = new Map<number, number>();
  return (n) => {
    if (!isSize(n)) throw new RangeError(`control-chart constants need a whole n >= 2, got ${n}`);
    const found = known.get(n);
    if (found !== undefined) return found;
    const value = compute(n);
    if (known.size >= MEMO_SIZE) known.clear();
    known.set(n, value);
    return value;
  };
}

/** ln n! by adding up. */
function logFactorial(n: number): number {
  let sum = 0;
  for (let i = 2; i <= n; i += 1) sum += Math.log(i);
  return sum;
}

/** Grid for the median: its spread shrinks with 1/sqrt(n), so step and end do too. */
function medianGrid(n: number): { step: number; end: number } {
  const unit = 1 / Math.sqrt(n);
  return { step: Math.min(STEP, unit / 4), end: Math.min(LIMIT, 20 * unit) };
}

/** Variance of the middle order statistic; n odd. */
function oddVariance(n: number): number {
  const m = (n - 1) / 2;
  const { step, end } = medianGrid(n);
  const front = logFactorial(n) - 2 * logFactorial(m);
  let sum = 0;
  for (let x = step; x <= end; x += step) {
    const tails = Math.log(normalCdf(-x)) + Math.log(normalCdf(x));
    sum += x * x * Math.exp(front + m * tails) * normalPdf(x);
  }
  return 2 * sum * step;
}

/** Variance of the mean y of the two middle order statistics y - u and y + u; n even. */
function evenVariance(n: number): number {
  const m = n / 2;
  const { step, end } = medianGrid(n);
  const front = logFactorial(n) - 2 * logFactorial(m - 1) + Math.log(2);
  // The gap u falls off at least as exp(-1.6 (m - 1) u).
  const widest = Math.min(6, 50 / m);
  let sum = 0;
  for (let y = step; y <= end; y += step) {
    const density = (u: number) => {
      const tails = Math.log(normalCdf(y - u)) + Math.log(normalSf(y + u));
      return Math.exp(front + (m - 1) * tails) * normalPdf(y - u) * normalPdf(y + u);
    };
    sum += y * y * integrate(density, 0, widest, 6);
  }
  return 2 * sum * step;
}
