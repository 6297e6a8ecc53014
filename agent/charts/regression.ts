import { z } from 'zod';
import type { Outlook } from '../model.ts';
import { kind } from '../registry.ts';
import { d2 } from '../spc/constants.ts';
import { NO_LINE, type Numbers, PLOTTED } from '../spc/plotted.ts';
import { leastSquares, residualMovingSigma } from '../spc/regression.ts';
import { keyOf } from '../subgroups/key.ts';
import type { Chart, ChartContext, Estimate, Phase1 } from './chart.ts';
import { drawLocation } from './lines.ts';
import { sigmas } from './settings.ts';

// What it remembers: points since the tool was changed, which tool it is, and the line.
const AGE = PLOTTED.count;
const TOOL = PLOTTED.count + 1;
const INTERCEPT = PLOTTED.count + 2;
const SLOPE = PLOTTED.count + 3;
const SIGMA = PLOTTED.count + 4;
/** sum of the distances of a new tool's first points from the line of Phase I */
const DISTANCE = PLOTTED.count + 5;

/** Rules about steps would only see the wear. */
const STEP_RULES = ['trend', 'alternating'];

/**
 * Tool wear: means against a line that climbs with the age of the tool (Mandel 1969), a_tool + b age.
 * The age starts again at a tool change: an event that declares one, a reset, or a context that names
 * another tool. The centre of the limits is the line at age 0; a new tool's first points may move it.
 */
export const regression = kind({
  settings: z.object({
    sigmas,
    slope: z
      .number()
      .optional()
      .describe('wear per point, in the unit; from Phase I when left out'),
    sigmaFrom: z
      .enum(['residual', 'residual-mr', 'within'])
      .default('residual')
      .describe('sigma of the points: about the line, by its moving range, or within subgroups'),
    newTool: z
      .int()
      .min(0)
      .max(50)
      .default(0)
      .describe('first points of a tool that give it an intercept of its own; 0: all share one'),
    toolKey: z
      .string()
      .min(1)
      .default('tool')
      .describe('context of a reading that names the tool; another name is a tool change'),
  }),
  create(s, context: ChartContext): Chart {
    return {
      kind: 'regression',
      slots: PLOTTED.count + 6,
      pair: false,
      sizes: { least: 1, most: 100 },
      timeWeighted: false,
      spreadSide: null,
      unlikeMeans: true,
      scale: 'wear',
      asks: { occasion: true },
      wears: true,
      judgedBy: (_statistic, rule) => !STEP_RULES.includes(rule),
      estimate: (phase1) => fitWear(phase1, s.sigmaFrom, s.slope),
      covariate: (state, at) => state[at + AGE] as number,
      lines(state, at, limits, size) {
        drawLocation(state, at, limits, limits.sigma / Math.sqrt(size), s.sigmas, 0);
        state[at + INTERCEPT] = limits.center;
        state[at + SLOPE] = s.slope ?? limits.parameters?.['slope'] ?? 0;
        state[at + SIGMA] = limits.sigma;
      },
      restart(state, at) {
        state[at + AGE] = 0;
        state[at + DISTANCE] = 0;
      },
      step(state, at, subgroup, occasion) {
        const tool = keyOf(occasion?.context[s.toolKey]);
        const age = state[at + TOOL] === tool ? (state[at + AGE] as number) + 1 : 1;
        state[at + TOOL] = tool;
        state[at + AGE] = age;
        if (age === 1) state[at + DISTANCE] = 0;
        const cl = lineOf(state, at, s.newTool);
        if (age <= s.newTool && state[at + SIGMA] !== 0) {
          state[at + DISTANCE] = (state[at + DISTANCE] as number) + (subgroup.mean - cl);
        }
        const half = s.sigmas * (state[at + PLOTTED.up] as number);
        state[at + PLOTTED.value] = subgroup.mean;
        state[at + PLOTTED.cl] = cl;
        state[at + PLOTTED.lcl] = cl - half;
        state[at + PLOTTED.ucl] = cl + half;
      },
      forecast: (state, at) => sayRemaining(outlookOf(state, at, s.newTool, context)),
      outlook: (state, at) => outlookOf(state, at, s.newTool, context),
    };
  },
});

/** The line at the age of the tool: its own intercept once its first points are in. */
function lineOf(state: Numbers, at: number, newTool: number): number {
  const age = state[at + AGE] as number;
  const own = newTool > 0 && age > newTool ? (state[at + DISTANCE] as number) / newTool : 0;
  return (state[at + INTERCEPT] as number) + own + (state[at + SLOPE] as number) * age;
}

/** Points until the line is 3 sigma of single readings from the tolerance it climbs towards. */
function outlookOf(
  state: Numbers,
  at: number,
  newTool: number,
  { lsl = null, usl = null, size }: ChartContext,
): Omit<Outlook, 'chart'> | null {
  const slope = state[at + SLOPE] as number;
  const limit = slope > 0 ? usl : lsl;
  if (slope === 0 || limit === null || state[at + PLOTTED.cl] === NO_LINE) return null;
  const center = lineOf(state, at, newTool);
  const band = 3 * (state[at + SIGMA] as number);
  const reach = center + Math.sign(slope) * band;
  const points = Math.max(0, Math.floor((limit - reach) / slope + 1e-6));
  const side = slope > 0 ? ('upper' as const) : ('lower' as const);
  return { center, slope, band, limit, side, points, readings: points * size };
}

function sayRemaining(outlook: Omit<Outlook, 'chart'> | null): string {
  if (outlook === null) return '';
  const { points, readings, side } = outlook;
  const more = readings > points ? ` (${readings} readings)` : '';
  const where = side === 'upper' ? 'USL' : 'LSL';
  return `about ${points} points${more} until 3 sigma about the wear line reach the ${where}`;
}

/** The line of Phase I. Its sigma is that of single readings, as in all limits. */
function fitWear(
  { covariate, mean, size, range, squares }: Phase1,
  from: 'residual' | 'residual-mr' | 'within',
  slope: number | undefined,
): Estimate | null {
  const line = leastSquares(covariate, mean);
  const n = size[0] ?? 1;
  if (line === null) return null;
  let sigma: number | null = null;
  if (from === 'within' && n > 1) {
    sigma = range.reduce((sum, r, i) => sum + r / d2(size[i] ?? n), 0) / range.length;
  } else {
    const ofPoints = from === 'residual-mr' ? residualMovingSigma(line) : line.residualSd;
    sigma = ofPoints === null ? null : ofPoints * Math.sqrt(n);
  }
  if (sigma === null || !(sigma > 0) || squares.length < 3) return null;
  return {
    center: line.intercept,
    sigma,
    estimator: `${from} of the wear line`,
    parameters: { slope: slope ?? line.slope },
  };
}
