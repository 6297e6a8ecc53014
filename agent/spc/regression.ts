/**
 * Least-squares line with the numbers a chart or a t test needs, and the regression control chart
 * of a process that drifts by design, such as tool wear (Mandel 1969; Montgomery).
 */
import { d2 } from './constants.ts';
import { bandAround, type ControlChart, controlChart, NO_BAND } from './control-chart.ts';
import { deviationsOf } from './moments.ts';
import { movingRanges } from './sigma.ts';
import { meanOf, squaresOf, sumOf } from './summation.ts';

export interface Line {
  intercept: number;
  slope: number;
  /** share of the variation of y the line explains; null when y does not vary */
  r2: number | null;
  residuals: number[];
  /** sqrt(SSE/(n - 2)); null for fewer than three points */
  residualSd: number | null;
  meanX: number;
  /** sum of squared deviations of x */
  squaresX: number;
}

/** Least-squares line of y on x; null for fewer than two points or when x does not vary. */
export function leastSquares(x: readonly number[], y: readonly number[]): Line | null {
  const n = x.length;
  const squaresX = squaresOf(x);
  const meanX = meanOf(x);
  const meanY = meanOf(y);
  if (n < 2 || meanX === null || meanY === null || !(squaresX > 0)) return null;
  const dx = deviationsOf(x);
  const dy = deviationsOf(y);
  const slope = sumOf(dx.map((d, i) => d * (dy[i] as number))) / squaresX;
  const residuals = dy.map((d, i) => d - slope * (dx[i] as number));
  const sse = sumOf(residuals.map((r) => r * r));
  const total = squaresOf(y);
  return {
    intercept: meanY - slope * meanX,
    slope,
    r2: total > 0 ? 1 - sse / total : null,
    residuals,
    residualSd: n > 2 ? Math.sqrt(sse / (n - 2)) : null,
    meanX,
    squaresX,
  };
}

/** Value of the line at x, computed about the means so that a large offset costs no digits. */
export function lineAt(line: Line, x: number): number {
  return line.intercept + line.slope * line.meanX + line.slope * (x - line.meanX);
}

/** Mean moving range of the residuals over d2: the short-term sigma about the line. */
export function residualMovingSigma(line: Line): number | null {
  const range = meanOf(movingRanges(line.residuals).filter((value) => value !== null));
  return range === null ? null : range / d2(2);
}

/** Points against the line +- k sigma / sqrt(n_i). */
export function regressionChart(
  line: Line,
  x: readonly number[],
  means: readonly number[],
  sigma: number | null,
  sizes: readonly number[],
  k = 3,
): ControlChart {
  return controlChart(means, (i) => {
    if (sigma === null) return NO_BAND;
    const width = (k * sigma) / Math.sqrt(sizes[i] ?? 1);
    return bandAround(lineAt(line, x[i] as number), width);
  });
}
