/** All numbers the tree asks for, computed once. */
import { effectiveSize, ljungBox } from '../../spc/dependence.ts';
import { autocorrelation } from '../../spc/moments.ts';
import { individualSigma, subgroupSigma } from '../../spc/sigma.ts';
import { meanOf, sdOf } from '../../spc/summation.ts';
import { type Components, components, equalSpread, grouped } from './groups.ts';
import type { Demands, Measurements } from './observations.ts';
import { type Shape, shapeOf, stepOf } from './shape.ts';
import { hiddenWear, type Wear, wearOfTools } from './trend.ts';

export interface Facts {
  n: number;
  mean: number | null;
  sd: number | null;
  /** of single readings, within subgroups or from moving ranges */
  sigma: number | null;
  estimator: 'range' | 'pooled' | 'moving range';
  subgroups: { count: number; least: number; most: number } | null;
  parts: { names: number; fewest: number; equalSpread: number | null; expected: number | null };
  streams: { names: number; list: string[]; components: Components | null };
  wear: Wear | null;
  /** between and within subgroups or lots, and the share of means outside their limits */
  between: (Components & { ratio: number; outside: number; of: 'lots' | 'subgroups' }) | null;
  /** lag-1 autocorrelation of what is plotted, without drift; Ljung-Box p over 10 lags */
  r1: number | null;
  ljungBox: number | null;
  effective: number | null;
  /** points over which likeness fades to 1/e; null when there is none */
  memory: number | null;
  shape: Shape;
  step: number | null;
  /** distance of the nearer limit in sigmas, over 3 */
  index: number | null;
}

/** Computes everything about measurements. */
export function factsOf(m: Measurements, demands: Demands): Facts {
  const wear = m.tool === null ? hiddenWear(m.values) : wearOfTools(m.values, m.tool);
  const values = wear?.residuals ?? m.values;
  const groups = m.subgroup === null ? null : [...grouped(values, m.subgroup).values()];
  const sizes = groups?.map((group) => group.length) ?? [];
  const several = groups !== null && Math.max(...sizes) > 1;
  const plotted = several ? groups.map((group) => meanOf(group) ?? 0) : withoutLots(values, m.lot);
  const r1 = autocorrelation(plotted, 1);
  const estimator = !several ? 'moving range' : Math.max(...sizes) > 8 ? 'pooled' : 'range';
  const sigma = several
    ? subgroupSigma(estimator === 'pooled' ? 'pooled' : 'range-unweighted', groups)
    : individualSigma('mr-mean', values);
  const sd = sdOf(m.values);
  const mean = meanOf(m.values);
  return {
    n: m.values.length,
    mean,
    sd,
    sigma,
    estimator,
    subgroups: several
      ? { count: groups.length, least: Math.min(...sizes), most: Math.max(...sizes) }
      : null,
    parts: partsOf(m, demands),
    streams: streamsOf(m),
    wear,
    between: betweenOf(m, values, groups, several),
    r1,
    ljungBox: ljungBox(plotted)?.p ?? null,
    effective: r1 === null ? null : effectiveSize(plotted.length, r1),
    memory: r1 !== null && r1 > 0 && r1 < 1 ? -1 / Math.log(r1) : null,
    shape: shapeOf([...values]),
    step: demands.resolution ?? stepOf(m.values),
    index: indexOf(mean, sd, demands),
  };
}

/** Readings of one lot are alike for a reason that is known: that is no dependence in time. */
function withoutLots(values: readonly number[], lot: readonly string[] | null): number[] {
  if (lot === null) return [...values];
  const levels = new Map(
    [...grouped(values, lot)].map(([name, group]) => [name, meanOf(group) ?? 0]),
  );
  return values.map((value, i) => value - (levels.get(lot[i] as string) ?? 0));
}

function partsOf({ values, part }: Measurements, { expectedPieces }: Demands): Facts['parts'] {
  const groups = part === null ? [[...values]] : [...grouped(values, part).values()];
  return {
    names: groups.length,
    fewest: Math.min(...groups.map((group) => group.length)),
    equalSpread: groups.length > 1 ? equalSpread(groups) : null,
    expected: expectedPieces,
  };
}

function streamsOf({ values, stream }: Measurements): Facts['streams'] {
  if (stream === null) return { names: 1, list: [], components: null };
  const groups = grouped(values, stream);
  const list = [...groups.keys()];
  return { names: list.length, list, components: components([...groups.values()]) };
}

/** Lots when they are told, otherwise subgroups. */
function betweenOf(
  { lot }: Measurements,
  values: readonly number[],
  subgroups: number[][] | null,
  several: boolean,
): Facts['between'] {
  const groups = lot === null ? (several ? subgroups : null) : [...grouped(values, lot).values()];
  if (groups === null) return null;
  const parts = components(groups);
  if (parts === null) return null;
  const grand = meanOf(groups.flat()) ?? 0;
  const outside = groups.filter(
    (group) =>
      Math.abs((meanOf(group) ?? grand) - grand) > (3 * parts.within) / Math.sqrt(group.length),
  ).length;
  return {
    ...parts,
    ratio: (parts.between / parts.within) ** 2,
    outside: outside / groups.length,
    of: lot === null ? 'subgroups' : 'lots',
  };
}

function indexOf(mean: number | null, sd: number | null, { lsl, usl }: Demands): number | null {
  if (mean === null || sd === null || !(sd > 0)) return null;
  const rooms = [...(usl === null ? [] : [usl - mean]), ...(lsl === null ? [] : [mean - lsl])];
  return rooms.length === 0 ? null : Math.min(...rooms) / (3 * sd);
}
