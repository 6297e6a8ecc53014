import { z } from 'zod';
import { kind } from '../registry.ts';
import { type Numbers, PLOTTED, type Subgroup } from '../spc/plotted.ts';
import type { Chart, ChartContext } from './chart.ts';
import { drawLocation } from './lines.ts';

// Taken out of their tables: what a module keeps for itself is a constant to the compiler.
const { value: VALUE, cl: CL, lcl: LCL, ucl: UCL, up: UP, down: DOWN, count: COUNT } = PLOTTED;

// What it remembers, after the plotted statistic; the average itself is the plotted value.
const SIGMA = COUNT;
/** a reading's share of the variance of its subgroup's mean: 1/n */
const SHARE = COUNT + 1;
/** variance of the average in units of the process variance */
const VARIANCE = COUNT + 2;
/** 0 before the first point; then whether its lines are those of the variance */
const STARTED = COUNT + 3;
const RUNS = 1;
const REDRAWN = 2;
/** The same for who averages without asking: see `plots`. */
export const EWMA = { sigma: SIGMA, share: SHARE, variance: VARIANCE } as const;

/**
 * Exponentially weighted moving average of subgroup means (Roberts 1959; Montgomery 9.2):
 * z = w x + (1 - w) z, starting at the centre; its variance by the same recursion, which also
 * holds for unequal subgroups.
 */
export const ewma = kind({
  settings: z.object({
    lambda: z.number().gt(0).max(1).default(0.2).describe('weight of the newest point'),
    width: z
      .number()
      .min(1)
      .max(6)
      .default(2.962)
      .describe('limits in standard errors of the average; 2.962 with 0.2 gives ARL 500'),
    asymptotic: z
      .boolean()
      .default(false)
      .describe('use the final width of the limits from the first point on'),
  }),
  create(s, _context: ChartContext): Chart {
    const weights = weightsOf(s.lambda, s.width, s.asymptotic);
    return {
      kind: 'ewma',
      slots: COUNT + 4,
      pair: false,
      sizes: { least: 0, most: 1e9 },
      timeWeighted: true,
      spreadSide: null,
      judgedBy: (statistic, rule) => statistic === 'location' && rule === 'beyond-limits',
      lines(state, at, limits, size) {
        drawLocation(state, at, limits, limits.sigma, s.width, 0);
        state[at + SIGMA] = limits.sigma;
        state[at + SHARE] = 1 / size;
        if (state[at + STARTED] === RUNS) state[at + STARTED] = REDRAWN;
      },
      restart(state, at) {
        state[at + STARTED] = 0;
      },
      plots: { weights },
      step: (state, at, subgroup) => void average(state, at, subgroup, weights),
    };
  },
});

/** What the settings of an average come to. */
export interface Weights {
  /** of the newest point and of all before, and their squares */
  newest: number;
  before: number;
  newestSquared: number;
  beforeSquared: number;
  /** of the limits, in standard errors */
  width: number;
  /** variance at the start, in units of its share */
  first: number;
}

function weightsOf(w: number, width: number, asymptotic: boolean): Weights {
  return {
    newest: w,
    before: 1 - w,
    newestSquared: w * w,
    beforeSquared: (1 - w) * (1 - w),
    width,
    first: asymptotic ? w / (2 - w) : 0,
  };
}

/** The step of the chart. Its lines stand still once the variance does. */
export function average(state: Numbers, at: number, subgroup: Subgroup, w: Weights): void {
  const share = state[at + SHARE] as number;
  const started = state[at + STARTED] as number;
  if (started !== RUNS && started !== REDRAWN) {
    state[at + VALUE] = state[at + CL] as number;
    state[at + VARIANCE] = w.first * share;
  }
  const before = state[at + VARIANCE] as number;
  const variance = w.newestSquared * share + w.beforeSquared * before;
  state[at + VALUE] = w.newest * subgroup.mean + w.before * (state[at + VALUE] as number);
  if (variance === before && started === RUNS) return;
  state[at + VARIANCE] = variance;
  state[at + STARTED] = RUNS;
  drawAverage(state, at, w.width);
}

/** Draws the lines that the variance says. */
export function drawAverage(state: Numbers, at: number, width: number): void {
  const cl = state[at + CL] as number;
  const error = (state[at + SIGMA] as number) * Math.sqrt(state[at + VARIANCE] as number);
  state[at + LCL] = cl - width * error;
  state[at + UCL] = cl + width * error;
  state[at + UP] = error;
  state[at + DOWN] = error;
}
