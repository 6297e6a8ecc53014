import type { CharacteristicClass } from './characteristic.ts';
import type { Severity } from './point.ts';

export type AlertKind =
  | 'out-of-control'
  | 'out-of-tolerance'
  | 'no-data'
  | 'missed-parts'
  | 'source';

/**
 * open = condition holds, nobody answered; acknowledged = holds, answered;
 * cleared = condition gone, nobody answered yet; closed = gone and answered.
 */
export type AlertState = 'open' | 'acknowledged' | 'cleared' | 'closed';

/** What people are told about one episode, and what they did. One alert for one cause. */
export interface Alert {
  id: number;
  kind: AlertKind;
  severity: Severity;
  state: AlertState;
  /** id of a characteristic, or of a source for 'missed-parts' and 'source' */
  subject: string;
  title: string;
  detail: string;
  unit: string;
  class: CharacteristicClass;
  reactionPlan: string;
  /** onset: best estimate of when the condition began; openedAt: when it was raised */
  onsetMs: number;
  openedMs: number;
  lastMs: number;
  clearedMs: number | null;
  acknowledgedMs: number | null;
  acknowledgedBy: string | null;
  cause: string | null;
  action: string | null;
  comment: string | null;
  /** signals, readings out of tolerance, or parts missed in this episode */
  count: number;
  /** value that opened it, null for kinds without one */
  value: number | null;
  /** rule ids seen in this episode, in order of first appearance */
  rules: string[];
  /** context of the reading that opened it: part, serial, lot, cavity … */
  context: Record<string, string>;
}

export type AlertTransition = 'raised' | 'worsened' | 'acknowledged' | 'cleared' | 'closed';

/** One step in the life of an alert: what channels and sinks read, in order, by cursor. */
export interface AlertEvent {
  seq: number;
  ordinal: number;
  transition: AlertTransition;
  timeMs: number;
  alert: Alert;
}
