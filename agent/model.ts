/**
 * The nouns of Meyar. Types and the code tables that give them numbers; nothing here does anything.
 * Times are milliseconds since 1970-01-01 UTC (a double), suffix `Ms`. Values are in the unit of
 * the characteristic. `null` means "not defined"; the reason stands beside it where people read it.
 */

/** Why a reading is, or is not, fit for statistics. Only GOOD and the UNCERTAIN_* enter a chart. */
export const QUALITY = {
  GOOD: 0,
  UNCERTAIN_CLAMPED: 1,
  UNCERTAIN_LATE: 2,
  UNCERTAIN_CLOCK: 3,
  BAD_CONFIG: 16,
  BAD_ADDRESS: 17,
  BAD_DEVICE: 18,
  BAD_BUSY: 19,
  BAD_TIMEOUT: 20,
  BAD_LINK: 21,
  BAD_SENTINEL: 22,
  BAD_RANGE: 23,
  BAD_VALUE: 24,
  STALE: 32,
  SIMULATED: 33,
} as const;
export type QualityName = keyof typeof QUALITY;
export type Quality = (typeof QUALITY)[QualityName];

/** A reading may enter statistics when its quality number is below this. */
export const FIRST_BAD_QUALITY = QUALITY.BAD_CONFIG;

/** AIAG/IATF class: SC special, CC critical, none ordinary. */
export type CharacteristicClass = 'CC' | 'SC' | 'none';

/** One row of the control plan, as the people and the pages know it. */
export interface Characteristic {
  id: string;
  name: string;
  unit: string;
  nominal: number | null;
  lsl: number | null;
  usl: number | null;
  class: CharacteristicClass;
  /** smallest step of the gauge, in the unit; null when not stated */
  resolution: number | null;
  decimals: number;
  reactionPlan: string;
  part: string;
  line: string;
  machine: string;
}

/** What one plotted statistic looks like. The second statistic (R, s, MR, C−) is `spread*`. */
export interface Point {
  /** journal transaction that produced the point, and its position inside it: a stable key */
  seq: number;
  ordinal: number;
  characteristic: string;
  /** kind of chart, e.g. 'xbar-r' */
  chart: string;
  /** 1, 2, 3 … since the state of this characteristic began; never reset by new limits */
  index: number;
  /** source time of the last reading of the subgroup */
  timeMs: number;
  /** sequence (part counter) of the last reading, null when the source does not count */
  partSequence: number | null;
  /** readings in the subgroup */
  size: number;
  value: number;
  cl: number | null;
  lcl: number | null;
  ucl: number | null;
  /** distance from cl in standard errors, side-specific where limits are not symmetric (E1) */
  z: number | null;
  /** rule hits as a bit mask; bit i = rule i of the characteristic's rule list */
  rules: number;
  spread: number | null;
  spreadCl: number | null;
  spreadLcl: number | null;
  spreadUcl: number | null;
  spreadZ: number | null;
  spreadRules: number;
  /** 1 while the baseline is learned (provisional, E14), 2 when frozen limits judge */
  phase: 1 | 2;
  limitsVersion: number;
}

export type Side = 'upper' | 'lower' | 'both';
export type Severity = 'info' | 'warning' | 'alarm';

/** One rule broken at one point. */
export interface Signal {
  seq: number;
  ordinal: number;
  characteristic: string;
  chart: string;
  /** which statistic of the pair */
  statistic: 'location' | 'spread';
  /** id of the rule, e.g. 'nelson-1' */
  rule: string;
  text: string;
  pointIndex: number;
  timeMs: number;
  value: number;
  side: Side;
  severity: Severity;
  provisional: boolean;
}

/** Frozen data a chart judges with. Version 1, 2, 3 … per characteristic. */
export interface Limits {
  characteristic: string;
  version: number;
  /** 'settings' typed in the settings file, 'baseline' estimated in Phase I */
  origin: 'settings' | 'baseline';
  center: number;
  sigma: number;
  /** name of the estimator: 'rbar/d2', 'sbar/c4', 'mrbar/d2', 'pooled/c4', 'given' */
  estimator: string;
  /** subgroups (or individuals) and readings the estimate rests on; 0 when given */
  subgroups: number;
  readings: number;
  /** Phase I points that lie outside the limits estimated from them: for the approver to see */
  baselineOutside: number;
  frozenAtMs: number;
  approvedBy: string | null;
  approvedAtMs: number | null;
  note: string;
}

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

/** Capability indices with their one-sided 95 % lower bounds; null with `reason` when undefined. */
export interface Capability {
  /** good readings in the window the indices rest on */
  n: number;
  mean: number | null;
  sigmaWithin: number | null;
  sigmaOverall: number | null;
  /** estimator of sigmaWithin */
  estimator: string;
  /** method of the bounds, e.g. 'Bissell, one-sided 95 %' */
  method: string;
  cp: number | null;
  cpk: number | null;
  pp: number | null;
  ppk: number | null;
  cpLower95: number | null;
  cpkLower95: number | null;
  ppLower95: number | null;
  ppkLower95: number | null;
  reason: string | null;
}

export type CharacteristicStatus = 'ok' | 'warning' | 'alarm' | 'provisional' | 'stale';

/** A characteristic as the overview shows it: one object, replaced on change, at most 4 a second. */
export interface CharacteristicSummary extends Characteristic {
  status: CharacteristicStatus;
  /** good and bad readings counted since the store began */
  readings: number;
  badReadings: number;
  outOfTolerance: number;
  lastValue: number | null;
  lastReadingAt: number | null;
  lastPointIndex: number;
  charts: string[];
  /** rule ids in bit order of Point.rules */
  rules: string[];
  limits: Limits | null;
  /** subgroups still wanted before Phase I ends; 0 when frozen */
  baselineRemaining: number;
  openAlerts: number;
  capability: Capability;
  /** in words, e.g. '5 parts every 30' */
  sampling: string;
  /** silence for longer than this makes it stale */
  noDataAfterMs: number;
}

/** A hole in a counted stream: parts from..to (inclusive) never arrived. */
export interface Gap {
  seq: number;
  ordinal: number;
  source: string;
  stream: string;
  from: number;
  to: number;
  missed: number;
  timeMs: number;
}

/** Something a source or a person reports that is not a reading. */
export interface SourceEvent {
  source: string;
  kind: 'session-lost' | 'device' | 'config' | 'note';
  severity: Severity;
  text: string;
  timeMs: number;
}

/** Connection and unit state as the console's source page shows it. */
export interface SourceHealth {
  name: string;
  kind: string;
  state: 'connecting' | 'up' | 'degraded' | 'down' | 'stopped';
  detail: string;
  sinceMs: number;
  lastDataMs: number | null;
  counters: Record<string, number>;
  parts: { name: string; state: 'up' | 'degraded' | 'down'; detail: string }[];
}

export interface SinkHealth {
  name: string;
  kind: string;
  state: 'up' | 'retrying' | 'held' | 'stopped';
  detail: string;
  /** journal position shipped, and how far the journal is */
  cursor: number;
  head: number;
  rowsWritten: number;
  rowsRejected: number;
  oldestUnsentMs: number | null;
}
