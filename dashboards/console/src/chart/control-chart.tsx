import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { fixed } from '../format.ts';
import { useMedia, useWidth } from '../hooks.ts';
import { strings } from '../strings.ts';
import type { Characteristic, Point, Signal } from '../types.ts';
import { type Flag, flagsAt } from './happened.ts';
import { createPlot, type Plot } from './plot.ts';
import { Readout, sayFlag, sayPoint } from './readout.tsx';
import { drawingOf, yRange } from './shape.ts';
import { readTheme } from './theme.ts';

interface Props {
  characteristic: Characteristic;
  kind: string;
  points: Point[];
  signals: Signal[];
  axis: 'index' | 'time';
  flags: Flag[];
}

/** The pair of charts, location above spread, with one cursor that mouse and keyboard move. */
export function ControlChart(props: Props) {
  const { characteristic, kind, points, axis } = props;
  const [box, width] = useWidth<HTMLDivElement>();
  const [at, setAt] = useState<number | null>(null);
  const [said, setSaid] = useState('');
  // The keyboard stays on its point while new ones come in; the mouse stays where it is.
  const pinned = useRef<number | null>(null);
  const paired = points.some((point) => point.spread !== null);
  const plots = usePlots({ ...props, paired, width, host: box, pinned, onCursor: setAt });
  const point = points[at ?? -1] ?? points.at(-1);

  const onKeyDown = (event: KeyboardEvent) => {
    const next = moved(event.key, at ?? points.length - 1, points, at === null);
    const target = points[next ?? -1];
    if (next === null || target === undefined) return;
    event.preventDefault();
    pinned.current = target.index;
    for (const plot of plots.current) plot.point(next);
    setAt(next);
    const happened = flagsAt(props.flags, points, next).map((flag) => sayFlag(flag));
    setSaid([sayPoint(target, props), ...happened].join(', '));
  };
  const unpin = () => {
    pinned.current = null;
  };

  const name = strings.chart.kinds[kind] ?? kind;
  return (
    <div class="control-chart">
      {point !== undefined && (
        <Readout
          point={point}
          happened={flagsAt(props.flags, points, points.indexOf(point))}
          {...props}
        />
      )}
      <div
        class="plots"
        ref={box}
        role="application"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the cursor of the chart takes keys
        tabIndex={0}
        aria-label={strings.chart.figure(name, characteristic.name, points.length)}
        aria-describedby="chart-keys"
        onKeyDown={onKeyDown}
        onPointerMove={unpin}
        data-axis={axis}
      />
      <p id="chart-keys" class="quiet small">
        {strings.chart.keys}
      </p>
      <div class="hidden" aria-live="polite" id="chart-said">
        {said}
      </div>
    </div>
  );
}

interface PlotsWanted extends Props {
  paired: boolean;
  width: number;
  host: { current: HTMLDivElement | null };
  pinned: { current: number | null };
  onCursor: (i: number | null) => void;
}

/** Makes the canvases again when their kind changes, and only feeds them when points come. */
function usePlots(wanted: PlotsWanted): { current: Plot[] } {
  const { characteristic, kind, points, axis, paired, width, host, pinned, onCursor } = wanted;
  const dark = useMedia('(prefers-color-scheme: dark)');
  const plots = useRef<Plot[]>([]);
  const { flags } = wanted;
  const outlook = characteristic.outlook?.chart === kind ? characteristic.outlook : null;
  const drawings = useMemo(() => {
    const beside = { flags, outlook };
    const location = drawingOf(points, 'location', axis, beside);
    return paired ? [location, drawingOf(points, 'spread', axis, beside)] : [location];
  }, [points, axis, paired, flags, outlook?.points]);
  const wide = width >= 560;
  // Data and width have their own effects.
  useEffect(() => {
    const element = host.current;
    if (element === null || width === 0) return undefined;
    const theme = readTheme(element);
    const decimals = kind === 'cusum' ? 1 : characteristic.decimals;
    const say = (value: number) => fixed(value, decimals);
    const longest = Math.max(...drawings.flatMap(yRange).map((value) => say(value).length));
    const made = drawings.map((drawing, i) => {
      return createPlot({
        host: addTitled(element, titleOf(kind, i, characteristic.unit)),
        width,
        height: (i === 0 ? (wide ? 300 : 240) : wide ? 170 : 140) + (paired && i === 0 ? 0 : 20),
        drawing,
        theme,
        time: axis === 'time',
        bottom: i === drawings.length - 1,
        axisWidth: 16 + 6.6 * longest,
        syncKey: `pair-${characteristic.id}`,
        say,
        onCursor,
      });
    });
    plots.current = made;
    return () => {
      for (const plot of made) plot.destroy();
      element.replaceChildren();
      plots.current = [];
    };
  }, [characteristic.id, kind, axis, paired, dark, wide, width === 0]);
  useEffect(() => {
    plots.current.forEach((plot, i) => {
      const drawing = drawings[i];
      if (drawing !== undefined) plot.update(drawing);
    });
    const again = points.findIndex((point) => point.index === pinned.current);
    if (again >= 0) for (const plot of plots.current) plot.point(again);
  }, [drawings]);
  useEffect(() => {
    for (const plot of plots.current) plot.resize(width);
  }, [width]);
  return plots;
}

function addTitled(box: HTMLElement, text: string): HTMLElement {
  const part = document.createElement('div');
  const title = document.createElement('p');
  title.className = 'plot-title';
  title.textContent = text;
  part.append(title);
  box.append(part);
  return part;
}

function titleOf(kind: string, i: number, unit: string): string {
  const text = strings.chart;
  const name =
    i === 0 ? (text.location[kind] ?? text.locationOther) : (text.spread[kind] ?? text.spreadOther);
  return kind === 'cusum' || unit === '' ? name : `${name} (${unit})`;
}

/** Where a key puts the cursor; null when the key is not ours. */
function moved(key: string, at: number, points: Point[], fresh: boolean): number | null {
  const last = points.length - 1;
  if (last < 0) return null;
  if (key === 'ArrowLeft') return Math.max(0, fresh ? at : at - 1);
  if (key === 'ArrowRight') return Math.min(last, at + 1);
  if (key === 'Home') return 0;
  if (key === 'End') return last;
  const signalled = (point: Point) => point.rules.length + point.spreadRules.length > 0;
  if (key === 'PageUp') {
    const found = points.findLastIndex((point, i) => i < at && signalled(point));
    return found < 0 ? at : found;
  }
  if (key === 'PageDown') {
    const found = points.findIndex((point, i) => i > at && signalled(point));
    return found < 0 ? at : found;
  }
  return null;
}
