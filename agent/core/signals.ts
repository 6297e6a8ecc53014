import type { Statistic } from '../charts/chart.ts';
import type { Severity, Signal } from '../model.ts';
import { rulesBroken, sideBroken } from '../rules/judge.ts';
import type { Rule } from '../rules/rule.ts';
import { PLOTTED } from '../spc/plotted.ts';
import type { CharacteristicState } from './characteristic-state.ts';
import type { ChartPlan, Watch } from './layout.ts';
import { ALARM_SIGNAL, SIGNAL } from './outcome.ts';
import type { Outputs } from './outputs.ts';
import { point } from './points.ts';
import { pointsSinceChange, timeOfRecent } from './recent.ts';

const LOUDNESS = { info: 0, warning: 1, alarm: 2 } as const satisfies Record<Severity, number>;

// What the window below looks at: a state, a chart's statistic in it, the rule that it breaks.
let state: CharacteristicState;
let part: ChartPlan;
let watch: Watch;
let statistic: Statistic = 'location';
let rule: Rule;
let bit = 0;
let conditions = 0;
/** points since the change, -1 while nobody asked */
let sinceChange = -1;

/** A signal is read out of the state like a point: dating its onset costs more than finding it. */
const read: { [Field in Exclude<keyof Required<Signal>, 'seq' | 'ordinal'>]: () => Signal[Field] } =
  {
    characteristic: () => point.characteristic,
    chart: () => part.kind,
    statistic: () => statistic,
    rule: () => rule.id,
    text: () => rule.text + detailOf() + beganOf(),
    pointIndex: () => point.index,
    timeMs: () => point.timeMs,
    value: () => state.numbers[state.at + watch.at + PLOTTED.value] as number,
    side: sideOf,
    severity: () => rule.severity,
    provisional: () => state.phase === 1,
    onsetIndex: () => point.index - Math.max(0, onset() - 1),
    onsetMs: () => timeOfRecent(state, point.index, Math.max(1, onset())),
  };

/** Reused for every signal. */
const signal = window();

/**
 * Puts out a point that breaks rules, then one signal for every rule it breaks (E9). Returns what it
 * means, as bits of a step, and keeps the loudest in the state: 0 info, 1 warning, 2 alarm.
 */
export function report(
  from: ChartPlan,
  of: CharacteristicState,
  broken: number,
  spreadBroken: number,
  out: Outputs,
): number {
  const { location, spread } = from;
  const rules = rulesBroken(location.rules, broken);
  const spreadRules = spread === null ? 0 : rulesBroken(spread.rules, spreadBroken);
  point.rules = rules;
  point.spreadRules = spreadRules;
  out.point(point);
  point.rules = 0;
  point.spreadRules = 0;
  state = of;
  part = from;
  let loudest: number = LOUDNESS.info;
  if (rules !== 0) loudest = tell(location, 'location', broken, rules, out);
  if (spread !== null && spreadRules !== 0) {
    loudest = Math.max(loudest, tell(spread, 'spread', spreadBroken, spreadRules, out));
  }
  if (state.settled === null && of.phase === 1) return 0;
  of.loudness = Math.max(of.loudness, loudest);
  return loudest === LOUDNESS.alarm ? SIGNAL | ALARM_SIGNAL : SIGNAL;
}

/** Puts out one signal for every rule broken on one statistic. */
function tell(on: Watch, name: Statistic, broken: number, rules: number, out: Outputs): number {
  let loudest: number = LOUDNESS.info;
  watch = on;
  statistic = name;
  conditions = broken;
  sinceChange = -1;
  for (let left = rules; left !== 0; left &= left - 1) {
    bit = 31 - Math.clz32(left & -left);
    const one = on.rules.rules[bit];
    if (one === null || one === undefined) continue;
    rule = one;
    out.signal(signal);
    loudest = Math.max(loudest, LOUDNESS[one.severity]);
  }
  return loudest;
}

function sideOf(): Signal['side'] {
  const side = sideBroken(watch.rules, conditions, bit);
  return statistic === 'spread' ? (part.chart.spreadSide ?? side) : side;
}

const countedOf = () => part.chart.onset?.(state.numbers, state.at + part.at, statistic) ?? 0;

const detailOf = () => part.chart.detail?.(state.numbers, state.at + part.at, statistic) ?? '';

function beganOf(): string {
  const since = countedOf();
  return since > 1 ? `; the shift began ${since} points ago` : '';
}

/**
 * When the change began: as the chart itself counts it, else by the most likely change of the mean.
 * What is older than the memory is said to be as old as the memory.
 */
function onset(): number {
  if (sinceChange >= 0) return sinceChange;
  const { limits } = state;
  sinceChange = countedOf();
  if (sinceChange === 0 && part.aboutMeans && statistic === 'location' && limits !== null) {
    sinceChange = pointsSinceChange(state, point.index, limits.center);
  }
  return sinceChange;
}

/** As the window of points is made. */
function window(): Signal {
  const made = { seq: 0, ordinal: 0 } as Signal;
  for (const [field, get] of Object.entries(read)) {
    Object.defineProperty(made, field, { get, enumerable: true });
  }
  return made;
}
