/**
 * Time-dependent distribution models of ISO 22514-2 (earlier ISO 21747, DIN 55319): how location,
 * spread and shape of a process behave over time decides which model describes it and how its
 * capability may be computed. Location: analysis of variance between subgroups, regression on the
 * order, ratio of von Neumann (1941; normal form of Young 1941), successive differences against
 * the spread within. Spread: Brown & Forsythe (1974) without the structural zeros of small groups
 * (Hines & Hines 2000). Shape: Anderson-Darling of readings, of residuals, of means.
 */
import { brownForsytheOf, oneWay } from './homogeneity.ts';
import { changesOf, type LocationTests, locationTests, type Test } from './location-tests.ts';
import { andersonDarling } from './normality.ts';
import { meanOf, medianOf, rangeOf, squaresOf, varianceOf } from './summation.ts';

export const TIME_MODELS = ['A1', 'A2', 'B', 'C1', 'C2', 'C3', 'C4', 'D'] as const;
export type TimeModelName = (typeof TIME_MODELS)[number];

export type LocationOverTime = 'constant' | 'random' | 'systematic' | 'systematic and random';

export interface TimeModel {
  model: TimeModelName;
  location: LocationOverTime;
  spread: 'constant' | 'changing';
  /** of readings about the mean of their own subgroup */
  shortTerm: 'normal' | 'not normal';
  /** of all readings together; of the means where the location is random */
  resulting: 'normal' | 'not normal';
  tests: Test[];
  /** variances in the square of the unit: within a subgroup, and of the location over time */
  varianceWithin: number;
  varianceOfLocation: number;
}

/** With fewer the tests have no power and any model would be a guess. */
export const FEWEST_GROUPS = 10;
const FEWEST_READINGS = 50;
/** Five tests share the risk of calling a constant process a changing one. */
const ALPHA = 0.01;
/** Of the shape: the model of a skewed process is the dearer one to miss. */
const ALPHA_SHAPE = 0.02;
/** Shares of the variance below which a change that is found does not matter. */
const SMALL_LOCATION = 0.01;
const SMALL_SPREAD = 0.02;
const MOST_TESTED = 5000;

/**
 * The model of subgroups in process order (readings in any unit, no missing ones; subgroups of one
 * are left out). A reason instead of a model for fewer than 10 subgroups or 50 readings, and for
 * readings without spread within subgroups.
 */
export function timeModel(subgroups: readonly ArrayLike<number>[]): TimeModel | { reason: string } {
  const groups = subgroups.filter((group) => group.length > 1).map((group) => Array.from(group));
  const n = groups.reduce((sum, group) => sum + group.length, 0);
  if (groups.length < FEWEST_GROUPS || n < FEWEST_READINGS) {
    return {
      reason: `${groups.length} subgroups with ${n} readings; ${FEWEST_GROUPS} with ${FEWEST_READINGS} are needed`,
    };
  }
  const within = withinOf(groups, n);
  if (!(within > 0) || !Number.isFinite(within)) {
    return { reason: 'the readings within subgroups do not vary' };
  }
  const spread = spreadTest(groups);
  const plain = locationTests(groups, within, ALPHA);
  const judged = spread.found ? signsOf(groups) : groups;
  const seen = spread.found ? withinOf(judged, n) : within;
  const found = spread.found ? locationTests(judged, seen, ALPHA) : plain;
  const location = locationOf(found, seen);
  const shape = shapes(groups, location === 'constant', spread.found);
  const model = named(location, spread.found, shape.resulting.found);
  return {
    ...{ model, location, spread: spread.found ? 'changing' : 'constant' },
    shortTerm: shape.shortTerm.found ? 'not normal' : 'normal',
    resulting: shape.resulting.found ? 'not normal' : 'normal',
    tests: [...found.tests, spread, shape.shortTerm, shape.resulting],
    varianceWithin: within,
    varianceOfLocation: plain.varianceOfLocation,
  };
}

/** Table of the standard: location, spread and resulting shape name the model. */
function named(location: LocationOverTime, spreads: boolean, notNormal: boolean): TimeModelName {
  if (spreads) return location === 'constant' ? 'B' : 'D';
  if (location === 'constant') return notNormal ? 'A2' : 'A1';
  if (location === 'random') return notNormal ? 'C2' : 'C1';
  return location === 'systematic' ? 'C3' : 'C4';
}

function locationOf(found: LocationTests, within: number): LocationOverTime {
  const share = found.varianceOfLocation / (found.varianceOfLocation + within);
  const { changes, systematic, random } = changesOf(found);
  if (!changes || share < SMALL_LOCATION) return 'constant';
  if (systematic) return random ? 'systematic and random' : 'systematic';
  return 'random';
}

/**
 * Do the subgroups share one spread? Of pairs only the range is known, and ranges of eight neighbours
 * are one group: that finds a spread that moves slowly, and none that jumps about.
 */
function spreadTest(groups: readonly number[][]): Test {
  const size = groups.reduce((sum, group) => sum + group.length, 0) / groups.length;
  const test =
    size < SMALL_GROUP
      ? oneWay(blocks(groups.map((group) => rangeOf(group) ?? 0)))
      : brownForsytheOf(groups, 'without zeros');
  const matters = size < SMALL_GROUP || spreadVaries(groups);
  return {
    question: 'does the spread change?',
    test: size < SMALL_GROUP ? 'analysis of variance of ranges' : 'Brown-Forsythe',
    ...{ statistic: test?.statistic ?? null, df1: test?.df1 ?? null, df2: test?.df2 ?? null },
    ...{ p: test?.p ?? null, found: test !== null && test.p < ALPHA && matters },
  };
}

const SMALL_GROUP = 3;

function blocks(ranges: readonly number[]): number[][] {
  const count = Math.floor(ranges.length / 8);
  return Array.from({ length: count }, (_, i) =>
    ranges.slice(8 * i, i + 1 === count ? undefined : 8 * i + 8),
  );
}

/**
 * Where the spread changes, the location is judged by the sides of the common median on which the
 * readings lie: signs have the same spread in every subgroup (as in Mood's median test).
 */
function signsOf(groups: readonly number[][]): number[][] {
  const middle = medianOf(groups.flat()) ?? 0;
  return groups.map((group) => group.map((x) => Math.sign(x - middle)));
}

const withinOf = (groups: readonly number[][], n: number) =>
  groups.reduce((sum, group) => sum + squaresOf(group), 0) / (n - groups.length);

/** The squared coefficient of variation of the true variances, by moments, is not negligible. */
function spreadVaries(groups: readonly number[][]): boolean {
  const variances = groups.flatMap((group) => varianceOf(group) ?? []);
  const mean = meanOf(variances) ?? 0;
  const size = groups.reduce((sum, group) => sum + group.length, 0) / groups.length;
  const chance = 2 / (size - 1);
  const seen = (varianceOf(variances) ?? 0) / (mean * mean);
  return (seen - chance) / (1 + chance) > SMALL_SPREAD;
}

/** Short-term shape by residuals on their own scale; resulting shape by readings or by means. */
function shapes(groups: readonly number[][], constant: boolean, spreads: boolean) {
  const residuals = groups.flatMap((group) => {
    const mean = meanOf(group) as number;
    const sd = spreads ? Math.sqrt(varianceOf(group) as number) : 1;
    const scale = Math.sqrt(group.length / (group.length - 1)) / (sd > 0 ? sd : 1);
    return group.map((x) => (x - mean) * scale);
  });
  // Residuals on the scale of their own few readings are bounded, so this shape is not judged.
  const shortTerm = spreads ? null : shapeTest('are readings within a subgroup normal?', residuals);
  const means = groups.map((group) => meanOf(group) as number);
  const resulting = constant
    ? shapeTest('are all readings together normal?', groups.flat())
    : shapeTest('are the means normal?', means);
  const unknown: Test = { ...resulting, question: 'are readings within a subgroup normal?' };
  const nothing = { statistic: null, p: null, df1: null, df2: null, found: false };
  const short: Test = shortTerm ?? { ...unknown, ...nothing };
  // A process with moving location is normal as a whole when both its parts are.
  return {
    shortTerm: short,
    resulting: { ...resulting, found: resulting.found || (!constant && short.found) },
  };
}

function shapeTest(question: string, values: readonly number[]): Test {
  const step = Math.max(1, Math.ceil(values.length / MOST_TESTED));
  const test = andersonDarling(step === 1 ? values : values.filter((_, i) => i % step === 0));
  return {
    ...{ question, test: 'Anderson-Darling', statistic: test?.adjusted ?? null },
    ...{ df1: null, df2: null, p: test?.p ?? null, found: test !== null && test.p < ALPHA_SHAPE },
  };
}
