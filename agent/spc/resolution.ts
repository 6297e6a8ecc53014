/**
 * Is the step of the gauge fine enough? VDA 5: at most 5 % of the tolerance. AIAG MSA: at least five
 * different ranges within the limits of the R chart (four for subgroups of two and three values tell
 * little more); Wheeler: sigma must not be below the step.
 */
import { rangeChart } from './shewhart.ts';
import { rangeOf, sdOf } from './summation.ts';

export interface Resolution {
  /** the step given, or the smallest difference between two values; null for equal values */
  step: number | null;
  /** different values among all */
  distinct: number;
  /** step as percent of the tolerance */
  pctTolerance: number | null;
  /** sigma of the readings divided by the step */
  sigmaInSteps: number | null;
  /** different ranges inside the limits of the R chart; null without subgroups */
  distinctRanges: number | null;
}

export interface ResolutionWish {
  /** what the display shows; left out, the data tell */
  step?: number | null;
  tolerance?: number | null;
  /** the same values in subgroups of two or more, and their sigma within */
  subgroups?: readonly (readonly number[])[];
  sigmaWithin?: number | null;
}

/** Steps in the data; null for fewer than two values. */
export function resolution(
  values: readonly number[],
  wish: ResolutionWish = {},
): Resolution | null {
  if (values.length < 2 || !values.every(Number.isFinite)) return null;
  const { step: given = null, tolerance = null, subgroups, sigmaWithin = null } = wish;
  const seen = differentValues(values);
  const step = given !== null && given > 0 ? given : smallestStep(seen);
  const sd = sigmaWithin ?? sdOf(values);
  const usable = tolerance !== null && tolerance > 0;
  return {
    step,
    distinct: seen.length,
    pctTolerance: step !== null && usable ? (100 * step) / tolerance : null,
    sigmaInSteps: step === null || sd === null ? null : sd / step,
    distinctRanges: subgroups === undefined ? null : rangesInside(subgroups, sigmaWithin),
  };
}

/** What the figures mean, in sentences; empty when the step is fine. */
export function resolutionWarnings(r: Resolution): string[] {
  const said: string[] = [];
  if (r.step === null) said.push('All readings are equal: the gauge is too coarse or stuck.');
  if (r.pctTolerance !== null && r.pctTolerance > MOST_PERCENT * (1 + 1e-12)) {
    said.push(
      `A step is ${r.pctTolerance.toFixed(1)} % of the tolerance; ${MOST_PERCENT} % is the most.`,
    );
  }
  if (r.sigmaInSteps !== null && r.sigmaInSteps < 1) {
    said.push(`Sigma is ${r.sigmaInSteps.toFixed(2)} steps: rounding makes much of the spread.`);
  }
  if (r.distinctRanges !== null && r.distinctRanges < FEWEST_RANGES) {
    said.push(
      `${r.distinctRanges} different ranges lie within the limits; ` +
        `fewer than ${FEWEST_RANGES} mean that the step is too coarse.`,
    );
  }
  return said;
}

const MOST_PERCENT = 5;
const FEWEST_RANGES = 5;

/** Values that differ by more than the rounding of a double, ascending. */
function differentValues(values: readonly number[]): number[] {
  const sorted = [...values].sort((a, b) => a - b);
  const size = Math.max(Math.abs(sorted[0] ?? 0), Math.abs(sorted.at(-1) ?? 0));
  return sorted.filter(
    (x, i) => i === 0 || x - (sorted[i - 1] as number) > 8 * Number.EPSILON * size,
  );
}

function smallestStep(seen: readonly number[]): number | null {
  const steps = seen.slice(1).map((x, i) => x - (seen[i] as number));
  return steps.length === 0 ? null : Math.min(...steps);
}

function rangesInside(
  subgroups: readonly (readonly number[])[],
  sigma: number | null,
): number | null {
  const real = subgroups.filter((one) => one.length > 1);
  if (real.length === 0 || sigma === null) return null;
  const beyond = new Set(rangeChart(real, sigma).beyond);
  const inside = real.flatMap((one, i) => (beyond.has(i) ? [] : [rangeOf(one) ?? 0]));
  return inside.length === 0 ? 0 : differentValues(inside).length;
}
