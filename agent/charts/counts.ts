import { z } from 'zod';
import { kind } from '../registry.ts';
import { d2 } from '../spc/constants.ts';
import type { Band } from '../spc/control-chart.ts';
import { binomialLimits, needsExactLimits, poissonLimits } from '../spc/exact-limits.ts';
import { NO_LINE, type Numbers, PLOTTED } from '../spc/plotted.ts';
import type { Chart, ChartContext, Estimate, Phase1 } from './chart.ts';
import { toleranceOf } from './lines.ts';
import { sigmas } from './settings.ts';

/** Rules for means say too much about counts, which are neither normal nor finely divided (E13). */
export const COUNT_RULES = ['beyond-limits', 'same-side', 'trend', 'alternating'];

/** What tells the charts of counts apart. */
interface Counting {
  kind: 'p' | 'np' | 'c' | 'u' | 'laney-p' | 'laney-u';
  /** defective parts are binomial, flaws are Poisson */
  model: 'binomial' | 'poisson';
  /** plots the count itself, not the share or rate */
  total: boolean;
  /** the spread is widened to what Phase I showed */
  laney: boolean;
}

const exact = z
  .enum(['auto', 'always', 'never'])
  .default('auto')
  .describe('limits by probability instead of 3 sigma; auto: where fewer than 9 are expected');

/**
 * A chart of counts. A subgroup is a sample: its size are the parts inspected or the units, its mean
 * the share or rate. Limits stand at the k sigma of the model, cut at what can happen.
 */
export function countChart(counting: Counting) {
  const { model, total, laney } = counting;
  const settings = laney ? z.object({ sigmas }) : z.object({ sigmas, exact });
  return kind({
    settings,
    create(s: { sigmas: number; exact?: 'auto' | 'always' | 'never' }, _c: ChartContext): Chart {
      const when = s.exact ?? 'never';
      return {
        kind: counting.kind,
        slots: PLOTTED.count,
        pair: false,
        sizes: { least: 0, most: 1e9 },
        timeWeighted: false,
        spreadSide: null,
        ...(total ? { unlikeMeans: true as const } : {}),
        judgedBy: (_statistic, rule) => COUNT_RULES.includes(rule),
        estimate: (phase1) => estimate(phase1, counting),
        sigmaOf: (rate) => Math.sqrt(varianceOf(model, rate)),
        lines(state, at, limits, size) {
          const expected = size * limits.center;
          const byChance = when === 'always' || (when === 'auto' && needsExactLimits(expected));
          const ratio = laney ? (limits.parameters?.['sigmaZ'] ?? 1) : 1;
          const half = s.sigmas * Math.sqrt(varianceOf(model, limits.center) * size) * ratio;
          const band = byChance
            ? exactBand(model, limits.center, size, s.sigmas)
            : { center: expected, lcl: expected - half, ucl: expected + half };
          draw(state, at, band, model === 'binomial' ? size : NO_LINE, total ? 1 : size);
        },
        restart() {},
        step(state, at, subgroup) {
          state[at + PLOTTED.value] = total ? subgroup.mean * subgroup.size : subgroup.mean;
        },
      };
    },
  });
}

const varianceOf = (model: Counting['model'], rate: number) =>
  model === 'binomial' ? rate * (1 - rate) : rate;

function exactBand(model: Counting['model'], rate: number, size: number, k: number): Band {
  if (model === 'poisson') return poissonLimits(rate * size, k);
  return binomialLimits(Math.round(size), rate, k);
}

/** Lines of a count, drawn per `unit`; there are no zones on a side that is cut. */
function draw(state: Numbers, at: number, band: Band, most: number, unit: number): void {
  const cl = band.center as number;
  const lcl = band.lcl as number;
  const ucl = band.ucl as number;
  state[at + PLOTTED.cl] = cl / unit;
  state[at + PLOTTED.lcl] = Math.max(0, lcl) / unit;
  state[at + PLOTTED.ucl] = Math.min(most, ucl) / unit;
  state[at + PLOTTED.up] = ucl < most ? (ucl - cl) / 3 / unit : NO_LINE;
  state[at + PLOTTED.down] = lcl > 0 ? (cl - lcl) / 3 / unit : NO_LINE;
  state[at + PLOTTED.tolerance] = toleranceOf(cl / unit, (ucl - cl) / 3 / unit);
}

/** Pooled rate of Phase I; null while nothing was found, or nothing but. */
function estimate({ mean, size }: Phase1, { model, laney }: Counting): Estimate | null {
  let found = 0;
  let inspected = 0;
  for (let i = 0; i < size.length; i += 1) {
    found += (mean[i] as number) * (size[i] as number);
    inspected += size[i] as number;
  }
  const center = found / inspected;
  const sigma = Math.sqrt(varianceOf(model, center));
  if (!(sigma > 0)) return null;
  if (!laney) return { center, sigma, estimator: model };
  let moving = 0;
  const z = mean.map((rate, i) => (rate - center) / (sigma / Math.sqrt(size[i] as number)));
  for (let i = 1; i < z.length; i += 1) moving += Math.abs((z[i] as number) - (z[i - 1] as number));
  const sigmaZ = moving / (z.length - 1) / d2(2);
  if (!(sigmaZ > 0)) return null;
  return { center, sigma, estimator: `${model} by Laney`, parameters: { sigmaZ } };
}
