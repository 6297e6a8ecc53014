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
  /** times that its condition ended and came back before anybody answered; absent = never */
  returns?: number;
  /** value that opened it, null for kinds without one */
  value: number | null;
  /** rule ids seen in this episode, in order of first appearance */
  rules: string[];
  /** context of the reading that opened it: part, serial, lot, cavity … */
  context: Record<string, string>;
  /** the newest time that somebody put it aside; absent = nobody ever did */
  shelf?: Shelf;
  /** who else is told while nobody answers, one for each rule that applies; absent = none does */
  escalations?: Escalation[];
  /** channels that its newest escalation was for */
  escalatedTo?: string[];
}

/** An alert put aside for some time: people hear nothing more of it until then. */
export interface Shelf {
  by: string;
  reason: string;
  fromMs: number;
  untilMs: number;
  /** when it was over, null = it lasts; by whom, null = its time was up */
  endedMs: number | null;
  endedBy: string | null;
}

/** How far an unanswered alert has gone under one rule of the settings. */
export interface Escalation {
  /** tells the rule from others, also in settings that were changed meanwhile */
  rule: string;
  /** channels that are told at each level */
  to: string[];
  /** levels told so far, 0 = none yet, and how many there are */
  level: number;
  levels: number;
  /** time without an answer before each level, and since when it counts for the next one */
  afterMs: number;
  sinceMs: number;
  /** when the last level was told */
  toldMs: number | null;
}

export type AlertTransition =
  | 'raised'
  | 'worsened'
  | 'returned'
  | 'escalated'
  | 'acknowledged'
  | 'shelved'
  | 'unshelved'
  | 'cleared'
  | 'closed';

/** One step in the life of an alert: what channels and sinks read, in order, by cursor. */
export interface AlertEvent {
  seq: number;
  ordinal: number;
  transition: AlertTransition;
  timeMs: number;
  alert: Alert;
  /** the store takes no writes: told all the same; it comes again, not told twice, once recorded */
  unrecorded?: true;
}

/** An alert event as the store gives it back: with the time of this machine at which it was kept. */
export interface RecordedAlertEvent extends AlertEvent {
  /** absent when the journal has forgotten it */
  recordedMs?: number;
}
