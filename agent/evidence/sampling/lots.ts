/** The lots so far under the switching rules: which inspection the next one gets. */
import {
  AQLS,
  codeLetter,
  type Level,
  type Severity,
  singlePlan,
} from '../../spc/attribute-tables.ts';
import {
  afterLot,
  type Switching,
  type SwitchingRules,
  switchingStart,
} from '../../spc/switching.ts';

export interface LotRow {
  lot: string;
  size: number;
  bad: number;
}

export interface LotVerdict extends LotRow {
  severity: Switching['severity'];
  n: number | null;
  ac: number | null;
  re: number | null;
  /** null: inspection is discontinued, or there is no plan */
  accepted: boolean | null;
  score: number;
  /** severity of the next lot, when it changes */
  next: Switching['severity'] | null;
  reason: string | null;
}

/** Every lot judged with the plan in force, and the state after the last. */
export function followLots(
  rows: readonly LotRow[],
  wish: { aql: number; level: Level },
  rules: SwitchingRules,
): { lots: LotVerdict[]; state: Switching } {
  let state = switchingStart();
  const lots = rows.map((row): LotVerdict => {
    const { severity } = state;
    const nothing = { n: null, ac: null, re: null, accepted: null, next: null };
    if (severity === 'discontinued') {
      const reason = 'inspection is discontinued until the supplier has acted';
      return { ...row, severity, ...nothing, score: state.score, reason };
    }
    const letter = codeLetter(row.size, wish.level);
    const found = letter === null ? null : singlePlan(letter, wish.aql, severity);
    if (found === null || found.plan === null) {
      const reason = found?.reason ?? 'a lot has two pieces or more';
      return { ...row, severity, ...nothing, score: state.score, reason };
    }
    const { n, ac, re } = found.plan;
    const accepted = severity === 'reduced' ? row.bad < re : row.bad <= ac;
    const inGap = severity === 'reduced' && row.bad > ac && row.bad < re;
    const acceptedTighter = row.bad <= tighterAc(found.plan.letter, wish.aql, severity);
    state = afterLot(state, { accepted, ac, acceptedTighter, inGap }, rules);
    const next = state.severity === severity ? null : state.severity;
    return { ...row, severity, n, ac, re, accepted, score: state.score, next, reason: null };
  });
  return { lots, state };
}

/** Acceptance number of the same sample with the next smaller AQL; -1 when there is none. */
function tighterAc(letter: string, aql: number, severity: Severity): number {
  const smaller = AQLS[AQLS.indexOf(aql) - 1];
  const plan = smaller === undefined ? null : singlePlan(letter, smaller, severity).plan;
  return plan !== null && plan.letter === letter ? plan.ac : -1;
}
