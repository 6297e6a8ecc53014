import type { Chart, Plots, Statistic } from '../charts/chart.ts';
import type { Sums } from '../charts/cusum.ts';
import type { Weights } from '../charts/ewma.ts';
import { type CompiledRules, compileRules } from '../rules/compile.ts';
import { STEP_SLOTS } from '../rules/judge.ts';
import { type PairRules, pairOf } from '../rules/pair.ts';
import type { Rule } from '../rules/rule.ts';
import type { RuleSettings } from '../rules/rule-sets.ts';
import { PLACES, PLOTTED } from '../spc/plotted.ts';
import type { Subgrouper } from '../subgroups/subgroup.ts';
import { WINDOW_SLOTS } from './capability-window.ts';
import { rulesOf } from './characteristic-rules.ts';
import { HEAD } from './memory.ts';
import { type Settled, settledOf } from './settled-plan.ts';

/** Where a statistic is plotted, and where its rules keep what they remember. */
export interface Watch {
  rules: CompiledRules;
  at: number;
  words: number;
  steps: number;
  /** its bits stand so far above those of the other statistic in the same words */
  shift: number;
  /** out of the rules: nothing but the control limits is asked about */
  limitsOnly: boolean;
}

/** A chart with its place in the state. */
export interface ChartPlan {
  chart: Chart;
  /** the chart's own, at hand here because all plans have one layout and all charts have not */
  kind: string;
  step: Chart['step'];
  /** out of what the chart says it plots; null when it does something else */
  spreads: NonNullable<Chart['plots']>['spread'] | null;
  weights: Weights | null;
  sums: Sums | null;
  at: number;
  /** it looks at occasions, and may have nothing to plot */
  asks: boolean;
  /** points are told when the mean left the centre */
  aboutMeans: boolean;
  location: Watch;
  /** null where a chart has no second statistic */
  spread: Watch | null;
  /** both judged in one, where the chart stands at PLACES */
  pair: PairRules | null;
}

/**
 * How the parts of an engine lie in the state. Characteristics with the same settings share one, so
 * that it stays in the processor's cache however many there are.
 */
export interface Layout {
  subgrouper: Subgrouper;
  /** so many readings of every so many; of 0 when the subgrouper does something else */
  size: number;
  every: number;
  rules: Rule[];
  charts: ChartPlan[];
  /** where the capability window stands; the lengths of both state arrays */
  windowAt: number;
  numbers: number;
  words: number;
  /** where the words begin, as a place of `numbers` */
  wordsAt: number;
  /** how its characteristics are stepped while nothing is out of the ordinary; null: as all others */
  settled: Settled | null;
  /** numbers that a snapshot keeps beside the last points, and how many words */
  saved: { at: number; count: number }[];
  savedWords: number;
}

/** Gives charts and their rules places; `listed` judges the charts that bring no rules of their own. */
export function layOut(
  subgrouper: Subgrouper,
  kinds: readonly Chart[],
  listed: readonly RuleSettings[],
): Layout {
  const common = kinds.some((chart) => chart.rules === undefined) ? listed : [];
  const owners = [...common.map(() => undefined), ...kinds.flatMap(ownersOf)];
  const made = rulesOf([...common, ...kinds.flatMap((chart) => chart.rules ?? [])]);
  const judges = (chart: Chart, rule: Rule) =>
    owners[made.indexOf(rule)] === (chart.rules === undefined ? undefined : chart);
  const usual = isUsual(subgrouper, kinds);
  const before = usual ? PLACES.count - HEAD.count : subgrouper.slots;
  const places: Places = { numbers: before, words: 0, usual };
  const windowAt = usual ? PLACES.window - HEAD.count : take(places, 'numbers', WINDOW_SLOTS);
  const parts = kinds.map((chart) => planChart(chart, made, judges, places));
  const { size, every } = subgrouper.counts ?? { size: 0, every: 0 };
  const watches = parts.flatMap(watchesOf);
  return {
    subgrouper,
    // Who looks at occasions is told of every reading.
    ...(parts.some((part) => part.asks) ? { size: 0, every: 0 } : { size, every }),
    rules: made,
    charts: parts,
    windowAt,
    settled: usual ? settledOf(parts, size, every) : null,
    saved: [{ at: 0, count: subgrouper.slots + WINDOW_SLOTS }, ...parts.flatMap(savedOf)],
    savedWords: watches.reduce((sum, { rules }) => sum + rules.savedWords, 0),
    numbers: places.numbers,
    words: places.words,
    // Counters and histories stand with what is read beside them, where there is room.
    wordsAt: usual && places.words <= ROOM ? PLACES.words - HEAD.count : places.numbers,
  };
}

const ROOM = 2 * (PLACES.count - PLACES.words);

/** The statistics of a chart that rules look at. */
export const watchesOf = (part: ChartPlan): Watch[] =>
  part.spread === null ? [part.location] : [part.location, part.spread];

/** Is everything counted, and are the charts those that have a place of their own? */
function isUsual(subgrouper: Subgrouper, kinds: readonly Chart[]): boolean {
  const plots = kinds.map((chart) => chart.plots);
  const times = (which: keyof Plots) => plots.filter((one) => one?.[which] !== undefined).length;
  return (
    subgrouper.counts !== undefined &&
    subgrouper.slots === PLACES.window - PLACES.subgroup &&
    plots[0]?.spread !== undefined &&
    times('spread') === 1 &&
    times('weights') <= 1 &&
    times('sums') <= 1 &&
    times('spread') + times('weights') + times('sums') === kinds.length
  );
}

interface Places {
  numbers: number;
  words: number;
  usual: boolean;
}

function take(places: Places, which: 'numbers' | 'words', count: number): number {
  const at = places[which];
  places[which] += count;
  return at;
}

/** Where the numbers of a chart begin, and those of its steps. */
function placeOf(chart: Chart, places: Places): { at: number; steps: number } | null {
  if (!places.usual) return null;
  const { weights, sums } = chart.plots ?? {};
  const at = weights ? PLACES.ewma : sums ? PLACES.cusum : PLACES.pair;
  return { at: at - HEAD.count, steps: PLACES.steps - HEAD.count };
}

function planChart(
  chart: Chart,
  made: Rule[],
  judges: (chart: Chart, rule: Rule) => boolean,
  places: Places,
): ChartPlan {
  const fixed = placeOf(chart, places);
  const at = fixed?.at ?? take(places, 'numbers', chart.slots);
  const compiled = (statistic: Statistic) =>
    compileRules(made, (rule) => judges(chart, rule) && chart.judgedBy(statistic, rule.kind));
  const own = compiled('location');
  const others = chart.pair ? compiled('spread') : null;
  const pair = fixed === null || others === null ? null : pairOf(own, others);
  const watch = (rules: CompiledRules, plotted: number, joined: Watch | null): Watch => ({
    rules,
    at: plotted,
    words: joined?.words ?? take(places, 'words', rules.words),
    steps:
      fixed !== null && rules === own
        ? fixed.steps
        : take(places, 'numbers', rules.steps ? STEP_SLOTS : 0),
    shift: joined?.rules.bits ?? 0,
    limitsOnly: rules.limitsOnly,
  });
  const location = watch(own, at, null);
  const joined = pair === null ? null : location;
  const spread = others === null ? null : watch(others, at + PLOTTED.count, joined);
  const ownStatistic = chart.learnsPlotted === true || chart.unlikeMeans === true;
  return {
    chart,
    kind: chart.kind,
    step: chart.step,
    spreads: chart.plots?.spread ?? null,
    weights: chart.plots?.weights ?? null,
    sums: chart.plots?.sums ?? null,
    at,
    asks: chart.asks?.occasion === true,
    aboutMeans: !chart.timeWeighted && !ownStatistic,
    location,
    spread,
    pair,
  };
}

/** What a snapshot keeps of a chart: its numbers, then the steps of its statistics. */
function savedOf(part: ChartPlan): { at: number; count: number }[] {
  const steps = watchesOf(part).filter((watch) => watch.rules.steps);
  return [
    { at: part.at, count: part.chart.slots },
    ...steps.map((watch) => ({ at: watch.steps, count: STEP_SLOTS })),
  ];
}

/** Rules that a chart brings judge that chart alone, and it is judged by no others. */
const ownersOf = (chart: Chart) => (chart.rules ?? []).map(() => chart);
