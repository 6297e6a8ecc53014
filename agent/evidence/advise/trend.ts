/** Drift that comes back: tool wear with changes, dressings or compensations in between. */
import { tSf } from '../../spc/distributions.ts';
import { autocorrelation } from '../../spc/moments.ts';
import { leastSquares } from '../../spc/regression.ts';
import { meanOf, squaresOf, sumOf } from '../../spc/summation.ts';

export interface Wear {
  /** change per reading */
  slope: number;
  /** of the common slope, two-sided */
  p: number;
  /** tool lives seen, and those whose own slope has the common sign */
  lives: number;
  sameSign: number;
  /** readings of one life when it was found and not told; null when told */
  period: number | null;
  /** readings without the drift */
  residuals: number[];
}

const LEAST_LIVES = 3;
const LEAST_READINGS = 6;
const SIGNIFICANT = 0.001;
/** A sawtooth that explains less than this share is not worth a chart of its own. */
const LEAST_SHARE = 0.15;
/** What stays dependent after the drift is taken out was not a drift. */
const LARGEST_REST = 0.35;
const PHASES = 12;
const MOST_SEARCHED = 3000;

/** Drift within lives that are told by name; null when it is not shown. */
export function wearOfTools(values: readonly number[], tool: readonly string[]): Wear | null {
  const starts = tool.flatMap((name, i) => (i === 0 || name !== tool[i - 1] ? [i] : []));
  return wearBetween(values, starts, null);
}

/** Drift with regular returns that nobody told of; null when none is found. */
export function hiddenWear(values: readonly number[]): Wear | null {
  const n = Math.min(values.length, MOST_SEARCHED);
  const searched = values.slice(0, n);
  const total = squaresOf(searched);
  if (!(total > 0)) return null;
  let best = { share: 0, period: 0, phase: 0 };
  const longest = Math.floor(n / LEAST_LIVES);
  for (let period = 2 * LEAST_READINGS; period <= longest; period += Math.ceil(period / 60)) {
    for (let j = 0; j < PHASES; j += 1) {
      const phase = Math.round((j * period) / PHASES);
      const share = shareOf(searched, total, period, phase);
      if (share > best.share) best = { share, period, phase };
    }
  }
  if (best.share < LEAST_SHARE) return null;
  const starts = [0];
  for (let i = best.period - best.phase; i < values.length; i += best.period) {
    if (i > 0) starts.push(i);
  }
  const wear = wearBetween(values, starts, best.period);
  if (wear === null) return null;
  const rest = autocorrelation(wear.residuals, 1) ?? 0;
  return rest < LARGEST_REST && wear.sameSign === wear.lives ? wear : null;
}

/** Share of the variation that a sawtooth of this period and phase explains. */
function shareOf(values: readonly number[], total: number, period: number, phase: number): number {
  const middle = (period - 1) / 2;
  let products = 0;
  let squares = 0;
  for (let i = 0; i < values.length; i += 1) {
    const x = ((i + phase) % period) - middle;
    products += x * (values[i] as number);
    squares += x * x;
  }
  const mean = meanOf(values) ?? 0;
  let sum = 0;
  for (let i = 0; i < values.length; i += 1) sum += ((i + phase) % period) - middle;
  const slope = (products - mean * sum) / squares;
  return (slope * slope * squares) / total;
}

/** One slope for all lives, each with its own level. */
function wearBetween(
  values: readonly number[],
  starts: readonly number[],
  period: number | null,
): Wear | null {
  const lives = starts.map((start, i) => values.slice(start, starts[i + 1] ?? values.length));
  const lines = lives.map((life) =>
    leastSquares(
      life.map((_, i) => i),
      life,
    ),
  );
  const usable = lines.filter(
    (line, i) => line !== null && (lives[i] as number[]).length >= LEAST_READINGS,
  );
  if (usable.length < LEAST_LIVES) return null;
  const squares = sumOf(usable.map((line) => line?.squaresX ?? 0));
  const slope = sumOf(usable.map((line) => (line?.slope ?? 0) * (line?.squaresX ?? 0))) / squares;
  const residuals = lives.flatMap((life) => {
    const level = meanOf(life) ?? 0;
    const middle = (life.length - 1) / 2;
    return life.map((value, i) => value - level - slope * (i - middle));
  });
  const df = values.length - lives.length - 1;
  const error = df > 0 ? Math.sqrt(squaresOf(residuals) / df / squares) : 0;
  if (!(error > 0)) return null;
  const p = 2 * tSf(Math.abs(slope) / error, df);
  const sameSign = usable.filter((line) => (line?.slope ?? 0) * slope > 0).length;
  const shown = p < SIGNIFICANT && sameSign >= Math.max(LEAST_LIVES, 0.8 * usable.length);
  return shown ? { slope, p, lives: usable.length, sameSign, period, residuals } : null;
}
