import { names, override, type PanelPlan, select, series, table } from './dashboard.ts';
import { BIG, COLOR, colored, is, LEGEND, LINK_MAPPINGS, RECENT, SILENT } from './parts.ts';

const status = names('spc_status');
const agent = names('spc_agent');
const link = names('spc_link');

/** Condition on the site; the tag has the same name in every measurement. */
export const site = is(status.site, 'site');
/** Conditions on everything that can be chosen above the overview. */
export const chosen = [
  site,
  is(status.line, 'line'),
  is(status.machine, 'machine'),
  is(status.characteristic, 'characteristic'),
];
const bySink = `GROUP BY ${agent.sink}`;

/** Sum over the chosen characteristics of the last value each reported. */
function summed(field: string): string {
  const by = `GROUP BY ${status.characteristic}`;
  const each = select([`last(${field}) AS "each"`], status, [RECENT, ...chosen], by);
  return `SELECT sum("each") AS "sum" FROM (${each})`;
}

export const openAlerts: PanelPlan = {
  type: 'stat',
  title: 'Open alerts',
  description: 'Alerts that are not closed, over the chosen characteristics, as last reported.',
  width: 6,
  targets: [series(summed(status.open_alerts), 'A')],
  unit: 'short',
  noValue: SILENT,
  color: 'thresholds',
  thresholds: [
    [COLOR.ok, null],
    [COLOR.out, 1],
  ],
  options: BIG,
};

export const outOfTolerance: PanelPlan = {
  type: 'stat',
  title: 'Readings out of tolerance',
  description: 'Counted by the agent since its store began, over the chosen characteristics.',
  width: 6,
  targets: [series(summed(status.out_of_tolerance), 'A')],
  unit: 'short',
  noValue: SILENT,
  color: 'thresholds',
  thresholds: [
    [COLOR.ok, null],
    [COLOR.warning, 1],
  ],
  options: BIG,
};

export const backlog: PanelPlan = {
  type: 'stat',
  title: 'Oldest row not yet sent',
  description: 'Age of the oldest row that this database does not have yet. Nothing is lost.',
  width: 6,
  targets: [
    series(
      select([`last(${agent.oldest_unsent_s})`], agent, [RECENT, site], bySink),
      'A',
      '$tag_sink',
    ),
  ],
  unit: 's',
  noValue: SILENT,
  color: 'thresholds',
  thresholds: [
    [COLOR.ok, null],
    [COLOR.warning, 60],
    [COLOR.out, 300],
  ],
  options: BIG,
};

export const lastBeat: PanelPlan = {
  type: 'stat',
  title: 'Last sign of life',
  description: 'When the agent last wrote its own health. Everything here is as old as this.',
  width: 6,
  targets: [table(select([`last(${agent.backlog}) AS "backlog"`], agent, ['$timeFilter', site]))],
  unit: 'dateTimeFromNow',
  noValue: SILENT,
  options: {
    ...BIG,
    colorMode: 'none',
    reduceOptions: { calcs: ['lastNotNull'], fields: '/^Time$/' },
  },
};

export const sources: PanelPlan = {
  type: 'table',
  title: 'Sources',
  description: 'Connection of every source and the age of its last reading.',
  width: 12,
  targets: [
    table(
      select(
        [`last(${link.state}) AS "state"`, link.age_s, link.parts_down, link.detail],
        link,
        [RECENT, site],
        `GROUP BY ${link.source}, ${link.kind}`,
      ),
    ),
  ],
  noValue: SILENT,
  options: { cellHeight: 'sm' },
  overrides: [
    colored('state', { mappings: LINK_MAPPINGS }),
    override('age_s', { unit: 's', displayName: 'age of last reading' }),
    override('Time', { unit: 'dateTimeFromNow', displayName: 'as of' }),
  ],
};

const trend = (field: string) => {
  const by = `GROUP BY time($__interval), ${agent.sink} fill(null)`;
  return select([`max(${field})`], agent, ['$timeFilter', site], by);
};

export const backlogTrend: PanelPlan = {
  type: 'timeseries',
  title: 'Waiting and refused rows',
  description: 'Transactions not yet sent, and rows that the database refused (agent keeps them).',
  width: 12,
  targets: [
    series(trend(agent.backlog), 'A', '$tag_sink: waiting'),
    series(trend(agent.rows_rejected), 'B', '$tag_sink: refused'),
  ],
  unit: 'short',
  custom: { lineWidth: 1, showPoints: 'auto', spanNulls: false },
  options: LEGEND,
  interval: '1m',
};
