import type { Subgroup } from '../spc/plotted.ts';

/**
 * One kind of control chart. Its state is `slots` numbers that the caller keeps, all 0 at the
 * start and beginning at `at`: first the plotted statistic (see PLOTTED), then, for a pair, the
 * second one (R, s, MR, C−), then whatever the chart remembers.
 */
export interface Chart {
  kind: string;
  slots: number;
  /** it plots two statistics */
  pair: boolean;
  /** subgroup sizes it can plot */
  sizes: { least: number; most: number };
  /** neighbouring points share data: it starts with frozen limits, and afresh after a gap (E12) */
  timeWeighted: boolean;
  /** rule kinds that may judge each statistic (E13) */
  judgedBy(statistic: Statistic, rule: string): boolean;
  /** what the second statistic speaks about, when not of both directions: C− is 'lower' */
  spreadSide: 'lower' | null;
  /** draws frozen lines for a subgroup size; what it remembers stays */
  lines(state: number[], at: number, limits: Lines, size: number): void;
  /** forgets the past: new limits, a long gap, a reset (E11, E12) */
  restart(state: number[], at: number): void;
  /** plots a subgroup: writes the values, and those lines that move */
  step(state: number[], at: number, subgroup: Subgroup): void;
  /** points since the shift began, as estimated at the last point; 0 = no estimate */
  onset?(state: readonly number[], at: number, statistic: Statistic): number;
}

export type Statistic = 'location' | 'spread';

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
