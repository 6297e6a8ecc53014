/**
 * What a capability index needs to be believed: the exact lower bound of a one-sided index, the
 * index a small sample must show, and the sample a given index needs. Chou, Owen & Borrego (1990);
 * the sample-size-adapted target keeps the one-sided Bissell bound that the target has at
 * `referenceN` values.
 */
import { bissellLower } from './capability.ts';
import { noncentralTParameter } from './noncentral-t.ts';
import { findRoot } from './solve.ts';

/** Exact one-sided lower bound of CPU or CPL (sigma = overall s of n values). */
export function exactLower(c: number | null, n: number, confidence: number): number | null {
  if (c === null || n < 2) return null;
  const root = 3 * Math.sqrt(n);
  const ncp = noncentralTParameter(confidence, n - 1, root * c);
  return ncp === null ? null : ncp / root;
}

/** The index n values must show so that they prove as much as `target` at `referenceN` values. */
export function requiredIndex(
  target: number,
  n: number,
  referenceN = 125,
  confidence = 0.95,
): number | null {
  const proven = bissellLower(target, referenceN, referenceN - 1, confidence);
  return proven === null ? null : indexForBound(proven, n, confidence);
}

/** The index n values must show so that its one-sided Bissell bound is `bound`. */
export function indexForBound(bound: number, n: number, confidence: number): number | null {
  if (n < 2) return null;
  const gap = (c: number) => (bissellLower(c, n, n - 1, confidence) ?? 0) - bound;
  return findRoot(gap, bound, bound + 100);
}

/** Fewest values with which an index of c proves `target`; null when c is not above it. */
export function valuesNeeded(c: number, target: number, confidence = 0.95): number | null {
  const proves = (n: number) => (bissellLower(c, n, n - 1, confidence) ?? target) > target;
  if (!(c > target)) return null;
  let high = 2;
  while (!proves(high)) {
    high *= 2;
    if (high > 2 ** 30) return null;
  }
  let low = high / 2;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (proves(middle)) high = middle;
    else low = middle;
  }
  return high;
}
