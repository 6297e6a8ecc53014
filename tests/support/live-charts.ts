import { charts } from '../../agent/charts/index.ts';
import { point, showChart, showState } from '../../agent/core/points.ts';
import type { Point } from '../../agent/model.ts';
import { NO_SPREAD, PLOTTED, type Subgroup } from '../../agent/spc/plotted.ts';
import { sdOf, squaresOf } from '../../agent/spc/summation.ts';
import { emptySubgroup } from '../../agent/subgroups/subgroup.ts';

/** One chart of the agent, driven directly: lines for every point's own size. */
export interface LiveChart {
  points: Point[];
  /** points since the shift began, per statistic, as the chart estimates it */
  onsets: { location: number; spread: number }[];
}

/** Plots subgroups (null = missing) under given limits, as the agent would. */
export function liveChart(
  settings: { kind: string } & Record<string, unknown>,
  subgroups: (number[] | null)[],
  limits: { center: number; sigma: number },
): LiveChart {
  const size = subgroups.find((group) => group !== null)?.length ?? 1;
  const chart = charts.create(charts.schema.parse(settings), { size });
  const state = new Float64Array(chart.slots);
  const made: LiveChart = { points: [], onsets: [] };
  chart.restart(state, 0);
  subgroups.forEach((group, i) => {
    if (group === null) return;
    chart.lines(state, 0, limits, group.length);
    chart.step(state, 0, subgroupOf(group, subgroups[i - 1] ?? null));
    const spread = chart.pair ? { at: PLOTTED.count } : null;
    const layout = { charts: [{ kind: chart.kind, location: { at: 0 }, spread }] };
    showState({ id: 'd', numbers: state, at: 0, points: i, phase: 2, limits: null, layout });
    showChart(0);
    made.points.push({ ...point, index: i });
    made.onsets.push({
      location: chart.onset?.(state, 0, 'location') ?? 0,
      spread: chart.onset?.(state, 0, 'spread') ?? 0,
    });
  });
  return made;
}

/** A subgroup as `subgroups/` would hand it over; `before` matters to individuals alone. */
export function subgroupOf(values: number[], before: number[] | null): Subgroup {
  const [only = 0] = values;
  if (values.length === 1) {
    const last = before?.[0];
    const range = last === undefined ? NO_SPREAD : Math.abs(only - last);
    return { ...emptySubgroup(), size: 1, mean: only, range, sd: NO_SPREAD, squares: 0 };
  }
  return {
    ...emptySubgroup(),
    values: [...values],
    size: values.length,
    mean: only + values.reduce((sum, x) => sum + (x - only), 0) / values.length,
    range: Math.max(...values) - Math.min(...values),
    sd: sdOf(values) ?? NO_SPREAD,
    squares: squaresOf(values),
  };
}
