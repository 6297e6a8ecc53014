import type { CharacteristicPlan } from './characteristic-plan.ts';
import { type CharacteristicState, startCharacteristic } from './characteristic-state.ts';

/**
 * The state of a characteristic whose settings changed. What judges starts afresh: old run memory
 * under new rules would be a lie. What is counted goes on: an index of a point never comes twice.
 * Limits stay, with their approval, while what they rest on is the same; others get a new version.
 */
export function carryOver(
  plan: CharacteristicPlan,
  old: CharacteristicState,
  oldFingerprint: string,
): CharacteristicState {
  const { readings, bad, outOfTolerance, dropped, late, points } = old;
  const { lastValue, lastMs, lastOut } = old;
  const counted = { readings, bad, outOfTolerance, dropped, late, points };
  const state = { ...startCharacteristic(plan), ...counted, lastValue, lastMs, lastOut };
  if (old.limits === null) return state;
  if (basisOf(oldFingerprint) === basisOf(plan.fingerprint)) {
    return { ...state, limits: old.limits, phase: old.phase, announced: old.announced };
  }
  if (state.limits !== null) {
    state.limits = { ...state.limits, version: old.limits.version + 1 };
  }
  return state;
}

/** What limits rest on: subgroups, charts and the settings of the limits; not rules, not pauses. */
function basisOf(fingerprint: string): string {
  const [layout, limits] = JSON.parse(fingerprint) as [string, unknown];
  const [subgroup, charts] = JSON.parse(layout) as [unknown, unknown];
  return JSON.stringify([subgroup, charts, limits]);
}
