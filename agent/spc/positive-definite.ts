/** Whether a covariance can be worked with: looked at as correlations, so that units do not matter. */
import type { Matrix } from './matrix.ts';

/** Share of a variable's variance that the ones before it must leave unexplained. */
const LEAST_LEFT = 1e-8;

/**
 * The first variable without variance, or that follows from those before it:
 * its share of variance they leave unexplained, 1 - R^2, is below 1e-8. null when all are fine.
 */
export function firstDependent(cov: Matrix): number | null {
  const sd = cov.map((row, j) => Math.sqrt(row[j] as number));
  const lower: number[][] = [];
  for (let j = 0; j < cov.length; j += 1) {
    const row: number[] = [];
    if (!((sd[j] as number) > 0) || !Number.isFinite(sd[j])) return j;
    for (let i = 0; i < j; i += 1) {
      const r = (cov[j]?.[i] as number) / ((sd[j] as number) * (sd[i] as number));
      const before = lower[i] as number[];
      const taken = row.reduce((sum, x, a) => sum + x * (before[a] as number), 0);
      row.push((r - taken) / (before[i] as number));
    }
    const left = 1 - row.reduce((sum, x) => sum + x * x, 0);
    if (!(left > LEAST_LEFT)) return j;
    row.push(Math.sqrt(left));
    lower.push(row);
  }
  return null;
}
