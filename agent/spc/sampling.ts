/**
 * Acceptance sampling: operating characteristics and two-point plans. Attributes and variables
 * (k-method, one limit): Montgomery, Introduction to Statistical Quality Control; exact form with
 * unknown sigma by the noncentral t (Owen 1967).
 */
import { binomialCdf, binomialPmf, hypergeometricCdf, poissonCdf } from './discrete.ts';
import { noncentralTQuantile, noncentralTSf } from './noncentral-t.ts';
import { normalCdf, normalUpperQuantile } from './normal.ts';

/** P(accept) of a single plan (n, c) at fraction nonconforming p. */
export function acceptance(model: 'binomial' | 'poisson', n: number, c: number, p: number): number {
  return model === 'binomial' ? binomialCdf(c, n, p) : poissonCdf(c, n * p);
}

/** P(accept) of a single plan for one lot with `bad` nonconforming units. */
export function acceptanceOfLot(lot: number, bad: number, n: number, c: number): number {
  return hypergeometricCdf(c, lot, bad, n);
}

/** Average outgoing quality with rejected lots sorted. */
export function outgoingQuality(pa: number, p: number, lot: number, n: number): number {
  return (pa * p * (lot - n)) / lot;
}

/** Average total inspection with rejected lots sorted. */
export function totalInspection(pa: number, lot: number, n: number): number {
  return n + (1 - pa) * (lot - n);
}

export interface DoublePlan {
  n1: number;
  c1: number;
  /** reject after the first sample from so many */
  r1: number;
  n2: number;
  /** accept after both with at most so many together */
  c2: number;
}

/** Double sampling without curtailment: P(accept), P(accept at once), average sample number. */
export function doubleSampling(
  { n1, c1, r1, n2, c2 }: DoublePlan,
  p: number,
): { pa: number; paFirst: number; asn: number } {
  const paFirst = binomialCdf(c1, n1, p);
  let second = 0;
  let open = 0;
  for (let d = c1 + 1; d < r1; d += 1) {
    const chance = binomialPmf(d, n1, p);
    open += chance;
    second += chance * binomialCdf(c2 - d, n2, p);
  }
  return { pa: paFirst + second, paFirst, asn: n1 + n2 * open };
}

/** A producer's point (p1, alpha) and a consumer's point (p2, beta). */
export interface TwoPoints {
  p1: number;
  p2: number;
  alpha: number;
  beta: number;
}

export interface AttributePlan {
  n: number;
  c: number;
  paAtP1: number;
  paAtP2: number;
}

/** Smallest c, then smallest n, that meets both points; null when there is none up to c = 1000. */
export function attributePlan({ p1, p2, alpha, beta }: TwoPoints): AttributePlan | null {
  if (!(p1 > 0 && p2 > p1 && p2 < 1)) return null;
  for (let c = 0; c <= 1000; c += 1) {
    const n = smallest((size) => binomialCdf(c, size, p2) <= beta, c + 1);
    if (n === null) return null;
    const paAtP1 = binomialCdf(c, n, p1);
    if (paAtP1 >= 1 - alpha) return { n, c, paAtP1, paAtP2: binomialCdf(c, n, p2) };
  }
  return null;
}

/** P(accept) of the k-method, sigma known: Phi(sqrt(n)(z_p - k)). */
export function acceptanceKnown(n: number, k: number, p: number): number | null {
  const z = normalUpperQuantile(p);
  return z === null ? null : normalCdf(Math.sqrt(n) * (z - k));
}

/** P(accept) of the k-method, sigma estimated by s. */
export function acceptanceUnknown(n: number, k: number, p: number): number | null {
  const z = normalUpperQuantile(p);
  if (z === null || n < 2) return null;
  return noncentralTSf(Math.sqrt(n) * k, n - 1, Math.sqrt(n) * z);
}

export interface VariablesPlans {
  known: { nReal: number; n: number; k: number };
  unknownApprox: { nReal: number; n: number; k: number };
  /** any k from kMin to kMax meets both points */
  unknownExact: { n: number; kMin: number; kMax: number };
}

/** k-method plans through two points: sigma known, Wallis' approximation, exact. */
export function variablesPlans(points: TwoPoints): VariablesPlans | null {
  const z1 = normalUpperQuantile(points.p1);
  const z2 = normalUpperQuantile(points.p2);
  const za = normalUpperQuantile(points.alpha);
  const zb = normalUpperQuantile(points.beta);
  if (z1 === null || z2 === null || za === null || zb === null || !(z1 > z2)) return null;
  const nReal = ((za + zb) / (z1 - z2)) ** 2;
  const k = (za * z2 + zb * z1) / (za + zb);
  const wide = nReal * (1 + (k * k) / 2);
  const range = (n: number) => {
    const root = Math.sqrt(n);
    const high = noncentralTQuantile(points.alpha, n - 1, root * z1);
    const low = noncentralTQuantile(1 - points.beta, n - 1, root * z2);
    return high === null || low === null ? null : { kMin: low / root, kMax: high / root };
  };
  const works = (n: number) => {
    const found = range(n);
    return found !== null && found.kMin <= found.kMax;
  };
  const n = smallest(works, 2);
  const exact = n === null ? null : range(n);
  if (n === null || exact === null) return null;
  return {
    known: { nReal, n: Math.ceil(nReal), k },
    unknownApprox: { nReal: wide, n: Math.ceil(wide), k },
    unknownExact: { n, ...exact },
  };
}

/** Smallest whole number from `start` on which a condition, once true, stays true. */
function smallest(holds: (n: number) => boolean, start: number): number | null {
  let high = start;
  while (!holds(high)) {
    high *= 2;
    if (high > 2 ** 30) return null;
  }
  let low = high === start ? start - 1 : high / 2;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (holds(middle)) high = middle;
    else low = middle;
  }
  return high;
}
