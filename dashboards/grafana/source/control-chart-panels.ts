import { names, type PanelPlan, select, series } from './dashboard.ts';
import { COLOR, is, LEGEND, limitLine, marks, NO_LEGEND } from './parts.ts';

export const point = names('spc_subgroup');
const sample = names('spc_sample');

/** Name of the variable that picks one chart of the characteristic. */
export const CHART = 'chart';
/** Conditions for the chosen characteristic; its tags are the same in every measurement. */
export const mine = [is(point.site, 'site'), is(point.characteristic, 'characteristic')];

export const inWindow = ['$timeFilter', ...mine];
const plotted = [...inWindow, is(point.chart, CHART)];
/** Bounds what one panel may fetch; the window can always be made narrower. */
const AT_MOST = 'LIMIT 20000';

const POINTS = {
  drawStyle: 'line',
  lineWidth: 1,
  showPoints: 'always',
  pointSize: 5,
  spanNulls: true,
};

/** The plotted value, its lines, and in red the points that broke a rule. */
function plot(value: string, lines: Lines, rules: string) {
  const broken = select(
    [`${value} AS "rule broken"`],
    point,
    [...plotted, `${rules} > 0`],
    AT_MOST,
  );
  const fields = [value, point[lines.cl], point[lines.ucl], point[lines.lcl]];
  return {
    width: 24,
    targets: [
      series(select(fields, point, plotted, AT_MOST), 'A', '$col'),
      series(broken, 'B', '$col'),
    ],
    custom: POINTS,
    options: LEGEND,
    overrides: [
      limitLine(lines.ucl, COLOR.limit),
      limitLine(lines.lcl, COLOR.limit),
      limitLine(lines.cl, COLOR.center, [2, 4]),
      marks('rule broken'),
    ],
  };
}

type Lines = Record<'cl' | 'ucl' | 'lcl', keyof typeof point>;

export const location: PanelPlan = {
  type: 'timeseries',
  title: '$characteristic: $chart',
  description: 'Plotted statistic with the limits that judged it. Red: at least one rule broken.',
  ...plot(point.value, { cl: 'cl', ucl: 'ucl', lcl: 'lcl' }, point.rules),
};

export const spread: PanelPlan = {
  type: 'timeseries',
  title: 'Spread within the subgroup',
  description: 'Range, standard deviation or moving range; empty for charts with one statistic.',
  ...plot(
    point.spread,
    { cl: 'spread_cl', ucl: 'spread_ucl', lcl: 'spread_lcl' },
    point.spread_rules,
  ),
};

const BY_INTERVAL = 'GROUP BY time($__interval) fill(none)';

export const readings: PanelPlan = {
  type: 'timeseries',
  title: 'Readings against the tolerance',
  description: 'Least, mean and greatest reading per interval: averaging hides no reading.',
  width: 16,
  targets: [
    series(
      select(
        ['min', 'mean', 'max'].map((name) => `${name}(${sample.value}) AS "${name}"`),
        sample,
        inWindow,
        BY_INTERVAL,
      ),
      'A',
      '$col',
    ),
    series(
      select(
        [point.lsl, point.target, point.usl].map((name) => `last(${name}) AS ${name}`),
        point,
        inWindow,
        BY_INTERVAL,
      ),
      'B',
      '$col',
    ),
  ],
  custom: { drawStyle: 'line', lineWidth: 1, showPoints: 'auto', spanNulls: false },
  options: LEGEND,
  overrides: [
    limitLine('usl', COLOR.out, [12, 4]),
    limitLine('lsl', COLOR.out, [12, 4]),
    limitLine('target', COLOR.center, [2, 4]),
  ],
};

export const distribution: PanelPlan = {
  type: 'histogram',
  title: 'Distribution of the readings',
  description: 'Readings of the time span, at most 20 000. The indices come from the agent.',
  width: 8,
  targets: [series(select([sample.value], sample, inWindow, AT_MOST), 'A', 'readings')],
  custom: { fillOpacity: 70, lineWidth: 1 },
  options: NO_LEGEND,
};
