import { CUSUM } from '../charts/cusum.ts';
import { drawAverage, EWMA } from '../charts/ewma.ts';
import { beyond } from '../rules/judge.ts';
import { judgePair } from '../rules/pair.ts';
import { NO_SPREAD, type Numbers, PLACES, PLOTTED } from '../spc/plotted.ts';
import { COUNTED } from '../subgroups/by-count.ts';
import { closeBlock, WINDOW } from './capability-window.ts';
import type { CharacteristicState } from './characteristic-state.ts';
import type { ChartPlan } from './layout.ts';
import { HEAD } from './memory.ts';
import { GIVEN, given as givenHere, LARGEST } from './moment.ts';
import { OUT_OF_TOLERANCE, POINT } from './outcome.ts';
import type { Outputs } from './outputs.ts';
import { point as pointHere, STAMP, seen as seenHere, stamp as stampHere } from './points.ts';
import { RING } from './recent.ts';
import { CONSTANT, type Settled } from './settled-plan.ts';
import { report } from './signals.ts';

// What a module keeps for itself is a constant to the compiler, what it imports is not.
const [given, point, seen, stamp] = [givenHere, pointHere, seenHere, stampHere];
const { value: GIVEN_VALUE, sourceMs: SOURCE_MS, sequence: SEQUENCE } = GIVEN;
const { timeMs: TIME_MS, sequence: PART, size: SIZE } = STAMP;
const { lastMs: LAST_MS, lastValue: LAST_VALUE, readings: READINGS, lastOut: LAST_OUT } = HEAD;
const { outOfTolerance: OUTSIDE, low: LOW, high: HIGH, maxGapMs: MAX_GAP_MS } = HEAD;
const HEAD_COUNT = HEAD.count;
const [MOST, OUT, NO_RANGE] = [LARGEST, OUT_OF_TOLERANCE, NO_SPREAD];
const { subgroup: AT, window: IN, pair: PAIR, spread: SPREAD, ewma: E, cusum: C } = PLACES;
const [TAKEN, CYCLE, FIRST] = [AT + COUNTED.taken, AT + COUNTED.cycle, AT + COUNTED.first];
const [SUM, SQUARES] = [AT + COUNTED.sum, AT + COUNTED.squares];
const [LOWEST, HIGHEST] = [AT + COUNTED.lowest, AT + COUNTED.highest];
const [BEFORE, NEIGHBOUR] = [AT + COUNTED.before, AT + COUNTED.neighbour];
const [IN_POINTS, IN_READINGS, IN_MEAN] = [IN, IN + WINDOW.readings, IN + WINDOW.mean];
const [IN_SQUARES, IN_WITHIN] = [IN + WINDOW.squares, IN + WINDOW.within];
const [IN_DEGREES, BLOCK] = [IN + WINDOW.degrees, WINDOW.blockPoints];
const { mask: MASK } = RING;
const [LCL, UCL, TOLERANCE] = [PLOTTED.lcl, PLOTTED.ucl, PLOTTED.tolerance];
const [E_LCL, E_UCL, E_TOLERANCE] = [E + LCL, E + UCL, E + TOLERANCE];
const [E_SHARE, E_VARIANCE] = [E + EWMA.share, E + EWMA.variance];
const [C_LOW, C_CENTER, C_ERROR] = [C + CUSUM.low, C + CUSUM.center, C + CUSUM.error];
const [C_UCL, C_TOLERANCE] = [C + UCL, C + TOLERANCE];
const [C_LOW_UCL, C_LOW_TOLERANCE] = [C_LOW + UCL, C_LOW + TOLERANCE];
const [C_HIGH_RUN, C_LOW_RUN] = [C + CUSUM.highRun, C + CUSUM.lowRun];
const { newest: NEWEST, before: OLDER, slack: SLACK } = CONSTANT;
const { newestSquared: NEWEST_SQUARED, beforeSquared: OLDER_SQUARED } = CONSTANT;

/**
 * `stepReading` for a characteristic whose limits are frozen and drawn, while nothing is out of the
 * ordinary: the same in one piece, with every number in its fixed place. -1 when this reading is not
 * ordinary; then nothing was done.
 */
export function stepSettled(s: Settled, state: CharacteristicState, out: Outputs): number {
  const v = state.view;
  // Plus 0 makes a negative zero an ordinary one.
  const value = (given[GIVEN_VALUE] as number) + 0;
  const sourceMs = given[SOURCE_MS] as number;
  const pause = sourceMs - (v[LAST_MS] as number);
  if (!(pause >= 0 && pause <= (v[MAX_GAP_MS] as number) && Math.abs(value) < MOST)) return -1;
  v[READINGS] = (v[READINGS] as number) + 1;
  v[LAST_MS] = sourceMs;
  v[LAST_VALUE] = value;
  v[LAST_OUT] = 0;
  let flags = 0;
  if (value < (v[LOW] as number) || value > (v[HIGH] as number)) {
    v[OUTSIDE] = (v[OUTSIDE] as number) + 1;
    v[LAST_OUT] = 1;
    flags = OUT;
  }
  if (s.size === 1 && s.every === 1) {
    takeOne(state, v);
    return flags | tellPoint(s, state, v, out);
  }
  const cycle = v[CYCLE] as number;
  v[CYCLE] = cycle + 1 === s.every ? 0 : cycle + 1;
  if (cycle >= s.size) return flags;
  if (s.size === 1) {
    takeOne(state, v);
    return flags | tellPoint(s, state, v, out);
  }
  if (cycle === 0) {
    v[TAKEN] = 1;
    v[FIRST] = value;
    v[SUM] = 0;
    v[SQUARES] = 0;
    v[LOWEST] = value;
    v[HIGHEST] = value;
    return flags;
  }
  if (cycle + 1 === s.size) {
    takeSeveral(s, state, v);
    return flags | tellPoint(s, state, v, out);
  }
  const distance = value - (v[FIRST] as number);
  v[TAKEN] = cycle + 1;
  v[SUM] = (v[SUM] as number) + distance;
  v[SQUARES] = (v[SQUARES] as number) + distance * distance;
  if (value < (v[LOWEST] as number)) v[LOWEST] = value;
  if (value > (v[HIGHEST] as number)) v[HIGHEST] = value;
  return flags;
}

/** The reading is a point of its own. */
function takeOne(state: CharacteristicState, v: Numbers): void {
  const value = v[LAST_VALUE] as number;
  const range = v[NEIGHBOUR] === 1 ? Math.abs(value - (v[BEFORE] as number)) : NO_RANGE;
  v[BEFORE] = value;
  v[NEIGHBOUR] = 1;
  v[PAIR] = value;
  v[SPREAD] = range;
  const before = v[IN_READINGS] as number;
  const readings = before + 1;
  const distance = value - (v[IN_MEAN] as number);
  const share = 1 / readings;
  v[IN_READINGS] = readings;
  v[IN_MEAN] = (v[IN_MEAN] as number) + distance * share;
  v[IN_SQUARES] = (v[IN_SQUARES] as number) + distance * distance * before * share;
  if (range !== NO_RANGE) {
    v[IN_WITHIN] = (v[IN_WITHIN] as number) + range;
    v[IN_DEGREES] = (v[IN_DEGREES] as number) + 1;
  }
  countPoint(state, v);
}

/** The reading completes a subgroup. */
function takeSeveral(s: Settled, state: CharacteristicState, v: Numbers): void {
  const { size } = s;
  const value = v[LAST_VALUE] as number;
  const last = value - (v[FIRST] as number);
  const sum = (v[SUM] as number) + last;
  const mean = (v[FIRST] as number) + sum / size;
  const all = (v[SQUARES] as number) + last * last;
  const squares = Math.max(0, all - (sum * sum) / size);
  const lowest = Math.min(v[LOWEST] as number, value);
  const highest = Math.max(v[HIGHEST] as number, value);
  v[TAKEN] = 0;
  v[PAIR] = mean;
  v[SPREAD] = s.deviates === true ? Math.sqrt(squares / (size - 1)) : highest - lowest;
  const before = v[IN_READINGS] as number;
  const readings = before + size;
  const distance = mean - (v[IN_MEAN] as number);
  const share = size / readings;
  v[IN_READINGS] = readings;
  v[IN_MEAN] = (v[IN_MEAN] as number) + distance * share;
  v[IN_SQUARES] = (v[IN_SQUARES] as number) + squares + distance * distance * before * share;
  v[IN_WITHIN] = (v[IN_WITHIN] as number) + squares;
  v[IN_DEGREES] = (v[IN_DEGREES] as number) + size - 1;
  countPoint(state, v);
}

/** Numbers the point, remembers it, and closes a block of the capability window. */
function countPoint(state: CharacteristicState, v: Numbers): void {
  const points = state.points + 1;
  state.points = points;
  const { recent } = state;
  const place = state.recentAt + Math.imul(points & MASK, recent.step);
  recent.numbers[place] = v[PAIR] as number;
  recent.numbers[place + 1] = v[LAST_MS] as number;
  const inBlock = (v[IN_POINTS] as number) + 1;
  v[IN_POINTS] = inBlock;
  if (inBlock === BLOCK) closeBlock(v, IN, state.blocks);
}

/** Judges the mean and its spread and tells of them, then of the charts behind them. */
function tellPoint(s: Settled, state: CharacteristicState, v: Numbers, out: Outputs): number {
  stamp[TIME_MS] = v[LAST_MS] as number;
  stamp[PART] = given[SEQUENCE] as number;
  stamp[SIZE] = s.size;
  state.loudness = 0;
  seen.state = state;
  seen.chart = 0;
  point.index = state.points;
  point.value = v[PAIR] as number;
  const { pair } = s;
  const alone = v[SPREAD] === NO_RANGE;
  const broken = judgePair(pair, state.words, state.wordsAt + s.words, v, alone);
  let flags = POINT;
  if (broken === 0) out.point(point);
  else {
    const part = s.charts[0] as ChartPlan;
    flags |= report(part, state, broken & ~pair.spreadBits, broken >>> pair.shift, out);
  }
  if (s.hasEwma === true) flags |= tellAverage(s, state, v, out);
  if (s.hasCusum === true) flags |= tellSums(s, state, v, out);
  return flags;
}

function tellAverage(s: Settled, state: CharacteristicState, v: Numbers, out: Outputs): number {
  const w = s.constants;
  const before = v[E_VARIANCE] as number;
  const variance =
    (w[NEWEST_SQUARED] as number) * (v[E_SHARE] as number) + (w[OLDER_SQUARED] as number) * before;
  if (variance !== before) {
    v[E_VARIANCE] = variance;
    drawAverage(v, E, s.weights?.width ?? 0);
  }
  const value =
    (w[NEWEST] as number) * (v[PAIR] as number) + (w[OLDER] as number) * (v[E] as number);
  v[E] = value;
  seen.chart = s.ewma;
  point.value = value;
  const tolerance = v[E_TOLERANCE] as number;
  if (value > (v[E_UCL] as number) + tolerance || value < (v[E_LCL] as number) - tolerance) {
    return tellBeyond(s.charts[s.ewma] as ChartPlan, state, v, out);
  }
  out.point(point);
  return 0;
}

function tellSums(s: Settled, state: CharacteristicState, v: Numbers, out: Outputs): number {
  const slack = s.constants[SLACK] as number;
  const z = ((v[PAIR] as number) - (v[C_CENTER] as number)) / (v[C_ERROR] as number);
  const up = (v[C] as number) + z - slack;
  const down = (v[C_LOW] as number) - z - slack;
  const rises = Number(up > 0);
  const falls = Number(down > 0);
  // Plus 0 makes a negative zero an ordinary one.
  const high = up * rises + 0;
  const low = down * falls + 0;
  v[C] = high;
  v[C_LOW] = low;
  v[C_HIGH_RUN] = ((v[C_HIGH_RUN] as number) + 1) * rises;
  v[C_LOW_RUN] = ((v[C_LOW_RUN] as number) + 1) * falls;
  seen.chart = s.cusum;
  point.value = high;
  if (
    high > (v[C_UCL] as number) + (v[C_TOLERANCE] as number) ||
    low > (v[C_LOW_UCL] as number) + (v[C_LOW_TOLERANCE] as number)
  ) {
    return tellBeyond(s.charts[s.cusum] as ChartPlan, state, v, out);
  }
  out.point(point);
  return 0;
}

/** Tells of a point beyond its limits, which the rules may not ask about. */
function tellBeyond(part: ChartPlan, state: CharacteristicState, v: Numbers, out: Outputs): number {
  const { location, spread } = part;
  const place = HEAD_COUNT + location.at;
  const broken = beyond(location.rules, v, place);
  const below = spread === null ? 0 : beyond(spread.rules, v, HEAD_COUNT + spread.at);
  if ((broken | below) !== 0) return report(part, state, broken, below, out);
  out.point(point);
  return 0;
}
