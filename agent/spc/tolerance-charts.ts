/**
 * Charts and schemes whose lines come from the tolerance: modified limits, acceptance chart
 * (Montgomery; ISO 7870-3), pre-control (Shainin), and limits for the next value while a
 * baseline is still small (E14).
 */
import type { Band } from './control-chart.ts';
import { tQuantile } from './distributions.ts';
import { normalUpperQuantile } from './normal.ts';

/** Limits of a mean of n that allow the process mean to float while at most `share` is outside. */
export function modifiedLimits(
  lsl: number,
  usl: number,
  sigma: number,
  n: number,
  share = 0.00135,
  k = 3,
): Band | null {
  const z = normalUpperQuantile(share);
  if (z === null || !(sigma > 0) || n < 1) return null;
  return inward(lsl, usl, (z - k / Math.sqrt(n)) * sigma);
}

/** Acceptance limits: a process with `gamma` outside is found with probability 1 - beta. */
export function acceptanceLimits(
  lsl: number,
  usl: number,
  sigma: number,
  n: number,
  gamma: number,
  beta: number,
): Band | null {
  const zGamma = normalUpperQuantile(gamma);
  const zBeta = normalUpperQuantile(beta);
  if (zGamma === null || zBeta === null || !(sigma > 0) || n < 1) return null;
  return inward(lsl, usl, (zGamma + zBeta / Math.sqrt(n)) * sigma);
}

/** Pre-control lines, a quarter of the tolerance inside each limit; null when they do not exist. */
export function preControlLines(lsl: number, usl: number): { lower: number; upper: number } | null {
  if (!(usl > lsl)) return null;
  const quarter = (usl - lsl) / 4;
  return { lower: lsl + quarter, upper: usl - quarter };
}

/** Where the next single value is expected: mean +- t(m - 1) s sqrt(1 + 1/m). */
export function predictionLimits(mean: number, sd: number, m: number, p = 0.99865): Band | null {
  const t = tQuantile(p, m - 1);
  if (t === null) return null;
  const width = t * sd * Math.sqrt(1 + 1 / m);
  return { center: mean, lcl: mean - width, ucl: mean + width };
}

function inward(lsl: number, usl: number, margin: number): Band | null {
  const [lcl, ucl] = [lsl + margin, usl - margin];
  return ucl > lcl ? { center: (lsl + usl) / 2, lcl, ucl } : null;
}
