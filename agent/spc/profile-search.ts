/** Bounded search for a maximum that lies strictly inside, never at an end. */

/** The search goes from a thousandth to a thousand times the range of the readings. */
const NEAREST = Math.log(1e-3);
const FARTHEST = Math.log(1e3);
const GRID = 36;

/**
 * The best of the maxima strictly inside the search, found on a grid of `coarse` and drawn close on
 * `fine` by golden section; null when the likelihood only rises towards an end.
 */
export function insideMaximum(
  coarse: (u: number) => number,
  fine: (u: number) => number = coarse,
): number | null {
  const width = (FARTHEST - NEAREST) / GRID;
  const heights = Array.from({ length: GRID + 1 }, (_, i) => coarse(NEAREST + i * width));
  let best: number | null = null;
  for (let i = 1; i < GRID; i += 1) {
    const here = heights[i] as number;
    const top = here > (heights[i - 1] as number) && here >= (heights[i + 1] as number);
    if (top && (best === null || here > (heights[best] as number))) best = i;
  }
  if (best === null) return null;
  const middle = NEAREST + best * width;
  return golden(fine, middle - width, middle + width);
}

/** The place of the maximum between two ends; null when it is at one of them. */
export function golden(f: (u: number) => number, from: number, to: number): number | null {
  const ratio = (Math.sqrt(5) - 1) / 2;
  let a = from;
  let b = to;
  let c = b - ratio * (b - a);
  let d = a + ratio * (b - a);
  let fc = f(c);
  let fd = f(d);
  for (let count = 0; count < 40 && b - a > 1e-8; count += 1) {
    if (fc > fd) {
      b = d;
      d = c;
      fd = fc;
      c = b - ratio * (b - a);
      fc = f(c);
    } else {
      a = c;
      c = d;
      fc = fd;
      d = a + ratio * (b - a);
      fd = f(d);
    }
  }
  const found = (a + b) / 2;
  const edge = 1e-6 * (to - from);
  return found - from > edge && to - found > edge ? found : null;
}
