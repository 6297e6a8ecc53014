import type { CharacteristicPlan } from './characteristic-plan.ts';
import { type CharacteristicState, startCharacteristic } from './characteristic-state.ts';
import type { Memory } from './memory.ts';
import { type SavedState, setHead, versionsOf } from './saved.ts';

/**
 * The state of a characteristic whose settings changed. What judges starts afresh: old run memory
 * under new rules would be a lie. What is counted goes on: an index of a point never comes twice.
 * Limits stay, with their approval, while what they rest on is the same; others get a new version.
 */
export function carryOver(
  plan: CharacteristicPlan,
  old: SavedState,
  oldFingerprint: string,
  memory?: Memory,
): CharacteristicState {
  const { bad, dropped, late, points } = old;
  // The window begins anew, so nothing is left to be kept apart; the gauge is the same.
  const segments = old.segments == null ? null : { ...old.segments, apart: [] };
  // No point before is remembered: a change cannot have begun there.
  const counted = { bad, dropped, late, points, forgotten: points, segments };
  const state = Object.assign(startCharacteristic(plan, memory), counted);
  setHead(state, old);
  const versions = versionsOf(old);
  if (old.limits !== null && basisOf(oldFingerprint) === basisOf(plan.fingerprint)) {
    const { limits, phase, announced } = old;
    return Object.assign(state, { limits, phase, announced, versions });
  }
  if (state.limits === null) return Object.assign(state, { versions });
  const limits = { ...state.limits, version: versions + 1 };
  return Object.assign(state, { limits, versions: versions + 1 });
}

/** What limits rest on: subgroups, charts and the settings of the limits; not rules, not pauses. */
function basisOf(fingerprint: string): string {
  const [layout, limits] = JSON.parse(fingerprint) as [string, unknown];
  const [subgroup, charts] = JSON.parse(layout) as [unknown, unknown];
  return JSON.stringify([subgroup, charts, limits]);
}
