/** Why a reading is, or is not, fit for statistics. Only GOOD and the UNCERTAIN_* enter a chart. */
export const QUALITY = {
  GOOD: 0,
  UNCERTAIN_CLAMPED: 1,
  UNCERTAIN_LATE: 2,
  UNCERTAIN_CLOCK: 3,
  UNCERTAIN_GAPS: 4,
  UNCERTAIN_ALIAS: 5,
  BAD_CONFIG: 16,
  BAD_ADDRESS: 17,
  BAD_DEVICE: 18,
  BAD_BUSY: 19,
  BAD_TIMEOUT: 20,
  BAD_LINK: 21,
  BAD_SENTINEL: 22,
  BAD_RANGE: 23,
  BAD_VALUE: 24,
  BAD_STUCK: 25,
  BAD_SUSPECT: 26,
  BAD_INCOMPLETE: 27,
  BAD_UNDEFINED: 28,
  STALE: 32,
  SIMULATED: 33,
} as const;

export type QualityName = keyof typeof QUALITY;

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

/** Frozen data a chart judges with. Version 1, 2, 3 … per characteristic. */
export interface Limits {
  characteristic: string;
  version: number;
  /** 'settings' typed in the settings file, 'baseline' estimated in Phase I */
  origin: 'settings' | 'baseline';
  center: number;
  sigma: number;
  /** what else a kind of chart estimated, by its own names: slope, autocorrelation … */
  parameters?: Readonly<Record<string, number>>;
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
  /** what must stand beside the indices: readings that are kept apart, or put together by signature */
  note?: string;
  /** what gauges before measured and is not counted; left out when there is none */
  apart?: readonly KeptApart[];
}

/** Readings of a gauge that was replaced, kept apart until somebody signs that both measure the same. */
export interface KeptApart {
  /** '' when nobody said which it was */
  gauge: string;
  untilMs: number;
  readings: number;
}

/** Where a chart expects its centre line to go: a straight line on from the newest point. */
export interface Outlook {
  chart: string;
  /** the line at the newest point, and what it gains per point */
  center: number;
  slope: number;
  /** 3 sigma of single readings: the band about the line */
  band: number;
  /** the tolerance limit it runs towards, and the points until the band reaches it */
  limit: number;
  side: 'upper' | 'lower';
  points: number;
  /** the same in readings */
  readings: number;
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
  /** what the charts expect, in words: parts until a tool is worn, progress of a set-up */
  forecast?: string | null;
  /** the same as numbers, where a chart follows a line */
  outlook?: Outlook | null;
  openAlerts: number;
  capability: Capability;
  /** in words, e.g. '5 parts every 30' */
  sampling: string;
  /** silence for longer than this makes it stale */
  noDataAfterMs: number;
}

/** What of a summary can change while the agent runs: the rest follows from the settings. */
export type SummaryChange = { id: string } & Omit<
  CharacteristicSummary,
  keyof Characteristic | 'charts' | 'rules' | 'sampling' | 'noDataAfterMs'
>;
