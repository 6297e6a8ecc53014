/**
 * How the live engine lays out what it plots. Charts write it, rules and points read it; numbers
 * side by side in one array, so that a step of a chart touches memory once.
 */

/**
 * Consecutive readings as charts see them. `range` of an individual is its moving range; across a
 * gap or a missing reading there is none, and it is NO_SPREAD, as the sd of an individual is.
 */
export interface Subgroup {
  size: number;
  mean: number;
  range: number;
  /** with n - 1 */
  sd: number;
  /** sum of squared distances from the mean */
  squares: number;
}

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
