/**
 * Run lengths from Markov chains: a chart is a set of states with the chance to go from one to
 * another without a signal; what is missing to 1 is the signal (Brook & Evans 1972).
 */
import { solveLinear } from '../matrix.ts';

/** `rows[i][j]` is the chance to go from state i to j without a signal; it begins in `start`. */
export interface Chain {
  rows: number[][];
  start: number;
}

/** Average number of points up to and with the signal; null when a signal never comes. */
export function chainRunLength(chain: Chain): number | null {
  const matrix = chain.rows.map((row, i) => row.map((p, j) => (i === j ? 1 - p : -p)));
  const solved = solveLinear(
    matrix,
    matrix.map(() => 1),
  );
  const arl = solved?.[chain.start];
  return arl !== undefined && arl >= 1 ? arl : null;
}

/** Called again and again: the chance that the first, the first two, … points gave no signal. */
export type Survival = () => number;

/** Survival of a chain. */
export function chainSurvival(chain: Chain): Survival {
  const count = chain.rows.length;
  // Few of the steps are possible: only those are walked.
  const steps = chain.rows.map((row) => {
    const to = row.flatMap((p, j) => (p === 0 ? [] : [j]));
    return { to: Int32Array.from(to), p: Float64Array.from(to, (j) => row[j] as number) };
  });
  let now = new Float64Array(count);
  let next = new Float64Array(count);
  now[chain.start] = 1;
  return () => {
    next.fill(0);
    for (let i = 0; i < count; i += 1) {
      const weight = now[i] as number;
      const { to, p } = steps[i] as (typeof steps)[number];
      for (let k = 0; k < to.length; k += 1) {
        const j = to[k] as number;
        next[j] = (next[j] as number) + weight * (p[k] as number);
      }
    }
    [now, next] = [next, now];
    return now.reduce((sum, p) => sum + p, 0);
  };
}

/** Survival of points that signal independently with the same chance. */
export function geometricSurvival(signal: number): Survival {
  let left = 1;
  return () => {
    left *= 1 - signal;
    return left;
  };
}

/** More points than any chart is judged by; what is left then goes on at its last rate. */
const MOST_POINTS = 200_000;

/**
 * Average run length of charts that are independent of each other (mean and range of the same
 * normal subgroup): they all must survive. null when no end can be seen.
 */
export function runLengthTogether(survivals: readonly Survival[]): number | null {
  let before = 1;
  let ratio = 0;
  let steady = 0;
  let sum = 1;
  for (let i = 1; i < MOST_POINTS; i += 1) {
    const left = survivals.reduce((product, survival) => product * survival(), 1);
    sum += left;
    if (left < 1e-14) return sum;
    const now = left / before;
    // A chain forgets its start and then loses the same share with every point.
    steady = Math.abs(now - ratio) < 1e-13 ? steady + 1 : 0;
    if (steady >= 40) return now < 1 ? sum + (left * now) / (1 - now) : null;
    ratio = now;
    before = left;
  }
  return null;
}
