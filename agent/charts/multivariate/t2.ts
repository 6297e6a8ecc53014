import { z } from 'zod';
import { kind } from '../../registry.ts';
import { type Numbers, PLOTTED } from '../../spc/plotted.ts';
import type { Chart } from '../chart.ts';
import {
  awayOf,
  covarianceOf,
  drawModel,
  isReady,
  lengthOf,
  ownAt,
  tSquaredLines,
  USUAL_ALPHA,
  type VectorContext,
  vectorChart,
} from './vector.ts';
import { sayCauses, sayContributions } from './words.ts';

/**
 * Hotelling's T^2 of single parts, or of the mean of a subgroup: one limit for all variables and
 * what they have to do with each other. Phase II limits by F (Tracy, Young & Mason 1992), by
 * chi-square where mean and covariance are given. A signal says which variables made it.
 */
export const t2 = kind({
  settings: z.object({
    alpha: z
      .number()
      .min(1e-7)
      .max(0.2)
      .default(USUAL_ALPHA)
      .describe('false alarms per point, of all variables together'),
  }),
  create(s, context: VectorContext): Chart {
    const { size: n, names, ids } = context;
    const p = ids.length;
    // The last deviations, and what the limits rest on: 0 stands for parameters that are known.
    const AWAY = ownAt(p);
    const ROWS = AWAY + p;
    return {
      ...vectorChart('t2', context, p + 1),
      lines(state, at, limits) {
        drawModel(state, at, limits, context, (model) => {
          state[at + ROWS] = model.basis?.m ?? 0;
          return tSquaredLines(model, p, n, s.alpha);
        });
      },
      restart() {},
      step(state, at, subgroup) {
        if (!isReady(state, at)) return false;
        for (let j = 0; j < p; j += 1) state[at + AWAY + j] = awayOf(state, at, subgroup, p, j);
        state[at + PLOTTED.value] = n * lengthOf(state, at, at + AWAY, p);
        return undefined;
      },
      detail(state, at) {
        const away = takenFrom(state, at + AWAY, p);
        const cov = covarianceOf(state, at, p);
        const m = state[at + ROWS] as number;
        const causes = sayCauses(away, cov, context, s.alpha, m === 0 ? null : { m, n });
        return causes + sayContributions(away, cov, n, names);
      },
    };
  },
});

const takenFrom = (state: Numbers, at: number, p: number) => Array.from(state.subarray(at, at + p));
