/**
 * Average of f(s) where s is an estimated over a true standard deviation, chi/sqrt(df): the bridge
 * from known to estimated sigma (noncentral t, studentized range, tolerance factors).
 */
import { stirlingError } from './gamma.ts';

/**
 * Integral of f(s) times the density of s. `sharpness` is how many units of its own scale f runs
 * through per unit of ln s: the larger, the finer the grid. Trapezoidal rule in ln s, which
 * converges faster than any power; every term is positive, so small results keep their digits.
 */
export function averageOverChi(df: number, f: (s: number) => number, sharpness = 1): number {
  const half = df / 2;
  const front = Math.LN2 + 0.5 * Math.log(half / (2 * Math.PI)) - stirlingError(half);
  const step = 0.25 * Math.min(0.5, 1 / Math.sqrt(2 * df + 2), 1 / (1 + sharpness));
  const side = (direction: 1 | -1): number => {
    let sum = 0;
    for (let i = direction === 1 ? 0 : 1; i < MAX_STEPS; i += 1) {
      const u = direction * i * step;
      const exponent = df * (u - Math.expm1(2 * u) / 2);
      if (exponent < -740) break;
      sum += f(Math.exp(u)) * Math.exp(exponent);
    }
    return sum;
  };
  return Math.exp(front) * step * (side(1) + side(-1));
}

/** Bound of the loops: reached only for df far below 1. */
const MAX_STEPS = 200_000;
