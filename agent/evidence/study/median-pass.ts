/** The median of readings that come by a second time, counted in narrow bins around where it lies. */
export interface MedianPass {
  add(x: number): void;
  /** the median to within `error`; null when it lies outside the bracket */
  done(): { median: number; error: number } | null;
}

const BINS = 1 << 16;
/** Share of the sample on either side of its middle that brackets the median of all readings. */
const BRACKET = 0.03;

/**
 * `sample` are evenly spaced readings, `n` the number of all. A bin answers with its first reading,
 * so readings that are rounded to a step give the exact median.
 */
export function medianPass(sample: readonly number[], n: number): MedianPass {
  const sorted = Float64Array.from(sample).sort();
  const at = (share: number) => {
    const place = Math.round(share * (sorted.length - 1));
    return sorted[Math.min(sorted.length - 1, Math.max(0, place))] ?? Number.NaN;
  };
  const low = at(0.5 - BRACKET);
  const high = at(0.5 + BRACKET);
  const width = (high - low) / BINS;
  const counts = new Float64Array(BINS + 1);
  const first = new Float64Array(BINS + 1);
  let below = 0;
  return {
    add(x) {
      if (x < low) below += 1;
      if (!(x >= low && x <= high)) return;
      const bin = width > 0 ? Math.floor((x - low) / width) : 0;
      if (counts[bin] === 0) first[bin] = x;
      counts[bin] = (counts[bin] as number) + 1;
    },
    done() {
      const one = find(below, counts, first, Math.ceil(n / 2));
      const other = n % 2 === 1 ? one : find(below, counts, first, n / 2 + 1);
      if (one === null || other === null) return null;
      return { median: one + (other - one) / 2, error: width };
    },
  };
}

/** The reading of a rank from 1. */
function find(below: number, counts: Float64Array, first: Float64Array, rank: number) {
  let seen = below;
  if (rank <= seen) return null;
  for (let i = 0; i < counts.length; i += 1) {
    seen += counts[i] as number;
    if (rank <= seen) return first[i] as number;
  }
  return null;
}
