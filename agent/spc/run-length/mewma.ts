/**
 * MEWMA away from its target (Runger & Prabhu 1996): the part of the smoothed vector along the
 * shift, and the length of the rest, are all that matters. Nystroem's method on a half disc.
 */
import { arlMewma } from '../arl-mewma.ts';
import { poissonPmf } from '../discrete.ts';
import { logGamma } from '../gamma.ts';
import { solveLinear } from '../matrix.ts';
import { normalPdf } from '../normal.ts';
import { gaussGrid } from '../solve.ts';

/** ARL for p variables, weight lambda, limit h on T^2 (final covariance), shift as a distance. */
export function arlMewmaShifted(
  lambda: number,
  h: number,
  p: number,
  shift: number,
): number | null {
  if (shift === 0 || p < 2) return p < 2 ? null : arlMewma(lambda, h, p);
  const { x, r, weights } = halfDisc(Math.sqrt((h * lambda) / (2 - lambda)), lambda);
  const along = (from: number, to: number) =>
    normalPdf((to - (1 - lambda) * from) / lambda - shift) / lambda;
  const across = (from: number, to: number) =>
    chiDensity(to / lambda, p - 1, ((1 - lambda) * from) / lambda) / lambda;
  const matrix = x.map((xi, i) =>
    x.map(
      (xj, j) =>
        (i === j ? 1 : 0) -
        (weights[j] as number) * along(xi, xj) * across(r[i] as number, r[j] as number),
    ),
  );
  const solved = solveLinear(
    matrix,
    x.map(() => 1),
  );
  if (solved === null) return null;
  return x.reduce(
    (sum, xj, j) =>
      sum +
      (weights[j] as number) * (solved[j] as number) * along(0, xj) * across(0, r[j] as number),
    1,
  );
}

/** Nodes in x from -end to end and, above each, in r up to the circle. */
function halfDisc(end: number, lambda: number) {
  const x: number[] = [];
  const r: number[] = [];
  const weights: number[] = [];
  const wide = gaussGrid(-Math.PI / 2, Math.PI / 2, lambda < 0.15 ? 2 : 1);
  wide.nodes.forEach((angle, i) => {
    // x = end sin(angle) lets the height of the disc shrink smoothly to 0 at both ends.
    const height = end * Math.cos(angle);
    const high = gaussGrid(0, height, 1);
    high.nodes.forEach((node, j) => {
      x.push(end * Math.sin(angle));
      r.push(node);
      weights.push((wide.weights[i] as number) * height * (high.weights[j] as number));
    });
  });
  return { x, r, weights };
}

/** Density of the length of a normal vector in `df` dimensions whose mean lies at distance `a`. */
function chiDensity(x: number, df: number, a: number): number {
  if (df === 1) return normalPdf(x - a) + normalPdf(x + a);
  const half = (a * a) / 2;
  const last = Math.ceil(half + 8 * Math.sqrt(half) + 12);
  let sum = 0;
  for (let j = 0; j <= last; j += 1) {
    const k = (df + 2 * j) / 2;
    const central = Math.exp((k - 1) * Math.log((x * x) / 2) - (x * x) / 2 - logGamma(k));
    sum += poissonPmf(j, half) * central * x;
  }
  return sum;
}
