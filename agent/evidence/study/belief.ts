/** What few readings allow to believe: the probability that the true Ppk is above a target. */
import { requiredIndex, valuesNeeded } from '../../spc/capability-exact.ts';
import type { Tolerance } from '../../spc/nonconforming.ts';
import {
  credibleBound,
  type FamilyPrior,
  posteriorOf,
  probabilityPpkAbove,
} from '../../spc/posterior.ts';

export interface Belief {
  /** P(Ppk > target) for a normal process, by target */
  above: { target: number; probability: number | null }[];
  /** the Ppk that the true one exceeds with the confidence asked for */
  bound: number | null;
  /** reference prior, or what the part family has shown */
  prior: FamilyPrior | null;
  reason: string | null;
}

export interface Required {
  for133: number | null;
  for167: number | null;
}

export interface BeliefInput {
  n: number;
  mean: number;
  sigma: number | null;
  tolerance: Tolerance;
  confidence: number;
  prior: FamilyPrior | null;
  normal: boolean;
  unstable: boolean;
}

const TARGETS = [1, 1.33, 1.67];

/** Posterior of Ppk; null with the reason where it is not defined. */
export function beliefOf(input: BeliefInput): Belief {
  const { n, mean, sigma, tolerance, confidence, prior, normal, unstable } = input;
  const posterior =
    sigma === null || !normal || unstable ? null : posteriorOf({ n, mean, sd: sigma }, prior);
  const above = TARGETS.map((target) => ({
    target,
    probability: probabilityPpkAbove(target, tolerance, posterior),
  }));
  const known = above.every(({ probability }) => probability !== null);
  return {
    above,
    bound: known ? credibleBound(confidence, tolerance, posterior) : null,
    prior,
    reason: known ? null : whyNot(input),
  };
}

function whyNot({ tolerance: { lsl, usl }, normal, sigma, unstable }: BeliefInput): string {
  if (lsl === null && usl === null) return 'no specification limit is given';
  if (unstable) return 'an unstable process has no one Ppk';
  if (!normal) return 'defined for a normal process only';
  return sigma === null || sigma === 0 ? 'the readings do not vary' : 'too few readings';
}

/** What so many readings must show so that they prove as much as a target does at 125 readings. */
export function requiredOf(n: number): Required {
  return { for133: requiredIndex(1.33, n), for167: requiredIndex(1.67, n) };
}

/** Readings still to be taken, at this Ppk, until its lower bound reaches 1.33; null when never. */
export function stillNeeded(ppk: number | null, n: number, confidence: number): number | null {
  const all = ppk === null ? null : valuesNeeded(ppk, 1.33, confidence);
  return all === null ? null : Math.max(0, all - n);
}
