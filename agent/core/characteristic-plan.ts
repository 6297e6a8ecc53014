import type { Chart, Statistic } from '../charts/chart.ts';
import { charts } from '../charts/index.ts';
import type { Characteristic } from '../model.ts';
import { type CompiledRules, compileRules } from '../rules/compile.ts';
import { rules } from '../rules/index.ts';
import { STEP_SLOTS } from '../rules/judge.ts';
import type { Rule } from '../rules/rule.ts';
import { type RuleSettings, ruleSets } from '../rules/rule-sets.ts';
import { PLOTTED } from '../spc/plotted.ts';
import { subgroupers } from '../subgroups/index.ts';
import type { Subgrouper } from '../subgroups/subgroup.ts';
import { WINDOW_SLOTS } from './capability-window.ts';
import type { CharacteristicSettings } from './characteristic-settings.ts';

export type Estimator = 'rbar/d2' | 'sbar/c4' | 'mrbar/d2' | 'pooled/c4';

/** Where a statistic is plotted, and where its rules keep what they remember. */
export interface Watch {
  rules: CompiledRules;
  at: number;
  words: number;
  steps: number;
}

/** A chart with its place in the state. */
export interface ChartPlan {
  chart: Chart;
  /** the chart's own, at hand here because all plans have one layout and all charts have not */
  kind: string;
  step: Chart['step'];
  at: number;
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
  /** the capability window's place in `numbers`, and the lengths of both state arrays */
  windowAt: number;
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
  /** the same, ±Infinity for none: a comparison without a question */
  low: number;
  high: number;
  natural: 'lower' | 'upper' | 'none';
  maxGapMs: number;
  noDataAfterMs: number;
  limits: CharacteristicSettings['limits'];
  estimator: Estimator;
  /** Phase I points */
  wanted: number;
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
    low: s.lsl ?? -Infinity,
    high: s.usl ?? Infinity,
    natural: s.natural,
    maxGapMs: s.maxGap,
    noDataAfterMs: s.noDataAfter,
    limits: s.limits,
    estimator: estimatorOf(s, size, layout.charts[0]?.chart.kind ?? ''),
    wanted: (s.limits.kind === 'baseline' ? s.limits.subgroups : 0) ?? (size === 1 ? 100 : 25),
    ...layout,
  };
}

const layouts = new Map<string, Layout>();
const MOST_LAYOUTS = 256;

const layoutKey = (s: CharacteristicSettings) => JSON.stringify([s.subgroup, s.charts, s.rules]);

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
  const subgrouper = subgroupers.create(s.subgroup, {});
  const { size } = subgrouper;
  const usual = size === 1 ? 'imr' : size < 9 ? 'xbar-r' : 'xbar-s';
  const made = rulesOf(typeof s.rules === 'string' ? ruleSets[s.rules] : s.rules);
  const places = { numbers: subgrouper.slots, words: 0 };
  const windowAt = take(places, 'numbers', WINDOW_SLOTS);
  const parts = (s.charts ?? [{ kind: usual }]).map((settings) =>
    planChart(charts.create(charts.schema.parse(settings), { size }), made, places),
  );
  return { subgrouper, rules: made, charts: parts, windowAt, ...places };
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

function planChart(chart: Chart, made: Rule[], places: Places): ChartPlan {
  const at = take(places, 'numbers', chart.slots);
  const watch = (statistic: Statistic, plotted: number): Watch => {
    const rules = compileRules(made, (rule) => chart.judgedBy(statistic, rule.kind));
    return {
      rules,
      at: plotted,
      words: take(places, 'words', rules.words),
      steps: take(places, 'numbers', rules.steps ? STEP_SLOTS : 0),
    };
  };
  const location = watch('location', at);
  const spread = chart.pair ? watch('spread', at + PLOTTED.count) : null;
  return { chart, kind: chart.kind, step: chart.step, at, location, spread };
}

/** Every rule needs a name of its own: bits, alerts and pages are keyed by it. */
function rulesOf(settings: readonly RuleSettings[]): Rule[] {
  const made = settings.map((rule) => rules.create(rules.schema.parse(rule), {}));
  const seen = new Set<string>();
  return made.map((rule) => {
    let id = rule.id;
    for (let i = 2; seen.has(id); i += 1) id = `${rule.id}-${i}`;
    seen.add(id);
    return { ...rule, id };
  });
}

function estimatorOf(s: CharacteristicSettings, size: number, chart: string): Estimator {
  const asked = s.limits.kind === 'baseline' ? s.limits.estimator : undefined;
  if (asked !== undefined) return asked;
  if (size === 1) return 'mrbar/d2';
  if (chart === 'xbar-r') return 'rbar/d2';
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
