import { z } from 'zod';
import { kind } from '../../registry.ts';
import { mcusumLimit } from '../../spc/arl-multivariate.ts';
import { PLOTTED } from '../../spc/plotted.ts';
import type { Chart } from '../chart.ts';
import { runLength, wanted } from './settings.ts';
import {
  covarianceOf,
  drawModel,
  isReady,
  lengthOf,
  MEAN,
  meanOfVariable,
  ownAt,
  type VectorContext,
  vectorChart,
} from './vector.ts';
import { sayContributions } from './words.ts';

/**
 * Multivariate CUSUM, the vector form of Crosier (1988): what persists of the deviations adds up, each
 * time shrunk towards zero by k. Lengths are in standard errors of the mean of a subgroup.
 */
export const mcusum = kind({
  settings: z.object({
    k: z.number().min(0.1).max(3).default(0.5).describe('half the shift looked for, as a distance'),
    h: z.number().positive().optional().describe('limit; follows from arl0 when left out'),
    arl0: runLength,
  }),
  create(s, context: VectorContext): Chart {
    const { size: n, names, ids } = context;
    const p = ids.length;
    const SUM = ownAt(p);
    const SINCE = SUM + p;
    return {
      ...vectorChart('mcusum', context, p + 1),
      timeWeighted: true,
      lines(state, at, limits) {
        drawModel(state, at, limits, context, () => ({
          ucl: s.h ?? wanted('mcusum', [s.k, p, s.arl0], mcusumLimit),
          cl: 0,
        }));
      },
      restart(state, at) {
        state[at + PLOTTED.value] = 0;
        state.fill(0, at + SUM, at + SINCE + 1);
      },
      step(state, at, subgroup) {
        if (!isReady(state, at)) return false;
        const left = state[at + PLOTTED.value] === 0;
        state[at + SINCE] = left ? 1 : (state[at + SINCE] as number) + 1;
        for (let j = 0; j < p; j += 1) {
          const before = state[at + SUM + j] as number;
          const moved = before + meanOfVariable(subgroup.values, p, j);
          state[at + SUM + j] = moved - (state[at + MEAN + j] as number);
        }
        const length = Math.sqrt(n * lengthOf(state, at, at + SUM, p));
        const shrink = length <= s.k ? 0 : 1 - s.k / length;
        for (let j = 0; j < p; j += 1) {
          state[at + SUM + j] = (state[at + SUM + j] as number) * shrink;
        }
        state[at + PLOTTED.value] = length <= s.k ? 0 : length - s.k;
        return undefined;
      },
      onset: (state, at) => state[at + SINCE] as number,
      detail(state, at) {
        const sum = Array.from(state.subarray(at + SUM, at + SUM + p));
        return sayContributions(sum, covarianceOf(state, at, p), n, names);
      },
    };
  },
});
