/**
 * The engine of one characteristic: settings → plan → state, and the one step that a reading makes.
 * The same readings give the same points, signals and state, bit for bit; a snapshot is the saved
 * state, taken anywhere.
 */
export { approve } from './approve.ts';
export {
  asksForContext,
  type CharacteristicPlan,
  planCharacteristic,
} from './characteristic-plan.ts';
export { type CharacteristicSettings, characteristicSettings } from './characteristic-settings.ts';
export {
  type CharacteristicState,
  resetRun,
  startCharacteristic,
  startCharacteristics,
  toolChanged,
} from './characteristic-state.ts';
export { stepReading } from './characteristic-step.ts';
export { changingPart, settledPart } from './characteristic-summary.ts';
export { ALARM_SIGNAL, LIMITS_FROZEN, OUT_OF_TOLERANCE, POINT, SIGNAL } from './outcome.ts';
export { restoredState, type SavedState, savedState } from './saved.ts';
