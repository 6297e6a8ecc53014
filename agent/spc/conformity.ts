/**
 * Is this piece inside its tolerance, given the uncertainty of the measurement? ISO 14253-1: who
 * proves carries the uncertainty. Three zones around every limit, with guard bands g; probability
 * of conformity as in JCGM 106.
 */
import { normalCdf, normalUpperQuantile } from './normal.ts';

export type Zone = 'conform' | 'not conform' | 'not decidable';

export interface Tolerance {
  lsl: number | null;
  usl: number | null;
}

export interface Conformity {
  zone: Zone;
  /** chance that the true value lies inside the limits; null for u = 0 */
  probability: number | null;
}

/** Guard band for a one-sided risk: g = z(1 - risk) u, 1.645 u at 5 %; null for senseless input. */
export function guardBand(u: number, risk = 0.05): number | null {
  const z = normalUpperQuantile(risk);
  return z === null || !(u >= 0 && Number.isFinite(u)) || risk > 0.5 ? null : z * u;
}

/** The zone where conformity is proven: the limits drawn in by g; null when nothing remains. */
export function conformingZone({ lsl, usl }: Tolerance, guard: number): Tolerance | null {
  const zone = {
    lsl: lsl === null ? null : lsl + guard,
    usl: usl === null ? null : usl - guard,
  };
  return zone.lsl !== null && zone.usl !== null && zone.lsl > zone.usl ? null : zone;
}

/**
 * Zone of one measured value. On the line of a zone conformity (or the lack of it) is proven; null
 * without a limit, for crossed limits, or for a value that is no number.
 */
export function conformity(
  value: number,
  limits: Tolerance,
  u: number,
  guard: number,
): Conformity | null {
  const { lsl, usl } = limits;
  const none = (lsl === null && usl === null) || !Number.isFinite(value);
  if (none || !(u >= 0 && guard >= 0)) return null;
  if (lsl !== null && usl !== null && lsl >= usl) return null;
  const low = lsl ?? Number.NEGATIVE_INFINITY;
  const high = usl ?? Number.POSITIVE_INFINITY;
  const inside = value >= low + guard && value <= high - guard;
  const outside = guard === 0 ? !inside : value <= low - guard || value >= high + guard;
  const probability =
    u > 0 ? Math.max(0, normalCdf((high - value) / u) - normalCdf((low - value) / u)) : null;
  return {
    zone: inside ? 'conform' : outside ? 'not conform' : 'not decidable',
    probability,
  };
}
