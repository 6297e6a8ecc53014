/** What a study is asked, and what it answers. */
import type { Law } from '../../spc/families.ts';
import type { Fractions } from '../../spc/nonconforming.ts';
import type { IndexSet, NonNormalMethod } from './indices.ts';
import type { Judged } from './judging.ts';
import type { Distribution } from './laws.ts';
import type { Model } from './model.ts';
import type { Stability } from './stability.ts';
import type { Warning } from './warnings.ts';

export interface StudyWish {
  lsl: number | null;
  usl: number | null;
  target: number | null;
  nominal: number | null;
  natural: 'lower' | 'upper' | 'none';
  estimator?: string | undefined;
  distribution: Distribution | 'auto';
  hint: string | null;
  nonNormalMethod: NonNormalMethod;
  confidence: number;
  rules: string;
}

export interface Normality {
  test: 'Anderson-Darling';
  /** A^2 and A^2 (1 + 0.75/n + 2.25/n^2) */
  statistic: number | null;
  adjusted: number | null;
  p: number | null;
  normal: boolean | null;
  shapiroWilk: { w: number; p: number } | null;
  skewness: number | null;
  /** excess */
  kurtosis: number | null;
  /** readings tested: every so many of a long study */
  tested: number;
}

export interface Study {
  name: string;
  n: number;
  missing: number;
  subgroups: number | null;
  mean: number;
  median: number;
  min: number;
  max: number;
  sigmaWithin: number | null;
  sigmaOverall: number | null;
  /** s over c4(n) */
  sigmaOverallUnbiased: number | null;
  estimator: string;
  estimatorWords: string;
  withinDf: number;
  tolerance: {
    lsl: number | null;
    usl: number | null;
    target: number | null;
    nominal: number | null;
    natural: 'lower' | 'upper' | 'none';
  };
  confidence: number;
  stability: Stability;
  autocorrelation: { r1: number | null; significant: boolean | null; effectiveN: number | null };
  normality: Normality;
  model: Model | null;
  indices: IndexSet;
  /** the model's indices by both methods, when it is not normal */
  nonNormal: { percentile: Four; zScore: Four } | null;
  percentiles: { low: number; middle: number; high: number } | null;
  ppm: { observed: Fractions | null; within: Fractions | null; overall: Fractions | null };
  /** what as many readings must show so that 1.33 and 1.67 are proven as well as with 125 */
  required: { for133: number | null; for167: number | null };
  warnings: Warning[];
  notes: string[];
}

export interface Four {
  pp: number | null;
  ppl: number | null;
  ppu: number | null;
  ppk: number | null;
}

/** What only the page needs beside the study. */
export interface StudyDetail {
  study: Study;
  readings: Float64Array;
  judged: Judged | null;
  /** the chosen distribution */
  law: Law | null;
}
