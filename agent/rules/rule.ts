import { z } from 'zod';
import type { Severity, Side } from '../model.ts';

/**
 * What a point can be, seen from its chart: beyond a control limit, strictly more than so many
 * sigmas above or below the centre, within or outside so many sigmas, a step up, down, or back.
 */
export type Test =
  | 'beyond-upper'
  | 'beyond-lower'
  | 'above'
  | 'below'
  | 'within'
  | 'outside'
  | 'rising'
  | 'falling'
  | 'alternating';

/** What a point exactly on the centre line does to a run: ends it, is ignored, or counts as above. */
export type OnCentre = 'break' | 'skip' | 'upper';

/** "At least k of the last m points are `test`": the only thing a rule can be made of. */
export interface Term {
  test: Test;
  /** distance in sigmas; 0 for the centre line and for tests that have none */
  sigmas: number;
  onCentre: OnCentre;
  k: number;
  m: number;
}

/**
 * Holds when every term holds. The newest point must itself be one of the first term's (E6);
 * `side` is what a signal of it reports.
 */
export interface Condition {
  side: Side;
  terms: [Term, ...Term[]];
}

/** A rule is broken when any of its conditions holds. Rules are data: see compile.ts. */
export interface Rule {
  id: string;
  kind: string;
  text: string;
  severity: Severity;
  conditions: Condition[];
}

/** Settings every rule has. */
export const ruleBase = z.object({
  id: z.string().min(1).optional().describe('name of the rule in signals and pages'),
  severity: z
    .enum(['info', 'warning', 'alarm'])
    .optional()
    .describe('how loudly it is told; beyond-limits is an alarm, all others are warnings'),
});

/** The longest window a rule may look back. */
export const LONGEST = 31;

/** A count of points in a rule's window. */
export function points(fallback: number, about: string) {
  return z.int().min(2).max(LONGEST).default(fallback).describe(about);
}

/** A term; a point on the centre line ends a run. */
export function term(test: Test, k: number, m: number, sigmas = 0): Term {
  return { test, sigmas, onCentre: 'break', k, m };
}
