/**
 * Capability of a process whose location moves (models C3, C4 and D of ISO 22514-2). Two ways that
 * the standard's practice allows: the systematic range of the location plus six residual sigmas,
 * and percentiles of the mixture of all moments, each with its own location and spread.
 */
import type { Law } from './families.ts';
import { mixtureLaw } from './mixture.ts';
import type { Tolerance } from './nonconforming.ts';
import { leastSquares } from './regression.ts';
import { meanOf, squaresOf, sumOf, varianceOf } from './summation.ts';
import type { TimeModel } from './time-model.ts';

export interface RangeAndSigma {
  /** smallest and largest systematic location, in the unit of the readings */
  lowest: number;
  highest: number;
  /** of the readings about the systematic location */
  sigma: number;
  pp: number | null;
  ppl: number | null;
  ppu: number | null;
  ppk: number | null;
}

/** Means of so many neighbours show what is systematic. */
const WINDOW = 5;

/**
 * Spread = systematic range + 6 residual sigma: Pp = T/(range + 6 sigma), PPL = (lowest - LSL)/3
 * sigma, PPU = (USL - highest)/3 sigma. A straight drift is a fitted line; another course the means
 * themselves, drawn together by what chance adds to them (C3), or means of five neighbours (C4).
 * Subgroups in process order, each of two and more readings. null without a residual sigma.
 */
export function rangeAndSigma(
  subgroups: readonly ArrayLike<number>[],
  model: TimeModel,
  { lsl, usl }: Tolerance,
): RangeAndSigma | null {
  const groups = subgroups.filter((group) => group.length > 1);
  const means = groups.map((group) => meanOf(group) as number);
  if (means.length < 3) return null;
  const random =
    model.location === 'systematic and random' ? randomVariance(groups, means, model) : 0;
  const course = systematicCourse(groups, means, model);
  const lowest = course.reduce((a, b) => Math.min(a, b));
  const highest = course.reduce((a, b) => Math.max(a, b));
  const sigma = Math.sqrt(model.varianceWithin + random);
  if (!(sigma > 0)) return null;
  const ppl = lsl === null ? null : (lowest - lsl) / (3 * sigma);
  const ppu = usl === null ? null : (usl - highest) / (3 * sigma);
  const pp =
    lsl === null || usl === null || !(usl > lsl)
      ? null
      : (usl - lsl) / (highest - lowest + 6 * sigma);
  const ppk = ppl === null ? ppu : ppu === null ? ppl : Math.min(ppl, ppu);
  return { lowest, highest, sigma, pp, ppl, ppu, ppk };
}

/**
 * The distribution of a reading taken at any moment of the study: one normal part per subgroup. Its
 * means are drawn together so that the variance of the whole is that of the readings; its sd is the
 * common one, or, where the spread changes, that of five neighbouring subgroups. null without spread.
 */
export function mixtureOverTime(
  subgroups: readonly ArrayLike<number>[],
  model: TimeModel,
): Law | null {
  const groups = subgroups.filter((group) => group.length > 1);
  const means = shrunk(
    groups,
    groups.map((group) => meanOf(group) as number),
    model,
  );
  const sds = groups.map((_, i) => {
    if (model.spread === 'constant') return Math.sqrt(model.varianceWithin);
    const near = groups.slice(Math.max(0, i - 2), i + 3);
    return Math.sqrt(sumOf(near.map(squaresOf)) / sumOf(near.map((group) => group.length - 1)));
  });
  const parts = groups.map((group, i) => ({
    weight: group.length,
    mean: means[i] as number,
    sd: sds[i] as number,
  }));
  return mixtureLaw(parts.filter((part) => part.sd > 0));
}

/** Means with the variance that true means have: chance adds within/n to what is seen. */
function shrunk(
  groups: readonly ArrayLike<number>[],
  means: readonly number[],
  { varianceWithin }: TimeModel,
): number[] {
  const middle = meanOf(means) as number;
  const seen = varianceOf(means) ?? 0;
  const size = meanOf(groups.map((group) => group.length)) as number;
  const share = seen > 0 ? Math.max(0, 1 - varianceWithin / size / seen) : 0;
  return means.map((mean) => middle + Math.sqrt(share) * (mean - middle));
}

function systematicCourse(
  groups: readonly ArrayLike<number>[],
  means: readonly number[],
  model: TimeModel,
): number[] {
  const [, trend] = model.tests;
  const order = means.map((_, i) => i);
  const line = trend?.found === true ? leastSquares(order, means) : null;
  if (line !== null && (line.r2 ?? 0) > STRAIGHT) {
    return order.map((i) => (means[i] as number) - (line.residuals[i] as number));
  }
  if (model.location === 'systematic') return shrunk(groups, means, model);
  return means.slice(WINDOW - 1).map((_, i) => meanOf(means.slice(i, i + WINDOW)) as number);
}

/** Share of the variation of the means from which the line is the course. */
const STRAIGHT = 0.5;

/** Variance of the location that neighbours do not share: half the mean square of steps, less chance. */
function randomVariance(
  groups: readonly ArrayLike<number>[],
  means: readonly number[],
  { varianceWithin }: TimeModel,
): number {
  const steps = means.slice(1).map((mean, i) => (mean - (means[i] as number)) ** 2);
  const size = meanOf(groups.map((group) => group.length)) as number;
  return Math.max(0, (meanOf(steps) as number) / 2 - varianceWithin / size);
}
