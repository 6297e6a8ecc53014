import { type Basis, tSquaredLimit } from '../../spc/decomposition.ts';
import { inverse, type Matrix } from '../../spc/matrix.ts';
import {
  columnMeans,
  covariance,
  meanMatrix,
  type Rows,
  successiveCovariance,
  tSquared,
  tSquaredLimits,
} from '../../spc/multivariate.ts';
import { NO_LINE, type Numbers, PLOTTED, type Subgroup } from '../../spc/plotted.ts';
import { firstDependent } from '../../spc/positive-definite.ts';
import type { Chart, Estimate, Lines, Phase1 } from '../chart.ts';

/**
 * What charts of several characteristics of one part share. A subgroup's `values` are the rows of
 * its parts, one behind the other; mean vector and covariance are named parameters of the limits.
 */
export interface VectorContext {
  /** the variables, as parameters of limits and as people name them */
  ids: readonly string[];
  names: readonly string[];
  /** parts of a subgroup */
  size: number;
  /** how single parts give a covariance; subgroups give the mean of their own */
  covariance: 'sample' | 'successive';
}

/** What limits fix: mean, covariance, and what they rest on (null: given, taken as known). */
export interface Model {
  mean: number[];
  cov: Matrix;
  basis: Basis | null;
}

/** False-alarm rate of all variables together, as of 3 sigma of one. */
export const USUAL_ALPHA = 0.0027;

// What every such chart keeps behind what it plots: whether lines are drawn, why Phase I was refused
// (1 + number of the variable), the mean, and the inverse of the covariance row by row.
const READY = PLOTTED.count;
const REFUSED = PLOTTED.count + 1;
export const MEAN = PLOTTED.count + 2;
const metricAt = (p: number) => MEAN + p;
/** Where a chart's own memory begins. */
export const ownAt = (p: number): number => metricAt(p) + p * p;

/** What is the same in all of these charts. */
export function vectorChart(
  kind: string,
  context: VectorContext,
  own: number,
): Omit<Chart, 'lines' | 'restart' | 'step'> {
  const p = context.ids.length;
  return {
    kind,
    slots: ownAt(p) + own,
    pair: false,
    sizes: { least: 1, most: 1e9 },
    timeWeighted: false,
    spreadSide: null,
    unlikeMeans: true,
    asks: { occasion: true, values: true },
    learnsRows: true,
    proves: false,
    rules: [{ kind: 'beyond-limits', id: `${kind}-limit` }],
    judgedBy: (statistic) => statistic === 'location',
    estimate: (phase1, state, at) => estimateRows(phase1, context, state, at),
    remark(state, at) {
      const which = (state[at + REFUSED] as number) - 1;
      if (which < 0) return '';
      return (
        `no limits can be frozen: ${context.names[which]} does not vary, or follows from ` +
        'the variables before it, so that their covariance cannot be inverted'
      );
    },
  };
}

/** Reads mean and covariance out of limits, keeps them, and draws the lines; false: they are unusable. */
export function drawModel(
  state: Numbers,
  at: number,
  limits: Lines,
  context: VectorContext,
  draw: (model: Model) => { ucl: number | null; cl: number | null; lcl?: number | null },
): void {
  state[at + READY] = 0;
  state[at + REFUSED] = 0;
  clear(state, at);
  const model = modelOf(limits, context);
  if (model === null) return;
  const inv = inverse(model.cov);
  const p = context.ids.length;
  if (inv === null || firstDependent(model.cov) !== null) return;
  model.mean.forEach((x, j) => {
    state[at + MEAN + j] = x;
  });
  inv.flat().forEach((x, i) => {
    state[at + metricAt(p) + i] = x;
  });
  const { ucl, cl, lcl = null } = draw(model);
  if (ucl === null || cl === null) return;
  state[at + PLOTTED.cl] = cl;
  state[at + PLOTTED.ucl] = ucl;
  state[at + PLOTTED.lcl] = lcl ?? -NO_LINE;
  state[at + PLOTTED.up] = (ucl - cl) / 3;
  state[at + PLOTTED.down] = lcl === null ? NO_LINE : (cl - lcl) / 3;
  state[at + PLOTTED.tolerance] = 1e-12 * ucl;
  state[at + READY] = 1;
}

/** Are lines drawn? Before that there is nothing to plot. */
export const isReady = (state: Numbers, at: number): boolean => state[at + READY] === 1;

/** v' S^-1 v of p numbers kept at `from`, summed in the order of the formula over whole arrays. */
export function lengthOf(state: Numbers, at: number, from: number, p: number): number {
  const metric = at + metricAt(p);
  let sum = 0;
  for (let i = 0; i < p; i += 1) {
    const vi = state[from + i] as number;
    for (let j = 0; j < p; j += 1) {
      sum += vi * (state[metric + i * p + j] as number) * (state[from + j] as number);
    }
  }
  return sum;
}

/** Deviation of variable j of this subgroup from its mean in the limits. */
export function awayOf(state: Numbers, at: number, subgroup: Subgroup, p: number, j: number) {
  return meanOfVariable(subgroup.values, p, j) - (state[at + MEAN + j] as number);
}

/** Compensated, as the formulas over whole arrays take their means: the last bit is the same. */
export function meanOfVariable(values: readonly number[], p: number, j: number): number {
  if (values.length === p) return values[j] as number;
  const column: number[][] = [];
  for (let i = j; i < values.length; i += p) column.push([values[i] as number]);
  return columnMeans(column)[0] as number;
}

/** The rows of a subgroup, or of Phase I. */
export function rowsOf(values: readonly number[], p: number): number[][] {
  return Array.from({ length: values.length / p }, (_, i) => values.slice(i * p, (i + 1) * p));
}

/** The covariance out of what the chart keeps: for words behind a signal, not for every point. */
export function covarianceOf(state: Numbers, at: number, p: number): Matrix | null {
  const from = at + metricAt(p);
  return inverse(rowsOf(Array.from(state.subarray(from, from + p * p)), p));
}

/** Limit and middle of T^2: the quantiles of 1 - alpha and of a half. */
export function tSquaredLines({ basis }: Model, p: number, n: number, alpha: number) {
  return { ucl: tSquaredLimit(p, alpha, n, basis), cl: tSquaredLimit(p, 0.5, n, basis) };
}

/** Names of the parameters that say a model. */
export function parametersOf({ mean, cov, basis }: Model, ids: readonly string[]) {
  const pairs = ids.flatMap((a, i) =>
    ids.slice(i).map((b, j) => [`cov ${a} ${b}`, cov[i]?.[i + j] as number] as const),
  );
  return Object.fromEntries([
    ...ids.map((id, j) => [`mean ${id}`, mean[j] as number] as const),
    ...pairs,
    ...(basis === null ? [] : [['rows', basis.m] as const]),
  ]);
}

function modelOf({ parameters = {} }: Lines, { ids, size }: VectorContext): Model | null {
  const mean = ids.map((id) => parameters[`mean ${id}`] ?? Number.NaN);
  const cov = ids.map((a, i) =>
    ids.map((b, j) => parameters[i <= j ? `cov ${a} ${b}` : `cov ${b} ${a}`] ?? Number.NaN),
  );
  if (![...mean, ...cov.flat()].every(Number.isFinite)) return null;
  const rows = parameters['rows'];
  return { mean, cov, basis: rows === undefined ? null : { m: rows, n: size } };
}

/**
 * Mean and covariance of Phase I; null while the covariance cannot be inverted, and `remark` says
 * why. Points of Phase I beyond its own limit (Tracy, Young & Mason 1992) are counted for the approver.
 */
function estimateRows(
  phase1: Phase1,
  context: VectorContext,
  state: Numbers,
  at: number,
): Estimate | null {
  const { ids, size: n } = context;
  const p = ids.length;
  const rows = rowsOf(phase1.rows ?? [], p);
  const model = n === 1 ? single(rows, context) : grouped(rows, n);
  const which = firstDependent(model.cov);
  const points = n === 1 ? rows : groupsOf(rows, n).map(columnMeans);
  const found = which === null ? tSquared(points, model.mean, model.cov, n) : null;
  state[at + REFUSED] = found === null ? 1 + (which ?? 0) : 0;
  if (found === null) return null;
  const { uclPhase1, uclChiSquare } = tSquaredLimits(points.length, n, p, USUAL_ALPHA);
  const ucl = model.basis === null ? uclChiSquare : uclPhase1;
  return {
    center: p,
    sigma: Math.sqrt(2 * p),
    estimator: ESTIMATORS[n === 1 ? context.covariance : 'grouped'],
    parameters: parametersOf(model, ids),
    outside: found.t2.filter((t2) => ucl !== null && t2 > ucl).length,
  };
}

const ESTIMATORS = {
  sample: 'covariance of the parts',
  // Its distribution is only known for many parts (Williams et al. 2006): chi-square limits.
  successive: 'covariance of successive differences, chi-square limits',
  grouped: 'mean covariance within subgroups',
} as const;

function single(rows: Rows, { covariance: method }: VectorContext): Model {
  const mean = columnMeans(rows);
  if (method === 'successive') return { mean, cov: successiveCovariance(rows), basis: null };
  return { mean, cov: covariance(rows), basis: { m: rows.length, n: 1 } };
}

function grouped(rows: Rows, n: number): Model {
  const groups = groupsOf(rows, n);
  const mean = columnMeans(groups.map(columnMeans));
  return { mean, cov: meanMatrix(groups.map(covariance)), basis: { m: groups.length, n } };
}

function groupsOf(rows: Rows, n: number): Rows[] {
  return Array.from({ length: rows.length / n }, (_, i) => rows.slice(i * n, (i + 1) * n));
}

function clear(state: Numbers, at: number): void {
  state[at + PLOTTED.cl] = NO_LINE;
  state[at + PLOTTED.lcl] = -NO_LINE;
  state[at + PLOTTED.ucl] = NO_LINE;
  state[at + PLOTTED.up] = NO_LINE;
  state[at + PLOTTED.down] = NO_LINE;
  state[at + PLOTTED.tolerance] = 0;
}
