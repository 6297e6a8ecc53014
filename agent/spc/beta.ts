/**
 * The regularised incomplete beta function with both tails, accurate to about 1e-13 of the value.
 * Prefactor by Loader's saddle point, continued fraction of DLMF 8.17.22 by Lentz's method.
 */
import { deviance, stirlingError } from './gamma.ts';

/** I_x(a, b) and 1 - I_x(a, b). */
export interface BetaTails {
  lower: number;
  upper: number;
}

/**
 * Both tails of the beta distribution at x, for a, b > 0. `y` is 1 - x: pass it when it is known
 * more exactly than by subtraction.
 */
export function betaTails(x: number, a: number, b: number, y = 1 - x): BetaTails {
  if (x <= 0) return { lower: 0, upper: 1 };
  if (y <= 0) return { lower: 1, upper: 0 };
  if (x * (a + b + 2) < a + 1) {
    const lower = oneTail(x, y, a, b);
    return { lower, upper: 1 - lower };
  }
  const upper = oneTail(y, x, b, a);
  return { lower: 1 - upper, upper };
}

/** x^a y^b / B(a, b), with y = 1 - x. */
function betaTerm(x: number, y: number, a: number, b: number): number {
  const n = a + b;
  const correction = stirlingError(n) - stirlingError(a) - stirlingError(b);
  const exponent = correction - deviance(a, n * x) - deviance(b, n * y);
  return Math.sqrt((a / n) * (b / (2 * Math.PI))) * Math.exp(exponent);
}

function oneTail(x: number, y: number, a: number, b: number): number {
  const front = betaTerm(x, y, a, b) / a;
  return front === 0 ? 0 : front * fraction(x, a, b);
}

/** Bound of the loop: the fraction needs about 5 sqrt(max(a, b)) terms. */
const MAX_TERMS = 100_000;

function fraction(x: number, a: number, b: number): number {
  let c = 1;
  let d = 1 / nonZero(1 - ((a + b) * x) / (a + 1));
  let h = d;
  for (let m = 1; m < MAX_TERMS; m += 1) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / nonZero(1 + even * d);
    c = nonZero(1 + even / c);
    h *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / nonZero(1 + odd * d);
    c = nonZero(1 + odd / c);
    const factor = d * c;
    h *= factor;
    if (Math.abs(factor - 1) < 1e-16) break;
  }
  return h;
}

function nonZero(value: number): number {
  return Math.abs(value) < 1e-300 ? 1e-300 : value;
}
