import type { Estimate, Phase1 } from '../charts/chart.ts';
import type { Limits } from '../model.ts';
import { c4, d2 } from '../spc/constants.ts';
import { tQuantile } from '../spc/distributions.ts';
import { NO_LINE, type Numbers, PLOTTED, type Subgroup } from '../spc/plotted.ts';
import type { CharacteristicPlan, Estimator as SigmaEstimator } from './characteristic-plan.ts';

/** Phase I subgroups, one entry each, as many as the plan wants at most. */
export type Baseline = Phase1;

/** Points a provisional chart needs before it judges (E14). */
const LEAST_PROVISIONAL = 5;
/** One-sided probability of 3 sigma. */
const THREE_SIGMA = 0.99865;
const NO_NUMBERS: Numbers = new Float64Array(0);

export function emptyBaseline(): Baseline {
  return { size: [], mean: [], range: [], squares: [], covariate: [] };
}

/** Phase I points still wanted. */
export function remaining(plan: CharacteristicPlan, baseline: Baseline): number {
  return Math.max(0, plan.wanted - baseline.mean.length);
}

/**
 * Takes a subgroup into Phase I, or what the first chart made of it. While all readings are equal no sigma can be estimated; then the
 * oldest makes room, so that the bound holds and learning goes on.
 */
export function learn(
  plan: CharacteristicPlan,
  baseline: Baseline,
  subgroup: Subgroup,
  numbers: Numbers = NO_NUMBERS,
  base = 0,
): void {
  if (baseline.mean.length >= plan.wanted) {
    for (const column of Object.values(baseline)) column.splice(0, column.length / plan.wanted);
  }
  const first = plan.charts?.[0];
  const at = first?.chart.learnsPlotted === true ? base + first.at : -1;
  const pair = first?.spread?.at;
  baseline.size.push(subgroup.size);
  baseline.mean.push(at < 0 ? subgroup.mean : (numbers[at + PLOTTED.value] as number));
  baseline.range.push(
    at < 0 || pair === undefined
      ? subgroup.range
      : (numbers[base + pair + PLOTTED.value] as number),
  );
  baseline.squares.push(subgroup.squares);
  if (first?.chart.learnsRows === true) {
    baseline.rows ??= [];
    baseline.rows.push(...subgroup.values);
  }
  baseline.covariate.push(first?.chart.covariate?.(numbers, base + first.at) ?? 0);
}

/** Takes all lines away from the statistic plotted at `at`. */
export function clearLines(numbers: Numbers, at: number): void {
  numbers[at + PLOTTED.cl] = NO_LINE;
  numbers[at + PLOTTED.lcl] = -NO_LINE;
  numbers[at + PLOTTED.ucl] = NO_LINE;
  numbers[at + PLOTTED.up] = NO_LINE;
  numbers[at + PLOTTED.down] = NO_LINE;
  numbers[at + PLOTTED.tolerance] = 0;
}

/**
 * Lines for the next point while nothing is frozen: where one more point of the same process is
 * expected with the probability of 3 sigma, mean ± t(m-1; 0.99865) s sqrt(1 + 1/m) (E14).
 */
export function provisionalLines(baseline: Baseline, numbers: Numbers, at: number): void {
  clearLines(numbers, at);
  const means = baseline.mean;
  const m = means.length;
  if (m < LEAST_PROVISIONAL) return;
  const center = meanOf(means);
  const sd = Math.sqrt(sumOf(means, (x) => (x - center) ** 2) / (m - 1));
  const t = tQuantile(THREE_SIGMA, m - 1);
  if (t === null || !(sd > 0)) return;
  const half = t * sd * Math.sqrt(1 + 1 / m);
  numbers[at + PLOTTED.cl] = center;
  numbers[at + PLOTTED.lcl] = center - half;
  numbers[at + PLOTTED.ucl] = center + half;
  numbers[at + PLOTTED.up] = half / 3;
  numbers[at + PLOTTED.down] = half / 3;
}

/** Freezes limits from Phase I; null while sigma cannot be estimated. */
export function freeze(
  plan: CharacteristicPlan,
  baseline: Baseline,
  version: number,
  timeMs: number,
  numbers: Numbers = NO_NUMBERS,
  base = 0,
): Limits | null {
  const estimated = estimateOf(plan, baseline, numbers, base);
  if (estimated === null) return null;
  const { center, sigma, estimator, parameters } = estimated;
  const readings = sumOf(baseline.size, (n) => n);
  return {
    characteristic: plan.id,
    version,
    origin: 'baseline',
    center,
    sigma,
    ...(parameters === undefined ? {} : { parameters }),
    estimator,
    subgroups: baseline.mean.length,
    readings,
    baselineOutside: estimated.outside ?? outside(baseline, center, sigma),
    frozenAtMs: timeMs,
    approvedBy: null,
    approvedAtMs: null,
    note: '',
  };
}

/** The first chart's own estimate, else grand mean and sigma; with what other charts add to it. */
function estimateOf(
  plan: CharacteristicPlan,
  baseline: Baseline,
  numbers: Numbers,
  base: number,
): Estimate | null {
  const own = (plan.charts ?? []).map((part) =>
    part.chart.estimate === undefined
      ? undefined
      : part.chart.estimate(baseline, numbers, base + part.at),
  );
  if (own.includes(null)) return null;
  const first = own[0] ?? usualEstimate(plan.estimator, baseline);
  if (first === null || !(first.sigma > 0)) return null;
  const added = own.flatMap((estimate) => Object.entries(estimate?.parameters ?? {}));
  return added.length === 0 ? first : { ...first, parameters: Object.fromEntries(added) };
}

function usualEstimate(estimator: SigmaEstimator, baseline: Baseline): Estimate {
  const readings = sumOf(baseline.size, (n) => n);
  const total = sumOf(baseline.mean, (mean, i) => mean * (baseline.size[i] ?? 0));
  return { center: total / readings, sigma: sigmaOf(estimator, baseline), estimator };
}

/** Sigma by the named estimator; NaN when there is nothing to estimate it from. */
function sigmaOf(estimator: SigmaEstimator, b: Baseline): number {
  if (estimator === 'mrbar/d2') return meanOf(b.range.filter((range) => range >= 0)) / d2(2);
  const several = b.size.map((n, i) => ({ n, range: b.range[i] ?? 0, squares: b.squares[i] ?? 0 }));
  const usable = several.filter(({ n }) => n > 1);
  if (estimator === 'rbar/d2') return meanOf(usable.map(({ n, range }) => range / d2(n)));
  if (estimator === 'sbar/c4') {
    return meanOf(usable.map(({ n, squares }) => Math.sqrt(squares / (n - 1)) / c4(n)));
  }
  const degrees = sumOf(usable, ({ n }) => n - 1);
  const squares = sumOf(usable, (s) => s.squares);
  return degrees === 0 ? NaN : Math.sqrt(squares / degrees) / c4(degrees + 1);
}

/** Phase I points outside the limits they gave: shown to the approver, never dropped silently. */
function outside(b: Baseline, center: number, sigma: number): number {
  return sumOf(b.mean, (mean, i) => {
    const half = (3 * sigma) / Math.sqrt(b.size[i] ?? 1);
    return Math.abs(mean - center) > half ? 1 : 0;
  });
}

function sumOf<T>(items: readonly T[], of: (item: T, index: number) => number): number {
  return items.reduce((sum, item, i) => sum + of(item, i), 0);
}

const meanOf = (items: readonly number[]) => sumOf(items, (x) => x) / items.length;
