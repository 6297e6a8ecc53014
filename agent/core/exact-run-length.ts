/** Exact run lengths of configured charts, from the lines and rules of the live chart itself. */
import type { Chart } from '../charts/chart.ts';
import type { Rule } from '../rules/rule.ts';
import { arlCusum, arlEwma } from '../spc/arl.ts';
import { NO_LINE, PLOTTED } from '../spc/plotted.ts';
import {
  type Chain,
  chainRunLength,
  chainSurvival,
  runLengthTogether,
} from '../spc/run-length/chain.ts';
import { individualsChain } from '../spc/run-length/individuals.ts';
import { type RunLimits, rulesChain, rulesMachine } from '../spc/run-length/rules.ts';
import {
  normalMean,
  onScale,
  rangeOf,
  type SpreadScale,
  sdOf,
} from '../spc/run-length/statistics.ts';
import type { CharacteristicPlan } from './characteristic-plan.ts';

/** How many points a configured chart takes to signal. */
export interface ChartRunLength {
  /** average number of points to a signal; null when it never signals */
  arl: number | null;
  /** of a simulated average; null when it is exact */
  standardError: number | null;
  /** why there is no answer; null when there is one, or when the chart never signals */
  reason: string | null;
}

/** What the process does: shift in sigmas of single readings, and sigma against that of the limits. */
export interface Disturbance {
  shift: number;
  ratio?: number;
}

/** A chart that no rule judges, or that was not seen to signal. */
export const NEVER: ChartRunLength = { arl: null, standardError: null, reason: null };

/** Run length of the first chart of a plan; null where it has to be simulated. */
export function exactRunLength(
  plan: CharacteristicPlan,
  settings: Record<string, unknown>,
  { shift, ratio = 1 }: Disturbance,
): ChartRunLength | null {
  const part = plan.charts[0];
  if (part === undefined) return null;
  const used = (list: (Rule | null)[]) => list.filter((rule) => rule !== null);
  const location = used(part.location.rules.rules);
  const spread = part.spread === null ? [] : used(part.spread.rules.rules);
  const moved = shift * Math.sqrt(plan.subgrouper.size);
  const number = (key: string) => Number(settings[key]);
  switch (part.chart.kind) {
    case 'xbar-r':
    case 'xbar-s':
      return pairRunLength(plan, part.chart, location, spread, moved, ratio);
    case 'imr':
      // The chain knows the value before and no more: wider moving ranges are simulated.
      if (settings['span'] !== undefined && number('span') !== 2) return null;
      return individualsRunLength(plan, part.chart, location, spread, shift, ratio);
    case 'ewma':
      if (ratio !== 1) return null;
      return exactly(location, () => arlEwma(number('lambda'), number('width'), moved));
    case 'cusum':
      if (ratio !== 1) return null;
      return exactly(location, () => arlCusum(number('k'), number('h'), moved));
    default:
      return null;
  }
}

function exactly(rules: Rule[], arl: () => number | null): ChartRunLength {
  return { arl: rules.length === 0 ? null : arl(), standardError: null, reason: null };
}

/** Mean and spread of one normal subgroup are independent of each other. */
function pairRunLength(
  plan: CharacteristicPlan,
  chart: Chart,
  location: Rule[],
  spread: Rule[],
  moved: number,
  ratio: number,
): ChartRunLength | null {
  const { size } = plan.subgrouper;
  const lines = linesOf(plan, chart);
  const means = rulesMachine(location, lines.location);
  const spreads = rulesMachine(spread, lines.spread);
  if (means === null || spreads === null) return null;
  const law = chart.kind === 'xbar-r' ? rangeOf(size, ratio) : sdOf(size, ratio);
  const chains: Chain[] = [];
  if (location.length > 0) chains.push(rulesChain(means, normalMean(moved, ratio)));
  if (spread.length > 0) chains.push(rulesChain(spreads, onScale(law, lines.scale)));
  const [only, other] = chains;
  if (only === undefined) return NEVER;
  const arl =
    other === undefined ? chainRunLength(only) : runLengthTogether(chains.map(chainSurvival));
  return { arl, standardError: null, reason: null };
}

/** Limits alone can be followed exactly; runs of dependent ranges cannot. */
function individualsRunLength(
  plan: CharacteristicPlan,
  chart: Chart,
  location: Rule[],
  spread: Rule[],
  shift: number,
  ratio: number,
): ChartRunLength | null {
  if ([...location, ...spread].some((rule) => rule.kind !== 'beyond-limits')) return null;
  const lines = linesOf(plan, chart);
  const range =
    spread.length === 0 ? Infinity : lines.scale.center + lines.spread.upper * lines.scale.up;
  const sigmas = location.length === 0 ? Infinity : lines.location.upper;
  if (sigmas === Infinity && range === Infinity) return NEVER;
  const arl = chainRunLength(individualsChain(sigmas, range, shift, ratio));
  return { arl, standardError: null, reason: null };
}

interface DrawnLines {
  location: RunLimits;
  spread: RunLimits;
  /** of the spread, in sigmas of the readings */
  scale: SpreadScale;
}

/** The lines as the live chart draws them, in sigmas. */
function linesOf(plan: CharacteristicPlan, chart: Chart): DrawnLines {
  const state = new Float64Array(chart.slots);
  const { sigma, center } = plan.limits as { sigma: number; center: number };
  chart.lines(state, 0, { center, sigma }, plan.subgrouper.size);
  const at = (place: number) => state[place] as number;
  const limits = (from: number): RunLimits => {
    const cl = at(from + PLOTTED.cl);
    const down = at(from + PLOTTED.down);
    return {
      upper: (at(from + PLOTTED.ucl) - cl) / at(from + PLOTTED.up),
      lower: down === NO_LINE ? Infinity : (cl - at(from + PLOTTED.lcl)) / down,
    };
  };
  const second = PLOTTED.count;
  const down = at(second + PLOTTED.down);
  return {
    location: limits(0),
    spread: limits(second),
    scale: {
      center: at(second + PLOTTED.cl) / sigma,
      up: at(second + PLOTTED.up) / sigma,
      down: down === NO_LINE ? Infinity : down / sigma,
    },
  };
}
