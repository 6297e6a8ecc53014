import type { AlertKind, CharacteristicClass, Severity } from '../model.ts';

/** Parts missed in one episode from which on it is an alarm. */
const MISSED_ALARM_FROM = 100;

const RANK: Record<Severity, number> = { info: 0, warning: 1, alarm: 2 };

/** True when `a` is worse than `b`. */
export function isWorse(a: Severity, b: Severity): boolean {
  return RANK[a] > RANK[b];
}

/** Severity of broken rules: an alarm when one of them says so, or when the class is CC. */
export function controlSeverity(
  hits: readonly { severity: Severity }[],
  ofClass: CharacteristicClass,
): Severity {
  return ofClass === 'CC' || hits.some((hit) => hit.severity === 'alarm') ? 'alarm' : 'warning';
}

/** Severity of silence: not to know is worse for a special or critical characteristic. */
export function silenceSeverity(ofClass: CharacteristicClass): Severity {
  return ofClass === 'none' ? 'warning' : 'alarm';
}

/** Severity of `missed` parts in one episode. */
export function missedSeverity(missed: number): Severity {
  return missed >= MISSED_ALARM_FROM ? 'alarm' : 'warning';
}

/** Kinds that no good reading ends: they end after a quiet time. */
export function endsByQuiet(kind: AlertKind): boolean {
  return kind === 'missed-parts' || kind === 'source';
}
