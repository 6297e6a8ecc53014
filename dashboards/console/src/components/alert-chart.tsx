import { ControlChart } from '../chart/control-chart.tsx';
import { usePoints } from '../chart/points.ts';
import { useGet } from '../hooks.ts';
import { strings } from '../strings.ts';
import type { Alert, Characteristic, Point, Signal } from '../types.ts';

const POINTS = 60;
const PAUSE_MS = 1_000;
const NONE: never[] = [];

/** The newest points of the chart that gave the alarm: the picture beside the answer. */
export function AlertChart(props: { alert: Alert; characteristic: Characteristic }) {
  const { alert, characteristic: c } = props;
  const { id, lastPointIndex } = c;
  const path = `characteristics/${encodeURIComponent(id)}`;
  const signals = useGet<Signal[]>(`${path}/signals?limit=50`, lastPointIndex).data;
  const kind = signals === null ? undefined : chartOf(alert, signals, c);
  const points = usePoints({
    ...{ id, chart: kind, limit: POINTS, lastPointIndex },
    ...{ seen: kind !== undefined, pauseMs: PAUSE_MS },
  });
  const first = points?.[0];
  if (kind === undefined || points === null || first === undefined) return null;
  const text = strings.alerts;
  return (
    <section class="alert-chart">
      <h3>{strings.chart.kinds[kind] ?? kind}</h3>
      <ControlChart
        characteristic={c}
        kind={kind}
        points={points}
        signals={signals ?? NONE}
        axis="index"
        flags={NONE}
      />
      {isBefore(alert, first) && <p class="quiet small">{text.before(points.length)}</p>}
    </section>
  );
}

/** The chart with the newest signal of a rule of this alert; the first one when none is known. */
function chartOf(alert: Alert, signals: Signal[], c: Characteristic): string | undefined {
  const own = signals.filter(
    (one) => alert.rules.includes(one.rule) && c.charts.includes(one.chart),
  );
  const newest = own.toSorted((a, b) => a.at.localeCompare(b.at)).at(-1);
  return newest?.chart ?? c.charts[0];
}

const isBefore = (alert: Alert, first: Point) =>
  Date.parse(alert.onsetAt ?? alert.openedAt) < Date.parse(first.at);
