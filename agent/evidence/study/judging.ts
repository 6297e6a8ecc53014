/** Runs readings through a chart and the rules of the live agent, and keeps what a page draws. */
import type { Chart } from '../../charts/chart.ts';
import { charts } from '../../charts/index.ts';
import type { Side } from '../../model.ts';
import { type CompiledRules, compileRules } from '../../rules/compile.ts';
import { rules as ruleKinds } from '../../rules/index.ts';
import { forget, judge, rulesBroken, STEP_SLOTS, sideBroken } from '../../rules/judge.ts';
import { NO_SPREAD, PLOTTED, type Subgroup } from '../../spc/plotted.ts';
import { meanOf, rangeOf, sdOf } from '../../spc/summation.ts';
import { gapless } from './readings.ts';

/** One rule broken at one point. */
export interface StudySignal {
  rule: string;
  text: string;
  /** of the mean (or the single reading), or of the spread */
  statistic: 'location' | 'spread';
  /** point of the chart, from 1 */
  point: number;
  value: number;
  side: Side;
}

/** What one chart shows, point by point; NaN where there is no value. */
export interface Trace {
  value: Float64Array;
  cl: Float64Array;
  lcl: Float64Array;
  ucl: Float64Array;
  /** 1 where a rule is broken */
  broken: Uint8Array;
}

export interface Judged {
  chart: string;
  points: number;
  location: Trace;
  spread: Trace;
  signals: StudySignal[];
  signalCount: number;
  stretches: number;
  /** largest distance of a point from the centre, in its own sigmas */
  farthest: number;
}

const MOST_SIGNALS = 500;
/** Points a page can show; longer studies keep their signals, not every point. */
export const MOST_TRACED = 100_000;
/** Ranges say less the larger and the less equal the subgroups are. */
const LARGEST_FOR_RANGE = 8;

/**
 * Moving ranges lie below their mean more often than above and share readings: runs among them say
 * nothing in a study, where every false signal costs the verdict.
 */
const SPREAD_RULES: Record<string, { spreadRules: string[] }> = {
  imr: { spreadRules: ['beyond-limits'] },
};

interface Watch {
  statistic: StudySignal['statistic'];
  rules: CompiledRules;
  at: number;
  words: Int32Array;
  steps: number;
  trace: Trace;
  /** rules broken at the point before, to count stretches */
  before: number;
}

/** Judges subgroups, or individuals when there are no bounds, under given centre and sigma. */
export function judgeReadings(
  values: Float64Array,
  bounds: Int32Array | null,
  limits: Limits,
  ruleSettings: readonly { kind: string }[],
): Judged {
  const count = bounds === null ? values.length : bounds.length - 1;
  const size = bounds === null ? 1 : largestOf(bounds);
  const judging = startJudging(size, count, limits, ruleSettings);
  for (let i = 0; i < count; i += 1) {
    if (bounds === null) judging.individual(values[i] as number);
    else judging.group(values.subarray(bounds[i], bounds[i + 1]));
  }
  return judging.found;
}

/** Centre and sigma within that the charts are drawn with. */
export interface Limits {
  center: number;
  sigma: number;
}

/** Takes readings one by one (NaN is a missing one), or subgroups; `found` grows with them. */
export interface Judging {
  individual(value: number): void;
  group(readings: Float64Array): void;
  found: Judged;
}

/** The same for readings that come by once: `size` of the largest subgroup, `count` of points. */
export function startJudging(
  size: number,
  count: number,
  limits: Limits,
  ruleSettings: readonly { kind: string }[],
): Judging {
  const kind = size === 1 ? 'imr' : size <= LARGEST_FOR_RANGE ? 'xbar-r' : 'xbar-s';
  const chart = charts.create(charts.schema.parse({ kind, ...SPREAD_RULES[kind] }), { size: 1 });
  // A subgroup of which one reading is left has a mean and no spread: drawn as an individual.
  const lone = charts.create(charts.schema.parse({ kind: 'imr' }), { size: 1 });
  const rules = ruleSettings.map((rule) => ruleKinds.create(ruleKinds.schema.parse(rule), {}));
  const numbers = new Float64Array(chart.slots + 2 * STEP_SLOTS);
  const watch = (statistic: StudySignal['statistic'], at: number, steps: number): Watch => {
    const compiled = compileRules(rules, (rule) => chart.judgedBy(statistic, rule.kind));
    const words = new Int32Array(compiled.words);
    forget(compiled, words, 0, numbers, steps);
    const trace = emptyTrace(Math.min(count, MOST_TRACED));
    return { statistic, rules: compiled, at, words, steps, trace, before: 0 };
  };
  const location = watch('location', 0, chart.slots);
  const spread = watch('spread', PLOTTED.count, chart.slots + STEP_SLOTS);
  const found: Judged = {
    ...{ chart: kind, points: 0, location: location.trace, spread: spread.trace },
    ...{ signals: [], signalCount: 0, stretches: 0, farthest: 0 },
  };
  let drawnFor = -1;
  let last = Number.NaN;
  let place = -1;
  const plot = (group: Subgroup | null) => {
    place += 1;
    if (group === null) return;
    const used: Chart = group.size === 1 ? lone : chart;
    if (drawnFor !== group.size) used.lines(numbers, 0, limits, group.size);
    drawnFor = group.size;
    used.step(numbers, 0, group);
    found.points += 1;
    take(location, numbers, place, found);
    if (numbers[spread.at + PLOTTED.value] !== NO_SPREAD) take(spread, numbers, place, found);
    const z = (numbers[PLOTTED.value] as number) - (numbers[PLOTTED.cl] as number);
    found.farthest = Math.max(found.farthest, Math.abs(z) / (numbers[PLOTTED.up] as number));
  };
  return {
    individual(value) {
      plot(individual(value, last));
      last = value;
    },
    group: (readings) => plot(subgroup(readings, kind === 'xbar-s')),
    found,
  };
}

function largestOf(bounds: Int32Array): number {
  let largest = 2;
  for (let i = 1; i < bounds.length; i += 1) {
    largest = Math.max(largest, (bounds[i] as number) - (bounds[i - 1] as number));
  }
  return largest;
}

function take(w: Watch, numbers: Float64Array, i: number, found: Judged): void {
  const { trace, rules } = w;
  // Places beyond the end of a trace are not kept: typed arrays ignore them.
  const value = numbers[w.at + PLOTTED.value] as number;
  trace.value[i] = value;
  trace.cl[i] = numbers[w.at + PLOTTED.cl] as number;
  trace.lcl[i] = numbers[w.at + PLOTTED.lcl] as number;
  trace.ucl[i] = numbers[w.at + PLOTTED.ucl] as number;
  const conditions = judge(rules, w.words, 0, numbers, w.at, w.steps);
  const broken = rulesBroken(rules, conditions);
  const fresh = broken & ~w.before;
  w.before = broken;
  if (broken === 0) return;
  trace.broken[i] = 1;
  rules.rules.forEach((rule, r) => {
    if (rule === null || (broken & (1 << r)) === 0) return;
    found.signalCount += 1;
    if ((fresh & (1 << r)) !== 0) found.stretches += 1;
    if (found.signals.length >= MOST_SIGNALS) return;
    const side = sideBroken(rules, conditions, r);
    const { statistic } = w;
    found.signals.push({ rule: rule.id, text: rule.text, statistic, point: i + 1, value, side });
  });
}

function emptyTrace(count: number): Trace {
  const column = () => new Float64Array(count).fill(Number.NaN);
  const broken = new Uint8Array(count);
  return { value: column(), cl: column(), lcl: column(), ucl: column(), broken };
}

function individual(value: number, before: number): Subgroup | null {
  if (Number.isNaN(value)) return null;
  const range = Number.isNaN(before) ? NO_SPREAD : Math.abs(value - before);
  // One object for all: charts read it during the call and keep nothing of it.
  single.mean = value;
  single.range = range;
  single.values[0] = value;
  return single;
}

/**
 * One object for all, as for individuals: a long study has millions of subgroups. Of the spread only
 * what the chart plots is computed, and the single values, which none of these charts reads, stay away.
 */
function subgroup(readings: Float64Array, bySd: boolean): Subgroup | null {
  const present = gapless(readings);
  const size = present.length;
  if (size === 0) return null;
  const one = size === 1;
  several.size = size;
  several.mean = meanOf(present) as number;
  several.range = one || bySd ? NO_SPREAD : (rangeOf(present) ?? NO_SPREAD);
  several.sd = one || !bySd ? NO_SPREAD : (sdOf(present) ?? NO_SPREAD);
  return several;
}

/** A study has no clock and no counter: time and sequence say nothing here. */
function filled(
  values: number[],
  mean: number,
  range: number,
  sd: number,
  squares: number,
): Subgroup {
  const group = {
    ...{ size: values.length, mean, range, sd, squares },
    ...{ values, timeMs: 0, sequence: Number.NaN, dropped: 0, reading: 0 },
  };
  return group;
}

const single = filled([0.5], 0.5, NO_SPREAD, NO_SPREAD, 0);
const several = filled([0.5], 0.5, NO_SPREAD, NO_SPREAD, 0);
