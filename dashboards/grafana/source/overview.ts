import { type DashboardPlan, names, type Variable } from './dashboard.ts';
import * as panels from './overview-panels.ts';
import * as tiles from './overview-tiles.ts';
import { DATASOURCE_VARIABLE, is, SITE_VARIABLE } from './parts.ts';

const status = names('spc_status');
const site = is(status.site, 'site');

/** What needs somebody now, worst first; then how capable, then how the agent itself does. */
export const overview: DashboardPlan = {
  uid: 'meyar-overview',
  title: 'Meyar: overview',
  description: 'State of every characteristic, open alerts, capability, and the agent itself.',
  refresh: '10s',
  from: 'now-8h',
  variables: [
    DATASOURCE_VARIABLE,
    SITE_VARIABLE,
    choice('line', 'Line', [site]),
    choice('machine', 'Machine', [site, is(status.line, 'line')]),
    choice('characteristic', 'Characteristic', [site, is(status.machine, 'machine')]),
  ],
  annotations: [],
  links: [{ title: 'Control chart', uid: 'meyar-control-chart' }],
  rows: [
    {
      height: 4,
      panels: [tiles.openAlerts, tiles.outOfTolerance, tiles.backlog, tiles.lastBeat],
    },
    { height: 10, panels: [panels.characteristics, panels.alerts] },
    { height: 8, panels: [panels.history] },
    { height: 9, panels: [panels.capabilities, panels.pareto] },
    { height: 7, panels: [tiles.sources, tiles.backlogTrend] },
  ],
};

function choice(
  name: 'line' | 'machine' | 'characteristic',
  label: string,
  where: string[],
): Variable {
  const query = `SHOW TAG VALUES FROM ${status.from} WITH KEY = ${status[name]}`;
  return {
    name,
    label,
    type: 'query',
    query: `${query} WHERE ${where.join(' AND ')}`,
    multi: true,
  };
}
