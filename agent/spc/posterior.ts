/**
 * What do few readings say about Ppk? The posterior probability that the true Ppk of a normal
 * process is above a value: mean and variance with the normal inverse-gamma prior that carries what
 * a part family has shown (conjugate; Gelman et al., Bayesian Data Analysis), or the reference prior
 * 1/sigma, under which the one-sided answer is the exact bound of Chou, Owen & Borrego (1990).
 */
import { chiSquareUpperQuantile } from './distributions.ts';
import { logGamma } from './gamma.ts';
import type { Tolerance } from './nonconforming.ts';
import { normalCdf, normalPdf } from './normal.ts';
import { findRoot, gaussGrid } from './solve.ts';

/** What is known before the lot: a mean worth `meanN` readings and an sd worth `sdN` of them. */
export interface FamilyPrior {
  mean: number;
  meanN: number;
  sd: number;
  sdN: number;
}

/** Mean, sd (n - 1) and number of the readings, in the unit of the tolerance. */
export interface Seen {
  n: number;
  mean: number;
  sd: number;
}

/** The posterior: mean given sigma is normal with sigma/sqrt(k), df s^2/sigma^2 is chi-square. */
export interface Posterior {
  mean: number;
  k: number;
  sd: number;
  df: number;
}

/** Readings and prior joined; null without spread or, lacking a prior, below two readings. */
export function posteriorOf({ n, mean, sd }: Seen, prior: FamilyPrior | null): Posterior | null {
  if (!(n >= 1) || !(sd >= 0) || !Number.isFinite(mean) || !Number.isFinite(sd)) return null;
  if (prior === null) return n >= 2 && sd > 0 ? { mean, k: n, sd, df: n - 1 } : null;
  if (!(prior.meanN >= 0 && prior.sdN >= 0 && prior.sd >= 0)) return null;
  const k = n + prior.meanN;
  // With a flat prior of the mean one degree of freedom is spent on it.
  const df = n - 1 + prior.sdN + (prior.meanN > 0 ? 1 : 0);
  const apart = ((n * prior.meanN) / k) * (mean - prior.mean) ** 2;
  const squares = (n - 1) * sd * sd + prior.sdN * prior.sd * prior.sd + apart;
  if (!(df > 0) || !(squares > 0)) return null;
  const joined = prior.meanN > 0 ? (n * mean + prior.meanN * prior.mean) / k : mean;
  return { mean: joined, k, sd: Math.sqrt(squares / df), df };
}

/**
 * P(Ppk > c) with Ppk = min((USL - mu)/3 sigma, (mu - LSL)/3 sigma), or the one side there is; null
 * without a limit, for crossed limits and without a posterior. Integrates over sigma; absolute error
 * below 1e-8.
 */
export function probabilityPpkAbove(
  c: number,
  { lsl, usl }: Tolerance,
  posterior: Posterior | null,
): number | null {
  if (posterior === null || (lsl === null && usl === null)) return null;
  if (lsl !== null && usl !== null && !(usl > lsl)) return null;
  const { mean, k, sd, df } = posterior;
  const [from, to] = scaleRange(df);
  const grid = gaussGrid(from, to, PANELS);
  const constant = Math.LN2 - logGamma(df / 2) + (df / 2) * Math.log(df / 2);
  let sum = 0;
  grid.nodes.forEach((t, i) => {
    // t = ln(s/sigma): chi^2/df = e^2t.
    const ratio = Math.exp(t);
    const sigma = sd / ratio;
    const density = Math.exp(constant + df * t - (df / 2) * ratio * ratio);
    const error = sigma / Math.sqrt(k);
    // The mean must lie between LSL + 3c sigma and USL - 3c sigma.
    const high = usl === null ? Infinity : (usl - 3 * c * sigma - mean) / error;
    const low = lsl === null ? -Infinity : (lsl + 3 * c * sigma - mean) / error;
    if (!(high > low)) return;
    sum += (grid.weights[i] as number) * density * between(low, high);
  });
  return Math.min(1, Math.max(0, sum));
}

/** The Ppk that the true one exceeds with this probability: a lower credible bound; null if none. */
export function credibleBound(
  probability: number,
  tolerance: Tolerance,
  posterior: Posterior | null,
): number | null {
  if (posterior === null || !(probability > 0 && probability < 1)) return null;
  const gap = (c: number) =>
    (probabilityPpkAbove(c, tolerance, posterior) ?? Number.NaN) - probability;
  for (let reach = 4; reach <= 1e6; reach *= 8) {
    const root = findRoot(gap, -reach, reach);
    if (root !== null) return root;
  }
  return null;
}

const PANELS = 24;

/** ln sqrt(chi^2/df) from where to where it can matter, by generous quantiles. */
function scaleRange(df: number): [number, number] {
  const high = chiSquareUpperQuantile(1e-14, df) ?? 100 * df;
  // Small chi-square: the density in t falls like e^(df t).
  const low = chiSquareUpperQuantile(1 - 1e-12, df) ?? 1e-12;
  return [0.5 * Math.log(Math.max(low, 1e-300) / df), 0.5 * Math.log(high / df)];
}

/** P(low < Z < high) without cancellation in either tail. */
function between(low: number, high: number): number {
  if (low > 0) return normalCdf(-low) - normalCdf(-high);
  if (high - low < 1e-6) return normalPdf((low + high) / 2) * (high - low);
  return normalCdf(high) - normalCdf(low);
}
