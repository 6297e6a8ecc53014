/**
 * Average run lengths of Shewhart, EWMA and CUSUM charts for normal data with known parameters,
 * shifts in sigmas of the plotted statistic, present from the first point. EWMA: integral equation
 * of Crowder (1987), time-varying limits by following the density; CUSUM: Vance (1986), two-sided
 * by Lucas & Crosier (1982). Nystroem's method on Gauss-Legendre panels.
 */
import { solveLinear } from './matrix.ts';
import { normalCdf, normalPdf, normalSf } from './normal.ts';
import { type Grid, gaussGrid } from './solve.ts';

/** Shewhart chart of means of n with k-sigma limits; shift in sigmas of one value. */
export function arlShewhart(
  k: number,
  n: number,
  shift: number,
): { signalProbability: number; arl: number } {
  const moved = shift * Math.sqrt(n);
  const signalProbability = normalSf(k - moved) + normalSf(k + moved);
  return { signalProbability, arl: 1 / signalProbability };
}

/** Two-sided EWMA from the target, with fixed (asymptotic) or exact limits. */
export function arlEwma(
  lambda: number,
  width: number,
  shift: number,
  limits: 'asymptotic' | 'exact' = 'asymptotic',
): number | null {
  const end = width * Math.sqrt(lambda / (2 - lambda));
  const grid = gaussGrid(-end, end, panelsFor(2 * end, lambda));
  const kernel = (from: number, to: number) =>
    normalPdf((to - (1 - lambda) * from) / lambda - shift) / lambda;
  const steady = solveRunLength(grid, kernel);
  if (steady === null) return null;
  const from = (u: number) => 1 + integrateOn(grid, (x, i) => (steady[i] as number) * kernel(u, x));
  if (limits === 'asymptotic') return from(0);
  return exactEwma(lambda, end, grid, kernel, from);
}

/** Tabular CUSUM; `headStart` in sigmas, 0 for none. */
export function arlCusum(
  k: number,
  h: number,
  shift: number,
  sided: 'one' | 'two' = 'two',
  headStart = 0,
): number | null {
  const up = oneSidedCusum(k, h, shift);
  if (sided === 'one') return up === null ? null : up(headStart);
  const down = oneSidedCusum(k, h, -shift);
  // A side that practically never signals leaves the other one alone.
  if (down === null || !(down(0) < NEVER)) return up === null ? null : up(headStart);
  if (up === null || !(up(0) < NEVER)) return down(headStart);
  const both = up(headStart) * down(0) + up(0) * down(headStart) - up(0) * down(0);
  return both / (up(0) + down(0));
}

/** Run lengths above this cannot be told apart in double precision. */
const NEVER = 1e12;

/** Panels of 16 nodes: one per four widths of the kernel, at least three. */
function panelsFor(length: number, kernelWidth: number): number {
  return Math.min(30, Math.max(3, Math.ceil(length / (4 * kernelWidth))));
}

function integrateOn(grid: Grid, f: (x: number, i: number) => number): number {
  let sum = 0;
  for (let i = 0; i < grid.nodes.length; i += 1) {
    sum += (grid.weights[i] as number) * f(grid.nodes[i] as number, i);
  }
  return sum;
}

/** L(u) = 1 + integral of L(x) kernel(u, x), at the nodes. */
function solveRunLength(grid: Grid, kernel: (from: number, to: number) => number): number[] | null {
  const { nodes, weights } = grid;
  const matrix = nodes.map((u, i) =>
    nodes.map((x, j) => (i === j ? 1 : 0) - (weights[j] as number) * kernel(u, x)),
  );
  return solveLinear(
    matrix,
    nodes.map(() => 1),
  );
}

/** Sum of P(run length > i) while the limits widen, then the steady run length of what is left. */
function exactEwma(
  lambda: number,
  end: number,
  steadyGrid: Grid,
  kernel: (from: number, to: number) => number,
  from: (u: number) => number,
): number {
  const panels = steadyGrid.nodes.length / 16;
  const limitAt = (i: number) => end * Math.sqrt(-Math.expm1(2 * i * Math.log1p(-lambda)));
  let grid = gaussGrid(-limitAt(1), limitAt(1), panels);
  let density = grid.nodes.map((x) => kernel(0, x));
  // One point is always drawn; then as many as survive each limit.
  let sum = 1;
  for (let i = 2; i < 2000; i += 1) {
    const settled = 1 - limitAt(i - 1) / end < 1e-12;
    if (settled) break;
    const before = grid;
    const old = density;
    sum += integrateOn(before, (_, j) => old[j] as number);
    grid = gaussGrid(-limitAt(i), limitAt(i), panels);
    density = grid.nodes.map((x) =>
      integrateOn(before, (u, j) => (old[j] as number) * kernel(u, x)),
    );
  }
  const last = density;
  return sum + integrateOn(grid, (u, j) => (last[j] as number) * from(u));
}

/** Run length of the upper CUSUM as a function of its start. */
function oneSidedCusum(k: number, h: number, shift: number): ((u: number) => number) | null {
  const grid = gaussGrid(0, h, panelsFor(h, 1));
  const { nodes, weights } = grid;
  const atZero = (u: number) => normalCdf(k - u - shift);
  const density = (u: number, x: number) => normalPdf(x + k - u - shift);
  // Unknowns: L(0), because 0 has a mass of its own, then L at the nodes.
  const starts = [0, ...nodes];
  const matrix = starts.map((u, i) => [
    (i === 0 ? 1 : 0) - atZero(u),
    ...nodes.map((x, j) => (i === j + 1 ? 1 : 0) - (weights[j] as number) * density(u, x)),
  ]);
  const solved = solveLinear(
    matrix,
    starts.map(() => 1),
  );
  if (solved === null) return null;
  const [zero, ...rest] = solved as [number, ...number[]];
  return (u) =>
    1 + zero * atZero(u) + integrateOn(grid, (x, i) => (rest[i] as number) * density(u, x));
}
