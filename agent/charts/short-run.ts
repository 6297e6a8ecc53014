import { z } from 'zod';
import { d2, d3 } from '../spc/constants.ts';
import { PLOTTED } from '../spc/plotted.ts';
import type { Chart } from './chart.ts';
import { drawLocation, drawSpread } from './lines.ts';
import { breakMovingRange, MOVING_SLOTS, movingRange } from './moving-range.ts';

/** How a chart of many part numbers finds out which one a reading is of. */
export const partKey = z
  .string()
  .min(1)
  .default('part')
  .describe('context of a reading that names its part number');

const MOVING = 2 * PLOTTED.count;
/** subgroups of parts that the table does not name */
const UNKNOWN = MOVING + MOVING_SLOTS;

/** A part as a short-run chart plots it: x becomes (x - nominal)/sigma. */
export interface PartScale {
  nominal: number;
  sigma: number;
}

/** What DNOM and Z-MR have in common: scaled readings, and their moving range or range. */
export function shortRun(
  kind: 'dnom' | 'z-mr',
  key: string,
  parts: Readonly<Record<string, PartScale>>,
  width: number,
  spreadRules: readonly string[],
  /** a mean of n is plotted in its own standard errors */
  standardised: boolean,
): Chart {
  return {
    kind,
    slots: UNKNOWN + 1,
    pair: true,
    sizes: { least: 1, most: 100 },
    timeWeighted: false,
    spreadSide: null,
    scale: kind,
    asks: { occasion: true },
    learnsPlotted: true,
    unlikeMeans: true,
    judgedBy: (statistic, rule) => statistic === 'location' || spreadRules.includes(rule),
    lines(state, at, limits, size) {
      const error = standardised ? limits.sigma : limits.sigma / Math.sqrt(size);
      const n = Math.max(2, size);
      drawLocation(state, at, limits, error, width, 0);
      drawSpread(state, at + PLOTTED.count, limits.sigma, d2(n), d3(n), width);
    },
    restart: (state, at) => breakMovingRange(state, at + MOVING),
    step(state, at, subgroup, occasion) {
      const part = parts[occasion?.context[key] ?? ''];
      if (part === undefined) {
        state[at + UNKNOWN] = (state[at + UNKNOWN] as number) + 1;
        return false;
      }
      const { size } = subgroup;
      const error = standardised ? part.sigma / Math.sqrt(size) : part.sigma;
      const value = (subgroup.mean - part.nominal) / error;
      const moving = movingRange(state, at + MOVING, value);
      state[at + PLOTTED.value] = value;
      state[at + PLOTTED.count + PLOTTED.value] = size > 1 ? subgroup.range / part.sigma : moving;
      return undefined;
    },
    remark(state, at) {
      const unknown = state[at + UNKNOWN] as number;
      if (unknown === 0) return '';
      const what = unknown === 1 ? '1 point' : `${unknown} points`;
      return `${what} not plotted: the table of ${kind} does not name the ${key}`;
    },
  };
}
