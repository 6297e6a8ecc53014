import type uPlot from 'uplot';
import { strings } from '../strings.ts';
import { type Drawing, lanes } from './shape.ts';
import type { Theme } from './theme.ts';

/** Below the points: the learning phase, zones, and the limits as steps. */
export function drawUnder(u: uPlot, d: Drawing, theme: Theme): void {
  clipped(u, (ctx) => {
    drawLearning(u, ctx, d, theme);
    for (const [from, to] of lanes(d)) {
      const lane = {
        left: px(u, d.edges[from] ?? 0, 'x'),
        right: px(u, d.edges[to + 1] ?? 0, 'x'),
        cl: d.cl[from] ?? null,
        lcl: d.lcl[from] ?? null,
        ucl: d.ucl[from] ?? null,
      };
      if (d.zones) drawZones(u, ctx, lane, theme);
      drawLine(u, ctx, lane, lane.cl, theme.center, []);
      drawLine(u, ctx, lane, lane.ucl, theme.limit, [6, 4]);
      drawLine(u, ctx, lane, lane.lcl, theme.limit, [6, 4]);
    }
  });
}

/** Above the points: a shape with the rule number at every signalled point. */
export function drawMarks(u: uPlot, d: Drawing, theme: Theme): void {
  const { ctx } = u;
  const size = 5 * devicePixelRatio;
  clipped(u, () => {
    ctx.font = `600 ${11 * devicePixelRatio}px ${theme.font}`;
    ctx.textAlign = 'center';
    // The newest mark matters most: it gets its label first, older ones where there is room.
    let labelledAt = Number.POSITIVE_INFINITY;
    for (const { i, mark, label } of d.marks.toReversed()) {
      const x = px(u, d.x[i] ?? 0, 'x');
      const y = px(u, d.y[i] ?? 0, 'y');
      ctx.fillStyle = mark === 'square' ? theme.alarm : theme.warning;
      ctx.strokeStyle = theme.surface;
      ctx.lineWidth = 1.5 * devicePixelRatio;
      ctx.beginPath();
      if (mark === 'square') ctx.rect(x - size, y - size, 2 * size, 2 * size);
      else triangle(ctx, x, y, size * 1.3);
      ctx.fill();
      ctx.stroke();
      if (labelledAt - x < 26 * devicePixelRatio) continue;
      labelledAt = x;
      const below = (d.y[i] ?? 0) < (d.cl[i] ?? 0);
      const most = u.bbox.left + u.bbox.width - ctx.measureText(label).width / 2 - 2;
      drawLabel(ctx, label, Math.min(x, most), y + (below ? 18 : -9) * devicePixelRatio, theme);
    }
  });
}

/** Names and values of the newest limits, right of the picture. */
export function drawLabels(u: uPlot, d: Drawing, theme: Theme, say: (v: number) => string): void {
  const { ctx } = u;
  const right = u.bbox.left + u.bbox.width + 6 * devicePixelRatio;
  const wide = u.width >= WIDE;
  const names: [string, number | null | undefined][] = [
    [strings.chart.ucl, d.ucl.at(-1)],
    [strings.chart.cl, d.cl.at(-1)],
    [strings.chart.lcl, d.lcl.at(-1)],
  ];
  ctx.save();
  ctx.font = `${11 * devicePixelRatio}px ${theme.font}`;
  ctx.textAlign = 'left';
  ctx.textBaseline = 'middle';
  ctx.fillStyle = theme.muted;
  let above = Number.NEGATIVE_INFINITY;
  for (const [name, value] of names) {
    if (value === null || value === undefined) continue;
    const y = px(u, value, 'y');
    if (y - above < 11 * devicePixelRatio) continue;
    above = y;
    ctx.fillText(wide ? `${name} ${say(value)}` : name, right, y);
  }
  ctx.restore();
}

/** From this width on there is room for the values of the limits. */
export const WIDE = 560;

interface Lane {
  left: number;
  right: number;
  cl: number | null;
  lcl: number | null;
  ucl: number | null;
}

function drawLearning(u: uPlot, ctx: CanvasRenderingContext2D, d: Drawing, theme: Theme): void {
  for (const [from, to] of d.learning) {
    const left = px(u, d.edges[from] ?? 0, 'x');
    const right = px(u, d.edges[to + 1] ?? 0, 'x');
    ctx.fillStyle = theme.learning;
    ctx.fillRect(left, u.bbox.top, right - left, u.bbox.height);
    const text = strings.chart.learning;
    ctx.font = `${11 * devicePixelRatio}px ${theme.font}`;
    const fits = ctx.measureText(text).width < right - left;
    if (!fits || d.statistic === 'spread') continue;
    ctx.fillStyle = theme.muted;
    ctx.textAlign = 'left';
    ctx.fillText(text, left + 6 * devicePixelRatio, u.bbox.top + 14 * devicePixelRatio);
  }
}

/** Thirds of each side (E1): C next to the centre, A next to the limit. */
function drawZones(u: uPlot, ctx: CanvasRenderingContext2D, lane: Lane, theme: Theme): void {
  if (lane.cl === null) return;
  for (const limit of [lane.ucl, lane.lcl]) {
    if (limit === null) continue;
    theme.zones.forEach((color, third) => {
      const from = px(u, (lane.cl as number) + ((limit - (lane.cl as number)) * third) / 3, 'y');
      const to = px(
        u,
        (lane.cl as number) + ((limit - (lane.cl as number)) * (third + 1)) / 3,
        'y',
      );
      ctx.fillStyle = color;
      ctx.fillRect(lane.left, Math.min(from, to), lane.right - lane.left, Math.abs(to - from));
    });
  }
}

function drawLine(
  u: uPlot,
  ctx: CanvasRenderingContext2D,
  lane: Lane,
  value: number | null,
  color: string,
  dash: number[],
): void {
  if (value === null) return;
  const y = px(u, value, 'y');
  ctx.strokeStyle = color;
  ctx.lineWidth = 1.25 * devicePixelRatio;
  ctx.setLineDash(dash.map((length) => length * devicePixelRatio));
  ctx.beginPath();
  ctx.moveTo(lane.left, y);
  ctx.lineTo(lane.right, y);
  ctx.stroke();
  ctx.setLineDash([]);
}

/** Text with a border of the background, so that lines behind it do not cross it out. */
function drawLabel(
  ctx: CanvasRenderingContext2D,
  text: string,
  x: number,
  y: number,
  theme: Theme,
): void {
  ctx.lineWidth = 4 * devicePixelRatio;
  ctx.lineJoin = 'round';
  ctx.strokeText(text, x, y);
  ctx.fillStyle = theme.text;
  ctx.fillText(text, x, y);
}

function triangle(ctx: CanvasRenderingContext2D, x: number, y: number, size: number): void {
  ctx.moveTo(x, y - size);
  ctx.lineTo(x + size, y + size * 0.8);
  ctx.lineTo(x - size, y + size * 0.8);
  ctx.closePath();
}

function clipped(u: uPlot, draw: (ctx: CanvasRenderingContext2D) => void): void {
  const { ctx } = u;
  const { left, top, width, height } = u.bbox;
  ctx.save();
  ctx.beginPath();
  ctx.rect(left, top, width, height);
  ctx.clip();
  draw(ctx);
  ctx.restore();
}

const px = (u: uPlot, value: number, scale: 'x' | 'y') => u.valToPos(value, scale, true);
