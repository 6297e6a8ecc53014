/** What the advisor is given: readings or counts in process order, and what is known of them. */

export interface Measurements {
  kind: 'measurements';
  values: readonly number[];
  /** readings that belong together, by number; null when nothing is known */
  subgroup: readonly number[] | null;
  /** cavity, spindle or head */
  stream: readonly string[] | null;
  /** batch, lot or load */
  lot: readonly string[] | null;
  part: readonly string[] | null;
  /** tool, wheel or cartridge: a new name means it was changed or dressed */
  tool: readonly string[] | null;
}

export interface Counts {
  kind: 'counts';
  /** defective units, or defects */
  of: 'units' | 'defects';
  counts: readonly number[];
  /** units inspected, one for each count */
  sizes: readonly number[];
}

export type Observations = Measurements | Counts;

/** What is asked of the characteristic. null = not stated. */
export interface Demands {
  lsl: number | null;
  usl: number | null;
  /** index the customer asks for */
  target: number;
  /** smallest step of the gauge */
  resolution: number | null;
  /** pieces of this part that will ever be made */
  expectedPieces: number | null;
}

export const NO_DEMANDS: Demands = {
  lsl: null,
  usl: null,
  target: 1.33,
  resolution: null,
  expectedPieces: null,
};

/** Charts the advisor can name. */
export type AdvisedChart =
  | 'np'
  | 'p'
  | 'laney-p'
  | 'c'
  | 'u'
  | 'laney-u'
  | 'g'
  | 'dnom'
  | 'z-mr'
  | 'q'
  | 'group'
  | 'xbar-r'
  | 'xbar-s'
  | 'imr'
  | 'between-within'
  | 'residual'
  | 'regression'
  | 'transformed';

/** One question of the tree, what was found, and the numbers it rests on. */
export interface Step {
  question: string;
  sentence: string;
  numbers: Record<string, number | string | null>;
}

export interface Advice {
  chart: AdvisedChart;
  /** a second chart for small shifts */
  companion: 'ewma-0.2' | 'ewma-0.1' | null;
  /** what to do, each in a plain sentence */
  proposal: { chart: string; limits: string; rules: string; sampling: string };
  steps: Step[];
  warnings: string[];
  /** lines for the settings file, where the agent draws this chart live */
  settings: string[];
}
