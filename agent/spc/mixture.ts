/**
 * Mixtures of normal distributions: two or three streams that were not kept apart (cavities,
 * spindles, suppliers). Fitted by expectation and maximisation (Dempster, Laird & Rubin 1977) from
 * several fixed starts; refused when the readings do not tell the parts apart.
 */
import type { Law } from './families.ts';
import { normalCdf, normalPdf, normalSf } from './normal.ts';
import { findRoot } from './solve.ts';
import { meanOf, sdOf } from './summation.ts';

/** One normal part: its share of the readings, mean and sd in the unit of the readings. */
export interface Part {
  weight: number;
  mean: number;
  sd: number;
}

export interface MixtureFit {
  /** by rising mean */
  parts: Part[];
  logLikelihood: number;
  /** criteria of the mixture and of one normal distribution; smaller is better */
  bic: number;
  aicc: number;
  bicOfOne: number;
  /** free parameters: 3k - 1 */
  free: number;
}

/** Fewest readings per part that a fit may rest on. */
const FEWEST_PER_PART = 15;
const SMALLEST_SHARE = 0.05;
/** A part narrower than this share of the whole sd is a tie or a single reading, not a stream. */
const NARROWEST = 0.05;
/** "Very strong" evidence by Kass & Raftery (1995). */
const BIC_GAIN = 10;
/** Distance of two means in root mean square sds from which parts are apart (Ashman et al. 1994). */
const APART = 2;
const STEPS = 300;
const MOST_CLIMBED = 1500;
const RIVAL = 'different parts describe the readings equally well';
const CONVERGED = 1e-9;

/**
 * The mixture of k = 2 or 3 normal parts with the largest likelihood, or why there is none: too few
 * readings, one normal describes them as well (BIC), a part is too small or too narrow, two parts
 * are not apart, or two starts end at different parts that fit as well. Unit of the readings; scale
 * and shift of the readings scale and shift the parts.
 */
export function fitMixture(values: readonly number[], k: 2 | 3): MixtureFit | { refused: string } {
  const n = values.length;
  const mean = meanOf(values);
  const sd = sdOf(values);
  if (n < FEWEST_PER_PART * k) return { refused: `${n} readings are too few for ${k} parts` };
  if (mean === null || sd === null || !(sd > 0)) return { refused: 'the readings do not vary' };
  const z = Float64Array.from(values, (x) => (x - mean) / sd).sort();
  // Ordered and thinned readings show the same hills; the best is then climbed on all of them.
  const step = Math.ceil(n / MOST_CLIMBED);
  const few = step === 1 ? z : z.filter((_, i) => i % step === step >> 1);
  const ends = starts(few, k).map((start) => climb(few, start));
  ends.sort((a, b) => b.logLikelihood - a.logLikelihood);
  const [top] = ends;
  if (top === undefined) return { refused: 'no start converged' };
  const best = step === 1 ? top : climb(z, top.parts);
  const rival = ends.find((end) => top.logLikelihood - end.logLikelihood < 2 && differs(end, top));
  const why = doubt(best, z) ?? (rival === undefined ? null : RIVAL);
  if (why !== null) return { refused: why };
  const free = 3 * k - 1;
  const logLikelihood = best.logLikelihood - n * Math.log(sd);
  const bicOf = (likelihood: number, p: number) => p * Math.log(n) - 2 * likelihood;
  return {
    parts: best.parts.map(({ weight, ...p }) => ({
      weight,
      mean: mean + sd * p.mean,
      sd: sd * p.sd,
    })),
    logLikelihood,
    bic: bicOf(logLikelihood, free),
    aicc: 2 * free - 2 * logLikelihood + (2 * free * (free + 1)) / (n - free - 1),
    bicOfOne: bicOf(ofOne(z) - n * Math.log(sd), 2),
    free,
  };
}

/** The law of a mixture; null when a share or an sd is not positive. Shares are made to sum to 1. */
export function mixtureLaw(parts: readonly Part[]): Law | null {
  const whole = parts.reduce((sum, part) => sum + part.weight, 0);
  const sound = parts.every(
    ({ weight, sd, mean }) => weight > 0 && sd > 0 && Number.isFinite(mean),
  );
  if (!sound || !(whole > 0) || !Number.isFinite(whole)) return null;
  const over = (f: (z: number, part: Part) => number) => (x: number) =>
    parts.reduce((sum, p) => sum + (p.weight / whole) * f((x - p.mean) / p.sd, p), 0);
  const cdf = over((z) => normalCdf(z));
  const sf = over((z) => normalSf(z));
  const density = over((z, { sd }) => normalPdf(z) / sd);
  const low = parts.reduce((least, p) => Math.min(least, p.mean - 40 * p.sd), Infinity);
  const high = parts.reduce((most, p) => Math.max(most, p.mean + 40 * p.sd), -Infinity);
  const inside = (p: number) => p > 0 && p < 1;
  return {
    cdf,
    sf,
    quantile: (p) => (inside(p) ? findRoot((x) => Math.log(cdf(x) / p), low, high) : null),
    upperQuantile: (q) => (inside(q) ? findRoot((x) => Math.log(q / sf(x)), low, high) : null),
    logDensity: (x) => Math.log(density(x)),
  };
}

interface End {
  parts: Part[];
  logLikelihood: number;
}

/** Fixed starts: the ordered readings cut at several shares, with equal and with unequal spreads. */
function starts(z: Float64Array, k: 2 | 3): Part[][] {
  const cuts = k === 2 ? [[0.5], [0.2], [0.8], [0.35], [0.65]] : THREE;
  const ofCut = (cut: readonly number[]) => {
    const edges = [0, ...cut, 1].map((share) => Math.round(share * z.length));
    return edges.slice(1).map((end, j) => {
      const piece = z.subarray(edges[j], end);
      const sd = Math.max(0.2, sdOf(piece) ?? 1);
      return { weight: piece.length / z.length, mean: meanOf(piece) ?? 0, sd };
    });
  };
  return cuts.map(ofCut);
}

const THREE = [
  [1 / 3, 2 / 3],
  [0.2, 0.8],
  [0.2, 0.5],
  [0.5, 0.8],
  [0.1, 0.55],
  [0.45, 0.9],
];

/** Expectation and maximisation until the likelihood stands still. */
function climb(z: Float64Array, start: readonly Part[]): End {
  let parts = start.map((part) => ({ ...part }));
  let before = Number.NEGATIVE_INFINITY;
  for (let step = 0; step < STEPS; step += 1) {
    const { next, logLikelihood } = once(z, parts);
    if (logLikelihood - before < CONVERGED * Math.abs(logLikelihood)) {
      return { parts: sortedParts(parts), logLikelihood };
    }
    before = logLikelihood;
    parts = next;
  }
  return { parts: sortedParts(parts), logLikelihood: before };
}

const sortedParts = (parts: Part[]) => parts.toSorted((a, b) => a.mean - b.mean);

/** One step; an sd never falls below a hundredth, where the likelihood would run to infinity. */
function once(z: Float64Array, parts: readonly Part[]): { next: Part[]; logLikelihood: number } {
  const k = parts.length;
  const sums = parts.map(() => ({ n: 0, x: 0, xx: 0 }));
  const share = new Float64Array(k);
  let logLikelihood = 0;
  for (const x of z) {
    let all = 0;
    for (let j = 0; j < k; j += 1) {
      const { weight, mean, sd } = parts[j] as Part;
      const u = (x - mean) / sd;
      const density = ((weight / sd) * Math.exp(-0.5 * u * u)) / ROOT_2PI;
      share[j] = density;
      all += density;
    }
    if (!(all > 0)) return { next: [...parts], logLikelihood: Number.NEGATIVE_INFINITY };
    logLikelihood += Math.log(all);
    for (let j = 0; j < k; j += 1) {
      const sum = sums[j] as { n: number; x: number; xx: number };
      const r = (share[j] as number) / all;
      sum.n += r;
      sum.x += r * x;
      sum.xx += r * x * x;
    }
  }
  const next = sums.map(({ n, x, xx }) => {
    const mean = n > 0 ? x / n : 0;
    const sd = Math.sqrt(Math.max(1e-4, n > 0 ? xx / n - mean * mean : 1));
    return { weight: Math.max(n / z.length, 1e-9), mean, sd };
  });
  return { next, logLikelihood };
}

const ROOT_2PI = 2.5066282746310002;

/** Log-likelihood of standardised readings under one normal distribution. */
function ofOne(z: Float64Array): number {
  const n = z.length;
  const variance = (n - 1) / n;
  return -(n / 2) * (Math.log(2 * Math.PI * variance) + 1);
}

/** Why the parts are not believed; null when they are. */
function doubt(best: End, z: Float64Array): string | null {
  const { parts, logLikelihood } = best;
  if (!Number.isFinite(logLikelihood)) return 'no start converged';
  const free = 3 * parts.length - 1;
  const gain = 2 * (logLikelihood - ofOne(z)) - (free - 2) * Math.log(z.length);
  if (!(gain > BIC_GAIN)) return 'one normal distribution describes the readings as well (BIC)';
  if (parts.some((part) => part.weight < SMALLEST_SHARE)) {
    return 'a part would hold less than 5 % of the readings';
  }
  if (parts.some((part) => part.sd < NARROWEST)) return 'a part would have almost no spread';
  const apart = parts.slice(1).every((part, i) => distance(parts[i] as Part, part) > APART);
  return apart ? null : 'the parts overlap so far that they cannot be told apart';
}

const distance = (a: Part, b: Part) =>
  (Math.SQRT2 * Math.abs(a.mean - b.mean)) / Math.sqrt(a.sd ** 2 + b.sd ** 2);

function differs(a: End, b: End): boolean {
  return a.parts.some((part, j) => {
    const other = b.parts[j] as Part;
    return Math.abs(part.mean - other.mean) > 0.2 || Math.abs(part.weight - other.weight) > 0.1;
  });
}
