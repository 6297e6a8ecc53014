import { FIRST_BAD_QUALITY, type Limits, QUALITY } from '../model.ts';
import { judge } from '../rules/judge.ts';
import { NO_OCCASION, NO_SPREAD, type Occasion, PLOTTED } from '../spc/plotted.ts';
import { emptySubgroup } from '../subgroups/subgroup.ts';
import { clearLines, freeze, learn, provisionalLines, remaining } from './baseline.ts';
import { widen } from './capability-window.ts';
import type { CharacteristicPlan, ChartPlan } from './characteristic-plan.ts';
import { breakRuns, type CharacteristicState, forgetRuns } from './characteristic-state.ts';
import type { Outputs } from './outputs.ts';
import { point, showPoint } from './points.ts';
import { remember } from './recent.ts';
import { report } from './signals.ts';

/** What a reading brought about: bits of the number `stepReading` returns. */
export const POINT = 1;
/** a rule was broken under frozen limits, on any chart */
export const SIGNAL = 2;
export const OUT_OF_TOLERANCE = 4;
export const LIMITS_FROZEN = 8;
/** a SIGNAL of severity alarm */
export const ALARM_SIGNAL = 16;

/** Beyond this a square no longer fits a double with room to add; no gauge is near it. */
const LARGEST = 1e100;

// Reused for every reading of every characteristic: the core is synchronous.
const subgroup = emptySubgroup();
const occasion: Occasion = { ...NO_OCCASION };

/**
 * Takes in one reading: tolerance, subgroup, charts, rules. Bad readings are counted and go no
 * further. `sequence` is NaN when the source does not count; `context` is handed over for plans that
 * ask for it. Returns what came of it, as bits.
 */
export function stepReading(
  plan: CharacteristicPlan,
  state: CharacteristicState,
  value: number,
  quality: number,
  sourceMs: number,
  sequence: number,
  out: Outputs,
  context?: Occasion['context'],
): number {
  if (quality >= FIRST_BAD_QUALITY || !(Math.abs(value) < LARGEST) || !Number.isFinite(sourceMs)) {
    state.bad += 1;
    plan.subgrouper.missed(state.numbers, 0);
    return 0;
  }
  let flags = 0;
  if (state.readings > 0) {
    const pause = sourceMs - state.lastMs;
    if (pause < 0 && quality === QUALITY.UNCERTAIN_LATE) {
      state.late += 1;
      return 0;
    }
    if (Math.abs(pause) > plan.maxGapMs || state.broken === 1) breakRuns(plan, state);
  }
  state.readings += 1;
  state.lastMs = sourceMs;
  // Plus 0 makes a negative zero an ordinary one, which is all that JSON can keep.
  state.lastValue = value + 0;
  if (value < plan.low || value > plan.high) {
    state.outOfTolerance += 1;
    state.lastOut = 1;
    flags = OUT_OF_TOLERANCE;
  } else state.lastOut = 0;
  if (state.announced === 0 && state.limits !== null) flags |= announce(state, out);
  if (context !== undefined) {
    notice(sourceMs, sequence, context);
    const complete = plan.subgrouper.add(state.numbers, 0, value + 0, subgroup, occasion);
    state.dropped += subgroup.dropped;
    if (!complete) return flags;
    point.timeMs = subgroup.timeMs;
    point.partSequence = Number.isNaN(subgroup.sequence) ? null : subgroup.sequence;
  } else {
    if (!plan.subgrouper.add(state.numbers, 0, value + 0, subgroup)) return flags;
    point.timeMs = sourceMs;
    point.partSequence = Number.isNaN(sequence) ? null : sequence;
  }
  return flags | stepPoint(plan, state, out);
}

/** Sets the occasion of a reading; a subgroup ends with it unless the subgrouper says otherwise. */
function notice(timeMs: number, sequence: number, context: Occasion['context']): void {
  occasion.timeMs = timeMs;
  occasion.sequence = sequence;
  occasion.context = context;
  subgroup.timeMs = timeMs;
  subgroup.sequence = sequence;
  subgroup.dropped = 0;
}

/** A person accepts limits: they judge from the next point on. Returns them, or why not. */
export function approve(
  plan: CharacteristicPlan,
  state: CharacteristicState,
  version: number,
  by: string,
  timeMs: number,
  out: Outputs,
): Limits | string {
  const { limits } = state;
  if (limits === null) return `${plan.id} has no limits yet: the baseline is still being learned`;
  if (limits.version !== version) {
    return `version ${version} is not current: ${plan.id} has limits version ${limits.version}`;
  }
  if (limits.approvedBy !== null) return `version ${version} was approved by ${limits.approvedBy}`;
  state.limits = { ...limits, approvedBy: by, approvedAtMs: timeMs };
  if (state.phase === 1) {
    state.phase = 2;
    forgetRuns(plan, state);
  }
  out.limits(state.limits);
  return state.limits;
}

function stepPoint(plan: CharacteristicPlan, state: CharacteristicState, out: Outputs): number {
  state.points += 1;
  state.loudness = 0;
  widen(state.numbers, plan.windowAt, state.blocks, subgroup);
  if (state.limits !== null && state.linesFor !== subgroup.size) drawLines(plan, state);
  point.characteristic = plan.id;
  point.index = state.points;
  point.size = Math.ceil(subgroup.size);
  point.phase = state.phase;
  point.limitsVersion = state.limits === null ? 0 : state.limits.version;
  let flags = POINT;
  const parts = plan.charts;
  const first = parts[0] as ChartPlan;
  remember(first, state.numbers, state.points, subgroup.mean, point.timeMs);
  for (let i = 0; i < parts.length; i += 1) {
    const part = parts[i] as ChartPlan;
    if (state.phase === 1 && part.chart.timeWeighted) continue;
    flags |= stepChart(part, state, out);
  }
  if (state.limits === null) flags |= learnPoint(plan, state, out);
  return flags;
}

function stepChart(part: ChartPlan, state: CharacteristicState, out: Outputs): number {
  const { numbers, words } = state;
  const { location, spread } = part;
  if (part.asks) {
    if (part.step(numbers, part.at, subgroup, occasion) === false) return 0;
  } else part.step(numbers, part.at, subgroup);
  if (state.limits === null) learnLines(part, state);
  let broken = judge(location.rules, words, location.words, numbers, location.at, location.steps);
  let spreadBroken = 0;
  if (spread !== null && numbers[spread.at + PLOTTED.value] !== NO_SPREAD) {
    spreadBroken = judge(spread.rules, words, spread.words, numbers, spread.at, spread.steps);
  }
  if (state.phase === 1) {
    broken &= location.rules.limitConditions;
    if (spread !== null) spreadBroken &= spread.rules.limitConditions;
  }
  showPoint(part.kind, numbers, location.at, spread === null ? -1 : spread.at);
  point.rules = 0;
  point.spreadRules = 0;
  if ((broken | spreadBroken) === 0) {
    out.point(point);
    return 0;
  }
  const severity = report(part, state, broken, spreadBroken, out);
  if (state.phase === 1) return 0;
  state.loudness = Math.max(state.loudness, severity);
  return severity === 2 ? SIGNAL | ALARM_SIGNAL : SIGNAL;
}

/** Before limits are frozen a point is judged by where the next one is expected (E14). */
function learnLines(part: ChartPlan, state: CharacteristicState): void {
  if (part.chart.unlikeMeans === true) clearLines(state.numbers, part.location.at);
  else provisionalLines(state.baseline, state.numbers, part.location.at);
  if (part.spread !== null) clearLines(state.numbers, part.spread.at);
}

function learnPoint(plan: CharacteristicPlan, state: CharacteristicState, out: Outputs): number {
  learn(plan, state.baseline, subgroup, state.numbers);
  if (remaining(plan, state.baseline) > 0) return 0;
  state.limits = freeze(plan, state.baseline, 1, state.lastMs, state.numbers);
  if (state.limits === null) return 0;
  for (const column of Object.values(state.baseline)) column.length = 0;
  const waits = plan.limits.kind === 'baseline' && plan.limits.requireApproval;
  state.phase = waits ? 1 : 2;
  state.announced = 1;
  forgetRuns(plan, state);
  out.limits(state.limits);
  return LIMITS_FROZEN;
}

/** Limits from the settings file are reported with the first reading they judge. */
function announce(state: CharacteristicState, out: Outputs): number {
  if (state.limits === null) return 0;
  state.limits = { ...state.limits, frozenAtMs: state.lastMs };
  state.announced = 1;
  out.limits(state.limits);
  return LIMITS_FROZEN;
}

function drawLines(plan: CharacteristicPlan, state: CharacteristicState): void {
  if (state.limits === null) return;
  for (const part of plan.charts) {
    part.chart.lines(state.numbers, part.at, state.limits, subgroup.size);
  }
  state.linesFor = subgroup.size;
}
