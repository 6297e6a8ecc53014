/** What a measurement-system study answers. */

export type MsaType = 'grr' | 'nested' | 'type1' | 'bias' | 'linearity' | 'attribute';
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
}
