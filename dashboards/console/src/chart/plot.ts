import uPlot from 'uplot';
import { drawLabels, drawMarks, drawUnder, WIDE } from './draw.ts';
import { drawAhead, drawFlags, FLAG_ROW } from './draw-happened.ts';
import { type Drawing, yRange } from './shape.ts';
import type { Theme } from './theme.ts';

export interface PlotOptions {
  host: HTMLElement;
  width: number;
  height: number;
  drawing: Drawing;
  theme: Theme;
  time: boolean;
  /** only the lower chart of a pair names the points */
  bottom: boolean;
  syncKey: string;
  /** same for both charts of a pair, so that points stand above each other */
  axisWidth: number;
  say: (value: number) => string;
  onCursor: (i: number | null) => void;
}

export interface Plot {
  update(drawing: Drawing): void;
  resize(width: number): void;
  /** puts the cursor on a point, as the mouse would */
  point(i: number): void;
  destroy(): void;
}

/** One control chart on a canvas: uPlot draws line and axes, our hooks limits, zones and marks. */
export function createPlot(options: PlotOptions): Plot {
  let { drawing } = options;
  const u = new uPlot(
    settingsOf(options, () => drawing),
    [drawing.x, drawing.y],
    options.host,
  );
  return {
    update(next) {
      drawing = next;
      // At once, not in a microtask: whoever moves the cursor next needs the new scale.
      u.batch(() => u.setData([drawing.x, drawing.y]));
    },
    resize: (width) => u.setSize({ width, height: options.height }),
    point(i) {
      const left = u.valToPos(drawing.x[i] ?? 0, 'x');
      u.setCursor({ left, top: u.valToPos(drawing.y[i] ?? 0, 'y') });
    },
    destroy: () => u.destroy(),
  };
}

function settingsOf(options: PlotOptions, drawing: () => Drawing): uPlot.Options {
  const { theme, say, time, bottom } = options;
  const axis = {
    stroke: theme.muted,
    font: `11px ${theme.font}`,
    grid: { stroke: theme.grid, width: 1 },
    ticks: { show: false },
  };
  return {
    width: options.width,
    height: options.height,
    padding: [
      options.drawing.statistic === 'location' ? FLAG_ROW + 4 : 8,
      options.width >= WIDE ? 92 : 34,
      bottom ? 0 : 8,
      0,
    ],
    legend: { show: false },
    cursor: {
      y: false,
      drag: { x: false, y: false },
      points: { size: 9, stroke: theme.text, fill: theme.surface, width: 2 },
      sync: { key: options.syncKey, setSeries: false },
    },
    scales: {
      x: { time, range: () => spanOf(drawing()) },
      y: { range: () => yRange(drawing()) },
    },
    series: [{}, lineOf(theme, drawing)],
    axes: [
      { ...axis, show: bottom, size: 32, ...(time ? {} : { incrs: WHOLE }) },
      {
        ...axis,
        size: options.axisWidth,
        space: 32,
        values: (_u, splits) => splits.map((value) => say(value)),
      },
    ],
    hooks: {
      drawAxes: [
        (u) => drawUnder(u, drawing(), theme),
        (u) => {
          const { ahead } = drawing();
          if (ahead !== null) drawAhead(u, ahead, theme);
        },
      ],
      draw: [
        (u) => drawFlags(u, drawing(), theme),
        (u) => drawMarks(u, drawing(), theme),
        (u) => drawLabels(u, drawing(), theme, say),
      ],
      setCursor: [(u) => options.onCursor(u.cursor.idx ?? null)],
    },
  };
}

/** Point numbers are whole. */
const WHOLE = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000];

function lineOf(theme: Theme, drawing: () => Drawing): uPlot.Series {
  return {
    stroke: theme.line,
    width: 1.5,
    points: {
      show: (u) => u.bbox.width / drawing().x.length > 5 * devicePixelRatio,
      size: 5,
      stroke: theme.line,
      fill: theme.line,
    },
  };
}

/** A little room at both ends, so that the mark of the newest point is whole. */
function spanOf(d: Drawing): [number, number] {
  const first = d.edges[0] ?? 0;
  const last = Math.max(d.edges.at(-1) ?? 1, d.until);
  const room = (last - first) * 0.015;
  return [first - room, last + room];
}
