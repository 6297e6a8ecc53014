import type { Chart, Statistic } from '../charts/chart.ts';
import { type CompiledRules, compileRules } from '../rules/compile.ts';
import { STEP_SLOTS } from '../rules/judge.ts';
import type { Rule } from '../rules/rule.ts';
import type { RuleSettings } from '../rules/rule-sets.ts';
import { PLOTTED } from '../spc/plotted.ts';
import type { Subgrouper } from '../subgroups/subgroup.ts';
import { WINDOW_SLOTS } from './capability-window.ts';
import { rulesOf } from './characteristic-rules.ts';
import { RECENT_SLOTS } from './recent.ts';

/** Where a statistic is plotted, and where its rules keep what they remember. */
export interface Watch {
  rules: CompiledRules;
  at: number;
  words: number;
  steps: number;
  /** out of the rules: nothing but the control limits is asked about */
  limitsOnly: boolean;
}

/** A chart with its place in the state. */
export interface ChartPlan {
  chart: Chart;
  /** the chart's own, at hand here because all plans have one layout and all charts have not */
  kind: string;
  step: Chart['step'];
  plots: Chart['plots'];
  at: number;
  /** it looks at occasions, and may have nothing to plot */
  asks: boolean;
  /** points are told when the mean left the centre */
  aboutMeans: boolean;
  location: Watch;
  /** null where a chart has no second statistic */
  spread: Watch | null;
}

/**
 * How the parts of an engine lie in the state. Characteristics with the same settings share one, so
 * that it stays in the processor's cache however many there are.
 */
export interface Layout {
  subgrouper: Subgrouper;
  rules: Rule[];
  charts: ChartPlan[];
  /** where the capability window and the last points stand; the lengths of both state arrays */
  windowAt: number;
  recentAt: number;
  numbers: number;
  words: number;
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
  const places = { numbers: subgrouper.slots, words: 0 };
  const windowAt = take(places, 'numbers', WINDOW_SLOTS);
  const parts = kinds.map((chart) => planChart(chart, made, judges, places));
  const recentAt = take(places, 'numbers', RECENT_SLOTS);
  return { subgrouper, rules: made, charts: parts, windowAt, recentAt, ...places };
}

interface Places {
  numbers: number;
  words: number;
}

function take(places: Places, which: keyof Places, count: number): number {
  const at = places[which];
  places[which] += count;
  return at;
}

function planChart(
  chart: Chart,
  made: Rule[],
  judges: (chart: Chart, rule: Rule) => boolean,
  places: Places,
): ChartPlan {
  const at = take(places, 'numbers', chart.slots);
  const watch = (statistic: Statistic, plotted: number): Watch => {
    const rules = compileRules(
      made,
      (rule) => judges(chart, rule) && chart.judgedBy(statistic, rule.kind),
    );
    return {
      rules,
      at: plotted,
      words: take(places, 'words', rules.words),
      steps: take(places, 'numbers', rules.steps ? STEP_SLOTS : 0),
      limitsOnly: rules.limitsOnly,
    };
  };
  const location = watch('location', at);
  const spread = chart.pair ? watch('spread', at + PLOTTED.count) : null;
  const ownStatistic = chart.learnsPlotted === true || chart.unlikeMeans === true;
  const aboutMeans = !chart.timeWeighted && !ownStatistic;
  const asks = chart.asks?.occasion === true;
  return {
    chart,
    kind: chart.kind,
    step: chart.step,
    plots: chart.plots,
    at,
    asks,
    aboutMeans,
    location,
    spread,
  };
}

/** Rules that a chart brings judge that chart alone, and it is judged by no others. */
const ownersOf = (chart: Chart) => (chart.rules ?? []).map(() => chart);
