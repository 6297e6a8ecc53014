import { cumulate } from '../charts/cusum.ts';
import { average } from '../charts/ewma.ts';
import { FIRST_BAD_QUALITY, QUALITY } from '../model.ts';
import { beyond, judge } from '../rules/judge.ts';
import { judgePair } from '../rules/pair.ts';
import { NO_OCCASION, NO_SPREAD, type Numbers, type Occasion, PLOTTED } from '../spc/plotted.ts';
import { count } from '../subgroups/by-count.ts';
import { clearLines, freeze, learn, provisionalLines, remaining } from './baseline.ts';
import { widen } from './capability-window.ts';
import type { CharacteristicPlan } from './characteristic-plan.ts';
import { breakRuns, type CharacteristicState, forgetRuns } from './characteristic-state.ts';
import type { ChartPlan, Watch } from './layout.ts';
import { HEAD } from './memory.ts';
import { GIVEN, given as givenHere, LARGEST, subgroup as subgroupHere } from './moment.ts';
import { LIMITS_FROZEN, OUT_OF_TOLERANCE, POINT } from './outcome.ts';
import type { Outputs } from './outputs.ts';
import { point, STAMP, showChart, showState, stamp } from './points.ts';
import { remember } from './recent.ts';
import { stepSettled } from './settled.ts';
import { report } from './signals.ts';

// Taken out of their tables: what a module keeps for itself is a constant to the compiler.
const { value: PLOTTED_VALUE, count: PAIR } = PLOTTED;
const { lastMs: LAST_MS, lastValue: LAST_VALUE, readings: READINGS, lastOut: LAST_OUT } = HEAD;
const { outOfTolerance: OUTSIDE, low: LOW, high: HIGH, maxGapMs: MAX_GAP_MS } = HEAD;
const { timeMs: TIME_MS, sequence: PART, size: SIZE } = STAMP;
const NO_RANGE = NO_SPREAD;
const FIRST_BAD = FIRST_BAD_QUALITY;

const subgroup = subgroupHere;
const occasion: Occasion = { ...NO_OCCASION };

const given = givenHere;
const { value: VALUE, sourceMs: SOURCE_MS, sequence: SEQUENCE } = GIVEN;

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
  // Asked here and not behind another call: this is small enough to be compiled into its caller.
  const { settled } = state;
  if (settled !== null && quality < FIRST_BAD) {
    const flags = stepSettled(settled, state, out);
    if (flags >= 0) return flags;
  }
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
  if (quality >= FIRST_BAD || !(Math.abs(value) < LARGEST) || !Number.isFinite(sourceMs)) {
    state.bad += 1;
    plan.subgrouper.missed(state.numbers, state.at);
    return 0;
  }
  const { numbers, base } = state;
  const readings = numbers[base + READINGS] as number;
  let flags = 0;
  if (readings > 0) {
    const pause = sourceMs - (numbers[base + LAST_MS] as number);
    if (pause < 0 && quality === QUALITY.UNCERTAIN_LATE) {
      state.late += 1;
      return 0;
    }
    const broken = Math.abs(pause) > (numbers[base + MAX_GAP_MS] as number);
    if (broken || state.broken === 1) breakRuns(plan, state);
  }
  numbers[base + READINGS] = readings + 1;
  numbers[base + LAST_MS] = sourceMs;
  numbers[base + LAST_VALUE] = value;
  numbers[base + LAST_OUT] = 0;
  if (value < (numbers[base + LOW] as number) || value > (numbers[base + HIGH] as number)) {
    numbers[base + OUTSIDE] = (numbers[base + OUTSIDE] as number) + 1;
    numbers[base + LAST_OUT] = 1;
    flags = OUT_OF_TOLERANCE;
  }
  if (state.announced === 0 && state.limits !== null) flags |= announce(state, out);
  subgroup.reading = value;
  stamp[TIME_MS] = sourceMs;
  stamp[PART] = sequence;
  const { size, every } = state.layout;
  const complete =
    size > 0 ? count(numbers, state.at, size, every, subgroup) : addReading(plan, state, context);
  return complete ? flags | stepPoint(plan, state, out) : flags;
}

/** What subgroupers do that look at more than the number of readings. */
function addReading(
  plan: CharacteristicPlan,
  state: CharacteristicState,
  context: Occasion['context'] | undefined,
): boolean {
  if (context === undefined) return plan.subgrouper.add(state.numbers, state.at, subgroup);
  notice(context);
  const complete = plan.subgrouper.add(state.numbers, state.at, subgroup, occasion);
  state.dropped += subgroup.dropped;
  stamp[TIME_MS] = subgroup.timeMs;
  stamp[PART] = subgroup.sequence;
  return complete;
}

/** Sets the occasion of a reading; a subgroup ends with it unless the subgrouper says otherwise. */
function notice(context: Occasion['context']): void {
  occasion.timeMs = stamp[TIME_MS] as number;
  occasion.sequence = stamp[PART] as number;
  occasion.context = context;
  subgroup.timeMs = occasion.timeMs;
  subgroup.sequence = occasion.sequence;
  subgroup.dropped = 0;
}

function stepPoint(plan: CharacteristicPlan, state: CharacteristicState, out: Outputs): number {
  const { numbers, at, layout } = state;
  const points = state.points + 1;
  state.points = points;
  state.loudness = 0;
  widen(numbers, at + layout.windowAt, state.blocks, subgroup);
  if (state.limits !== null && state.linesFor !== subgroup.size) drawLines(plan, state);
  stamp[SIZE] = subgroup.size;
  remember(state, points, subgroup.mean, stamp[TIME_MS] as number);
  showState(state);
  let flags = POINT;
  const parts = layout.charts;
  for (let i = 0; i < parts.length; i += 1) {
    if (state.phase === 1 && (parts[i] as ChartPlan).chart.timeWeighted) continue;
    flags |= stepChart(i, state, out);
  }
  if (state.limits === null) flags |= learnPoint(plan, state, out);
  // From here on only what is out of the ordinary comes this way.
  const plain = state.phase === 2 && state.broken === 0 && state.linesFor === layout.size;
  if (plain) state.settled = layout.settled;
  return flags;
}

function stepChart(number: number, state: CharacteristicState, out: Outputs): number {
  const part = state.layout.charts[number] as ChartPlan;
  if (!plot(part, state.numbers, state.at + part.at)) return 0;
  if (state.limits === null) learnLines(part, state);
  const { location, spread } = part;
  let broken = 0;
  let spreadBroken = 0;
  const alone = spread === null || state.numbers[state.at + spread.at + PLOTTED_VALUE] === NO_RANGE;
  if (part.pair !== null) {
    const place = state.wordsAt + location.words;
    const conditions = judgePair(part.pair, state.words, place, state.view, alone);
    broken = conditions & ~part.pair.spreadBits;
    spreadBroken = conditions >>> part.pair.shift;
  } else {
    broken = judgeWatch(location, state);
    if (!alone) spreadBroken = judgeWatch(spread, state);
  }
  if (state.phase === 1) {
    broken &= location.rules.limitConditions;
    if (spread !== null) spreadBroken &= spread.rules.limitConditions;
  }
  showChart(number);
  if ((broken | spreadBroken) !== 0) return report(part, state, broken, spreadBroken, out);
  out.point(point);
  return 0;
}

/** Plots the subgroup; false when the chart has nothing to plot yet. */
function plot(part: ChartPlan, numbers: Numbers, place: number): boolean {
  if (part.spreads !== null) {
    numbers[place + PLOTTED_VALUE] = subgroup.mean;
    numbers[place + PAIR + PLOTTED_VALUE] = part.spreads === 'sd' ? subgroup.sd : subgroup.range;
  } else if (part.weights !== null) average(numbers, place, subgroup, part.weights);
  else if (part.sums !== null) cumulate(numbers, place, subgroup, part.sums);
  else if (part.asks) return part.step(numbers, place, subgroup, occasion) !== false;
  else part.step(numbers, place, subgroup);
  return true;
}

function judgeWatch(watch: Watch, { numbers, words, at, wordsAt }: CharacteristicState): number {
  if (watch.limitsOnly) return beyond(watch.rules, numbers, at + watch.at);
  return judge(watch.rules, words, wordsAt + watch.words, numbers, at + watch.at, at + watch.steps);
}

const lastMsOf = ({ numbers, base }: CharacteristicState) => numbers[base + LAST_MS] as number;

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
