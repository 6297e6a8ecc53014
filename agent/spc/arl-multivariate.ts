/**
 * In-control run length of Crosier's MCUSUM, and the limits that give MEWMA and MCUSUM a wanted one.
 * In control nothing has a direction: the length of the sum is a Markov chain (Crosier 1988).
 */
import { arlMewma, noncentralDensity } from './arl-mewma.ts';
import { solveLinear } from './matrix.ts';
import { gaussGrid } from './solve.ts';

/** ARL for p variables, reference k and limit h, from 0; null when it cannot be solved. */
export function arlMcusum(k: number, h: number, p: number): number | null {
  const panels = Math.max(1, Math.ceil(h / 6));
  const { nodes, weights } = gaussGrid(0, h, panels);
  const low = gaussGrid(0, k, 1);
  // Density of the length of s + x: x has p standard normal parts, s a given length.
  const density = (from: number, to: number) => 2 * to * noncentralDensity(to * to, p, from * from);
  const toZero = (from: number) =>
    low.nodes.reduce((sum, x, j) => sum + (low.weights[j] as number) * density(from, x), 0);
  const states = [0, ...nodes];
  const matrix = states.map((from, i) =>
    states.map((to, j) => {
      const goes = j === 0 ? toZero(from) : (weights[j - 1] as number) * density(from, k + to);
      return (i === j ? 1 : 0) - goes;
    }),
  );
  const ones = states.map(() => 1);
  return solveLinear(matrix, ones)?.[0] ?? null;
}

/** Limit h of MEWMA (final covariance) with this in-control ARL; null when there is none. */
export function mewmaLimit(lambda: number, p: number, arl: number): number | null {
  return limitFor(arl, 2 * p + 2, (h) => arlMewma(lambda, h, p));
}

/** Limit h of MCUSUM with this in-control ARL; null when there is none. */
export function mcusumLimit(k: number, p: number, arl: number): number | null {
  return limitFor(arl, 2 + 1.5 * p, (h) => arlMcusum(k, h, p));
}

const MOST_STEPS = 40;

/** The logarithm of the ARL is almost a straight line in h: a secant needs a handful of steps. */
function limitFor(arl: number, guess: number, of: (h: number) => number | null): number | null {
  const miss = (h: number) => Math.log((of(h) ?? Number.NaN) / arl);
  let before = guess;
  let last = miss(before);
  let h = guess - Math.max(-guess / 2, Math.min(guess / 2, last / 0.6));
  for (let step = 0; step < MOST_STEPS; step += 1) {
    const now = miss(h);
    if (!Number.isFinite(now)) return null;
    if (Math.abs(now) < 1e-7) return h;
    const slope = (now - last) / (h - before);
    before = h;
    last = now;
    h = Math.max(h / 2, Math.min(2 * h, h - now / slope));
  }
  return null;
}
