import { z } from 'zod';
import { kind } from '../../registry.ts';
import { mewmaLimit } from '../../spc/arl-multivariate.ts';
import { PLOTTED } from '../../spc/plotted.ts';
import type { Chart } from '../chart.ts';
import { runLength, wanted } from './settings.ts';
import {
  awayOf,
  covarianceOf,
  drawModel,
  isReady,
  lengthOf,
  ownAt,
  type VectorContext,
  vectorChart,
} from './vector.ts';
import { sayContributions } from './words.ts';

/**
 * Multivariate EWMA (Lowry, Woodall, Champ & Rigdon 1992): T^2 of the smoothed deviations with their
 * own covariance, exact from the first point or as it settles.
 */
export const mewma = kind({
  settings: z.object({
    lambda: z.number().min(0.02).max(1).default(0.1).describe('weight of the newest point'),
    h: z.number().positive().optional().describe('limit; follows from arl0 when left out'),
    arl0: runLength,
    covariance: z
      .enum(['exact', 'asymptotic'])
      .default('exact')
      .describe('exact: narrower at first, so that an early shift shows; or as it settles'),
  }),
  create(s, context: VectorContext): Chart {
    const { size: n, names, ids } = context;
    const p = ids.length;
    const Z = ownAt(p);
    const COUNT = Z + p;
    const steady = s.lambda / ((2 - s.lambda) * n);
    return {
      ...vectorChart('mewma', context, p + 1),
      timeWeighted: true,
      lines(state, at, limits) {
        drawModel(state, at, limits, context, () => ({
          ucl: s.h ?? wanted('mewma', [s.lambda, p, s.arl0], mewmaLimit),
          cl: 0,
        }));
      },
      restart(state, at) {
        state.fill(0, at + Z, at + COUNT + 1);
      },
      step(state, at, subgroup) {
        if (!isReady(state, at)) return false;
        for (let j = 0; j < p; j += 1) {
          const before = state[at + Z + j] as number;
          const away = awayOf(state, at, subgroup, p, j);
          state[at + Z + j] = s.lambda * away + (1 - s.lambda) * before;
        }
        const count = (state[at + COUNT] as number) + 1;
        state[at + COUNT] = count;
        const settled = lengthOf(state, at, at + Z, p) / steady;
        const young = s.covariance === 'exact' ? -Math.expm1(2 * count * Math.log1p(-s.lambda)) : 1;
        state[at + PLOTTED.value] = settled / young;
        return undefined;
      },
      detail(state, at) {
        const z = Array.from(state.subarray(at + Z, at + Z + p));
        // Of the smoothed deviations: their covariance is S times this factor.
        const count = state[at + COUNT] as number;
        const young = s.covariance === 'exact' ? -Math.expm1(2 * count * Math.log1p(-s.lambda)) : 1;
        return sayContributions(z, covarianceOf(state, at, p), 1 / (steady * young), names);
      },
    };
  },
});
