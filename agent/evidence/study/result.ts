/** What a study is asked, and what it answers. */
import type { Law } from '../../spc/families.ts';
import type { Fractions } from '../../spc/nonconforming.ts';
import type { FamilyPrior } from '../../spc/posterior.ts';
import type { Belief, Required } from './belief.ts';
import type { IndexSet, NonNormalMethod } from './indices.ts';
import type { Judged } from './judging.ts';
import type { Distribution } from './laws.ts';
import type { Model } from './model.ts';
import type { Stability } from './stability.ts';
import type { TimeDependent } from './time-dependent.ts';
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
  /** a machine study: Cm, Cmk of consecutive parts of one machine, one setting */
  machine?: boolean | undefined;
  /** what the part family has shown before, for the posterior */
  prior?: FamilyPrior | null | undefined;
}

/** Cm and Cmk with what they are held against. */
export interface Machine {
  cm: number | null;
  cmk: number | null;
  /** one-sided lower bound of Cmk */
  bound: number | null;
  target: number;
  /** Cmk that so few readings must show to prove as much as the target does at 50 */
  required: number | null;
  enough: boolean;
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
  /** the distribution; `timeDependent` is the model of ISO 22514-2 over time */
  model: (Model & { timeDependent: TimeDependent | { reason: string } }) | null;
  indices: IndexSet;
  /** the model's indices by both methods, when it is not normal */
  nonNormal: { percentile: Four; zScore: Four } | null;
  percentiles: { low: number; middle: number; high: number } | null;
  ppm: { observed: Fractions | null; within: Fractions | null; overall: Fractions | null };
  /** what as many readings must show so that 1.33 and 1.67 are proven as well as with 125 */
  required: Required;
  /** readings still to be taken until the lower bound of Ppk reaches 1.33, at this Ppk */
  stillNeeded: number | null;
  belief: Belief;
  machine: Machine | null;
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
