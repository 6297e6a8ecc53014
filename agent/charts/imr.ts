import { z } from 'zod';
import { kind } from '../registry.ts';
import { d2, d3 } from '../spc/constants.ts';
import { NO_SPREAD, type Numbers, PLOTTED } from '../spc/plotted.ts';
import { individualSigma } from '../spc/sigma.ts';
import type { Chart, ChartContext, Estimate, Phase1 } from './chart.ts';
import { drawLocation, drawSpread } from './lines.ts';
import { sigmas, spreadRules } from './settings.ts';

// What a span of more than two remembers: how many neighbours are in, the place of the oldest, and
// the values themselves.
const KNOWN = 2 * PLOTTED.count;
const OLDEST = KNOWN + 1;
const VALUES = KNOWN + 2;

/** Individuals and moving ranges of neighbours; no range across a gap or a missing reading. */
export const imr = kind({
  settings: z.object({
    sigmas,
    spreadRules,
    span: z
      .int()
      .min(2)
      .max(25)
      .default(2)
      .describe('neighbours whose range is the moving range: smallest, largest of so many'),
    sigmaFrom: z
      .enum(['mean', 'median'])
      .default('mean')
      .describe('sigma from the mean or the median of moving ranges; few outliers do not move it'),
  }),
  create(s, _context: ChartContext): Chart {
    const pair = s.span === 2;
    const usual = pair && s.sigmaFrom === 'mean';
    return {
      kind: 'imr',
      slots: pair ? KNOWN : VALUES + s.span,
      pair: true,
      sizes: { least: 1, most: 1 },
      timeWeighted: false,
      spreadSide: null,
      judgedBy: (statistic, rule) => statistic === 'location' || s.spreadRules.includes(rule),
      lines(state, at, limits) {
        drawLocation(state, at, limits, limits.sigma, s.sigmas, 0);
        drawSpread(state, at + PLOTTED.count, limits.sigma, d2(s.span), d3(s.span), s.sigmas);
      },
      restart() {},
      ...(pair ? { plots: { spread: 'range' as const } } : {}),
      ...(usual ? {} : { estimate: (phase1) => estimateOf(phase1, s.span, s.sigmaFrom) }),
      step(state, at, subgroup) {
        state[at + PLOTTED.value] = subgroup.mean;
        state[at + PLOTTED.count + PLOTTED.value] = pair
          ? subgroup.range
          : rangeOfLast(state, at, s.span, subgroup.mean, subgroup.range === NO_SPREAD);
      },
    };
  },
});

/** Range of the last `span` neighbours; NO_SPREAD until so many are in. */
function rangeOfLast(
  state: Numbers,
  at: number,
  span: number,
  value: number,
  alone: boolean,
): number {
  const known = alone ? 0 : (state[at + KNOWN] as number);
  const place = alone ? 0 : (state[at + OLDEST] as number);
  state[at + VALUES + place] = value;
  state[at + OLDEST] = place + 1 === span ? 0 : place + 1;
  state[at + KNOWN] = Math.min(span, known + 1);
  if (known + 1 < span) return NO_SPREAD;
  let lowest = value;
  let highest = value;
  for (let i = 0; i < span; i += 1) {
    lowest = Math.min(lowest, state[at + VALUES + i] as number);
    highest = Math.max(highest, state[at + VALUES + i] as number);
  }
  return highest - lowest;
}

/** Phase I of individuals by their moving ranges over `span` neighbours. */
function estimateOf(
  { mean, range }: Phase1,
  span: number,
  from: 'mean' | 'median',
): Estimate | null {
  const values: (number | null)[] = [];
  mean.forEach((value, i) => {
    if (i > 0 && range[i] === NO_SPREAD) values.push(null);
    values.push(value);
  });
  const sigma = individualSigma(from === 'mean' ? 'mr-mean' : 'mr-median', values, span);
  if (sigma === null || !(sigma > 0)) return null;
  const center = mean.reduce((sum, x) => sum + x, 0) / mean.length;
  const words = from === 'mean' ? 'mrbar/d2' : 'median mr/d4';
  return { center, sigma, estimator: span === 2 ? words : `${words}, span ${span}` };
}
