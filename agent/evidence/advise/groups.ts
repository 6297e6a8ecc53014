/** Readings sorted by a name, and the two tests the advisor asks of such groups. */
import { fSf } from '../../spc/distributions.ts';
import { meanOf, medianOf, squaresOf, sumOf } from '../../spc/summation.ts';

/** Values by key, in order of first appearance. */
export function grouped<K>(values: readonly number[], keys: readonly K[]): Map<K, number[]> {
  const groups = new Map<K, number[]>();
  values.forEach((value, i) => {
    const key = keys[i] as K;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [value]);
    else group.push(value);
  });
  return groups;
}

/** Parts of the variance of readings in groups, by one-way analysis of variance. */
export interface Components {
  within: number;
  between: number;
  f: number;
  p: number;
}

/** null for fewer than two groups, no group of two, or no spread within. */
export function components(groups: readonly (readonly number[])[]): Components | null {
  const used = groups.filter((group) => group.length > 0);
  const n = sumOf(used.map((group) => group.length));
  const k = used.length;
  const grand = meanOf(used.flat());
  if (k < 2 || n <= k || grand === null) return null;
  const within = sumOf(used.map(squaresOf)) / (n - k);
  if (!(within > 0)) return null;
  const distance = (group: readonly number[]) => ((meanOf(group) ?? grand) - grand) ** 2;
  const between = sumOf(used.map((group) => group.length * distance(group))) / (k - 1);
  const size = (n - sumOf(used.map((group) => group.length ** 2)) / n) / (k - 1);
  const f = between / within;
  return {
    within: Math.sqrt(within),
    between: Math.sqrt(Math.max(0, (between - within) / size)),
    f,
    p: fSf(f, k - 1, n - k),
  };
}

/** Equal spread? Brown & Forsythe (1974): analysis of variance of distances from the medians. */
export function equalSpread(groups: readonly (readonly number[])[]): number | null {
  const distances = groups
    .filter((group) => group.length > 1)
    .map((group) => {
      const middle = medianOf(group) ?? 0;
      return group.map((value) => Math.abs(value - middle));
    });
  return components(distances)?.p ?? null;
}
