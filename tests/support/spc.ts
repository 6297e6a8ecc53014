import {
  type CharacteristicPlan,
  type CharacteristicState,
  characteristicSettings,
  planCharacteristic,
  restoredState,
  type SavedState,
  savedState,
  startCharacteristic,
  stepReading,
} from '../../agent/core/characteristic.ts';
import type { Outputs } from '../../agent/core/outputs.ts';
import type { Limits, Point, Signal } from '../../agent/model.ts';

export const START_MS = 1_700_000_000_000;

/** One characteristic under test: feeds readings a second apart and keeps copies of all that comes. */
export interface Rig {
  plan: CharacteristicPlan;
  state: CharacteristicState;
  points: Point[];
  signals: Signal[];
  limits: Limits[];
  /** the bits of every step, in order */
  flags: number[];
  nowMs: number;
  /** context of every reading, by its number from 0 */
  contextOf: (reading: number) => Record<string, string>;
  out: Outputs;
  feed(...values: number[]): Rig;
  /** one reading with its own quality and pause */
  give(value: number, options?: { quality?: number; pauseMs?: number; sequence?: number }): number;
  /** replaces the state by what its JSON says */
  reload(): Rig;
}

/** Settings of a made-up characteristic; anything can be replaced. */
export function settingsOf(own: Record<string, unknown> = {}) {
  return characteristicSettings.parse({
    name: 'Diameter (made up)',
    unit: 'mm',
    source: 'cell',
    tag: 'cell.d',
    ...own,
  });
}

/** Limits given: centre 10, sigma 1. */
export const given = { kind: 'fixed', center: 10, sigma: 1 };
export const individuals = { kind: 'by-count', size: 1 };

export function rig(own: Record<string, unknown> = {}): Rig {
  const plan = planCharacteristic('d', settingsOf(own));
  const points: Point[] = [];
  const signals: Signal[] = [];
  const limits: Limits[] = [];
  const out: Outputs = {
    point: (point) => points.push({ ...point }),
    signal: (signal) => signals.push({ ...signal }),
    limits: (value) => limits.push({ ...value }),
    alert() {},
    gap() {},
    reading() {},
  };
  const made: Rig = {
    plan,
    state: startCharacteristic(plan),
    points,
    signals,
    limits,
    flags: [],
    nowMs: START_MS,
    contextOf: () => ({}),
    out,
    feed(...values) {
      for (const value of values) made.give(value);
      return made;
    },
    give(value, { quality = 0, pauseMs = 1000, sequence = Number.NaN } = {}) {
      made.nowMs += pauseMs;
      const { state, nowMs } = made;
      const context = made.contextOf(made.flags.length);
      const flags = stepReading(plan, state, value, quality, nowMs, sequence, out, context);
      made.flags.push(flags);
      return flags;
    },
    reload() {
      const saved = JSON.parse(JSON.stringify(savedState(plan, made.state))) as SavedState;
      made.state = restoredState(plan, saved);
      return made;
    },
  };
  return made;
}

/** Points (by number from 1) at which a rule fired, on one statistic of one chart. */
export function firedAt(r: Rig, rule: string, statistic = 'location', chart?: string): number[] {
  return r.signals
    .filter((s) => s.rule === rule && s.statistic === statistic)
    .filter((s) => chart === undefined || s.chart === chart)
    .map((s) => s.pointIndex);
}

/** Normal values that are the same in every run. */
export function normals(count: number, seed = 1): number[] {
  let state = seed >>> 0;
  const uniform = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state + 0.5) / 2 ** 32;
  };
  return Array.from({ length: count }, () => {
    const radius = Math.sqrt(-2 * Math.log(uniform()));
    return radius * Math.cos(2 * Math.PI * uniform());
  });
}

export const repeat = (value: number, count: number): number[] =>
  Array.from({ length: count }, () => value);
