import type { Point, Severity, Signal } from '../model.ts';
import { rulesBroken, sideBroken } from '../rules/judge.ts';
import type { ChartPlan, Watch } from './characteristic-plan.ts';
import type { CharacteristicState } from './characteristic-state.ts';
import type { Outputs } from './outputs.ts';

const LOUDNESS = { info: 0, warning: 1, alarm: 2 } as const satisfies Record<Severity, number>;

/** Reused for every signal. */
const signal: Signal = {
  seq: 0,
  ordinal: 0,
  characteristic: '',
  chart: '',
  statistic: 'location',
  rule: '',
  text: '',
  pointIndex: 0,
  timeMs: 0.5,
  value: 0.5,
  side: 'both',
  severity: 'warning',
  provisional: false,
};

/**
 * Puts out a point that breaks rules, then one signal for every rule it breaks (E9). Returns the
 * loudest severity: 0 info, 1 warning, 2 alarm.
 */
export function report(
  part: ChartPlan,
  state: CharacteristicState,
  broken: number,
  spreadBroken: number,
  point: Point,
  out: Outputs,
): number {
  point.rules = rulesBroken(part.location.rules, broken);
  point.spreadRules = part.spread === null ? 0 : rulesBroken(part.spread.rules, spreadBroken);
  out.point(point);
  signal.characteristic = point.characteristic;
  signal.chart = point.chart;
  signal.pointIndex = point.index;
  signal.timeMs = point.timeMs;
  signal.provisional = point.phase === 1;
  const location = tell(part, part.location, 'location', state, point.rules, broken, point, out);
  if (part.spread === null) return location;
  const rules = point.spreadRules;
  const spread = tell(part, part.spread, 'spread', state, rules, spreadBroken, point, out);
  return Math.max(location, spread);
}

function tell(
  part: ChartPlan,
  watch: Watch,
  statistic: Signal['statistic'],
  state: CharacteristicState,
  rules: number,
  conditions: number,
  point: Point,
  out: Outputs,
): number {
  const { chart } = part;
  let loudest: number = LOUDNESS.info;
  watch.rules.rules.forEach((rule, i) => {
    if (rule === null || (rules & (1 << i)) === 0) return;
    const onset = chart.onset?.(state.numbers, part.at, statistic) ?? 0;
    const own = sideBroken(watch.rules, conditions, i);
    signal.statistic = statistic;
    signal.rule = rule.id;
    signal.text = onset > 1 ? `${rule.text}; the shift began ${onset} points ago` : rule.text;
    signal.value = statistic === 'location' ? point.value : (point.spread ?? 0);
    signal.side = statistic === 'spread' ? (chart.spreadSide ?? own) : own;
    signal.severity = rule.severity;
    out.signal(signal);
    loudest = Math.max(loudest, LOUDNESS[rule.severity]);
  });
  return loudest;
}
