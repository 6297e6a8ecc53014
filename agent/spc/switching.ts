/**
 * Switching rules between normal, tightened and reduced inspection, lot by lot, as a pure state
 * machine. `iso`: ISO 2859-1 with the switching score; `105e`: MIL-STD-105E, ten lots accepted in a
 * row (its further condition of a limit number is optional in Z1.4 and not asked for here).
 */
import type { Severity } from './attribute-tables.ts';

export type SwitchingScheme = 'iso' | '105e';

/** Plain state: it can be written down after any lot. */
export interface Switching {
  severity: Severity | 'discontinued';
  /** of lots on normal inspection, ISO */
  score: number;
  /** lots accepted in a row since the last switch */
  accepted: number;
  /** the last lots since the switch to normal, true = rejected, at most five */
  recent: boolean[];
  /** lots rejected since tightened inspection began */
  rejectedTightened: number;
}

export interface LotResult {
  accepted: boolean;
  /** acceptance number of the plan in force */
  ac: number;
  /** it would have been accepted with an AQL one step tighter; needed for ac of 2 and more */
  acceptedTighter: boolean;
  /** between Ac and Re of a reduced plan: accepted, but normal inspection comes back */
  inGap?: boolean;
}

export interface SwitchingRules {
  scheme: SwitchingScheme;
  /** production is steady and the authority agrees to reduced inspection */
  allowReduced: boolean;
}

/** The start: normal inspection. */
export function switchingStart(): Switching {
  return begin('normal', 0);
}

/** The state after one lot at its original inspection. Discontinued stays so until `resumed`. */
export function afterLot(state: Switching, lot: LotResult, rules: SwitchingRules): Switching {
  if (state.severity === 'discontinued') return state;
  if (state.severity === 'normal') return afterNormal(state, lot, rules);
  if (state.severity === 'reduced') {
    return lot.accepted && lot.inGap !== true ? state : begin('normal', 0);
  }
  const rejectedTightened = state.rejectedTightened + (lot.accepted ? 0 : 1);
  if (rejectedTightened >= MOST_REJECTED) return begin('discontinued', rejectedTightened);
  const accepted = lot.accepted ? state.accepted + 1 : 0;
  if (accepted >= TO_NORMAL) return begin('normal', 0);
  return { ...state, accepted, rejectedTightened };
}

/** The supplier has shown what he changed: inspection goes on, tightened. */
export function resumed(state: Switching): Switching {
  return state.severity === 'discontinued' ? begin('tightened', 0) : state;
}

const WINDOW = 5;
const TO_TIGHTENED = 2;
const TO_NORMAL = 5;
const MOST_REJECTED = 5;
const SCORE_FOR_REDUCED = 30;
const ACCEPTED_FOR_REDUCED = 10;

function begin(severity: Switching['severity'], rejectedTightened: number): Switching {
  return { severity, score: 0, accepted: 0, recent: [], rejectedTightened };
}

function afterNormal(state: Switching, lot: LotResult, rules: SwitchingRules): Switching {
  const recent = [...state.recent, !lot.accepted].slice(-WINDOW);
  if (recent.filter(Boolean).length >= TO_TIGHTENED) return begin('tightened', 0);
  const score = scoreAfter(state.score, lot);
  const accepted = lot.accepted ? state.accepted + 1 : 0;
  const earned =
    rules.scheme === 'iso' ? score >= SCORE_FOR_REDUCED : accepted >= ACCEPTED_FOR_REDUCED;
  return rules.allowReduced && earned ? begin('reduced', 0) : { ...state, recent, score, accepted };
}

/** +3 for a lot good enough one AQL step tighter (ac >= 2), +2 for an accepted one (ac 0 or 1). */
function scoreAfter(score: number, { accepted, ac, acceptedTighter }: LotResult): number {
  if (ac >= 2) return accepted && acceptedTighter ? score + 3 : 0;
  return accepted ? score + 2 : 0;
}
