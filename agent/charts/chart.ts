import type { Plotted, Subgroup } from '../model.ts';

/** What one step of a chart yields. One object is reused. */
export interface Plot {
  location: Plotted;
  /** the second statistic of a pair: R, s, MR, C−; value and cl are NaN where a chart has none */
  spread: Plotted;
}

/**
 * One kind of control chart. State is `slots` numbers that the caller keeps, all 0 at the start
 * and beginning at `at`; `lines` draws frozen lines into them, `step` only reads those.
 */
export interface Chart {
  kind: string;
  slots: number;
  /** subgroup sizes it can plot */
  sizes: { least: number; most: number };
  /** neighbouring points share data: only the control limits judge it (E12) */
  timeWeighted: boolean;
  /** rule kinds that may judge each statistic (E13) */
  judgedBy(statistic: 'location' | 'spread', rule: string): boolean;
  /** what the spread statistic of this chart is about, when not both directions: C− is 'lower' */
  spreadSide: 'lower' | null;
  /** fixes the lines for a subgroup size; the run memory stays */
  lines(state: number[], at: number, limits: Lines, size: number): void;
  /** forgets the past: new limits, a long gap, a reset (E11, E12) */
  restart(state: number[], at: number): void;
  step(state: number[], at: number, subgroup: Subgroup, plot: Plot): void;
  /** points since the shift began, as estimated at the last point; 0 = no estimate */
  onset?(state: number[], at: number, statistic: 'location' | 'spread'): number;
}

/** What frozen limits fix: the centre, and the sigma of single readings. */
export interface Lines {
  center: number;
  sigma: number;
}

/** What a chart is told when it is made. */
export interface ChartContext {
  /** readings of a full subgroup */
  size: number;
}

/** The reusable object that `step` fills. */
export function emptyPlot(): Plot {
  return { location: emptyPlotted(), spread: emptyPlotted() };
}

/** Smallest difference that counts (E2): 1e-12 of the largest of 1, the centre and one sigma. */
export function toleranceOf(cl: number, sigma: number): number {
  return 1e-12 * Math.max(1, Math.abs(cl), sigma);
}

function emptyPlotted(): Plotted {
  return { value: NaN, cl: NaN, lcl: NaN, ucl: NaN, up: NaN, down: NaN, tolerance: NaN };
}
