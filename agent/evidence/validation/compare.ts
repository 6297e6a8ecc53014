import type { Tolerance } from './cases.ts';

export interface Mismatch {
  path: string;
  expected: unknown;
  actual: unknown;
  /** largest difference that would have passed; 0 for things that must be equal */
  allowed: number;
}

/** One number, text or truth value that was compared. */
export interface Compared extends Mismatch {
  passes: boolean;
}

/** Every leaf of `expected` that `actual` misses. */
export function compare(expected: unknown, actual: unknown, tolerance: Tolerance): Mismatch[] {
  return compareAll(expected, actual, tolerance)
    .filter((leaf) => !leaf.passes)
    .map(({ passes: _passes, ...mismatch }) => mismatch);
}

/**
 * Every leaf of `expected` against `actual`. Numbers pass within abs + rel |expected| of the
 * longest matching entry of `fields`; lists of positions, texts, truth values and null are equal.
 * An object may ask for single places of a list: {"0": 1.5}.
 */
export function compareAll(expected: unknown, actual: unknown, tolerance: Tolerance): Compared[] {
  return walk('', expected, actual, tolerance);
}

/** Lists that hold positions: a position is right or wrong, never nearly right. */
const POSITIONS = /(^|\.)(beyond\w*|signals\w*|completing\w*|members|onsets)\.\d+$/;

function walk(path: string, expected: unknown, actual: unknown, tolerance: Tolerance): Compared[] {
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual) || actual.length !== expected.length) {
      return [
        { path, expected: listed(expected), actual: listed(actual), allowed: 0, passes: false },
      ];
    }
    return expected.flatMap((value, i) => walk(join(path, String(i)), value, actual[i], tolerance));
  }
  if (typeof expected === 'object' && expected !== null) {
    const own = typeof actual === 'object' && actual !== null ? actual : {};
    return Object.entries(expected).flatMap(([key, value]) =>
      walk(join(path, key), value, (own as Record<string, unknown>)[key], tolerance),
    );
  }
  return leaf(path, expected, actual, tolerance);
}

function leaf(path: string, expected: unknown, actual: unknown, tolerance: Tolerance): Compared[] {
  if (typeof expected !== 'number' || POSITIONS.test(path)) {
    // null is "not defined": an engine that leaves the whole answer out says the same.
    const equal = expected === actual || (expected === null && actual === undefined);
    return [{ path, expected, actual, allowed: 0, passes: equal }];
  }
  const { abs, rel } = pairFor(path, tolerance);
  const allowed = abs + rel * Math.abs(expected);
  const passes = typeof actual === 'number' && Math.abs(actual - expected) <= allowed;
  return [{ path, expected, actual, allowed, passes }];
}

/** The longest entry that equals the path or is a prefix of it, else the general pair. */
function pairFor(path: string, tolerance: Tolerance): { abs: number; rel: number } {
  let best: { abs: number; rel: number } = tolerance;
  let length = -1;
  for (const [entry, pair] of Object.entries(tolerance.fields ?? {})) {
    const matches = path === entry || path.startsWith(`${entry}.`);
    if (matches && entry.length > length) {
      best = pair;
      length = entry.length;
    }
  }
  return best;
}

function join(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}

function listed(value: unknown): unknown {
  return Array.isArray(value) && value.length > 20 ? `list of ${value.length}` : value;
}
