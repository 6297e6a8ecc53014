/** Distributions of plotted statistics, for normal readings. */
import { rangeCdf } from '../constants.ts';
import { chiSquareCdf, chiSquareSf } from '../distributions.ts';
import { normalCdf, normalSf } from '../normal.ts';

/** Chance of a statistic between two places, in the units of its chart. */
export interface StatisticCdf {
  between(low: number, high: number): number;
}

/** Mean of a subgroup in its standard errors, shifted; `ratio` = sigma now / sigma of the limits. */
export function normalMean(shift: number, ratio = 1): StatisticCdf {
  return {
    between(low, high) {
      const a = (low - shift) / ratio;
      const b = (high - shift) / ratio;
      return a > 0 ? normalSf(a) - normalSf(b) : normalCdf(b) - normalCdf(a);
    },
  };
}

/** Spread of a subgroup in sigmas of the readings, told by its distribution function. */
interface Spread {
  below(x: number): number;
}

/** Range of n readings. */
export function rangeOf(n: number, ratio = 1): Spread {
  return { below: (x) => (x <= 0 ? 0 : x === Infinity ? 1 : rangeCdf(x / ratio, n)) };
}

/** Standard deviation of n readings: (n - 1) s^2 is chi-square. */
export function sdOf(n: number, ratio = 1): Spread {
  const df = n - 1;
  return {
    below(x) {
      if (x <= 0) return 0;
      const u = df * (x / ratio) ** 2;
      return u > df ? 1 - chiSquareSf(u, df) : chiSquareCdf(u, df);
    },
  };
}

/** Where a spread chart has its centre and its zones, in sigmas of the readings (E1). */
export interface SpreadScale {
  center: number;
  up: number;
  /** Infinity where there are no zones below */
  down: number;
}

/** A spread read in zones of its chart. */
export function onScale(spread: Spread, { center, up, down }: SpreadScale): StatisticCdf {
  const place = (z: number) => {
    if (z === 0) return center;
    if (!Number.isFinite(z)) return z > 0 ? Infinity : 0;
    return z > 0 ? center + z * up : Number.isFinite(down) ? center + z * down : 0;
  };
  return { between: (low, high) => spread.below(place(high)) - spread.below(place(low)) };
}
