/**
 * In-control average run length of the MEWMA chart with its asymptotic covariance: integral
 * equation of Rigdon (1995) for the squared length of the smoothed vector.
 */
import { poissonPmf } from './discrete.ts';
import { logGamma } from './gamma.ts';
import { solveLinear } from './matrix.ts';
import { gaussGrid } from './solve.ts';

/** ARL for p variables, weight lambda and limit h on T^2; null when it cannot be solved. */
export function arlMewma(lambda: number, h: number, p: number): number | null {
  const end = Math.sqrt((h * lambda) / (2 - lambda));
  const panels = Math.min(20, Math.max(3, Math.ceil(end / (4 * lambda))));
  const { nodes, weights } = gaussGrid(0, end, panels);
  const pull = ((1 - lambda) / lambda) ** 2;
  // In terms of the length r, not its square, the kernel is smooth down to 0.
  const kernel = (from: number, to: number) =>
    (noncentralDensity((to / lambda) ** 2, p, pull * from * from) * 2 * to) / (lambda * lambda);
  const matrix = nodes.map((u, i) =>
    nodes.map((x, j) => (i === j ? 1 : 0) - (weights[j] as number) * kernel(u, x)),
  );
  const solved = solveLinear(
    matrix,
    nodes.map(() => 1),
  );
  if (solved === null) return null;
  return nodes.reduce(
    (sum, x, j) => sum + (weights[j] as number) * (solved[j] as number) * kernel(0, x),
    1,
  );
}

/** Density of noncentral chi-square as a Poisson mixture, summed outwards from its middle. */
export function noncentralDensity(x: number, df: number, noncentrality: number): number {
  const half = noncentrality / 2;
  const middle = Math.floor(Math.sqrt(half * x * 0.5));
  const term = (j: number) => poissonPmf(j, half) * centralDensity(x, df + 2 * j);
  let sum = 0;
  for (const direction of [1, -1]) {
    for (let j = direction === 1 ? middle : middle - 1; j >= 0 && j < 100_000; j += direction) {
      const next = term(j);
      sum += next;
      if (next < 1e-17 * sum) break;
    }
  }
  return sum;
}

function centralDensity(x: number, df: number): number {
  const half = df / 2;
  return 0.5 * Math.exp((half - 1) * Math.log(x / 2) - x / 2 - logGamma(half));
}
