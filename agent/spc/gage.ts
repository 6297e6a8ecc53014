/**
 * Measurement systems, one gauge: bias, linearity, type-1 study. AIAG MSA 4th edition; type 1 as
 * Cg/Cgk in the practice of the German car makers.
 */
import { tQuantile, tSf } from './distributions.ts';
import { leastSquares, lineAt } from './regression.ts';
import { meanOf, sdOf } from './summation.ts';

export interface BiasStudy {
  n: number;
  mean: number;
  bias: number;
  sd: number | null;
  standardError: number | null;
  t: number | null;
  df: number;
  /** two-sided; small = the bias is real */
  p: number | null;
  ci: [number, number] | null;
}

/** Mean of repeated measurements of one reference part against its value; null for none. */
export function biasStudy(
  values: readonly number[],
  reference: number,
  confidence = 0.95,
): BiasStudy | null {
  const n = values.length;
  const mean = meanOf(values);
  const bias = meanOf(values.map((x) => x - reference));
  if (mean === null || bias === null) return null;
  const sd = sdOf(values);
  const df = n - 1;
  const standardError = sd === null ? null : sd / Math.sqrt(n);
  const usable = standardError !== null && standardError > 0;
  const t = usable ? bias / standardError : null;
  const width = tQuantile((1 + confidence) / 2, df);
  const ci: [number, number] | null =
    standardError === null || width === null
      ? null
      : [bias - width * standardError, bias + width * standardError];
  return { n, mean, bias, sd, standardError, t, df, p: twoSided(t, df), ci };
}

export interface LinearityStudy {
  slope: number;
  intercept: number;
  s: number;
  r2: number | null;
  df: number;
  tSlope: number | null;
  pSlope: number | null;
  tIntercept: number | null;
  pIntercept: number | null;
  averageBias: number;
  perReference: { reference: number; bias: number; t: number | null; p: number | null }[];
  fit: number[];
  fitLower: number[];
  fitUpper: number[];
}

/** Regression of the bias on the reference value; null when there is no line to fit. */
export function linearityStudy(
  references: readonly number[],
  measurements: readonly (readonly number[])[],
  confidence = 0.95,
): LinearityStudy | null {
  const x = measurements.flatMap((row, i) => row.map(() => references[i] as number));
  const y = measurements.flatMap((row, i) => row.map((v) => v - (references[i] as number)));
  const line = leastSquares(x, y);
  const averageBias = meanOf(y);
  const s = line?.residualSd ?? null;
  if (line === null || s === null || averageBias === null) return null;
  const n = x.length;
  const df = n - 2;
  const errorAt = (at: number) => s * Math.sqrt(1 / n + (at - line.meanX) ** 2 / line.squaresX);
  const ratio = (value: number, error: number) => (error > 0 ? value / error : null);
  const tSlope = ratio(line.slope, s / Math.sqrt(line.squaresX));
  const tIntercept = ratio(line.intercept, errorAt(0));
  const width = tQuantile((1 + confidence) / 2, df) ?? 0;
  const fit = references.map((at) => lineAt(line, at));
  return {
    slope: line.slope,
    intercept: line.intercept,
    s,
    r2: line.r2,
    df,
    tSlope,
    pSlope: twoSided(tSlope, df),
    tIntercept,
    pIntercept: twoSided(tIntercept, df),
    averageBias,
    perReference: references.map((reference, i) => {
      const one = biasStudy(measurements[i] ?? [], reference);
      return { reference, bias: one?.bias ?? 0, t: one?.t ?? null, p: one?.p ?? null };
    }),
    fit,
    fitLower: fit.map((value, i) => value - width * errorAt(references[i] as number)),
    fitUpper: fit.map((value, i) => value + width * errorAt(references[i] as number)),
  };
}

export interface Type1Study {
  n: number;
  mean: number;
  sd: number | null;
  bias: number;
  cg: number | null;
  cgk: number | null;
  t: number | null;
  p: number | null;
  /** spread (and bias) as a percentage of the share of the tolerance allowed */
  pctVarRepeatability: number | null;
  pctVarRepeatabilityAndBias: number | null;
}

/**
 * Cg = (percent/100 Tol)/(L s), Cgk = (percent/200 Tol - |bias|)/(L/2 s), with L the number of
 * sigmas that stand for the spread (6 or 4).
 */
export function type1Study(
  values: readonly number[],
  reference: number,
  tolerance: number,
  percent = 20,
  studyVarMultiplier = 6,
): Type1Study | null {
  const study = biasStudy(values, reference);
  if (study === null) return null;
  const { n, mean, sd, bias, t, p } = study;
  const usable = sd !== null && sd > 0;
  const spread = usable ? studyVarMultiplier * sd : null;
  const cg = spread === null ? null : ((percent / 100) * tolerance) / spread;
  const cgk =
    spread === null ? null : ((percent / 200) * tolerance - Math.abs(bias)) / (spread / 2);
  return {
    n,
    mean,
    sd,
    bias,
    cg,
    cgk,
    t,
    p,
    pctVarRepeatability: cg === null || cg === 0 ? null : percent / cg,
    pctVarRepeatabilityAndBias: cgk === null || cgk === 0 ? null : percent / cgk,
  };
}

/** Cp without the share of the gauge: 1/Cp^2 - (6 s_gage/T)^2; null when the gauge is all of it. */
export function actualCp(cp: number, sdGage: number, tolerance: number): number | null {
  if (!(cp > 0 && tolerance > 0)) return null;
  const rest = 1 / (cp * cp) - ((6 * sdGage) / tolerance) ** 2;
  return rest > 0 ? 1 / Math.sqrt(rest) : null;
}

/**
 * Discrimination ratio sqrt(1 + 2 (PV/GRR)²) of Wheeler & Lyday (1989): product bands the gauge can
 * tell apart; ndc = 1.41 PV/GRR is the same without the 1. null without gauge variation.
 */
export function discriminationRatio(pv: number, grr: number): number | null {
  return grr > 0 && pv >= 0 ? Math.sqrt(1 + 2 * (pv / grr) ** 2) : null;
}

function twoSided(t: number | null, df: number): number | null {
  return t === null ? null : 2 * tSf(Math.abs(t), df);
}
