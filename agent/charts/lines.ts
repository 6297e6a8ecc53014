import { NO_LINE, type Numbers, PLOTTED } from '../spc/plotted.ts';
import type { Lines } from './chart.ts';

/** Draws symmetric lines: centre ± (k standard errors + an accepted systematic allowance). */
export function drawLocation(
  state: Numbers,
  at: number,
  limits: Lines,
  error: number,
  sigmas: number,
  allowance: number,
): void {
  const half = sigmas * error + allowance;
  state[at + PLOTTED.cl] = limits.center;
  state[at + PLOTTED.lcl] = limits.center - half;
  state[at + PLOTTED.ucl] = limits.center + half;
  state[at + PLOTTED.up] = error;
  state[at + PLOTTED.down] = error;
  state[at + PLOTTED.tolerance] = toleranceOf(limits.center, error);
}

/**
 * Draws the lines of a dispersion statistic with mean `mean` and standard deviation `sd`, both in
 * units of the process sigma. Zones are thirds of each side; where the lower limit is cut at 0
 * there are none below (E1).
 */
export function drawSpread(
  state: Numbers,
  at: number,
  sigma: number,
  mean: number,
  sd: number,
  sigmas: number,
): void {
  const cl = mean * sigma;
  const lcl = (mean - sigmas * sd) * sigma;
  const ucl = (mean + sigmas * sd) * sigma;
  state[at + PLOTTED.cl] = cl;
  state[at + PLOTTED.lcl] = Math.max(0, lcl);
  state[at + PLOTTED.ucl] = ucl;
  state[at + PLOTTED.up] = (ucl - cl) / 3;
  state[at + PLOTTED.down] = lcl > 0 ? (cl - lcl) / 3 : NO_LINE;
  state[at + PLOTTED.tolerance] = toleranceOf(cl, sd * sigma);
}

/** Draws given lines; zones are thirds of each side, none below a lower line that is cut at 0. */
export function drawSkewed(state: Numbers, at: number, cl: number, lcl: number, ucl: number): void {
  state[at + PLOTTED.cl] = cl;
  state[at + PLOTTED.lcl] = Math.max(0, lcl);
  state[at + PLOTTED.ucl] = ucl;
  state[at + PLOTTED.up] = (ucl - cl) / 3;
  state[at + PLOTTED.down] = lcl > 0 ? (cl - lcl) / 3 : NO_LINE;
  state[at + PLOTTED.tolerance] = toleranceOf(cl, (ucl - cl) / 3);
}

/**
 * Smallest difference that counts (E2): 1e-12 of the largest of 1, the centre and one sigma, but
 * never a visible part of a sigma, and never less than doubles near the centre can tell apart.
 */
export function toleranceOf(cl: number, sigma: number): number {
  const rounding = 4 * Number.EPSILON * Math.abs(cl);
  return Math.min(1e-12 * Math.max(1, Math.abs(cl), sigma), 1e-6 * sigma) + rounding;
}
