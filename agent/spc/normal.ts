/**
 * The normal distribution with full relative accuracy in both tails (errors below 1e-14 of the
 * value down to 1e-300). The upper tail is density times Mills ratio; the ratio times (z + 1.5) is
 * a Chebyshev series in (z - 5)/(z + 5), fitted for this file at 50 digits.
 */

/** Density of N(0, 1). */
export function normalPdf(z: number): number {
  return INVERSE_SQRT_2PI * expMinusHalfSquare(z);
}

/** P(Z <= z) for N(0, 1), accurate relative to its own size. */
export function normalCdf(z: number): number {
  return z <= 0 ? upperTail(-z) : 1 - upperTail(z);
}

/** P(Z > z) for N(0, 1), accurate relative to its own size. */
export function normalSf(z: number): number {
  return z >= 0 ? upperTail(z) : 1 - upperTail(-z);
}

/** The z with P(Z <= z) = p; null outside 0 < p < 1. */
export function normalQuantile(p: number): number | null {
  if (!(p > 0 && p < 1)) return null;
  if (p === 0.5) return 0;
  return p < 0.5 ? -upperQuantile(p) : upperQuantile(1 - p);
}

/** The z with P(Z > z) = q; null outside 0 < q < 1. Keeps tiny q exact, unlike 1 - q. */
export function normalUpperQuantile(q: number): number | null {
  if (!(q > 0 && q < 1)) return null;
  if (q === 0.5) return 0;
  return q < 0.5 ? upperQuantile(q) : -upperQuantile(1 - q);
}

const INVERSE_SQRT_2PI = 0.3989422804014327;

const MILLS = [
  1.3532085742101818, -0.4390602721958572, 0.09441571160010238, -0.004614626101899838,
  -0.006565640584927576, 0.0034801653802705597, -0.0010498928439903112, 0.00020956903926295603,
  -2.3783143470896953e-5, -3.63813183353236e-7, 6.424055314633572e-7, -7.83414328833116e-8,
  -8.668893330955764e-9, 3.144419004012713e-9, 7.175190451050806e-12, -1.0140728748304953e-10,
  5.1870709779356884e-12, 3.3172617283210422e-12, -2.819539588909302e-13, -1.1896229480848083e-13,
  1.16428118793272e-14, 4.7676829471722875e-15, -4.1249691245328096e-16, -2.09482553693387e-16,
  1.1216804304733108e-17,
];

/** Splits z so that the square in the exponent loses nothing: sixteenths are exact (Cody 1969). */
function expMinusHalfSquare(z: number): number {
  const size = Math.abs(z);
  if (size > 40) return 0;
  const head = Math.trunc(size * 16) / 16;
  return Math.exp(-0.5 * head * head) * Math.exp(-0.5 * (size - head) * (size + head));
}

function upperTail(z: number): number {
  if (z > 40) return 0;
  const t = (z - 5) / (z + 5);
  let next = 0;
  let afterNext = 0;
  for (let j = MILLS.length - 1; j > 0; j -= 1) {
    const now = 2 * t * next - afterNext + (MILLS[j] as number);
    afterNext = next;
    next = now;
  }
  const ratio = (t * next - afterNext + (MILLS[0] as number)) / (z + 1.5);
  return normalPdf(z) * ratio;
}

/** Start of Abramowitz & Stegun 26.2.23 (error 4.5e-4), then third-order Halley steps. */
function upperQuantile(q: number): number {
  const t = Math.sqrt(-2 * Math.log(q));
  const top = 2.515517 + t * (0.802853 + t * 0.010328);
  let z = t - top / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
  for (let step = 0; step < 4; step += 1) {
    const error = (upperTail(Math.max(z, 0)) - q) / normalPdf(z);
    const change = error / (1 - 0.5 * z * error);
    z += change;
    if (Math.abs(change) < 1e-16 * Math.abs(z)) break;
  }
  return z;
}
