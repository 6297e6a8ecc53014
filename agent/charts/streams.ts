import type { Numbers, Subgroup } from '../spc/plotted.ts';
import type { Estimate, Lines } from './chart.ts';

/**
 * Deviations of parallel streams from the mean of their cycle, less what is usual for the stream:
 * a shot that is large as a whole, or a cavity that always is, moves nothing. The usual deviations
 * are learned in Phase I.
 */
export interface Extremes {
  highest: number;
  highestStream: number;
  lowest: number;
  lowestStream: number;
}

// State: cycles learned, whether learning is over, squares about the usual deviations, then those.
const CYCLES = 0;
const FIXED = 1;
const SQUARES = 2;
const USUAL = 3;

/** Numbers of state that so many streams take. */
export const streamSlots = (streams: number) => USUAL + streams;

const found: Extremes = { highest: 0.5, highestStream: 0, lowest: 0.5, lowestStream: 0 };

/** The streams that are farthest above and below what is usual; learns until limits are drawn. */
export function extremesOf(state: Numbers, at: number, subgroup: Subgroup): Extremes {
  if (state[at + FIXED] !== 1) learnCycle(state, at, subgroup);
  found.highest = -Number.MAX_VALUE;
  found.lowest = Number.MAX_VALUE;
  for (let i = 0; i < subgroup.size; i += 1) {
    const deviation = (subgroup.values[i] as number) - subgroup.mean;
    const away = deviation - (state[at + USUAL + i] as number);
    if (away > found.highest) {
      found.highest = away;
      found.highestStream = i;
    }
    if (away < found.lowest) {
      found.lowest = away;
      found.lowestStream = i;
    }
  }
  return found;
}

/** Fixes the usual deviations as limits have them; none where limits were given without. */
export function fixStreams(state: Numbers, at: number, limits: Lines, streams: number): void {
  state[at + FIXED] = 1;
  for (let i = 0; i < streams; i += 1) {
    state[at + USUAL + i] = limits.parameters?.[parameterOf(i)] ?? 0;
  }
}

/** Sigma of what is left of a reading without its cycle and its stream: a two-way residual. */
export function estimateStreams(state: Numbers, at: number, streams: number): Estimate | null {
  const cycles = state[at + CYCLES] as number;
  const degrees = (cycles - 1) * (streams - 1);
  const sigma = Math.sqrt((state[at + SQUARES] as number) / degrees);
  if (!(degrees > 0 && sigma > 0)) return null;
  const usual = Array.from({ length: streams }, (_, i) => state[at + USUAL + i] as number);
  return {
    center: 0,
    sigma,
    estimator: 'residual of cycles and streams',
    parameters: Object.fromEntries(usual.map((value, i) => [parameterOf(i), value])),
  };
}

const parameterOf = (stream: number) => `usual ${stream + 1}`;

/** Means and squares as they come (Welford 1962). */
function learnCycle(state: Numbers, at: number, subgroup: Subgroup): void {
  const cycles = (state[at + CYCLES] as number) + 1;
  state[at + CYCLES] = cycles;
  for (let i = 0; i < subgroup.size; i += 1) {
    const deviation = (subgroup.values[i] as number) - subgroup.mean;
    const away = deviation - (state[at + USUAL + i] as number);
    const usual = (state[at + USUAL + i] as number) + away / cycles;
    state[at + USUAL + i] = usual;
    state[at + SQUARES] = (state[at + SQUARES] as number) + away * (deviation - usual);
  }
}
