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
  const { n, mean, squares } = state;
  if (n < 2 || !(squares > 0)) return null;
  const sd = Math.sqrt(squares / (n - 1));
  const t = (Math.sqrt(n / (n + 1)) * (value - mean)) / sd;
  return t < 0 ? normalQuantile(tCdf(t, n - 1)) : normalUpperQuantile(tSf(t, n - 1));
}

/** Learns a value (Welford 1962). After a signal the caller stops learning. */
export function qLearn(state: QState, value: number): QState {
  const n = state.n + 1;
  const away = value - state.mean;
  const mean = state.mean + away / n;
  return { n, mean, squares: state.squares + away * (value - mean) };
}
