import type uPlot from 'uplot';
import { LETTERS } from './happened.ts';
import type { Ahead, Drawing } from './shape.ts';
import type { Theme } from './theme.ts';

/** Height of the row of letters above a chart, CSS pixels. */
export const FLAG_ROW = 20;

/** Thin vertical lines; above the upper chart their letters, and words where there is room. */
export function drawFlags(u: uPlot, d: Drawing, theme: Theme): void {
  const { ctx, bbox } = u;
  const ratio = devicePixelRatio;
  ctx.save();
  ctx.font = `600 ${11 * ratio}px ${theme.font}`;
  ctx.textBaseline = 'middle';
  const y = bbox.top - (FLAG_ROW / 2) * ratio;
  let freeFrom = bbox.left + bbox.width + 30 * ratio;
  // The newest stands complete; older ones get what room is left.
  for (const flag of d.flags.toReversed()) {
    const x = u.valToPos(flag.x, 'x', true);
    if (x < bbox.left || x > bbox.left + bbox.width + 1) continue;
    ctx.strokeStyle = theme.flag;
    ctx.lineWidth = ratio;
    ctx.setLineDash(flag.kind === 'limits' ? [] : [2 * ratio, 3 * ratio]);
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    ctx.setLineDash([]);
    if (d.statistic === 'spread') continue;
    const half = 8 * ratio;
    if (x + half > freeFrom) continue;
    const room = freeFrom - x - half - 6 * ratio;
    ctx.fillStyle = theme.flag;
    ctx.fillRect(x - half, y - half, 2 * half, 2 * half);
    ctx.fillStyle = theme.surface;
    ctx.textAlign = 'center';
    ctx.fillText(LETTERS[flag.kind], x, y + ratio);
    const words = cut(ctx, flag.text, room);
    if (words !== '') {
      ctx.fillStyle = theme.muted;
      ctx.textAlign = 'left';
      ctx.fillText(words, x + half + 4 * ratio, y + ratio);
    }
    freeFrom = x - half - 2 * ratio;
  }
  ctx.restore();
}

/** The text as far as it fits; nothing when too little of it would be left. */
function cut(ctx: CanvasRenderingContext2D, text: string, room: number): string {
  let shown = text.slice(0, 48);
  if (ctx.measureText(shown).width <= room && shown === text) return shown;
  while (shown.length > 3 && ctx.measureText(`${shown}…`).width > room) shown = shown.slice(0, -1);
  return shown.length > 3 ? `${shown}…` : '';
}

/** The line goes on dashed, its band beside it, until it meets the limit. */
export function drawAhead(u: uPlot, ahead: Ahead, theme: Theme): void {
  const { ctx, bbox } = u;
  const ratio = devicePixelRatio;
  const x = (value: number) => u.valToPos(value, 'x', true);
  const y = (value: number) => u.valToPos(value, 'y', true);
  const end = ahead.to - ahead.from;
  const line = (offset: number): [number, number] => [
    y(ahead.center + offset),
    y(ahead.center + ahead.slope * end + offset),
  ];
  const [left, right] = [x(ahead.from), x(ahead.to)];
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  const [up, down] = [line(ahead.band), line(-ahead.band)];
  ctx.fillStyle = theme.learning;
  ctx.beginPath();
  ctx.moveTo(left, up[0]);
  ctx.lineTo(right, up[1]);
  ctx.lineTo(right, down[1]);
  ctx.lineTo(left, down[0]);
  ctx.fill();
  ctx.strokeStyle = theme.line;
  ctx.lineWidth = 2 * ratio;
  ctx.setLineDash([8 * ratio, 5 * ratio]);
  stroke(ctx, left, line(0)[0], right, line(0)[1]);
  if (ahead.meets) {
    ctx.strokeStyle = theme.alarm;
    ctx.setLineDash([]);
    stroke(ctx, left, y(ahead.limit), right, y(ahead.limit));
    ctx.font = `600 ${11 * ratio}px ${theme.font}`;
    ctx.fillStyle = theme.alarm;
    ctx.textAlign = 'right';
    const below = ahead.slope > 0;
    ctx.fillText(ahead.name, right - 4 * ratio, y(ahead.limit) + (below ? -6 : 14) * ratio);
  }
  ctx.restore();
}

function stroke(c: CanvasRenderingContext2D, x1: number, y1: number, x2: number, y2: number): void {
  c.beginPath();
  c.moveTo(x1, y1);
  c.lineTo(x2, y2);
  c.stroke();
}
