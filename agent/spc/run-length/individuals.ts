/**
 * Individuals with their moving range: each range shares a reading with the one before, so the
 * chain remembers the last reading (Crowder 1987), here in cells with exact overlaps.
 */

import type { Chain } from './chain.ts';
import { normalMean } from './statistics.ts';

const CELLS = 320;
/** Farther out nothing is left of a normal distribution that would count. */
const FAR = 8;

/**
 * Chain of an individuals chart with limits at ± `sigmas` (Infinity: none) and a moving range with
 * its upper limit at `range` sigmas (Infinity: none). State 0: no reading yet.
 */
export function individualsChain(sigmas: number, range: number, shift: number, ratio = 1): Chain {
  if (range === Infinity) {
    // Nothing of the past counts.
    const inside = normalMean(shift, ratio).between(-sigmas, sigmas);
    return { rows: [[inside]], start: 0 };
  }
  const low = Math.max(-sigmas, shift - FAR * ratio);
  const high = Math.min(sigmas, shift + FAR * ratio);
  const width = (high - low) / CELLS;
  const reading = normalMean(shift, ratio);
  const cells = Array.from({ length: CELLS }, (_, i) => low + i * width);
  const within = (from: number, to: number) =>
    cells.map((cell) => {
      const a = Math.max(cell, from);
      const b = Math.min(cell + width, to);
      return a < b ? reading.between(a, b) : 0;
    });
  const rows = cells.map((cell) => {
    const last = cell + width / 2;
    return [0, ...within(last - range, last + range)];
  });
  return { rows: [[0, ...within(low, high)], ...rows], start: 0 };
}
