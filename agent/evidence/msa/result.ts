/** What a measurement-system study answers. */

export type MsaType =
  | 'grr'
  | 'nested'
  | 'type1'
  | 'bias'
  | 'linearity'
  | 'attribute'
  | 'stability'
  | 'uncertainty'
  | 'conformity';
export type MsaVerdict = 'acceptable' | 'conditional' | 'not acceptable' | 'no verdict';

/** A table for people: header, then rows. */
export interface Sheet {
  title: string;
  header: string[];
  rows: string[][];
}

export interface MsaResult {
  type: MsaType;
  /** what was studied: counts of parts, operators, trials, readings */
  size: Record<string, number>;
  tolerance: number | null;
  verdict: MsaVerdict;
  /** why, in sentences */
  reasons: string[];
  /** all figures, by name */
  figures: Record<string, unknown>;
  notes: string[];
}

export interface MsaWish {
  tolerance: number | null;
  reference: number | null;
  /** interaction is pooled when its p is above this */
  alpha: number;
  studyVarMultiplier: number;
  confidence: number;
  lsl: number | null;
  usl: number | null;
  /** u of the measurement, for the verdict of single pieces */
  standardUncertainty: number | null;
  /** guard band; null: from u and the risk */
  guard: number | null;
  /** one-sided chance of a wrong verdict that the guard band allows */
  risk: number;
  /** k of U = k u */
  coverage: number;
  /** step of the display; null: the data tell */
  resolution: number | null;
  /** index found with this gauge */
  observedCp: number | null;
}
