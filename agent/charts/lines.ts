import type { Plotted } from '../model.ts';
import { type Lines, toleranceOf } from './chart.ts';

/** Numbers of state the frozen lines of one statistic take. */
export const LINE_SLOTS = 6;
const CL = 0;
const LCL = 1;
const UCL = 2;
const UP = 3;
const DOWN = 4;
const TOLERANCE = 5;

/** Draws symmetric lines: centre ± (k standard errors + an accepted systematic allowance). */
export function drawLocation(
  state: number[],
  at: number,
  limits: Lines,
  error: number,
  sigmas: number,
  allowance: number,
): void {
  const half = sigmas * error + allowance;
  state[at + CL] = limits.center;
  state[at + LCL] = limits.center - half;
  state[at + UCL] = limits.center + half;
  state[at + UP] = error;
  state[at + DOWN] = error;
  state[at + TOLERANCE] = toleranceOf(limits.center, error);
}

/**
 * Draws the lines of a dispersion statistic with mean `mean` and standard deviation `sd`, both in
 * units of the process sigma. Zones are thirds of each side; where the lower limit is cut at 0
 * there are none below (E1).
 */
export function drawSpread(
  state: number[],
  at: number,
  sigma: number,
  mean: number,
  sd: number,
  sigmas: number,
): void {
  const cl = mean * sigma;
  const lcl = (mean - sigmas * sd) * sigma;
  const ucl = (mean + sigmas * sd) * sigma;
  state[at + CL] = cl;
  state[at + LCL] = Math.max(0, lcl);
  state[at + UCL] = ucl;
  state[at + UP] = (ucl - cl) / 3;
  state[at + DOWN] = lcl > 0 ? (cl - lcl) / 3 : 0;
  state[at + TOLERANCE] = toleranceOf(cl, sd * sigma);
}

/** Hands the drawn lines to the plot. */
export function plotLines(state: number[], at: number, value: number, plotted: Plotted): void {
  plotted.value = value;
  plotted.cl = state[at + CL] as number;
  plotted.lcl = state[at + LCL] as number;
  plotted.ucl = state[at + UCL] as number;
  plotted.up = state[at + UP] as number;
  plotted.down = state[at + DOWN] as number;
  plotted.tolerance = state[at + TOLERANCE] as number;
}
