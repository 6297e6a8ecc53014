import { z } from 'zod';
import { kind } from '../registry.ts';
import { lawOf } from '../spc/families.ts';
import { fitFamily } from '../spc/fitting.ts';
import { normalSf } from '../spc/normal.ts';
import { type Numbers, PLOTTED } from '../spc/plotted.ts';
import { powerChart } from '../spc/rare-events.ts';
import { meanOf } from '../spc/summation.ts';
import type { Chart, ChartContext, Estimate, Lines, Phase1 } from './chart.ts';
import { COUNT_RULES } from './counts.ts';
import { drawSkewed } from './lines.ts';
import { sigmas } from './settings.ts';

type Model = 'exponential' | 'weibull' | 'power';

/**
 * Time between two rare events; every reading is such a time. Limits are quantiles of an exponential
 * or Weibull law, or those of time^(1/3.6), which is nearly normal (Nelson 1994).
 */
export const t = kind({
  settings: z.object({
    sigmas,
    model: z
      .enum(['weibull', 'exponential', 'power'])
      .default('weibull')
      .describe('law of the times; weibull needs times above 0'),
    exponent: z
      .number()
      .gt(0)
      .lt(1)
      .default(1 / 3.6)
      .describe('power of the times, for the model power'),
  }),
  create: (s, _context: ChartContext): Chart => ({
    kind: 't',
    slots: PLOTTED.count,
    pair: false,
    sizes: { least: 1, most: 1 },
    timeWeighted: false,
    spreadSide: null,
    unlikeMeans: true,
    judgedBy: (_statistic, rule) => COUNT_RULES.includes(rule),
    estimate: (phase1) => estimate(phase1, s.model, s.exponent),
    sigmaOf: (mean) => mean,
    lines(state, at, limits) {
      if (s.model === 'power') drawPower(state, at, limits, s.sigmas, s.exponent);
      else drawLaw(state, at, limits, s.sigmas);
    },
    restart() {},
    step(state, at, subgroup) {
      state[at + PLOTTED.value] = subgroup.mean;
    },
  }),
});

/** Without a shape the law is exponential, whose scale is the mean. */
function drawLaw(state: Numbers, at: number, { center, parameters }: Lines, k: number): void {
  const shape = parameters?.['shape'] ?? 1;
  const law = lawOf('weibull', { shape, scale: parameters?.['scale'] ?? center });
  if (law === null) return;
  const tail = normalSf(k);
  const [lcl, middle, ucl] = [law.quantile(tail), law.quantile(0.5), law.upperQuantile(tail)];
  if (lcl !== null && middle !== null && ucl !== null) drawSkewed(state, at, middle, lcl, ucl);
}

/** Lines of the transformed times, drawn where the times themselves stand. */
function drawPower(
  state: Numbers,
  at: number,
  { center, parameters }: Lines,
  k: number,
  exponent: number,
): void {
  const mean = parameters?.['meanOfPower'] ?? center ** exponent;
  const half = k * (parameters?.['sigmaOfPower'] ?? mean * exponent);
  const back = (y: number) => Math.max(0, y) ** (1 / exponent);
  drawSkewed(state, at, back(mean), back(mean - half), back(mean + half));
}

function estimate({ mean }: Phase1, model: Model, exponent: number): Estimate | null {
  const center = meanOf(mean);
  if (center === null || !(center > 0)) return null;
  if (model === 'exponential') return { center, sigma: center, estimator: 'exponential' };
  if (model === 'power') {
    const power = powerChart(mean, exponent);
    if (power === null || !(power.sigma > 0)) return null;
    const parameters = { meanOfPower: power.center, sigmaOfPower: power.sigma };
    return { center, sigma: center, estimator: 'mrbar/d2 of powers', parameters };
  }
  const fitted = fitFamily('weibull', mean);
  if (fitted === null) return null;
  const { shape, scale } = fitted as { shape: number; scale: number };
  return { center, sigma: center, estimator: 'weibull', parameters: { shape, scale } };
}
