import { fixed, index } from '../format.ts';
import { useWidth } from '../hooks.ts';
import { strings } from '../strings.ts';
import type { Characteristic, Histogram } from '../types.ts';

const HEIGHT = 240;
const BOTTOM = 44;
const TOP = 26;
const MARGIN = 8;

interface Props {
  histogram: Histogram;
  characteristic: Characteristic;
}

/** Counts of readings with the tolerance around them and the normal curve of the capability. */
export function HistogramChart({ histogram: h, characteristic: c }: Props) {
  const [ref, width] = useWidth<HTMLDivElement>();
  const text = strings.histogram;
  const most = Math.max(1, ...h.counts, ...curveOf(h, c).map(([, y]) => y));
  const [low, high] = spanOf(h, c);
  const x = (value: number) => MARGIN + ((value - low) / (high - low)) * (width - 2 * MARGIN);
  const y = (n: number) => HEIGHT - BOTTOM - (n / most) * (HEIGHT - BOTTOM - TOP);
  const step = (h.to - h.from) / h.counts.length;
  const label = text.label(h.readings, summary(c));
  return (
    <div class="histogram" ref={ref}>
      <svg width={width} height={HEIGHT} role="img" aria-label={label}>
        {h.counts.map((n, i) => {
          const left = x(h.from + i * step);
          const wide = Math.max(1, x(h.from + (i + 1) * step) - left - 1);
          const outside = isOutside(h.from + (i + 0.5) * step, c);
          const top = y(n);
          return n === 0 ? null : (
            <rect
              key={String(i)}
              class={outside ? 'bar outside' : 'bar'}
              x={left}
              y={top}
              width={wide}
              height={HEIGHT - BOTTOM - top}
            />
          );
        })}
        <line class="base" x1="0" x2={width} y1={HEIGHT - BOTTOM} y2={HEIGHT - BOTTOM} />
        <polyline
          class="curve"
          points={curveOf(h, c)
            .map(([at, n]) => `${x(at).toFixed(1)},${y(n).toFixed(1)}`)
            .join(' ')}
        />
        <Line at={c.lsl} name={text.lsl} x={x} c={c} width={width} className="limit" />
        <Line at={c.nominal} name={text.nominal} x={x} c={c} width={width} className="nominal" />
        <Line at={c.usl} name={text.usl} x={x} c={c} width={width} className="limit" />
      </svg>
      {h.below + h.above > 0 && <p class="note">{text.beside(h.below, h.above)}</p>}
      <p class="quiet small">{text.curve}</p>
    </div>
  );
}

interface LineProps {
  at: number | null;
  name: string;
  x: (value: number) => number;
  c: Characteristic;
  width: number;
  className: string;
}

function Line({ at, name, x, c, width, className }: LineProps) {
  if (at === null) return null;
  const where = x(at);
  const anchor = where < 40 ? 'start' : where > width - 40 ? 'end' : 'middle';
  const text = anchor === 'middle' ? where : anchor === 'start' ? 2 : width - 2;
  return (
    <g class={className}>
      <line x1={where} x2={where} y1={TOP - 6} y2={HEIGHT - BOTTOM} />
      <text x={text} y={HEIGHT - BOTTOM + 17} text-anchor={anchor}>
        {name}
      </text>
      <text x={text} y={HEIGHT - BOTTOM + 33} text-anchor={anchor}>
        {fixed(at, c.decimals)}
      </text>
    </g>
  );
}

/** The picture holds all bins and both limits, with a little room. */
function spanOf(h: Histogram, { lsl, usl }: Characteristic): [number, number] {
  const low = Math.min(h.from, lsl ?? h.from);
  const high = Math.max(h.to, usl ?? h.to);
  const room = high > low ? (high - low) * 0.03 : 1;
  return [low - room, high + room];
}

/** Expected counts of a normal distribution with the overall sigma. */
function curveOf(h: Histogram, { capability }: Characteristic): [number, number][] {
  const { mean, sigmaOverall: sigma } = capability;
  if (mean === null || sigma === null || sigma <= 0) return [];
  const scale = (h.readings * (h.to - h.from)) / h.counts.length / (sigma * Math.sqrt(2 * Math.PI));
  return Array.from({ length: 81 }, (_, i) => {
    const z = (i - 40) / 10;
    return [mean + z * sigma, scale * Math.exp(-0.5 * z * z)];
  });
}

const isOutside = (value: number, { lsl, usl }: Characteristic) =>
  (lsl !== null && value < lsl) || (usl !== null && value > usl);

function summary(c: Characteristic): string {
  const { mean, ppk } = c.capability;
  const text = strings.capability;
  return `${text.mean} ${fixed(mean, c.decimals + 1)} ${c.unit}, Ppk ${index(ppk)}.`;
}
