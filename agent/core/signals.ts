import type { Statistic } from '../charts/chart.ts';
import type { Severity, Signal } from '../model.ts';
import { rulesBroken, sideBroken } from '../rules/judge.ts';
import { PLOTTED } from '../spc/plotted.ts';
import type { CharacteristicState } from './characteristic-state.ts';
import type { ChartPlan, Watch } from './layout.ts';
import type { Outputs } from './outputs.ts';
import { point } from './points.ts';
import { pointsSinceChange, timeOfRecent } from './recent.ts';

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
  onsetIndex: 0,
  onsetMs: 0.5,
};

/**
 * Puts out a point that breaks rules, then one signal for every rule it breaks (E9). Returns the
 * loudest severity: 0 info, 1 warning, 2 alarm. `recentAt` is where the last points are remembered.
 */
export function report(
  part: ChartPlan,
  recentAt: number,
  state: CharacteristicState,
  broken: number,
  spreadBroken: number,
  out: Outputs,
): number {
  const { location, spread } = part;
  point.rules = rulesBroken(location.rules, broken);
  if (spread !== null) point.spreadRules = rulesBroken(spread.rules, spreadBroken);
  out.point(point);
  signal.characteristic = point.characteristic;
  signal.chart = point.chart;
  signal.pointIndex = point.index;
  signal.timeMs = point.timeMs;
  signal.provisional = point.phase === 1;
  const loud = tell(part, recentAt, location, 'location', state, broken, out);
  return spread === null
    ? loud
    : Math.max(loud, tell(part, recentAt, spread, 'spread', state, spreadBroken, out));
}

function tell(
  part: ChartPlan,
  recentAt: number,
  watch: Watch,
  statistic: Statistic,
  state: CharacteristicState,
  conditions: number,
  out: Outputs,
): number {
  const { chart } = part;
  const rules = watch.rules.rules;
  let loudest: number = LOUDNESS.info;
  if (conditions === 0) return loudest;
  const since = chart.onset?.(state.numbers, state.at + part.at, statistic) ?? 0;
  dateOnset(recentAt, state, part.aboutMeans && statistic === 'location', since);
  const detail = chart.detail?.(state.numbers, state.at + part.at, statistic) ?? '';
  const began = since > 1 ? `; the shift began ${since} points ago` : '';
  for (let left = rulesBroken(watch.rules, conditions); left !== 0; left &= left - 1) {
    const bit = 31 - Math.clz32(left & -left);
    const rule = rules[bit];
    if (rule === null || rule === undefined) continue;
    const side = sideBroken(watch.rules, conditions, bit);
    signal.statistic = statistic;
    signal.rule = rule.id;
    signal.text = rule.text + detail + began;
    signal.value = state.numbers[state.at + watch.at + PLOTTED.value] as number;
    signal.side = statistic === 'spread' ? (chart.spreadSide ?? side) : side;
    signal.severity = rule.severity;
    out.signal(signal);
    loudest = Math.max(loudest, LOUDNESS[rule.severity]);
  }
  return loudest;
}

/**
 * Says in the signal when the change began: as the chart itself counts it, else by the most likely
 * change of the mean. What is older than the memory is said to be as old as the memory.
 */
function dateOnset(
  recentAt: number,
  state: CharacteristicState,
  ofMeans: boolean,
  since: number,
): void {
  let points = since;
  if (points === 0 && ofMeans && state.limits !== null) {
    points = pointsSinceChange(state.numbers, recentAt, point.index, state.limits.center);
  }
  signal.onsetIndex = point.index - Math.max(0, points - 1);
  signal.onsetMs = timeOfRecent(state.numbers, recentAt, point.index, Math.max(1, points));
}
