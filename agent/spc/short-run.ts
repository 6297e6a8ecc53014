/**
 * Short-run charts: many part numbers on one chart. DNOM plots the deviation from the nominal of
 * the part (one sigma for the family); Z-MR standardises by the part's own mean and sigma.
 * Montgomery; Wheeler, Short Run SPC.
 */
import { d2 } from './constants.ts';
import type { ControlChart } from './control-chart.ts';
import {
  grandMean,
  individualsChart,
  movingRangeChart,
  rangeChart,
  type Subgroups,
  xbarChart,
} from './shewhart.ts';
import { movingRanges } from './sigma.ts';
import { meanOf } from './summation.ts';

/** DNOM: Xbar and R of the deviations; single deviations give individuals and moving range. */
export function deviationChart(
  deviations: Subgroups,
  sigma: number | null,
  k = 3,
): { location: ControlChart; spread: ControlChart } {
  const center = grandMean(deviations);
  if (deviations.every((group) => group.length === 1)) {
    const values = deviations.flat();
    return {
      location: individualsChart(values, center, sigma, k),
      spread: movingRangeChart(values, sigma, 2, k),
    };
  }
  return {
    location: xbarChart(deviations, center, sigma, k),
    spread: rangeChart(deviations, sigma, k),
  };
}

export interface ZmrInput {
  values: readonly number[];
  /** part number of each value */
  part: readonly string[];
  /** given: mean and sigma stated; by-part: own moving ranges; constant: one pooled sigma */
  method: 'given' | 'by-part' | 'constant';
  given: { mean: Record<string, number>; sigma: Record<string, number> };
  k?: number;
}

export interface Zmr {
  mean: Record<string, number | null>;
  sigma: Record<string, number | null>;
  z: ControlChart;
  mr: ControlChart;
}

/** Z and MR of standardised values; the moving range runs over all consecutive points. */
export function zmr({ values, part, method, given, k = 3 }: ZmrInput): Zmr {
  const stated = method === 'given' ? Object.keys({ ...given.mean, ...given.sigma }) : [];
  const names = [...new Set([...part, ...stated])];
  const of = (name: string) => values.filter((_, i) => part[i] === name);
  const rangesOf = (name: string) => movingRanges(of(name)).filter((range) => range !== null);
  const pooled = meanOf(names.flatMap(rangesOf));
  const sigmaOf = (name: string): number | null => {
    if (method === 'given') return given.sigma[name] ?? null;
    const typical = method === 'constant' ? pooled : meanOf(rangesOf(name));
    return typical === null ? null : typical / d2(2);
  };
  const mean = Object.fromEntries(
    names.map((name) => [name, method === 'given' ? (given.mean[name] ?? null) : meanOf(of(name))]),
  );
  const sigma = Object.fromEntries(names.map((name) => [name, sigmaOf(name)]));
  const z = values.map((value, i) => {
    const middle = mean[part[i] as string] ?? null;
    const spread = sigma[part[i] as string] ?? null;
    return middle === null || spread === null || spread <= 0 ? null : (value - middle) / spread;
  });
  return { mean, sigma, z: individualsChart(z, 0, 1, k), mr: movingRangeChart(z, 1, 2, k) };
}
