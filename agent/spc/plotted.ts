/**
 * How the live engine lays out what it plots. Charts write it, rules and points read it; numbers
 * side by side in one array, so that a step of a chart touches memory once.
 */

/** State of the live engine: typed, so that a number in it is never an object of its own. */
export type Numbers = Float64Array;
/** Counters and histories of the rules, bit by bit. */
export type Words = Int32Array;

/**
 * Consecutive readings as charts see them. `range` of an individual is its moving range; across a
 * gap or a missing reading there is none, and it is NO_SPREAD, as the sd of an individual is.
 */
export interface Subgroup {
  /** the reading that is being taken in */
  reading: number;
  size: number;
  mean: number;
  range: number;
  /** with n - 1 */
  sd: number;
  /** sum of squared distances from the mean */
  squares: number;
  /** the readings themselves, where a chart asked for them */
  values: number[];
  /** time and sequence of its last reading, where the plan asks for occasions */
  timeMs: number;
  sequence: number;
  /** subgroups that this reading made incomplete */
  dropped: number;
}

/** When and where a reading was taken; kept up to date only for plans that ask for it. */
export interface Occasion {
  timeMs: number;
  sequence: number;
  /** part, serial, cavity, tool … as the source named them */
  context: Readonly<Record<string, string>>;
}

/** What a part that never asked is handed. */
export const NO_OCCASION: Occasion = { timeMs: 0.5, sequence: 0.5, context: {} };

/**
 * One plotted statistic inside the SPC engine: so many numbers side by side in the state. Charts
 * write them, rules and points read them. `up` and `down` are one sigma of the statistic to either
 * side (E1), NO_LINE where there are no zones; values closer than `tolerance` are equal (E2).
 */
export const PLOTTED = {
  value: 0,
  cl: 1,
  lcl: 2,
  ucl: 3,
  up: 4,
  down: 5,
  tolerance: 6,
  count: 7,
} as const;

/** Stands for "no such line" above (negative: below) everything; unlike Infinity it is JSON. */
export const NO_LINE: number = Number.MAX_VALUE;

/** Stands for "not defined" in a spread value, which is never negative. */
export const NO_SPREAD = -1;

/**
 * Where the numbers of a usual plan stand in the state of a characteristic: readings that are counted
 * into subgroups, a chart of means with their spread and its steps, EWMA, CUSUM, the words of the rules.
 * What is fixed is found without a sum.
 */
export const PLACES = {
  subgroup: 8,
  window: 15,
  pair: 22,
  spread: 29,
  steps: 36,
  ewma: 38,
  cusum: 49,
  words: 68,
  count: 72,
} as const;
