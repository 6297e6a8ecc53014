import { simulateRunLength } from '../spc/run-length/simulate.ts';
import { subgroupers } from '../subgroups/index.ts';
import { type CharacteristicPlan, planCharacteristic } from './characteristic-plan.ts';
import type { CharacteristicSettings } from './characteristic-settings.ts';
import { resetRun, startCharacteristic } from './characteristic-state.ts';
import { stepReading } from './characteristic-step.ts';
import {
  type ChartRunLength,
  type Disturbance,
  exactRunLength,
  NEVER,
} from './exact-run-length.ts';
import { SIGNAL } from './outcome.ts';
import type { Outputs } from './outputs.ts';

export type { ChartRunLength } from './exact-run-length.ts';

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
  if (!NORMAL_READINGS.has(chart.kind)) {
    const reason = `the run length of chart '${chart.kind}' depends on more than its settings say`;
    return { arl: null, standardError: null, reason };
  }
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

/** Charts that normal readings in a row, and nothing else, can drive. */
const NORMAL_READINGS: ReadonlySet<string> = new Set([
  'xbar-r',
  'xbar-s',
  'imr',
  'median',
  'range',
  'sd',
  'ewma',
  'cusum',
  'ma',
  'zone',
]);

export type ChartSettings = { kind: string } & Record<string, unknown>;

/** One chart alone, judged by limits that are given: centre 0 and sigma 1 when none are. */
function planOf(settings: CharacteristicSettings, chart: ChartSettings): CharacteristicPlan {
  const { limits } = settings;
  const size = Math.max(1, Math.round(subgroupers.create(settings.subgroup, {}).size));
  const standard = { kind: 'fixed' as const, center: 0, sigma: 1 };
  const fixed = limits.kind === 'fixed' && limits.sigma !== undefined ? limits : standard;
  // An allowance is in the unit of the readings; without a sigma it cannot be judged.
  const own = fixed === limits ? chart : { ...chart, allowance: undefined };
  return planCharacteristic('simulated', {
    ...settings,
    lsl: null,
    usl: null,
    maxGap: Number.MAX_VALUE,
    limits: fixed,
    charts: [JSON.parse(JSON.stringify(own)) as ChartSettings],
    subgroup: { kind: 'by-count', size },
  });
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
  if (result.cut === runs) return NEVER;
  return { arl: result.arl, standardError: result.standardError, reason: null };
}
