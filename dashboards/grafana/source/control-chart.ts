import * as panels from './control-chart-panels.ts';
import { CHART, mine, point } from './control-chart-panels.ts';
import * as tiles from './control-chart-tiles.ts';
import { events, limits } from './control-chart-tiles.ts';
import { type DashboardPlan, select } from './dashboard.ts';
import { COLOR, DATASOURCE_VARIABLE, is, SITE_VARIABLE } from './parts.ts';

const values = (tag: string) => `SHOW TAG VALUES FROM ${point.from} WITH KEY = ${tag}`;

/** One characteristic: the chart pair as the agent judged it, readings, indices, what was done. */
export const controlChart: DashboardPlan = {
  uid: 'meyar-control-chart',
  title: 'Meyar: control chart',
  description:
    'Points, limits and rule marks exactly as the agent judged them: zooming changes no limit.',
  refresh: '10s',
  from: 'now-8h',
  variables: [
    DATASOURCE_VARIABLE,
    SITE_VARIABLE,
    {
      name: 'characteristic',
      label: 'Characteristic',
      type: 'query',
      query: `${values(point.characteristic)} WHERE ${is(point.site, 'site')}`,
    },
    {
      name: CHART,
      label: 'Chart',
      type: 'query',
      query: `${values(point.chart)} WHERE ${mine.join(' AND ')}`,
    },
  ],
  annotations: [
    {
      name: 'Alerts',
      query: select([events.title, events.severity], events, [
        '$timeFilter',
        ...mine,
        `${events.kind} = 'out-of-control'`,
      ]),
      textColumn: 'title',
      tagsColumn: 'severity',
      color: COLOR.out,
    },
    {
      name: 'New limits',
      query: select([limits.estimator, limits.origin], limits, ['$timeFilter', ...mine]),
      textColumn: 'estimator',
      tagsColumn: 'origin',
      color: COLOR.provisional,
    },
  ],
  links: [{ title: 'Overview', uid: 'meyar-overview' }],
  rows: [
    { height: 4, panels: [tiles.state, tiles.cpk, tiles.cpkLower, tiles.ppk, tiles.count] },
    { height: 10, panels: [panels.location] },
    { height: 7, panels: [panels.spread] },
    { height: 8, panels: [panels.readings, panels.distribution] },
    { height: 8, panels: [tiles.signals, tiles.revisions] },
  ],
};
