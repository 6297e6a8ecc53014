/**
 * Tabular cumulative sum, two one-sided schemes. Page (1954); head start of Lucas & Crosier
 * (1982); change estimate as in Montgomery. All sums are in standard errors of the mean.
 */

export interface CusumInput {
  /** means of the subgroups, or single values */
  means: readonly number[];
  sizes: readonly number[];
  target: number;
  sigma: number;
  /** reference value and decision interval, in standard errors */
  k: number;
  h: number;
  /** both sums start here; h/2 is the usual fast initial response */
  headStart: number;
}

export interface Cusum {
  /** standardised distance of each mean from the target */
  z: number[];
  cPlus: number[];
  cMinus: number[];
  /** consecutive points with a sum above 0: the age of the suspected change */
  nPlus: number[];
  nMinus: number[];
  signalsUpper: number[];
  signalsLower: number[];
  firstSignal: number | null;
}

/** C+ = max(0, C+ + z - k), C- = max(0, C- - z - k); signal when a sum is above h. No reset. */
export function cusum(input: CusumInput): Cusum | null {
  if (!(input.sigma > 0)) return null;
  const { means, sizes, target, sigma, k, h, headStart } = input;
  const z = means.map((mean, i) => (mean - target) / (sigma / Math.sqrt(sizes[i] ?? 1)));
  const up = oneSided(z, k, headStart);
  const down = oneSided(
    z.map((value) => -value),
    k,
    headStart,
  );
  const signalsUpper = up.sums.flatMap((sum, i) => (sum > h ? [i] : []));
  const signalsLower = down.sums.flatMap((sum, i) => (sum > h ? [i] : []));
  const first = Math.min(signalsUpper[0] ?? Infinity, signalsLower[0] ?? Infinity);
  return {
    z,
    cPlus: up.sums,
    cMinus: down.sums,
    nPlus: up.ages,
    nMinus: down.ages,
    signalsUpper,
    signalsLower,
    firstSignal: Number.isFinite(first) ? first : null,
  };
}

export interface ChangeEstimate {
  direction: 'upper' | 'lower';
  /** position of the last point of the old level; -1 when the change lies before the first */
  lastInControlIndex: number;
  newMean: number;
}

/** When and to what level the mean moved, judged at the first signal (equal sizes, no FIR). */
export function changeEstimate(sums: Cusum, input: CusumInput): ChangeEstimate | null {
  const at = sums.firstSignal;
  if (at === null) return null;
  const upper = sums.signalsUpper[0] === at;
  const age = (upper ? sums.nPlus[at] : sums.nMinus[at]) as number;
  const sum = (upper ? sums.cPlus[at] : sums.cMinus[at]) as number;
  const error = input.sigma / Math.sqrt(input.sizes[at] ?? 1);
  const shift = error * (input.k + sum / age);
  return {
    direction: upper ? 'upper' : 'lower',
    lastInControlIndex: at - age,
    newMean: upper ? input.target + shift : input.target - shift,
  };
}

function oneSided(z: number[], k: number, start: number): { sums: number[]; ages: number[] } {
  const sums: number[] = [];
  const ages: number[] = [];
  let sum = start;
  let age = 0;
  for (const value of z) {
    sum = Math.max(0, sum + value - k);
    age = sum > 0 ? age + 1 : 0;
    sums.push(sum);
    ages.push(age);
  }
  return { sums, ages };
}
