/**
 * Capability and performance indices and their confidence bounds, for a normal process.
 * Definitions: ISO 22514-2, AIAG SPC 2nd edition (within sigma for C, overall for P); intervals:
 * Bissell (1990) for the k-indices, chi-square for Cp and Pp, Boyles (1991) for Cpm. An index that
 * is not defined (one-sided tolerance, sigma 0 or unknown, limits equal) is null, never 0.
 */
import { chiSquareQuantile, chiSquareUpperQuantile, normalQuantile } from './distributions.ts';

export interface IndicesInput {
  mean: number;
  sigmaWithin: number | null;
  sigmaOverall: number | null;
  lsl: number | null;
  usl: number | null;
}

export interface Indices {
  cp: number | null;
  cpl: number | null;
  cpu: number | null;
  cpk: number | null;
  pp: number | null;
  ppl: number | null;
  ppu: number | null;
  ppk: number | null;
}

/** The four C (within) and four P (overall) indices; k-indices use the nearer limit. */
export function indices(input: IndicesInput): Indices {
  const within = ratios(input, input.sigmaWithin);
  const overall = ratios(input, input.sigmaOverall);
  return {
    cp: within.both,
    cpl: within.lower,
    cpu: within.upper,
    cpk: within.nearer,
    pp: overall.both,
    ppl: overall.lower,
    ppu: overall.upper,
    ppk: overall.nearer,
  };
}

export interface Interval {
  lower: number;
  upper: number;
}

/** Bissell's two-sided interval of a k-index c from n values, sigma with df degrees of freedom. */
export function bissellInterval(
  c: number | null,
  n: number,
  df: number,
  confidence: number,
): Interval | null {
  const z = normalQuantile((1 + confidence) / 2);
  const error = bissellError(c, n, df);
  if (c === null || z === null || error === null) return null;
  return { lower: c - z * error, upper: c + z * error };
}

/** Bissell's one-sided lower bound of a k-index. */
export function bissellLower(
  c: number | null,
  n: number,
  df: number,
  confidence: number,
): number | null {
  const z = normalQuantile(confidence);
  const error = bissellError(c, n, df);
  return c === null || z === null || error === null ? null : c - z * error;
}

/** Two-sided interval of Cp, Pp or Cpm by chi-square with df degrees of freedom. */
export function chiSquareInterval(
  c: number | null,
  df: number,
  confidence: number,
): Interval | null {
  const tail = (1 - confidence) / 2;
  const low = chiSquareQuantile(tail, df);
  const high = chiSquareUpperQuantile(tail, df);
  if (c === null || low === null || high === null) return null;
  return { lower: c * Math.sqrt(low / df), upper: c * Math.sqrt(high / df) };
}

/** One-sided lower bound of Cp, Pp or Cpm by chi-square with df degrees of freedom. */
export function chiSquareLower(c: number | null, df: number, confidence: number): number | null {
  const low = chiSquareQuantile(1 - confidence, df);
  return c === null || low === null ? null : c * Math.sqrt(low / df);
}

interface Ratios {
  both: number | null;
  lower: number | null;
  upper: number | null;
  nearer: number | null;
}

function ratios({ mean, lsl, usl }: IndicesInput, sigma: number | null): Ratios {
  const usable = sigma !== null && sigma > 0 && Number.isFinite(sigma) && Number.isFinite(mean);
  const sensible = lsl === null || usl === null || usl > lsl;
  if (!usable || !sensible) return { both: null, lower: null, upper: null, nearer: null };
  const lower = lsl === null ? null : (mean - lsl) / (3 * sigma);
  const upper = usl === null ? null : (usl - mean) / (3 * sigma);
  const both = lsl === null || usl === null ? null : (usl - lsl) / (6 * sigma);
  const nearer = lower === null ? upper : upper === null ? lower : Math.min(lower, upper);
  return { both, lower, upper, nearer };
}

function bissellError(c: number | null, n: number, df: number): number | null {
  if (c === null || !(n > 0 && df > 0)) return null;
  return Math.sqrt(1 / (9 * n) + (c * c) / (2 * df));
}
