/**
 * Facts of readings that come by once, in memory that does not grow with their number: moments in
 * blocks (Chan, Golub & LeVeque 1979), sums of ranges, evenly spaced samples, the first neighbours.
 */
import type { Tolerance } from '../../spc/nonconforming.ts';
import { meanOf, rangeOf, squaresOf } from '../../spc/summation.ts';
import { MOST_FITTED, MOST_GROUPS, MOST_IN_ORDER } from './facts.ts';
import { gapless } from './readings.ts';
import { type Sampler, sampler } from './sampler.ts';
import type { SpreadSums } from './sigma.ts';
import { BLOCK } from './time-dependent.ts';

/** Individuals kept as they are, for a judgement on another scale. */
export const MOST_INDIVIDUALS = 1_000_000;

export interface Gathered {
  n: number;
  missing: number;
  mean: number;
  squares: number;
  min: number;
  max: number;
  below: number;
  above: number;
  distinct: number;
  /** subgroups with a reading, and all of them with the empty ones */
  subgroups: number;
  points: number;
  sums: SpreadSums;
  sample: number[];
  series: number[];
  groups: Float64Array[];
  individuals: Float64Array;
}

export interface Gatherer {
  /** the next reading in order, NaN for a missing one */
  add(x: number): void;
  done(): Gathered;
}

const CHUNK = 4096;

/** Gathers individuals (`size` 1) or subgroups of `size`; `tolerance` to count what is outside. */
export function gatherer(size: number, tolerance: Tolerance): Gatherer {
  const g: Gathered = {
    ...{ n: 0, missing: 0, mean: 0, squares: 0, min: Infinity, max: -Infinity },
    ...{ below: 0, above: 0, distinct: 0, subgroups: 0, points: 0 },
    sums: { bySize: new Map(), ranges: { count: 0, sum: 0, squares: 0 } },
    ...{ sample: [], series: [], groups: [], individuals: new Float64Array(0) },
  };
  const chunk = new Float64Array(CHUNK);
  let filled = 0;
  const flush = () => {
    if (filled > 0) merge(g, chunk.subarray(0, filled));
    filled = 0;
  };
  const sample = sampler<number>(MOST_FITTED);
  const groups = sampler<Float64Array>(MOST_GROUPS);
  const seen = new Set<number>();
  const lsl = tolerance.lsl ?? -Infinity;
  const usl = tolerance.usl ?? Infinity;
  const inOrder = individualsOf(size);
  const group = groupOf(size, g, groups);
  return {
    add(x) {
      inOrder.add(x, g);
      group.add(x);
      if (Number.isNaN(x)) {
        g.missing += 1;
        return;
      }
      if (x < lsl) g.below += 1;
      if (x > usl) g.above += 1;
      if (seen.size < 10) seen.add(x);
      if (sample.wants()) sample.keep(x);
      chunk[filled] = x;
      filled += 1;
      if (filled === CHUNK) flush();
    },
    done() {
      flush();
      group.done();
      const individuals = inOrder.kept();
      return {
        ...g,
        individuals,
        distinct: seen.size,
        sample: sample.items(),
        groups: groups.items(),
      };
    },
  };
}

/** Joins the moments of one more block. */
function merge(g: Gathered, block: Float64Array): void {
  const n = block.length;
  const mean = meanOf(block) as number;
  const whole = g.n + n;
  const apart = mean - g.mean;
  g.squares += squaresOf(block) + (g.n === 0 ? 0 : (apart * apart * g.n * n) / whole);
  g.mean = g.n === 0 ? mean : g.mean + (apart * n) / whole;
  g.n = whole;
  for (const x of block) {
    if (x < g.min) g.min = x;
    if (x > g.max) g.max = x;
  }
}

/** Moving ranges of neighbours, and the first readings as they are; nothing for subgroups. */
function individualsOf(size: number) {
  let kept = new Float64Array(size === 1 ? CHUNK : 0);
  let count = 0;
  let last = Number.NaN;
  return {
    add(x: number, g: Gathered) {
      if (size > 1) return;
      g.points += 1;
      const range = Math.abs(x - last);
      if (!Number.isNaN(range)) {
        const { ranges } = g.sums;
        ranges.count += 1;
        ranges.sum += range;
        ranges.squares += range * range;
      }
      last = x;
      if (!Number.isNaN(x) && g.series.length < MOST_IN_ORDER) g.series.push(x);
      if (count >= MOST_INDIVIDUALS) return;
      if (count === kept.length) {
        const wider = new Float64Array(2 * count);
        wider.set(kept);
        kept = wider;
      }
      kept[count] = x;
      count += 1;
    },
    kept: () => kept.subarray(0, count),
  };
}

/** Subgroups, or blocks of neighbours, one after another. */
function groupOf(size: number, g: Gathered, groups: Sampler<Float64Array>) {
  const buffer = new Float64Array(size === 1 ? BLOCK : size);
  let filled = 0;
  const finish = () => {
    // A view per subgroup would cost more than all the arithmetic.
    const readings = filled === buffer.length ? buffer : buffer.subarray(0, filled);
    filled = 0;
    if (size === 1) {
      if (groups.wants()) groups.keep(readings.slice());
      return;
    }
    const present = gapless(readings);
    g.points += 1;
    if (present.length === 0) return;
    if (groups.wants()) groups.keep(present.slice());
    g.subgroups += 1;
    if (g.series.length < MOST_IN_ORDER) g.series.push(meanOf(present) as number);
    const sums = g.sums.bySize.get(present.length) ?? { count: 0, ranges: 0, sds: 0, squares: 0 };
    sums.count += 1;
    sums.ranges += rangeOf(present) ?? 0;
    const squares = squaresOf(present);
    if (present.length > 1) sums.sds += Math.sqrt(squares / (present.length - 1));
    sums.squares += squares;
    g.sums.bySize.set(present.length, sums);
  };
  return {
    add(x: number) {
      // Blocks of individuals close over a gap, as in a study that has all readings at hand.
      if (size === 1 && Number.isNaN(x)) return;
      buffer[filled] = x;
      filled += 1;
      if (filled === buffer.length) finish();
    },
    done() {
      if (filled > 0 && size > 1) finish();
    },
  };
}
