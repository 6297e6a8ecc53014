/** Capability per cavity, spindle or head as a section of the page of a study. */
import type { NamedStreams } from '../study/by-streams.ts';
import { index, numberOr } from '../study/figures.ts';
import type { Study } from '../study/result.ts';
import { facts, grid } from './page.ts';
import { at, drawing, escaped, INK, label, line, scale } from './svg.ts';

const WIDTH = 700;
const ROW = 18;
const LEFT = 130;
const RIGHT = 40;
const TOP = 26;
const MOST_DRAWN = 40;

/** Table, spread of every stream in the tolerance, and what lies between the streams. */
export function streamsSection(s: NamedStreams, { tolerance }: Study): string {
  const rows = s.streams.map((one, i) => [
    s.names[i] ?? '',
    ...[String(one.n), numberOr(one.mean), numberOr(one.sd), index(one.pp), index(one.ppk)],
    i === s.worst ? 'worst' : '',
  ]);
  const share = s.shareBetween === null ? '–' : `${(100 * s.shareBetween).toFixed(1)} %`;
  return (
    `<section><h2>${escaped(`Streams by '${s.by}'`)}</h2>` +
    bars(s, tolerance) +
    grid(['', 'n', 'mean', 'sd', 'Pp', 'Ppk', ''], rows) +
    facts([
      ['sigma within', numberOr(s.sigmaWithin)],
      ['between streams', `${share} of the variance`],
      ['do means differ?', chance(s.means?.p)],
      ['do spreads differ?', chance(s.spreads?.p)],
      ['as if of one stream', `Pp ${index(s.pooled.pp)}, Ppk ${index(s.pooled.ppk)}`],
    ]) +
    '</section>'
  );
}

function chance(p: number | undefined): string {
  if (p === undefined) return '–';
  return p < 0.001 ? 'p &lt; 0.001' : `p = ${p.toFixed(3)}`;
}

/** Mean and six sigmas of every stream against the limits. */
function bars(s: NamedStreams, { lsl, usl }: Study['tolerance']): string {
  const drawn = s.streams.slice(0, MOST_DRAWN);
  const ends = drawn.flatMap(({ mean, sd }) => [mean - 3 * (sd ?? 0), mean + 3 * (sd ?? 0)]);
  const limits = [lsl, usl].filter((limit) => limit !== null);
  const low = Math.min(...ends, ...limits);
  const high = Math.max(...ends, ...limits);
  if (!(high > low)) return '';
  const x = scale(low, high, LEFT, WIDTH - RIGHT);
  const height = TOP + drawn.length * ROW + 8;
  const streams = drawn.map(({ mean, sd }, i) => {
    const y = TOP + i * ROW;
    const [from, to] = [x(mean - 3 * (sd ?? 0)), x(mean + 3 * (sd ?? 0))];
    const fill = i === s.worst ? INK.fit : INK.bar;
    return (
      label(LEFT - 8, y + 10, (s.names[i] ?? '').slice(0, 20), '', 'end') +
      `<rect x="${at(from)}" y="${y}" width="${at(Math.max(1, to - from))}" height="12" fill="${fill}"/>` +
      line(x(mean), y, x(mean), y + 12, `stroke="${INK.text}" stroke-width="1.5"`)
    );
  });
  const limit = (name: string, value: number | null) =>
    value === null
      ? ''
      : line(x(value), 18, x(value), height - 4, `stroke="${INK.tolerance}" stroke-width="1.4"`) +
        label(x(value), 14, name, `fill="${INK.tolerance}"`, 'middle');
  const inside = streams.join('') + limit('LSL', lsl) + limit('USL', usl);
  return drawing(WIDTH, height, 'Mean and six sigmas of every stream', inside);
}
