import { charts as chartKinds } from '../charts/index.ts';
import type { CharacteristicSettings } from '../core/characteristic.ts';
import {
  type ChartRunLength,
  type ChartSettings,
  chartRunLength,
  type Simulation,
} from '../core/run-lengths.ts';
import type { BudgetItem, ChartChoice, Choice } from '../evidence/alarm-budget.ts';
import { arlCusum, arlEwma } from '../spc/arl.ts';
import { findRoot } from '../spc/solve.ts';
import { subgroupers } from '../subgroups/index.ts';

/** Sets of rules that are offered, from the most to the least sensitive. */
const RULES: { words: string; yaml: string; rules: CharacteristicSettings['rules'] }[] = [
  { words: 'the Western Electric rules', yaml: 'western-electric', rules: 'western-electric' },
  {
    words: 'limits and 9 points on one side',
    yaml: '[{ kind: beyond-limits }, { kind: same-side, points: 9 }]',
    rules: [{ kind: 'beyond-limits' }, { kind: 'same-side', points: 9 }],
  },
  { words: 'limits alone', yaml: 'shewhart', rules: 'shewhart' },
];
/** Widths of limits, and the run length in control that an EWMA or CUSUM is given beside them. */
const WIDER = [
  { sigmas: 3, rarer: 370 },
  { sigmas: 3.2, rarer: 740 },
  { sigmas: 3.4, rarer: 1500 },
  { sigmas: 3.7, rarer: 5000 },
];
const THINNER = [2, 4];

/** The index that is asked for. */
const TARGET = 1.33;

/** A characteristic with its choices; run lengths already `known` are not computed again. */
export function budgetItem(
  id: string,
  settings: CharacteristicSettings,
  partsPerHour: number,
  delta: number,
  simulation: Simulation,
  known: Map<string, ChartChoice>,
): BudgetItem {
  const choice = (words: string, yaml: string[], s: CharacteristicSettings): Choice => ({
    words,
    settings: yaml,
    partsPerPoint: partsPerPoint(s, partsPerHour),
    charts: chartsOf(s).map((chart) => chartChoice(s, chart, delta, simulation, known)),
  });
  const now = choice('what is configured', [], settings);
  const alternatives = () => offered(settings, choice);
  return { characteristic: id, partsPerHour, delta, now, alternatives };
}

/** The smallest change that brings the index of a characteristic below 1.33; null if unknown. */
export function deltaOf(settings: CharacteristicSettings): number | null {
  const { limits, lsl, usl } = settings;
  if (limits.kind !== 'fixed' || limits.sigma === undefined) return null;
  const { center, sigma } = limits;
  const rooms = [
    ...(usl === null ? [] : [(usl - center) / sigma]),
    ...(lsl === null ? [] : [(center - lsl) / sigma]),
  ];
  if (rooms.length === 0) return null;
  const room = Math.min(...rooms) - 3 * TARGET;
  return Math.min(3, Math.max(0.5, room));
}

type Make = (words: string, yaml: string[], s: CharacteristicSettings) => Choice;

function offered(settings: CharacteristicSettings, choice: Make): Choice[] {
  const list = RULES.map(({ words, yaml, rules }) =>
    choice(words, [`rules: ${yaml}`], { ...settings, rules }),
  );
  const configured = chartsOf(settings);
  // An EWMA has no allowance: it would ring for the systematic range that was accepted.
  const takesEwma = !configured.some(
    (chart) => isTimeWeighted(chart.kind) || Number(chart['allowance'] ?? 0) > 0,
  );
  const ranges = configured.some((chart) => chart.kind === 'imr') ? [true, false] : [true];
  for (const { sigmas, rarer } of WIDER) {
    for (const judged of ranges) {
      const charts = configured.map((chart) => widened(chart, sigmas, rarer, judged));
      const words = `limits alone at ${sigmas} sigma${judged ? '' : ', the moving range not judged'}`;
      list.push(choice(words, yamlOf(charts), { ...settings, rules: 'shewhart', charts }));
      if (!takesEwma) continue;
      const ewma = widened(parsed({ kind: 'ewma', lambda: 0.2 }), sigmas, rarer, judged);
      const both = [...charts, ewma];
      const more = `${words}, with an EWMA (weight 0.2, width ${ewma['width']}) beside them`;
      list.push(choice(more, yamlOf(both), { ...settings, rules: 'shewhart', charts: both }));
    }
  }
  if (settings.subgroup.kind !== 'by-count') return list;
  return [...list, ...THINNER.map((times) => thinner(settings, times, choice))];
}

function thinner(settings: CharacteristicSettings, times: number, choice: Make): Choice {
  const every = partsPerPoint(settings, 0) * times;
  const subgroup = { ...settings.subgroup, every };
  const yaml = ['rules: shewhart', `subgroup: ${inYaml(subgroup)}`];
  const words = `limits alone and a point every ${every} parts`;
  return choice(words, yaml, { ...settings, rules: 'shewhart', subgroup });
}

const yamlOf = (charts: ChartSettings[]) => [
  'rules: shewhart',
  'charts:',
  ...charts.map((chart) => `  - ${inYaml(chart)}`),
];

/** The same chart with fewer false alarms. */
function widened(
  chart: ChartSettings,
  sigmas: number,
  rarer: number,
  judged: boolean,
): ChartSettings {
  const round = (x: number | null, fallback: number) => Number((x ?? fallback).toFixed(3));
  if (chart.kind === 'ewma') {
    const lambda = Number(chart['lambda']);
    const width = findRoot((w) => (arlEwma(lambda, w, 0) ?? rarer) - rarer, 2, 4.5);
    return { ...chart, width: round(width, Number(chart['width'])) };
  }
  if (chart.kind === 'cusum') {
    const k = Number(chart['k']);
    const h = findRoot((x) => (arlCusum(k, x, 0) ?? rarer) - rarer, 0.5, 20);
    return { ...chart, h: round(h, Number(chart['h'])) };
  }
  if (!('sigmas' in chart)) return chart;
  return judged ? { ...chart, sigmas } : { ...chart, sigmas, spreadRules: [] };
}

function inYaml({ kind, ...others }: ChartSettings): string {
  const shown = ['size', 'every', 'sigmas', 'allowance', 'lambda', 'width', 'k', 'h'];
  const fields = Object.entries(others).filter(([key]) => shown.includes(key));
  const off = Array.isArray(others['spreadRules']) && others['spreadRules'].length === 0;
  const all: [string, unknown][] = [['kind', kind], ...fields];
  if (off) all.push(['spreadRules', '[]']);
  return `{ ${all.map(([key, value]) => `${key}: ${String(value)}`).join(', ')} }`;
}

function chartChoice(
  s: CharacteristicSettings,
  chart: ChartSettings,
  delta: number,
  simulation: Simulation,
  known: Map<string, ChartChoice>,
): ChartChoice {
  const size = subgroupers.create(s.subgroup, {}).size;
  const sigma = s.limits.kind === 'fixed' && chart['allowance'] ? s.limits.sigma : 1;
  const key = JSON.stringify([size, chart, s.rules, sigma, delta]);
  const found = known.get(key);
  if (found !== undefined) return found;
  const at = (shift: number): ChartRunLength => chartRunLength(s, chart, { shift }, simulation);
  const zero = at(0);
  const made = {
    chart: chart.kind,
    arl0: zero.arl,
    arl0Error: zero.standardError,
    arl1: at(delta).arl,
    reason: zero.reason,
  };
  known.set(key, made);
  return made;
}

/** The charts of a characteristic as they run when the settings name none. */
function chartsOf(s: CharacteristicSettings): ChartSettings[] {
  if (s.charts !== undefined) return s.charts;
  const { size } = subgroupers.create(s.subgroup, {});
  return [parsed({ kind: size === 1 ? 'imr' : size < 9 ? 'xbar-r' : 'xbar-s' })];
}

function parsed(settings: ChartSettings): ChartSettings {
  return chartKinds.schema.parse(settings);
}

function isTimeWeighted(kind: string): boolean {
  return kind === 'ewma' || kind === 'cusum' || kind === 'ma';
}

/** Parts from one point to the next. */
function partsPerPoint(s: CharacteristicSettings, partsPerHour: number): number {
  const { size } = subgroupers.create(s.subgroup, {});
  const { every, window } = s.subgroup;
  if (typeof window === 'number') return Math.max(size, (window / 3_600_000) * partsPerHour);
  return Math.max(size, typeof every === 'number' ? every : size);
}
