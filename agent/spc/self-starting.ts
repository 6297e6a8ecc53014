/**
 * Q chart of Quesenberry (1991) for short runs with unknown mean and sigma: from the third value
 * on, every value becomes a standard normal score given those before it.
 */
import { tCdf, tSf } from './distributions.ts';
import { normalQuantile, normalUpperQuantile } from './normal.ts';

/** Running mean and squares: all the memory the chart needs. */
export interface QState {
  n: number;
  mean: number;
  squares: number;
}

/** Before the first value. */
export const Q_START: QState = { n: 0, mean: 0, squares: 0 };

/** Score of the next value; null for the first two and while all values are equal. */
export function qScore(state: QState, value: number): number | null {
  const score = qOf(state.n, state.mean, state.squares, value);
  return Number.isNaN(score) ? null : score;
}

/** No score is farther away: the tail beyond is no longer a double. */
const FARTHEST = 37;

/** The same from numbers alone, NaN where there is none. */
export function qOf(n: number, mean: number, squares: number, value: number): number {
  if (n < 2 || !(squares > 0)) return Number.NaN;
  const sd = Math.sqrt(squares / (n - 1));
  const t = (Math.sqrt(n / (n + 1)) * (value - mean)) / sd;
  const score = t < 0 ? normalQuantile(tCdf(t, n - 1)) : normalUpperQuantile(tSf(t, n - 1));
  if (score === null) return t < 0 ? -FARTHEST : FARTHEST;
  return Math.max(-FARTHEST, Math.min(FARTHEST, score));
}

/** Learns a value (Welford 1962). After a signal the caller stops learning. */
export function qLearn(state: QState, value: number): QState {
  const n = state.n + 1;
  const away = value - state.mean;
  const mean = state.mean + away / n;
  return { n, mean, squares: state.squares + away * (value - mean) };
}
