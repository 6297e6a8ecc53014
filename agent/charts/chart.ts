import type { Outlook } from '../model.ts';
import type { RuleSettings } from '../rules/rule-sets.ts';
import type { Numbers, Occasion, Subgroup } from '../spc/plotted.ts';
import type { Sums } from './cusum.ts';
import type { Weights } from './ewma.ts';

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
  lines(state: Numbers, at: number, limits: Lines, size: number): void;
  /** forgets the past: new limits, a long gap, a reset (E11, E12) */
  restart(state: Numbers, at: number): void;
  /** plots a subgroup: writes the values, and those lines that move; false: nothing to plot yet */
  step(state: Numbers, at: number, subgroup: Subgroup, occasion?: Occasion): false | undefined;
  /** all that `step` does is this: the engine may do it itself */
  plots?: Plots;
  /** points since the shift began, as estimated at the last point; 0 = no estimate */
  onset?(state: Numbers, at: number, statistic: Statistic): number;
  /** what it wants to see of a subgroup: its readings, the occasion of the last one */
  asks?: { values?: true; occasion?: true };
  /** what its numbers are when they are not the readings': charts of one characteristic agree */
  scale?: string;
  /** Phase I learns what this chart plots, not the means of subgroups */
  learnsPlotted?: true;
  /** Phase I keeps the readings themselves (`Phase1.rows`), in the order in which they came */
  learnsRows?: true;
  /** what it plots is not a mean: no lines before limits are frozen */
  unlikeMeans?: true;
  /** Phase I in its own way; null while nothing can be estimated. Also adds `parameters`. */
  estimate?(phase1: Phase1, state: Numbers, at: number): Estimate | null;
  /** sigma where the centre alone says it: counts */
  sigmaOf?(center: number): number;
  /** lines that its settings fix: there is no Phase I */
  given?: Lines;
  /** rules of its own; then no others judge it */
  rules?: readonly RuleSettings[];
  /** what a number stands for that Phase I needs beside the mean, e.g. the age of the tool */
  covariate?(state: Numbers, at: number): number;
  /** said behind the text of a signal: which stream, which line */
  detail?(state: Numbers, at: number, statistic: Statistic): string;
  /** what it had to leave out, in words; '' when that is nothing */
  remark?(state: Numbers, at: number): string;
  /** a declared tool change breaks its runs and starts the age of the tool again (E11) */
  wears?: true;
  /** what is to be expected, in words; '' when nothing can be said */
  forecast?(state: Numbers, at: number): string;
  /** where its centre line goes on to; null when it does not move, or towards no limit */
  outlook?(state: Numbers, at: number): Omit<Outlook, 'chart'> | null;
  /** its lines come from the tolerance: both limits have to be stated */
  needsTolerance?: true;
  /** its readings prove nothing about capability */
  proves?: false;
}

/** The mean and its spread, a moving average of means, or their cumulative sums. */
export interface Plots {
  spread?: 'range' | 'sd';
  weights?: Weights;
  sums?: Sums;
}

export type Statistic = 'location' | 'spread';

/** What frozen limits fix: the centre, and the sigma of single readings. */
export interface Lines {
  center: number;
  sigma: number;
  /** what else Phase I fixed, by the chart's own names */
  parameters?: Readonly<Record<string, number>> | undefined;
}

/** Phase I as it was learned, one entry per point and column. */
export interface Phase1 {
  size: number[];
  mean: number[];
  range: number[];
  squares: number[];
  covariate: number[];
  /** the readings of all points, where the first chart learns from them */
  rows?: number[];
}

/** What a chart made of Phase I. */
export interface Estimate extends Lines {
  /** how, in the words that stand beside the limits */
  estimator: string;
  /** Phase I points outside their own limits, where those are not 3 sigma about the centre */
  outside?: number;
}

/** What a chart is told when it is made. */
export interface ChartContext {
  /** readings of a full subgroup */
  size: number;
  /** for charts whose lines come from the tolerance */
  lsl?: number | null;
  usl?: number | null;
  /** names of parallel streams, where subgroups are made of them */
  streams?: readonly string[] | undefined;
}
