import type { Point } from '../types.ts';

const WIDTH = 120;
const HEIGHT = 40;

/** The last points between their limits, small; the newest signalled points are marked. */
export function Spark({ points, label }: { points: Point[] | null; label: string }) {
  if (points === null || points.length < 2) return <div class="spark" />;
  const values = points.flatMap((p) => [p.value, p.ucl ?? p.value, p.lcl ?? p.value]);
  const low = Math.min(...values);
  const high = Math.max(...values);
  const x = (i: number) => 3 + (i * (WIDTH - 6)) / (points.length - 1);
  const y = (v: number) =>
    high > low ? HEIGHT - 4 - ((v - low) * (HEIGHT - 8)) / (high - low) : HEIGHT / 2;
  const path = points.map((p, i) => `${x(i).toFixed(1)},${y(p.value).toFixed(1)}`).join(' ');
  const last = points.at(-1);
  const line = (value: number | null | undefined, name: string) =>
    value === null || value === undefined ? null : (
      <line class={name} x1="0" x2={WIDTH} y1={y(value)} y2={y(value)} />
    );
  return (
    <svg class="spark" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={label}>
      {line(last?.ucl, 'limit')}
      {line(last?.cl, 'center')}
      {line(last?.lcl, 'limit')}
      <polyline points={path} />
      {points.map((p, i) =>
        p.rules.length === 0 ? null : (
          <rect key={p.index} class="hit" x={x(i) - 2} y={y(p.value) - 2} width="4" height="4" />
        ),
      )}
      {last !== undefined && (
        <circle class="tip" cx={x(points.length - 1)} cy={y(last.value)} r="2.6" />
      )}
    </svg>
  );
}
