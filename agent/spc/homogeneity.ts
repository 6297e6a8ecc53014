/**
 * Do groups share one variance, one mean? Bartlett (1937) for normal data, Brown & Forsythe (1974)
 * for any, one-way analysis of variance for means. Asked before parts share a short-run chart,
 * cavities a subgroup, or lots a capability study.
 */
import { chiSquareSf, fSf } from './distributions.ts';
import { meanOf, medianOf, squaresOf, sumOf } from './summation.ts';

export interface GroupTest {
  statistic: number;
  df1: number;
  /** null for a test by chi-square */
  df2: number | null;
  p: number;
}

type Groups = readonly (readonly number[])[];

/** Equal variances, normal data; null for fewer than two groups of two, or a group without spread. */
export function bartlett(groups: Groups): GroupTest | null {
  const k = groups.length;
  const dfs = groups.map((group) => group.length - 1);
  const df = sumOf(dfs);
  if (k < 2 || dfs.some((one) => one < 1)) return null;
  const variances = groups.map((group, i) => squaresOf(group) / (dfs[i] as number));
  if (variances.some((variance) => !(variance > 0))) return null;
  const pooled = sumOf(variances.map((v, i) => v * (dfs[i] as number))) / df;
  const logs = sumOf(variances.map((v, i) => (dfs[i] as number) * Math.log(pooled / v)));
  const correction = 1 + (sumOf(dfs.map((one) => 1 / one)) - 1 / df) / (3 * (k - 1));
  const statistic = logs / correction;
  return { statistic, df1: k - 1, df2: null, p: chiSquareSf(statistic, k - 1) };
}

/** Equal variances, any shape: analysis of variance of the distances from the group medians. */
export function brownForsythe(groups: Groups): GroupTest | null {
  return brownForsytheOf(groups, 'all');
}

/**
 * The same, `all` distances or `without zeros`: in every group one distance is bound to be 0 (odd
 * size) or the twin of another (even size), which makes the test blind for small groups; the
 * smallest is left out (Hines & Hines 2000).
 */
export function brownForsytheOf(groups: Groups, use: 'all' | 'without zeros'): GroupTest | null {
  return oneWay(
    groups.map((group) => {
      const middle = medianOf(group) ?? 0;
      const away = group.map((x) => Math.abs(x - middle));
      return use === 'all' ? away : away.sort((a, b) => a - b).slice(1);
    }),
  );
}

/** Equal means: F test between against within; null without spread inside the groups. */
export function oneWay(groups: Groups): GroupTest | null {
  const used = groups.filter((group) => group.length > 0);
  const all = used.flat();
  const df1 = used.length - 1;
  const df2 = all.length - used.length;
  const within = sumOf(used.map(squaresOf));
  const origin = meanOf(all);
  if (df1 < 1 || df2 < 1 || origin === null || !(within > 0)) return null;
  const between = sumOf(
    used.map((group) => group.length * (meanOf(group.map((x) => x - origin)) as number) ** 2),
  );
  const statistic = between / df1 / (within / df2);
  return { statistic, df1, df2, p: fSf(statistic, df1, df2) };
}
