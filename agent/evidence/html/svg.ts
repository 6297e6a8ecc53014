/** Small pieces that inline charts are made of. No script, no style from elsewhere. */

export interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

export type Scale = (value: number) => number;

/** Colours that stay apart in print and for people who see red and green alike. */
export const INK = {
  line: '#1f4e79',
  centre: '#2e7d32',
  limit: '#c62828',
  tolerance: '#6a1b9a',
  fit: '#e65100',
  grid: '#e3e7ec',
  text: '#3a4149',
  bar: '#9db8d2',
} as const;

/** Text that cannot become markup. */
export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
}

/** A linear scale from values to places. */
export function scale(low: number, high: number, from: number, to: number): Scale {
  const span = high > low ? high - low : 1;
  return (value) => from + ((value - low) / span) * (to - from);
}

/** Round values between the ends, about so many. */
export function ticks(low: number, high: number, about: number): number[] {
  const span = high - low;
  if (!(span > 0) || !Number.isFinite(span)) return [low];
  const raw = span / about;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = power * ([1, 2, 5, 10].find((m) => m * power >= raw) ?? 10);
  const first = Math.ceil(low / step);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: Math.min(50, last - first + 1) }, (_, i) => (first + i) * step);
}

/** Numbers of an axis, with no more decimals than tell them apart. */
export function tickText(value: number, all: readonly number[]): string {
  const step = Math.abs((all[1] ?? value) - (all[0] ?? value));
  if (step === 0) return String(Number(value.toPrecision(6)));
  const decimals = Math.max(0, Math.min(10, -Math.floor(Math.log10(step) + 1e-9)));
  return value.toFixed(decimals);
}

/** One place of a drawing, with no more digits than can be seen. */
export function at(place: number): string {
  return place.toFixed(1);
}

/** A straight line. */
export function line(x1: number, y1: number, x2: number, y2: number, style: string): string {
  return `<line x1="${at(x1)}" y1="${at(y1)}" x2="${at(x2)}" y2="${at(y2)}" ${style}/>`;
}

/** A word at a place; `anchor` is start, middle or end. */
export function label(x: number, y: number, text: string, style = '', anchor = 'start'): string {
  return `<text x="${at(x)}" y="${at(y)}" text-anchor="${anchor}" ${style}>${escaped(text)}</text>`;
}

/** A line through places. */
export function path(places: readonly (readonly [number, number])[], style: string): string {
  const d = places.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${at(x)} ${at(y)}`).join('');
  return `<path d="${d}" fill="none" ${style}/>`;
}

/** Frame, grid and numbers of both axes. */
export function axes(box: Box, x: readonly [Scale, number[]], y: readonly [Scale, number[]]) {
  const { left, top, width, height } = box;
  const bottom = top + height;
  const grid = `stroke="${INK.grid}" stroke-width="1"`;
  const parts = [
    ...y[1].map((v) => line(left, y[0](v), left + width, y[0](v), grid)),
    ...y[1].map((v) => label(left - 6, y[0](v) + 3.5, tickText(v, y[1]), '', 'end')),
    ...x[1].map((v) => label(x[0](v), bottom + 14, tickText(v, x[1]), '', 'middle')),
    ...x[1].map((v) => line(x[0](v), bottom, x[0](v), bottom + 3, `stroke="${INK.text}"`)),
    `<rect x="${at(left)}" y="${at(top)}" width="${at(width)}" height="${at(height)}" ` +
      `fill="none" stroke="${INK.text}" stroke-width="0.8"/>`,
  ];
  return parts.join('');
}

/** The drawing as an element with a title for people who cannot see it. */
export function drawing(width: number, height: number, title: string, inside: string): string {
  return (
    `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(title)}" ` +
    `font-family="Helvetica, Arial, sans-serif" font-size="10" fill="${INK.text}">${inside}</svg>`
  );
}
