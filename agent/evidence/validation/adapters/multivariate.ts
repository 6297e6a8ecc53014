import * as multi from '../../../spc/multivariate.ts';
import { type Adapter, need, option, undefinedFor } from './common.ts';

export const hotelling: Adapter = (input) => {
  const grouped = need<string>(input, 'type') === 'subgroup';
  const alpha = need<number>(input, 'alpha');
  const meansOf = (key: string): number[][] =>
    grouped
      ? option<number[][][]>(input, key, []).map(multi.columnMeans)
      : option<number[][]>(input, key, []);
  const rows = meansOf('data');
  const successive = input['covMethod'] === 'successive-difference';
  const covariance = grouped
    ? multi.meanMatrix(need<number[][][]>(input, 'data').map(multi.covariance))
    : successive
      ? multi.successiveCovariance(rows)
      : multi.covariance(rows);
  const mean = multi.columnMeans(rows);
  const n = grouped ? (need<number[][][]>(input, 'data')[0]?.length ?? 1) : 1;
  const found = multi.tSquared(rows, mean, covariance, n);
  const later = multi.tSquared(meansOf('newData'), mean, covariance, n);
  const limits = multi.tSquaredLimits(rows.length, n, mean.length, alpha);
  const usable = successive ? { ...limits, uclPhase1: null, uclPhase2: null } : limits;
  const beyond = (t2: number[], ucl: number | null) =>
    t2.flatMap((value, i) => (ucl !== null && value > ucl ? [i] : []));
  return {
    mean,
    covariance,
    ...found,
    ...usable,
    beyondPhase1: beyond(found?.t2 ?? [], usable.uclPhase1),
    t2New: later?.t2,
    beyondPhase2: beyond(later?.t2 ?? [], usable.uclPhase2),
  };
};

export const mewma: Adapter = (input) => {
  const data = need<number[][]>(input, 'data');
  const mean = option(input, 'mean', multi.columnMeans(data));
  const covariance = option(input, 'covariance', multi.covariance(data));
  const n = option(input, 'n', 1);
  const found = multi.mewma(data, mean, covariance, need<number>(input, 'lambda'), n);
  const h = option<number | null>(input, 'h', null);
  const beyond = found?.t2.flatMap((value, i) => (h !== null && value > h ? [i] : []));
  return { ...found, beyond };
};

export const generalizedVariance: Adapter = (input) => {
  const subgroups = need<number[][][]>(input, 'subgroups');
  const found = multi.generalizedVariance(subgroups, option(input, 'k', 3));
  if (found === null) return undefinedFor('every subgroup needs more values than variables');
  const { chart, ...rest } = found;
  const { center, lcl, ucl, beyond } = chart;
  return { ...rest, center: center[0], lcl: lcl[0], ucl: ucl[0], beyond };
};
