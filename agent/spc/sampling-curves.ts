/**
 * Accept-on-zero plans and the curves of a plan: OC, AOQ, ATI, ASN. Montgomery, Introduction to
 * Statistical Quality Control; Schilling & Neubauer, Acceptance Sampling in Quality Control.
 */
import { hypergeometricCdf } from './discrete.ts';
import {
  acceptance,
  type DoublePlan,
  doubleSampling,
  outgoingQuality,
  totalInspection,
} from './sampling.ts';

export interface ZeroPlan {
  n: number;
  /** P(accept) at the limiting quality */
  paAtLimit: number;
}

/**
 * Smallest sample without a bad unit that lets a share `limit` of bad ones pass with at most `beta`:
 * n = ln(beta)/ln(1 - limit); in a lot of finite size by the hypergeometric law with
 * ceil(limit · lot) bad units. null outside 0 < limit, beta < 1.
 */
export function zeroPlan(limit: number, beta: number, lot: number | null = null): ZeroPlan | null {
  if (!(limit > 0 && limit < 1 && beta > 0 && beta < 1)) return null;
  if (lot === null) {
    const n = Math.ceil(Math.log(beta) / Math.log1p(-limit) - 1e-9);
    return { n, paAtLimit: (1 - limit) ** n };
  }
  if (!(Number.isInteger(lot) && lot >= 1)) return null;
  const bad = Math.min(lot, Math.ceil(limit * lot - 1e-9));
  let [low, high] = [0, lot];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (hypergeometricCdf(0, lot, bad, middle) <= beta) high = middle;
    else low = middle;
  }
  return { n: high, paAtLimit: hypergeometricCdf(0, lot, bad, high) };
}

export interface CurvePoint {
  p: number;
  pa: number;
  /** average sample number, without curtailment */
  asn: number;
  /** average outgoing quality and total inspection, rejected lots sorted; null without a lot */
  aoq: number | null;
  ati: number | null;
}

export type CurvePlan = { n: number; ac: number } | DoublePlan;

/** What a plan does at one quality p. */
export function curveAt(plan: CurvePlan, p: number, lot: number | null): CurvePoint {
  const { pa, asn } =
    'n' in plan
      ? { pa: acceptance('binomial', plan.n, plan.ac, p), asn: plan.n }
      : doubleSampling(plan, p);
  if (lot === null || asn > lot) return { p, pa, asn, aoq: null, ati: null };
  if ('n' in plan) {
    const ati = totalInspection(pa, lot, plan.n);
    return { p, pa, asn, aoq: outgoingQuality(pa, p, lot, plan.n), ati };
  }
  // Units seen: n1 when accepted at once, n1 + n2 when accepted in the end, the lot otherwise.
  const { paFirst } = doubleSampling(plan, p);
  const both = Math.min(lot, plan.n1 + plan.n2);
  const ati = plan.n1 * paFirst + both * (pa - paFirst) + lot * (1 - pa);
  const aoq = (p * (paFirst * (lot - plan.n1) + (pa - paFirst) * (lot - both))) / lot;
  return { p, pa, asn, aoq, ati };
}

/** Largest average outgoing quality over all p, and where; null without a lot. */
export function outgoingLimit(plan: CurvePlan, lot: number): { p: number; aoql: number } | null {
  const aoq = (p: number) => curveAt(plan, p, lot).aoq;
  if (aoq(0.5) === null) return null;
  // The curve has one maximum; a ratio of it is p, so it is searched on the logarithm.
  let [low, high] = [Math.log(1e-7), 0];
  for (let i = 0; i < 200; i += 1) {
    const [a, b] = [low + (high - low) / 3, high - (high - low) / 3];
    if ((aoq(Math.exp(a)) ?? 0) < (aoq(Math.exp(b)) ?? 0)) low = a;
    else high = b;
  }
  const p = Math.exp((low + high) / 2);
  return { p, aoql: aoq(p) ?? 0 };
}
