import type { Limits } from '../model.ts';
import type { CharacteristicPlan } from './characteristic-plan.ts';
import { type CharacteristicState, forgetRuns } from './characteristic-state.ts';
import type { Outputs } from './outputs.ts';

/** A person accepts limits: they judge from the next point on. Returns them, or why not. */
export function approve(
  plan: CharacteristicPlan,
  state: CharacteristicState,
  version: number,
  by: string,
  timeMs: number,
  out: Outputs,
): Limits | string {
  const { limits } = state;
  if (limits === null) return `${plan.id} has no limits yet: the baseline is still being learned`;
  if (limits.version !== version) {
    return `version ${version} is not current: ${plan.id} has limits version ${limits.version}`;
  }
  if (limits.approvedBy !== null) return `version ${version} was approved by ${limits.approvedBy}`;
  state.limits = { ...limits, approvedBy: by, approvedAtMs: timeMs };
  if (state.phase === 1) {
    state.phase = 2;
    forgetRuns(plan, state, true);
  }
  out.limits(state.limits);
  return state.limits;
}
