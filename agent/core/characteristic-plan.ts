import type { Chart, Lines } from '../charts/chart.ts';
import { charts, toleranceCharts } from '../charts/index.ts';
import type { Characteristic } from '../model.ts';
import { ruleSets } from '../rules/rule-sets.ts';
import { subgroupers } from '../subgroups/index.ts';
import { type CharacteristicSettings, usualChart } from './characteristic-settings.ts';
import { checked } from './checked.ts';
import { type Layout, layOut } from './layout.ts';

export type Estimator = 'rbar/d2' | 'sbar/c4' | 'mrbar/d2' | 'pooled/c4';

/** All that is fixed about one characteristic. Never changes while the agent runs. */
export interface CharacteristicPlan extends Layout {
  id: string;
  /** the same that this extends, in the one place that characteristics with equal settings share */
  layout: Layout;
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
    layout,
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
    charts.create(checked('chart', charts.schema, settings), context),
  );
  const values = kinds.some((chart) => chart.asks?.values === true);
  const subgrouper = subgroupers.create(s.subgroup, { values });
  const listed = typeof s.rules === 'string' ? ruleSets[s.rules] : s.rules;
  return layOut(subgrouper, kinds, listed);
}

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
