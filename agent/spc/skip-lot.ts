/**
 * Skip-lot sampling: every lot is inspected until `clearing` in a row were accepted, then only the
 * share `fraction` of the lots, drawn by chance, until one is rejected. SkSP-2 of Dodge & Perry
 * (1971), operating characteristic by Perry (1973). ISO 2859-3 skips lots in the same way but
 * qualifies supplier and product by a score of its own, which is not reproduced here.
 */

export interface SkipLotPlan {
  clearing: number;
  fraction: number;
}

export interface SkipLotState {
  skipping: boolean;
  /** lots accepted in a row */
  run: number;
}

/** The start: every lot is inspected. */
export function skipLotStart(): SkipLotState {
  return { skipping: false, run: 0 };
}

/** Is this lot to be inspected? `chance` is drawn evenly between 0 and 1. */
export function inspects(state: SkipLotState, plan: SkipLotPlan, chance: number): boolean {
  return !state.skipping || chance < plan.fraction;
}

/** The state after an inspected lot; a skipped one changes nothing. */
export function afterInspected(
  state: SkipLotState,
  plan: SkipLotPlan,
  accepted: boolean,
): SkipLotState {
  if (!accepted) return skipLotStart();
  const run = Math.min(plan.clearing, state.run + 1);
  return { skipping: run >= plan.clearing, run };
}

export interface SkipLotLongRun {
  /** share of lots accepted, skipped ones included */
  pa: number;
  /** share of lots inspected */
  inspected: number;
}

/**
 * In the long run, when the plan for one lot accepts with `pa`: inspected = f/(f + (1 - f) pa^i),
 * accepted = (f pa + (1 - f) pa^i)/(f + (1 - f) pa^i). null for a plan that is none.
 */
export function skipLotLongRun(pa: number, plan: SkipLotPlan): SkipLotLongRun | null {
  const { clearing, fraction: f } = plan;
  if (!(Number.isInteger(clearing) && clearing >= 1 && f > 0 && f <= 1)) return null;
  if (!(pa >= 0 && pa <= 1)) return null;
  const skipped = (1 - f) * pa ** clearing;
  return { pa: (f * pa + skipped) / (f + skipped), inspected: f / (f + skipped) };
}
