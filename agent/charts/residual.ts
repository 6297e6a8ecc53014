import { z } from 'zod';
import { kind } from '../registry.ts';
import { autocorrelation } from '../spc/moments.ts';
import { PLOTTED } from '../spc/plotted.ts';
import { meanOf } from '../spc/summation.ts';
import type { Chart, ChartContext, Estimate, Phase1 } from './chart.ts';
import { drawLocation } from './lines.ts';
import { sigmas } from './settings.ts';

// What it remembers: the forecast of the next point, mean, weight or coefficient, and sigmas.
const FORECAST = PLOTTED.count;
const STARTED = PLOTTED.count + 1;
const CENTER = PLOTTED.count + 2;
const MEMORY = PLOTTED.count + 3;
const ERROR = PLOTTED.count + 4;

type Model = 'ar1' | 'moving-centre';

/**
 * For readings that depend on the one before: every point is judged by its distance from what was
 * to be expected after the last one. `ar1`: mean + phi (x - mean) (Alwan & Roberts 1988);
 * `moving-centre`: the EWMA of the points so far (Montgomery & Mastrangelo 1991). The centre line
 * is that expectation; sigma of the limits is that of the errors of expectation.
 */
export const residual = kind({
  settings: z.object({
    model: z
      .enum(['ar1', 'moving-centre'])
      .default('ar1')
      .describe('ar1 for a process that returns to its mean, moving-centre for one that wanders'),
    sigmas,
    phi: z
      .number()
      .gt(-1)
      .lt(1)
      .optional()
      .describe('autocorrelation of neighbours (ar1); from Phase I when left out'),
    lambda: z
      .number()
      .gt(0)
      .max(1)
      .optional()
      .describe('weight of the newest point (moving-centre); from Phase I when left out'),
  }),
  create(s, _context: ChartContext): Chart {
    const stated = s.model === 'ar1' ? s.phi : s.lambda;
    const name = s.model === 'ar1' ? 'phi' : 'lambda';
    const usual = s.model === 'ar1' ? 0 : 0.2;
    return {
      kind: 'residual',
      slots: PLOTTED.count + 5,
      pair: false,
      sizes: { least: 0, most: 1e9 },
      timeWeighted: true,
      spreadSide: null,
      scale: 'residual',
      judgedBy: (_statistic, rule) => ['beyond-limits', 'same-side', 'k-of-m'].includes(rule),
      estimate: (phase1) => estimate(phase1, s.model, stated),
      lines(state, at, limits, size) {
        const error = limits.sigma / Math.sqrt(size);
        drawLocation(state, at, limits, error, s.sigmas, 0);
        state[at + CENTER] = limits.center;
        state[at + MEMORY] = stated ?? limits.parameters?.[name] ?? usual;
        state[at + ERROR] = error;
      },
      restart(state, at) {
        state[at + STARTED] = 0;
      },
      step(state, at, subgroup) {
        const center = state[at + CENTER] as number;
        const memory = state[at + MEMORY] as number;
        const known = state[at + STARTED] === 1;
        const expected = known ? (state[at + FORECAST] as number) : center;
        // With nothing before it a point of an AR(1) process is as far away as the process goes.
        const first = s.model === 'ar1' ? Math.sqrt(1 - memory * memory) : 1;
        const error = (state[at + ERROR] as number) / (known ? 1 : first);
        state[at + PLOTTED.value] = subgroup.mean;
        state[at + PLOTTED.cl] = expected;
        state[at + PLOTTED.lcl] = expected - s.sigmas * error;
        state[at + PLOTTED.ucl] = expected + s.sigmas * error;
        state[at + PLOTTED.up] = error;
        state[at + PLOTTED.down] = error;
        state[at + FORECAST] = next(s.model, memory, center, expected, subgroup.mean);
        state[at + STARTED] = 1;
      },
    };
  },
});

function next(
  model: Model,
  memory: number,
  center: number,
  expected: number,
  value: number,
): number {
  if (model === 'ar1') return center + memory * (value - center);
  return expected + memory * (value - expected);
}

/** Sigma of the errors of expectation over Phase I. */
function estimate(
  { mean, size }: Phase1,
  model: Model,
  stated: number | undefined,
): Estimate | null {
  const center = meanOf(mean);
  if (center === null || mean.length < 5) return null;
  const memory =
    stated ?? (model === 'ar1' ? (autocorrelation(mean, 1) ?? 0) : bestWeight(mean, center));
  const squares = errorSquares(mean, center, model, memory);
  const lost = model === 'ar1' ? 3 : 2;
  const sigma = Math.sqrt((squares / (mean.length - lost)) * (size[0] ?? 1));
  if (!(sigma > 0)) return null;
  const estimator = model === 'ar1' ? 'errors of AR(1)' : 'errors of the moving centre';
  return {
    center,
    sigma,
    estimator,
    parameters: model === 'ar1' ? { phi: memory } : { lambda: memory },
  };
}

/** The weight with the smallest sum of squared errors, to two digits. */
function bestWeight(values: readonly number[], center: number): number {
  let best = 1;
  let least = Number.POSITIVE_INFINITY;
  for (let hundredths = 1; hundredths <= 100; hundredths += 1) {
    const squares = errorSquares(values, center, 'moving-centre', hundredths / 100);
    if (squares >= least) continue;
    least = squares;
    best = hundredths / 100;
  }
  return best;
}

function errorSquares(
  values: readonly number[],
  center: number,
  model: Model,
  memory: number,
): number {
  let expected = values[0] as number;
  let sum = 0;
  values.forEach((value, i) => {
    if (i > 0) sum += (value - expected) ** 2;
    expected = next(model, memory, center, expected, value);
  });
  return sum;
}
