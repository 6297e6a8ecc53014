/** A study of position as a page to print or to send. */
import type { PositionDetail, PositionStudy } from '../study/position.ts';
import { capabilityOf, headOf, partsOf } from '../study/position-words.ts';
import { thinned } from '../study/readings.ts';
import { controlChart } from './control-chart.ts';
import { type About, banner, facts, list, page } from './page.ts';
import { at, axes, type Box, drawing, escaped, INK, label, path, scale, ticks } from './svg.ts';

/** The whole page of a study of position. */
export function positionPage(detail: PositionDetail, about: About): string {
  const { study } = detail;
  const shown = (rows: readonly [string, string][]) =>
    facts(rows.map(([name, value]) => [name, escaped(value)] as const));
  return page(headOf(study), about, [
    `<h1>${escaped(headOf(study))}</h1>`,
    verdict(study),
    `<div class="two"><div>${shown(partsOf(study))}${shown(capabilityOf(study))}</div>`,
    `${target(detail)}</div>`,
    charts(detail),
    list(
      'Warnings',
      study.warnings.map((w) => w.text),
    ),
    list('How it was computed', [
      ...study.notes,
      'A bivariate normal distribution is fitted to the deviations; its share inside the zone is ' +
        'integrated exactly, over the zones of all parts where they differ.',
      'Each coordinate is judged as individuals with their moving ranges, in the order of the parts.',
      'Formulas, sources and tests: docs/statistics.md.',
    ]),
  ]);
}

function verdict({ verdict: v, stability, capability, reason }: PositionStudy): string {
  const told = `Along x: ${stability.x.reason}. Along y: ${stability.y.reason}.`;
  if (capability === null) return banner('doubt', 'No index', `${reason}.`);
  if (v === 'unstable') return banner('bad', 'Unstable: capability cannot be claimed', told);
  if (v === 'not judged') return banner('doubt', 'Stability not judged', told);
  return banner('good', 'Stable process', told);
}

function charts({ judged, study }: PositionDetail): string {
  const parts = [
    judged.x === null
      ? ''
      : controlChart(judged.x.location, `Deviation along x: ${study.x}`, 'part'),
    judged.y === null
      ? ''
      : controlChart(judged.y.location, `Deviation along y: ${study.y}`, 'part'),
  ].join('');
  return parts === '' ? '' : `<section><h2>Stability</h2>${parts}</section>`;
}

const SIDE = 345;
const BOX: Box = { left: 46, top: 24, width: 286, height: 286 };
const MOST_PARTS = 1500;
/** Radius that holds 99.73 % of two independent standard normals. */
const RADIUS = Math.sqrt(-2 * Math.log(0.0027));

/** Parts around true position, the zone without and with the largest bonus, the fitted ellipse. */
function target({ study, dx, dy }: PositionDetail): string {
  const radius = study.tolerance / 2;
  const wide = (study.tolerance + (study.bonus?.max ?? 0)) / 2;
  const ellipse = ellipseOf(study);
  const reach = [...dx, ...dy, ...ellipse.flat()].reduce((a, v) => Math.max(a, Math.abs(v)), wide);
  const end = 1.06 * reach;
  const x = scale(-end, end, BOX.left, BOX.left + BOX.width);
  const y = scale(-end, end, BOX.top + BOX.height, BOX.top);
  const every = ticks(-end, end, 5);
  const places = thinned(Float64Array.from(dx.keys()), MOST_PARTS);
  const dots = places.map((i) => {
    const [u, v] = [dx[i] as number, dy[i] as number];
    const ink = Math.hypot(u, v) > radius ? INK.limit : INK.line;
    return `<circle cx="${at(x(u))}" cy="${at(y(v))}" r="1.7" fill="${ink}"/>`;
  });
  const circle = (r: number, dash: string) =>
    `<circle cx="${at(x(0))}" cy="${at(y(0))}" r="${at(x(r) - x(0))}" fill="none" ` +
    `stroke="${INK.tolerance}" stroke-width="1.4"${dash}/>`;
  const inside = [
    label(BOX.left, 13, 'Parts in the zone', 'font-weight="bold" font-size="11"'),
    axes(BOX, [x, every], [y, every]),
    circle(radius, ''),
    wide > radius ? circle(wide, ' stroke-dasharray="5 3"') : '',
    ...dots,
    ellipse.length === 0
      ? ''
      : path(
          ellipse.map(([u, v]) => [x(u), y(v)] as const),
          `stroke="${INK.fit}" stroke-width="1.4"`,
        ),
    label(BOX.left + BOX.width / 2, SIDE - 6, 'orange: 99.73 % of the fit', '', 'middle'),
  ];
  return drawing(SIDE, SIDE, 'Parts in the zone', inside.join(''));
}

function ellipseOf({ capability: c }: PositionStudy): [number, number][] {
  if (c === null) return [];
  const rest = Math.sqrt(1 - c.correlation ** 2);
  return Array.from({ length: 121 }, (_, i) => {
    const [u, v] = [RADIUS * Math.cos((i * Math.PI) / 60), RADIUS * Math.sin((i * Math.PI) / 60)];
    return [c.meanX + c.sdX * u, c.meanY + c.sdY * (c.correlation * u + rest * v)];
  });
}
