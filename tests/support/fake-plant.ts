import type { Capability, Characteristic, CharacteristicStatus } from '../../agent/model.ts';
import { type FakeProcess, fakeProcess, type ProcessModel, seeded } from './fake-process.ts';

/** A made-up plant: each row is one characteristic with its process and how it looks now. */
export interface FakeRow {
  characteristic: Characteristic;
  model: ProcessModel;
  process: FakeProcess;
  status: CharacteristicStatus;
  subgroups: number;
  /** ms since the last subgroup */
  ageMs: number;
}

interface Recipe {
  id: string;
  name: string;
  unit: string;
  tolerance: [lsl: number | null, nominal: number | null, usl: number | null];
  decimals: number;
  machine: string;
  class: Characteristic['class'];
  mean: number;
  sigma: number;
  status: CharacteristicStatus;
  shift?: number;
  subgroups?: number;
  ageMs?: number;
}

const RECIPES: Recipe[] = [
  r('length', 'Overall length 118 ±0.10', 'mm', [117.9, 118, 118.1], 3, 'cnc-1', 118.004, 0.016),
  {
    ...r('od-turned', 'OD turned 22 h8', 'mm', [21.967, 21.9835, 22], 4, 'cnc-1', 21.9805, 0.0026),
    class: 'SC',
    status: 'alarm',
    shift: 1.9,
  },
  {
    ...r('case-depth', 'Case depth CHD 550', 'mm', [0.6, 0.75, 0.9], 3, 'furnace', 0.742, 0.028),
    class: 'SC',
    status: 'warning',
    shift: 0.75,
  },
  {
    ...r('bore', 'Cross bore 8 H7', 'mm', [8, 8.0075, 8.015], 4, 'drill-2', 8.0069, 0.0016),
    status: 'provisional',
    subgroups: 17,
  },
  {
    ...r('keyway', 'Keyway width 5 P9', 'mm', [4.958, 4.973, 4.988], 4, 'mill-1', 4.972, 0.0035),
    status: 'stale',
    ageMs: 47 * 60_000,
  },
  r('hardness', 'Surface hardness', 'HRC', [58, 60, 62], 1, 'furnace', 60.1, 0.42),
  r(
    'journal',
    'Bearing journal 17 k6',
    'mm',
    [17.001, 17.0065, 17.012],
    4,
    'grind',
    17.0066,
    0.0011,
  ),
  {
    ...r('runout', 'Total runout', 'mm', [null, null, 0.03], 4, 'grind', 0.0118, 0.0031),
    class: 'SC',
  },
  {
    ...r('press', 'Press-in force', 'kN', [9, 12, 15], 2, 'press-4', 12.2, 0.61),
    class: 'CC',
  },
  r('thread', 'Thread pitch diameter M8', 'mm', [7.042, 7.101, 7.16], 3, 'cnc-2', 7.108, 0.014),
];

function r(
  id: string,
  name: string,
  unit: string,
  tolerance: Recipe['tolerance'],
  decimals: number,
  machine: string,
  mean: number,
  sigma: number,
): Recipe {
  return { id, name, unit, tolerance, decimals, machine, mean, sigma, class: 'none', status: 'ok' };
}

/** The plant as it is at `nowMs`, about 120 subgroups deep. */
export function fakeRows(nowMs: number): FakeRow[] {
  return RECIPES.map((recipe, i) => fakeRow(recipe, nowMs, 71 + i));
}

function fakeRow(recipe: Recipe, nowMs: number, seed: number): FakeRow {
  const { tolerance, shift = 0, subgroups = 120, ageMs = 20_000 + seed * 137 } = recipe;
  const everyMs = 6 * 60_000;
  const start = subgroups - 11;
  const model: ProcessModel = {
    id: recipe.id,
    mean: recipe.mean,
    sigma: recipe.sigma,
    size: 5,
    baseline: 25,
    everyMs,
    drift: (index) => (index > start ? (shift * Math.min(index - start, 4)) / 4 : 0),
    decimals: recipe.decimals,
  };
  const process = fakeProcess(model, seeded(seed));
  for (let i = 1; i <= subgroups; i += 1) {
    process.step(nowMs - ageMs - (subgroups - i) * everyMs);
  }
  if (shift === 0) quiet(process);
  process.limits.frozenAtMs = process.points[25 * 3]?.timeMs ?? nowMs;
  const [lsl, nominal, usl] = tolerance;
  const characteristic: Characteristic = {
    id: recipe.id,
    name: recipe.name,
    unit: recipe.unit,
    nominal,
    lsl,
    usl,
    class: recipe.class,
    resolution: 10 ** -recipe.decimals,
    decimals: recipe.decimals,
    reactionPlan:
      'Check the gauge with the master. Check the insert, then the compensation. ' +
      'Keep the last 30 parts apart and tell the line lead.',
    part: 'kick-starter shaft',
    line: 'shaft-1',
    machine: recipe.machine,
  };
  return { characteristic, model, process, status: recipe.status, subgroups, ageMs };
}

/** Chance makes rules fire on good processes too; the good rows of the picture show none at the end. */
function quiet(process: FakeProcess): void {
  const recent = process.points.slice(-60);
  for (const point of recent) {
    point.rules = 0;
    point.spreadRules = 0;
  }
  const from = recent[0]?.index ?? 0;
  const kept = process.signals.filter((signal) => signal.pointIndex < from);
  process.signals.splice(0, process.signals.length, ...kept);
}

/** Indices of the newest readings with Bissell's bound; one-sided tolerances have no Cp and Pp. */
export function fakeCapability(row: FakeRow): Capability {
  const { lsl, usl } = row.characteristic;
  const values = row.process.readings.map((reading) => reading.value);
  const n = values.length;
  const mean = values.reduce((a, b) => a + b, 0) / n;
  const overall = Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / (n - 1));
  const provisional = row.status === 'provisional';
  const both = lsl !== null && usl !== null;
  const pair = (sigma: number) => ({
    width: both ? (usl - lsl) / (6 * sigma) : null,
    nearest: Math.min(
      usl === null ? Number.POSITIVE_INFINITY : (usl - mean) / (3 * sigma),
      lsl === null ? Number.POSITIVE_INFINITY : (mean - lsl) / (3 * sigma),
    ),
  });
  const within = pair(row.model.sigma);
  const total = pair(overall);
  const bound = (k: number) => k - 1.645 * Math.sqrt(1 / (9 * n) + (k * k) / (2 * (n - 1)));
  const wide = (p: number | null) => (p === null ? null : p * (1 - 1.645 / Math.sqrt(2 * n)));
  return {
    n,
    mean,
    sigmaWithin: provisional ? null : row.model.sigma,
    sigmaOverall: overall,
    estimator: 'rbar/d2',
    method: 'Bissell, one-sided 95 %',
    cp: provisional ? null : within.width,
    cpk: provisional ? null : within.nearest,
    pp: total.width,
    ppk: total.nearest,
    cpLower95: provisional ? null : wide(within.width),
    cpkLower95: provisional ? null : bound(within.nearest),
    ppLower95: wide(total.width),
    ppkLower95: bound(total.nearest),
    reason: provisional
      ? 'Cp and Cpk need frozen limits: 8 more subgroups'
      : both
        ? null
        : 'Cp and Pp need two tolerance limits',
  };
}
