import { FIRST_BAD_QUALITY, QUALITY } from '../model.ts';
import { beyond, judge } from '../rules/judge.ts';
import { NO_OCCASION, NO_SPREAD, type Occasion, PLOTTED } from '../spc/plotted.ts';
import { emptySubgroup } from '../subgroups/subgroup.ts';
import { clearLines, freeze, learn, provisionalLines, remaining } from './baseline.ts';
import { widen } from './capability-window.ts';
import type { CharacteristicPlan } from './characteristic-plan.ts';
import { breakRuns, type CharacteristicState, forgetRuns } from './characteristic-state.ts';
import type { ChartPlan, Watch } from './layout.ts';
import { HEAD } from './memory.ts';
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

/** The reading that is being taken in: numbers handed to a function would become objects. */
const given = new Float64Array(3);
const VALUE = 0;
const SOURCE_MS = 1;
const SEQUENCE = 2;

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
  given[VALUE] = value;
  given[SOURCE_MS] = sourceMs;
  given[SEQUENCE] = sequence;
  return takeReading(plan, state, quality, out, context);
}

function takeReading(
  plan: CharacteristicPlan,
  state: CharacteristicState,
  quality: number,
  out: Outputs,
  context: Occasion['context'] | undefined,
): number {
  // Plus 0 makes a negative zero an ordinary one, which is all that JSON can keep.
  const value = (given[VALUE] as number) + 0;
  const sourceMs = given[SOURCE_MS] as number;
  const sequence = given[SEQUENCE] as number;
  if (quality >= FIRST_BAD_QUALITY || !(Math.abs(value) < LARGEST) || !Number.isFinite(sourceMs)) {
    state.bad += 1;
    plan.subgrouper.missed(state.numbers, state.at);
    return 0;
  }
  const { numbers, base } = state;
  const readings = numbers[base + HEAD.readings] as number;
  let flags = 0;
  if (readings > 0) {
    const pause = sourceMs - (numbers[base + HEAD.lastMs] as number);
    if (pause < 0 && quality === QUALITY.UNCERTAIN_LATE) {
      state.late += 1;
      return 0;
    }
    const broken = Math.abs(pause) > (numbers[base + HEAD.maxGapMs] as number);
    if (broken || state.broken === 1) breakRuns(plan, state);
  }
  numbers[base + HEAD.readings] = readings + 1;
  numbers[base + HEAD.lastMs] = sourceMs;
  numbers[base + HEAD.lastValue] = value;
  numbers[base + HEAD.lastOut] = 0;
  if (
    value < (numbers[base + HEAD.low] as number) ||
    value > (numbers[base + HEAD.high] as number)
  ) {
    numbers[base + HEAD.outOfTolerance] = (numbers[base + HEAD.outOfTolerance] as number) + 1;
    numbers[base + HEAD.lastOut] = 1;
    flags = OUT_OF_TOLERANCE;
  }
  if (state.announced === 0 && state.limits !== null) flags |= announce(state, out);
  subgroup.reading = value;
  if (context !== undefined) {
    notice(sourceMs, sequence, context);
    const complete = plan.subgrouper.add(numbers, state.at, subgroup, occasion);
    state.dropped += subgroup.dropped;
    if (!complete) return flags;
    point.timeMs = subgroup.timeMs;
    point.partSequence = Number.isNaN(subgroup.sequence) ? null : subgroup.sequence;
  } else {
    if (!plan.subgrouper.add(numbers, state.at, subgroup)) return flags;
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

function stepPoint(plan: CharacteristicPlan, state: CharacteristicState, out: Outputs): number {
  state.points += 1;
  state.loudness = 0;
  widen(state.numbers, state.at + plan.windowAt, state.blocks, subgroup);
  if (state.limits !== null && state.linesFor !== subgroup.size) drawLines(plan, state);
  point.characteristic = plan.id;
  point.index = state.points;
  point.size = Math.ceil(subgroup.size);
  point.phase = state.phase;
  point.limitsVersion = state.limits === null ? 0 : state.limits.version;
  let flags = POINT;
  const parts = plan.charts;
  const recentAt = state.at + plan.recentAt;
  remember(state.numbers, recentAt, state.points, subgroup.mean, point.timeMs);
  for (let i = 0; i < parts.length; i += 1) {
    const part = parts[i] as ChartPlan;
    if (state.phase === 1 && part.chart.timeWeighted) continue;
    flags |= stepChart(part, recentAt, state, out);
  }
  if (state.limits === null) flags |= learnPoint(plan, state, out);
  return flags;
}

function stepChart(
  part: ChartPlan,
  recentAt: number,
  state: CharacteristicState,
  out: Outputs,
): number {
  const { numbers, at } = state;
  const { location, spread } = part;
  const place = at + part.at;
  if (part.plots === 'range') {
    numbers[place + PLOTTED.value] = subgroup.mean;
    numbers[place + PLOTTED.count + PLOTTED.value] = subgroup.range;
  } else if (!part.asks) part.step(numbers, place, subgroup);
  else if (part.step(numbers, place, subgroup, occasion) === false) return 0;
  if (state.limits === null) learnLines(part, state);
  let broken = location.limitsOnly
    ? beyond(location.rules, numbers, place)
    : judgeWatch(location, state);
  let spreadBroken = 0;
  if (spread !== null && numbers[at + spread.at + PLOTTED.value] !== NO_SPREAD) {
    spreadBroken = spread.limitsOnly
      ? beyond(spread.rules, numbers, at + spread.at)
      : judgeWatch(spread, state);
  }
  if (state.phase === 1) {
    broken &= location.rules.limitConditions;
    if (spread !== null) spreadBroken &= spread.rules.limitConditions;
  }
  showPoint(part.kind, numbers, at + location.at, spread === null ? -1 : at + spread.at);
  point.rules = 0;
  point.spreadRules = 0;
  if ((broken | spreadBroken) === 0) {
    out.point(point);
    return 0;
  }
  const severity = report(part, recentAt, state, broken, spreadBroken, out);
  if (state.phase === 1) return 0;
  state.loudness = Math.max(state.loudness, severity);
  return severity === 2 ? SIGNAL | ALARM_SIGNAL : SIGNAL;
}

function judgeWatch(watch: Watch, { numbers, words, at, wordsAt }: CharacteristicState): number {
  return judge(watch.rules, words, wordsAt + watch.words, numbers, at + watch.at, at + watch.steps);
}

const lastMsOf = ({ numbers, base }: CharacteristicState) => numbers[base + HEAD.lastMs] as number;

/** Before limits are frozen a point is judged by where the next one is expected (E14). */
function learnLines(part: ChartPlan, state: CharacteristicState): void {
  if (part.chart.unlikeMeans === true) clearLines(state.numbers, state.at + part.location.at);
  else provisionalLines(state.baseline, state.numbers, state.at + part.location.at);
  if (part.spread !== null) clearLines(state.numbers, state.at + part.spread.at);
}

function learnPoint(plan: CharacteristicPlan, state: CharacteristicState, out: Outputs): number {
  learn(plan, state.baseline, subgroup, state.numbers, state.at);
  if (remaining(plan, state.baseline) > 0) return 0;
  const version = state.versions + 1;
  state.limits = freeze(plan, state.baseline, version, lastMsOf(state), state.numbers, state.at);
  if (state.limits === null) return 0;
  state.versions = version;
  for (const column of Object.values(state.baseline)) column.length = 0;
  const waits = plan.limits.kind === 'baseline' && plan.limits.requireApproval;
  state.phase = waits ? 1 : 2;
  state.announced = 1;
  forgetRuns(plan, state, true);
  out.limits(state.limits);
  return LIMITS_FROZEN;
}

/** Limits from the settings file are reported with the first reading they judge. */
function announce(state: CharacteristicState, out: Outputs): number {
  if (state.limits === null) return 0;
  state.limits = { ...state.limits, frozenAtMs: lastMsOf(state) };
  state.announced = 1;
  out.limits(state.limits);
  return LIMITS_FROZEN;
}

function drawLines(plan: CharacteristicPlan, state: CharacteristicState): void {
  if (state.limits === null) return;
  for (const part of plan.charts) {
    part.chart.lines(state.numbers, state.at + part.at, state.limits, subgroup.size);
  }
  state.linesFor = subgroup.size;
}
