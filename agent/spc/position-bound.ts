/**
 * Confidence of a position index. Its standard error is that of a smooth function of the five
 * estimates (two means, two variances, one covariance) of a bivariate normal sample: gradient times
 * their covariance, Cov(s_ij, s_kl) = (s_ik s_jl + s_il s_jk)/(n - 1) (Anderson, An Introduction to
 * Multivariate Statistical Analysis). The formula of Bissell (1990) is the same step for one
 * characteristic; like it, the bound is approximate.
 */
import { normalQuantile } from './normal.ts';
import { type PositionFit, pokOf } from './position.ts';
import { sumOf } from './summation.ts';

/** Means, variances and the covariance between them. */
type Estimates = readonly [x: number, y: number, xx: number, yy: number, xy: number];

/** Step of a derivative, in sds for the means and as a share for the variances. */
const STEP = 1e-3;

/** One-sided lower bound of Pok in zones of these radii; null where Pok is not defined. */
export function pokLower(
  fit: PositionFit,
  radii: readonly number[],
  confidence: number,
): number | null {
  const pok = pokOf(fit, radii);
  const error = standardError(fit, radii);
  const z = normalQuantile(confidence);
  return pok === null || error === null || z === null ? null : pok - z * error;
}

function standardError(fit: PositionFit, radii: readonly number[]): number | null {
  const { n, sdX, sdY, correlation } = fit;
  const at: Estimates = [
    ...[fit.meanX, fit.meanY, sdX * sdX, sdY * sdY],
    correlation * sdX * sdY,
  ] as unknown as Estimates;
  const [, , xx, yy, xy] = at;
  const room = 1 - correlation * correlation;
  const steps = [
    STEP * sdX,
    STEP * sdY,
    STEP * xx * room,
    STEP * yy * room,
    STEP * sdX * sdY * room,
  ];
  const slopes = steps.map((step, i) => {
    const higher = pokOf(moved(n, at, i, step), radii);
    const lower = pokOf(moved(n, at, i, -step), radii);
    return higher === null || lower === null ? null : (higher - lower) / (2 * step);
  });
  if (slopes.some((slope) => slope === null)) return null;
  const covariance = [
    [xx / n, xy / n, 0, 0, 0],
    [xy / n, yy / n, 0, 0, 0],
    ...[
      [0, 0, 2 * xx * xx, 2 * xy * xy, 2 * xx * xy],
      [0, 0, 2 * xy * xy, 2 * yy * yy, 2 * yy * xy],
      [0, 0, 2 * xx * xy, 2 * yy * xy, xx * yy + xy * xy],
    ].map((row) => row.map((c) => c / (n - 1))),
  ];
  const terms = covariance.flatMap((row, i) =>
    row.map((c, j) => c * (slopes[i] as number) * (slopes[j] as number)),
  );
  return Math.sqrt(Math.max(0, sumOf(terms)));
}

function moved(n: number, at: Estimates, i: number, step: number): PositionFit {
  const [meanX = 0, meanY = 0, xx = 0, yy = 0, xy = 0] = at.map((v, j) => (j === i ? v + step : v));
  const [sdX, sdY] = [Math.sqrt(xx), Math.sqrt(yy)];
  return { n, meanX, meanY, sdX, sdY, correlation: xy / (sdX * sdY) };
}
