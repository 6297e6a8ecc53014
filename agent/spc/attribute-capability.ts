/**
 * Capability of counted characteristics: proportion nonconforming with Clopper-Pearson limits and
 * its Z, defects per unit with the chi-square interval of a Poisson mean (Garwood 1936).
 */
import { betaQuantile, chiSquareQuantile } from './distributions.ts';
import { normalUpperQuantile } from './normal.ts';

export interface Estimate {
  value: number;
  lower: number;
  upper: number;
}

/** Proportion nonconforming of `inspected` units; null when nothing was inspected. */
export function proportionCapability(
  nonconforming: number,
  inspected: number,
  confidence = 0.95,
): { p: Estimate; z: number | null; zLower: number | null } | null {
  const good = inspected - nonconforming;
  if (!(inspected > 0 && nonconforming >= 0 && good >= 0)) return null;
  const tail = (1 - confidence) / 2;
  const lower = nonconforming === 0 ? 0 : betaQuantile(tail, nonconforming, good + 1);
  const upper = good === 0 ? 1 : betaQuantile(1 - tail, nonconforming + 1, good);
  if (lower === null || upper === null) return null;
  const value = nonconforming / inspected;
  return {
    p: { value, lower, upper },
    z: normalUpperQuantile(value),
    zLower: normalUpperQuantile(upper),
  };
}

/** Defects per unit; null when nothing was inspected. */
export function defectsPerUnit(defects: number, units: number, confidence = 0.95): Estimate | null {
  if (!(units > 0 && defects >= 0)) return null;
  const tail = (1 - confidence) / 2;
  const lower = defects === 0 ? 0 : chiSquareQuantile(tail, 2 * defects);
  const upper = chiSquareQuantile(1 - tail, 2 * (defects + 1));
  if (lower === null || upper === null) return null;
  return { value: defects / units, lower: lower / (2 * units), upper: upper / (2 * units) };
}
