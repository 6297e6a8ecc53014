import type { Chart, Lines, Statistic } from '../charts/chart.ts';
import { charts, toleranceCharts } from '../charts/index.ts';
import type { Characteristic } from '../model.ts';
import { type CompiledRules, compileRules } from '../rules/compile.ts';
import { STEP_SLOTS } from '../rules/judge.ts';
import type { Rule } from '../rules/rule.ts';
import { ruleSets } from '../rules/rule-sets.ts';
import { PLOTTED } from '../spc/plotted.ts';
import { subgroupers } from '../subgroups/index.ts';
import type { Subgrouper } from '../subgroups/subgroup.ts';
import { WINDOW_SLOTS } from './capability-window.ts';
import { rulesOf } from './characteristic-rules.ts';
import { type CharacteristicSettings, usualChart } from './characteristic-settings.ts';
import { RECENT_SLOTS } from './recent.ts';

export type Estimator = 'rbar/d2' | 'sbar/c4' | 'mrbar/d2' | 'pooled/c4';

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
interface Layout {
  subgrouper: Subgrouper;
  rules: Rule[];
  charts: ChartPlan[];
  /** where the capability window and the last points stand; the lengths of both state arrays */
  windowAt: number;
  recentAt: number;
  numbers: number;
  words: number;
}

/** All that is fixed about one characteristic. Never changes while the agent runs. */
export interface CharacteristicPlan extends Layout {
  id: string;
  subject: Characteristic;
  /** changes exactly when old state would no longer fit */
  fingerprint: string;
  lsl: number | null;
  usl: number | null;
  /** the same, the largest number for none: a comparison without a question */
  low: number;
  high: number;
  natural: 'lower' | 'upper' | 'none';
  maxGapMs: number;
  noDataAfterMs: number;
  limits: BaselineSettings | GivenLimits;
  estimator: Estimator;
  /** Phase I points */
  wanted: number;
}

/** Does some part of it look at the context of readings? */
export function asksForContext({ subgrouper, charts: parts }: Layout): boolean {
  return subgrouper.asks === true || parts.some((part) => part.asks);
}

type BaselineSettings = Extract<CharacteristicSettings['limits'], { kind: 'baseline' }>;

/** Limits that settings or a chart's own settings say. */
export interface GivenLimits extends Lines {
  kind: 'fixed';
}

/** Makes checked settings into a plan: kinds created, rules compiled, places in the state given. */
export function planCharacteristic(id: string, s: CharacteristicSettings): CharacteristicPlan {
  const layout = layoutOf(s);
  const { size } = layout.subgrouper;
  return {
    id,
    subject: subjectOf(id, s),
    fingerprint: JSON.stringify([layoutKey(s), s.limits, s.maxGap]),
    lsl: s.lsl,
    usl: s.usl,
    low: s.lsl ?? -Number.MAX_VALUE,
    high: s.usl ?? Number.MAX_VALUE,
    natural: s.natural,
    maxGapMs: s.maxGap,
    noDataAfterMs: s.noDataAfter,
    limits: limitsOf(s, layout.charts[0]?.chart),
    estimator: estimatorOf(s, size, layout.charts[0]?.chart.kind ?? ''),
    wanted:
      (s.limits.kind === 'baseline' ? s.limits.subgroups : 0) ??
      (size === 1 && s.subgroup.kind !== 'counts' ? 100 : 25),
    ...layout,
  };
}

/** Limits of the settings file, completed by what the first chart knows. */
function limitsOf(
  s: CharacteristicSettings,
  chart: Chart | undefined,
): BaselineSettings | GivenLimits {
  if (chart?.given !== undefined) return { kind: 'fixed', ...chart.given };
  if (s.limits.kind === 'fixed') {
    const { center, parameters } = s.limits;
    const sigma = s.limits.sigma ?? chart?.sigmaOf?.(center) ?? 1;
    return { kind: 'fixed', center, sigma, parameters };
  }
  return s.limits;
}

const layouts = new Map<string, Layout>();
const MOST_LAYOUTS = 256;

/** A tolerance is part of the layout only where a chart draws its lines from it. */
function layoutKey(s: CharacteristicSettings): string {
  const drawn = s.charts?.some((chart) => toleranceCharts.has(chart.kind)) === true;
  return JSON.stringify([s.subgroup, s.charts, s.rules, ...(drawn ? [s.lsl, s.usl] : [])]);
}

function layoutOf(s: CharacteristicSettings): Layout {
  const key = layoutKey(s);
  const known = layouts.get(key);
  if (known !== undefined) return known;
  const layout = makeLayout(s);
  if (layouts.size >= MOST_LAYOUTS) layouts.clear();
  layouts.set(key, layout);
  return layout;
}

function makeLayout(s: CharacteristicSettings): Layout {
  const { size, streams } = subgroupers.create(s.subgroup, {});
  const context = { size, lsl: s.lsl, usl: s.usl, streams };
  const kinds = (s.charts ?? [{ kind: usualChart(s.subgroup) }]).map((settings) =>
    charts.create(charts.schema.parse(settings), context),
  );
  const values = kinds.some((chart) => chart.asks?.values === true);
  const subgrouper = subgroupers.create(s.subgroup, { values });
  const listed = typeof s.rules === 'string' ? ruleSets[s.rules] : s.rules;
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

function estimatorOf(s: CharacteristicSettings, size: number, chart: string): Estimator {
  const asked = s.limits.kind === 'baseline' ? s.limits.estimator : undefined;
  if (asked !== undefined) return asked;
  if (size === 1) return 'mrbar/d2';
  if (['xbar-r', 'median', 'dnom', 'range'].includes(chart)) return 'rbar/d2';
  return chart === 'xbar-s' ? 'sbar/c4' : 'pooled/c4';
}

function subjectOf(id: string, s: CharacteristicSettings): Characteristic {
  const { name, unit, nominal, lsl, usl, resolution, decimals, reactionPlan, part } = s;
  return {
    id,
    name,
    unit,
    nominal,
    lsl,
    usl,
    class: s.class,
    resolution,
    decimals,
    reactionPlan,
    part,
    line: s.line,
    machine: s.machine,
  };
}
