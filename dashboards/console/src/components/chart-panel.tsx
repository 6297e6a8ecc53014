import { useMemo, useState } from 'preact/hooks';
import { ControlChart } from '../chart/control-chart.tsx';
import type { FlagKind } from '../chart/happened.ts';
import { usePoints } from '../chart/points.ts';
import { PointsTable } from '../chart/points-table.tsx';
import { ZONELESS } from '../chart/shape.ts';
import { useHappened } from '../chart/use-happened.ts';
import { strings } from '../strings.ts';
import type { Characteristic, Signal } from '../types.ts';
import { FlagLegend } from './flag-legend.tsx';
import { Shape } from './status.tsx';

const LENGTHS = [60, 200, 1000];

/** A phone has room for 60 points, a screen for 200. */
const roomy = () => matchMedia('(min-width: 800px)').matches;

/** Tabs of charts, the choice of length and axis, the pair itself, and the table behind it. */
export function ChartPanel(props: { characteristic: Characteristic; signals: Signal[] }) {
  const { characteristic: c, signals } = props;
  const [kind, setKind] = useState(c.charts[0]);
  const [limit, setLimit] = useState(() => LENGTHS[roomy() ? 1 : 0] as number);
  const [axis, setAxis] = useState<'index' | 'time'>('index');
  const [table, setTable] = useState(false);
  const { id, lastPointIndex } = c;
  const wanted = { id, chart: kind, limit, lastPointIndex, seen: true, pauseMs: 250 };
  const points = usePoints(wanted);
  const happened = useHappened(c, points);
  const [hidden, setHidden] = useState<ReadonlySet<FlagKind>>(new Set());
  const flags = useMemo(
    () => happened.filter((flag) => !hidden.has(flag.kind)),
    [happened, hidden],
  );
  const text = strings.chart;
  if (kind === undefined || points?.length === 0) return <p class="quiet">{text.empty}</p>;
  return (
    <>
      <div class="chart-bar">
        <Tabs kinds={c.charts} kind={kind} onPick={setKind} />
        <Choices limit={limit} onLimit={setLimit} onAxis={setAxis} />
      </div>
      <div role="tabpanel" id="chart-panel" aria-labelledby={`tab-${kind}`}>
        {points === null ? (
          <p class="quiet chart-wait">{strings.loading}</p>
        ) : (
          <ControlChart
            characteristic={c}
            kind={kind}
            points={points}
            signals={signals}
            axis={axis}
            flags={flags}
          />
        )}
      </div>
      <Forecast characteristic={c} />
      <FlagLegend flags={happened} hidden={hidden} onToggle={(kind) => setHidden(toggled(kind))} />
      <div class="chart-foot">
        <Legend zones={!ZONELESS.has(kind)} />
        <button type="button" aria-expanded={table} onClick={() => setTable(!table)}>
          {table ? text.hideTable : text.table}
        </button>
      </div>
      {table && points !== null && (
        <PointsTable points={points} signals={signals} decimals={c.decimals} />
      )}
    </>
  );
}

/** What the charts expect, in the words of the agent. */
function Forecast({ characteristic: c }: { characteristic: Characteristic }) {
  const said = c.forecast ?? '';
  if (said === '') return null;
  return (
    <p class="outlook">
      <b>{strings.flags.outlook}</b> {said}
    </p>
  );
}

const toggled = (kind: FlagKind) => (before: ReadonlySet<FlagKind>) => {
  const next = new Set(before);
  if (!next.delete(kind)) next.add(kind);
  return next;
};

interface ChoicesProps {
  limit: number;
  onLimit: (limit: number) => void;
  onAxis: (axis: 'index' | 'time') => void;
}

function Choices({ limit, onLimit, onAxis }: ChoicesProps) {
  const text = strings.chart;
  return (
    <div class="chart-choices">
      <label>
        {text.show}{' '}
        <select onChange={(event) => onLimit(Number(event.currentTarget.value))}>
          {LENGTHS.map((n) => (
            <option key={n} value={n} selected={n === limit}>
              {text.points(n)}
            </option>
          ))}
        </select>
      </label>
      <label>
        {text.axis}{' '}
        <select
          onChange={(event) => onAxis(event.currentTarget.value === 'time' ? 'time' : 'index')}
        >
          <option value="index">{text.byIndex}</option>
          <option value="time">{text.byTime}</option>
        </select>
      </label>
    </div>
  );
}

/** Tabs as the ARIA pattern wants them: one in the tab order, arrows move between them. */
function Tabs(props: { kinds: string[]; kind: string; onPick: (kind: string) => void }) {
  const { kinds, kind, onPick } = props;
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    const next = kinds[(kinds.indexOf(kind) + step + kinds.length) % kinds.length];
    if (next === undefined) return;
    onPick(next);
    document.getElementById(`tab-${next}`)?.focus();
  };
  return (
    <div class="tabs" role="tablist" aria-label={strings.characteristic.charts}>
      {kinds.map((one) => (
        <button
          key={one}
          type="button"
          role="tab"
          id={`tab-${one}`}
          aria-selected={one === kind}
          aria-controls="chart-panel"
          tabIndex={one === kind ? 0 : -1}
          onClick={() => onPick(one)}
          onKeyDown={onKeyDown}
        >
          {strings.chart.kinds[one] ?? one}
        </button>
      ))}
    </div>
  );
}

function Legend({ zones }: { zones: boolean }) {
  const text = strings.chart.legend;
  return (
    <ul class="legend small">
      <li class="is-alarm">
        <Shape name="alarm" /> <span>{text.beyond}</span>
      </li>
      <li class="is-warning">
        <Shape name="warning" /> <span>{text.run}</span>
      </li>
      {zones && (
        <li>
          <span class="zone-key" aria-hidden="true">
            <i class="c" />
            <i class="b" />
            <i class="a" />
          </span>{' '}
          <span>{text.zones}</span>
        </li>
      )}
    </ul>
  );
}
