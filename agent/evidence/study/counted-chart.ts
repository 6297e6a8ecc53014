/** The chart that judges counted rows: limits, signals, verdict, and the rate against the size. */
import { rateChart } from '../../spc/attributes.ts';
import { type Band, type ControlChart, controlChart, NO_BAND } from '../../spc/control-chart.ts';
import { tSf } from '../../spc/distributions.ts';
import { binomialLimits, needsExactLimits, poissonLimits } from '../../spc/exact-limits.ts';
import { leastSquares } from '../../spc/regression.ts';
import type { Verdict } from './stability.ts';

export interface CountedSignal {
  rule: 'beyond-limits' | '9-same-side';
  /** row of the chart, from 1 */
  point: number;
  value: number;
}

const FEWEST_ROWS = 8;
const RUN = 9;

/** Chart of the rates; limits by probability where fewer than 9 are expected in any row. */
export function countedChart(
  model: 'binomial' | 'poisson',
  counts: readonly number[],
  sizes: readonly number[],
  rate: number | null,
): { chart: ControlChart; exact: boolean } {
  const exact = rate !== null && sizes.some((size) => needsExactLimits(size * rate));
  if (!exact) return { chart: rateChart(model, counts, sizes, rate), exact };
  const known = new Map<number, Band>();
  const bandOf = (size: number): Band => {
    const limits = model === 'binomial' ? binomialLimits(size, rate) : poissonLimits(size * rate);
    const part = (limit: number | null) => (limit === null ? null : limit / size);
    return { center: rate, lcl: part(limits.lcl), ucl: part(limits.ucl) };
  };
  const plotted = counts.map((count, i) => count / (sizes[i] as number));
  const chart = controlChart(plotted, (i) => {
    const size = sizes[i] as number;
    const band = known.get(size) ?? bandOf(size);
    known.set(size, band);
    return rate > 0 ? band : NO_BAND;
  });
  return { chart, exact };
}

/** Points outside the limits, and nine in a row on one side; a point on the line ends a run. */
export function signalsOf({ plotted, center, beyond }: ControlChart): CountedSignal[] {
  const signals: CountedSignal[] = [];
  const outside = new Set(beyond);
  let side = 0;
  let run = 0;
  plotted.forEach((value, i) => {
    const middle = center[i] ?? null;
    if (value === null || middle === null) return;
    const now = Math.sign(value - middle);
    run = now === 0 ? 0 : now === side ? run + 1 : 1;
    side = now;
    if (outside.has(i)) signals.push({ rule: 'beyond-limits', point: i + 1, value });
    if (run >= RUN) signals.push({ rule: '9-same-side', point: i + 1, value });
  });
  return signals;
}

/** Verdict with its reason. */
export function verdictOf(
  { plotted }: ControlChart,
  signals: readonly CountedSignal[],
  rate: number | null,
): { verdict: Verdict; reason: string } {
  const points = plotted.length;
  const none = (reason: string) => ({ verdict: 'not judged' as const, reason });
  if (rate === 0) return none('nothing was found, so nothing varies');
  if (points < FEWEST_ROWS) return none(`${points} rows are too few; ${FEWEST_ROWS} are needed`);
  if (signals.length === 0)
    return { verdict: 'stable', reason: `no rule is broken in ${points} rows` };
  const what = signals.length === 1 ? 'signal' : 'signals';
  return { verdict: 'unstable', reason: `${signals.length} ${what} in ${points} rows` };
}

/** Does the rate depend on how much was inspected? Regression with its t test; null: equal sizes. */
export function onSize(
  { plotted }: ControlChart,
  sizes: readonly number[],
): { slope: number; p: number | null } | null {
  const line = leastSquares(
    sizes,
    plotted.map((value) => value ?? 0),
  );
  if (line === null) return null;
  const error = line.residualSd === null ? null : line.residualSd / Math.sqrt(line.squaresX);
  if (error === null || !(error > 0)) return { slope: line.slope, p: null };
  return { slope: line.slope, p: 2 * tSf(Math.abs(line.slope / error), sizes.length - 2) };
}
