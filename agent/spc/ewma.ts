/**
 * Exponentially weighted moving average. Roberts (1959); exact variance recursion also for unequal
 * subgroups (Montgomery), asymptotic limits as an option of the caller.
 */
import { bandAround, type ControlChart, controlChart, NO_BAND } from './control-chart.ts';

export interface EwmaInput {
  /** means of the subgroups, or single values */
  means: readonly number[];
  /** values behind each mean */
  sizes: readonly number[];
  target: number | null;
  sigma: number | null;
  /** weight of the newest mean, 0 < lambda <= 1 */
  lambda: number;
  /** half-width of the limits in standard errors */
  width: number;
}

export interface EwmaChart extends ControlChart {
  /** standard error of each plotted value */
  se: (number | null)[];
}

/** z_i = lambda x_i + (1 - lambda) z_(i-1), z_0 = target, limits target +- width se_i. */
export function ewmaChart(input: EwmaInput): EwmaChart {
  const { means, sizes, target, sigma, lambda, width } = input;
  const plotted: (number | null)[] = [];
  const se: (number | null)[] = [];
  // Deviations from the target keep their digits when target and values share a large offset.
  let deviation = 0;
  let variance = 0;
  for (let i = 0; i < means.length; i += 1) {
    if (target !== null) {
      deviation = lambda * ((means[i] as number) - target) + (1 - lambda) * deviation;
    }
    plotted.push(target === null ? null : target + deviation);
    variance = (1 - lambda) ** 2 * variance + lambda ** 2 / (sizes[i] ?? 1);
    se.push(sigma === null ? null : sigma * Math.sqrt(variance));
  }
  const chart = controlChart(plotted, (i) => {
    const error = se[i] ?? null;
    return error === null ? NO_BAND : bandAround(target, width * error);
  });
  return { ...chart, se };
}

/** Standard error the EWMA of equal subgroups settles at: sigma sqrt(lambda/(2-lambda)/n). */
export function ewmaSteadyError(sigma: number, lambda: number, size: number): number {
  return sigma * Math.sqrt(lambda / ((2 - lambda) * size));
}
