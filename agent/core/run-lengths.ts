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
import { simulateRunLength } from '../spc/run-length/simulate.ts';
import {
  normalMean,
  onScale,
  rangeOf,
  type SpreadScale,
  sdOf,
} from '../spc/run-length/statistics.ts';
import { type CharacteristicPlan, planCharacteristic } from './characteristic-plan.ts';
import type { CharacteristicSettings } from './characteristic-settings.ts';
import { resetRun, startCharacteristic } from './characteristic-state.ts';
import { SIGNAL, stepReading } from './characteristic-step.ts';
import type { Outputs } from './outputs.ts';

/** How many points a configured chart takes to signal. */
export interface ChartRunLength {
  /** average number of points to a signal; null when it never signals */
  arl: number | null;
  /** of a simulated average; null when it is exact */
  standardError: number | null;
}

/** What the process does: shift in sigmas of single readings, and sigma against that of the limits. */
export interface Disturbance {
  shift: number;
  ratio?: number;
}

/** Chance and patience of a simulation. */
export interface Simulation {
  normal(): number;
  runs: number;
}

/**
 * Average run length of one configured chart with its rules, in use for some time (EWMA and CUSUM
 * without their head start), for normal readings. Exact where that can be done, otherwise the live
 * chart itself is stepped on simulated readings.
 */
export function chartRunLength(
  settings: CharacteristicSettings,
  chart: ChartSettings,
  disturbance: Disturbance,
  simulation: Simulation,
): ChartRunLength {
  const plan = planOf(settings, chart);
  const exact = exactRunLength(plan, chart, disturbance);
  return exact === null ? simulated(plan, disturbance, simulation) : exact;
}

/** The live chart stepped on simulated readings from a fresh start, as configured. */
export function simulatedRunLength(
  settings: CharacteristicSettings,
  chart: ChartSettings,
  disturbance: Disturbance,
  simulation: Simulation,
): ChartRunLength {
  return simulated(planOf(settings, chart), disturbance, simulation);
}

export type ChartSettings = { kind: string } & Record<string, unknown>;

/** One chart alone, judged by limits that are given: centre 0 and sigma 1 when none are. */
function planOf(settings: CharacteristicSettings, chart: ChartSettings): CharacteristicPlan {
  const { limits, subgroup } = settings;
  const fixed = limits.kind === 'fixed' ? limits : { kind: 'fixed' as const, center: 0, sigma: 1 };
  // An allowance is in the unit of the readings; without a sigma it cannot be judged.
  const own = limits.kind === 'fixed' ? chart : { ...chart, allowance: undefined };
  return planCharacteristic('simulated', {
    ...settings,
    lsl: null,
    usl: null,
    maxGap: Number.MAX_VALUE,
    limits: fixed,
    charts: [JSON.parse(JSON.stringify(own)) as ChartSettings],
    subgroup: { ...subgroup, every: undefined },
  });
}

function exactRunLength(
  plan: CharacteristicPlan,
  settings: ChartSettings,
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
  return { arl: rules.length === 0 ? null : arl(), standardError: null };
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
  if (only === undefined) return { arl: null, standardError: null };
  const arl =
    other === undefined ? chainRunLength(only) : runLengthTogether(chains.map(chainSurvival));
  return { arl, standardError: null };
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
  if (sigmas === Infinity && range === Infinity) return { arl: null, standardError: null };
  const arl = chainRunLength(individualsChain(sigmas, range, shift, ratio));
  return { arl, standardError: null };
}

interface DrawnLines {
  location: RunLimits;
  spread: RunLimits;
  /** of the spread, in sigmas of the readings */
  scale: SpreadScale;
}

/** The lines as the live chart draws them, in sigmas. */
function linesOf(plan: CharacteristicPlan, chart: Chart): DrawnLines {
  const state = Array.from({ length: chart.slots }, () => 0);
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

const NOTHING: Outputs = {
  point() {},
  signal() {},
  limits() {},
  alert() {},
  gap() {},
  reading() {},
};

/** The longest simulated run: beyond it a chart is taken as never signalling. */
const MOST_POINTS = 50_000;

function simulated(
  plan: CharacteristicPlan,
  { shift, ratio = 1 }: Disturbance,
  { normal, runs }: Simulation,
): ChartRunLength {
  const state = startCharacteristic(plan);
  const { size } = plan.subgrouper;
  const { sigma, center } = plan.limits as { sigma: number; center: number };
  let time = 0;
  const result = simulateRunLength(
    {
      restart: () => resetRun(state),
      signals() {
        let flags = 0;
        for (let i = 0; i < size; i += 1) {
          time += 1;
          const value = center + sigma * (shift + ratio * normal());
          flags = stepReading(plan, state, value, 0, time, Number.NaN, NOTHING);
        }
        return (flags & SIGNAL) !== 0;
      },
    },
    runs,
    MOST_POINTS,
  );
  const never = result.cut === runs;
  return { arl: never ? null : result.arl, standardError: never ? null : result.standardError };
}
