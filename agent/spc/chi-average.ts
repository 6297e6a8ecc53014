/**
 * Average of f(s) where s is an estimated over a true standard deviation, chi/sqrt(df): the bridge
 * from known to estimated sigma (noncentral t, studentized range, tolerance factors).
 */
import { stirlingError } from './gamma.ts';

/**
 * Integral of f(s) times the density of s, for 0 <= f <= 1. `sharpness` is how many units of its
 * own scale f runs through per unit of ln s: the larger, the finer the grid. Trapezoidal rule in
 * ln s, which converges faster than any power; all terms are positive, so small results keep
 * their digits. Each side stops when what is left cannot change the sum.
 */
export function averageOverChi(df: number, f: (s: number) => number, sharpness = 1): number {
  const half = df / 2;
  const front = Math.LN2 + 0.5 * Math.log(half / (2 * Math.PI)) - stirlingError(half);
  const step = 0.25 * Math.min(0.5, 1 / Math.sqrt(2 * df + 2), 1 / (1 + sharpness));
  let sum = f(1);
  for (const direction of [1, -1]) {
    for (let i = 1; i < MAX_STEPS; i += 1) {
      const u = direction * i * step;
      const exponent = df * (u - Math.expm1(2 * u) / 2);
      if (exponent < -740) break;
      const weight = Math.exp(exponent);
      if (weight < 1e-19 * sum) break;
      sum += f(Math.exp(u)) * weight;
    }
  }
  return Math.min(1, Math.exp(front) * step * sum);
}

/** Bound of the loops: reached only for df far below 1. */
const MAX_STEPS = 200_000;
