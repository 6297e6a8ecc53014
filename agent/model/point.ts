export type Side = 'upper' | 'lower' | 'both';

export type Severity = 'info' | 'warning' | 'alarm';

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
  /** best estimate of the point where the change began, while it is remembered */
  onsetIndex?: number;
  onsetMs?: number;
}
