import { z } from 'zod';
import { kind } from '../../registry.ts';
import { determinant } from '../../spc/matrix.ts';
import { covariance, determinantBand } from '../../spc/multivariate.ts';
import { PLOTTED } from '../../spc/plotted.ts';
import type { Chart } from '../chart.ts';
import { sigmas } from '../settings.ts';
import { drawModel, isReady, ownAt, rowsOf, type VectorContext, vectorChart } from './vector.ts';

const short = (x: number) => String(Number(x.toPrecision(3)));

/**
 * Generalised variance |S| of a subgroup (Montgomery): the spread of all variables together. It
 * needs more parts in a subgroup than there are variables.
 */
export const generalizedVariance = kind({
  settings: z.object({ sigmas }),
  create(s, context: VectorContext): Chart {
    const { size: n, ids, names } = context;
    const p = ids.length;
    // Variances of the limits, and of the last subgroup: for words.
    const USUAL = ownAt(p);
    const NOW = USUAL + p;
    return {
      ...vectorChart('generalized-variance', context, 2 * p),
      sizes: { least: p + 1, most: 1e9 },
      lines(state, at, limits) {
        drawModel(state, at, limits, context, ({ cov, basis }) => {
          cov.forEach((row, j) => {
            state[at + USUAL + j] = row[j] as number;
          });
          const band = determinantBand(determinant(cov), n, p, s.sigmas, basis !== null);
          return { ...band, lcl: band.lcl > 0 ? band.lcl : null };
        });
      },
      restart() {},
      step(state, at, subgroup) {
        if (!isReady(state, at)) return false;
        const own = covariance(rowsOf(subgroup.values, p));
        for (let j = 0; j < p; j += 1) state[at + NOW + j] = own[j]?.[j] as number;
        state[at + PLOTTED.value] = determinant(own);
        return undefined;
      },
      detail(state, at) {
        const times = names.map((name, j) => {
          const ratio = (state[at + NOW + j] as number) / (state[at + USUAL + j] as number);
          return `${name} ${short(Math.sqrt(ratio))}`;
        });
        const now = short(state[at + PLOTTED.value] as number);
        const usual = short(state[at + PLOTTED.cl] as number);
        return `; |S| ${now}, usual ${usual}; standard deviations in multiples of the usual: ${times.join(', ')}`;
      },
    };
  },
});
