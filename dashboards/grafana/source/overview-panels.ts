import { names, override, type PanelPlan, select, series, table } from './dashboard.ts';
import { chosen, site } from './overview-tiles.ts';
import { COLOR, chartLink, colored, NO_LEGEND, RECENT, SILENT, STATE_MAPPINGS } from './parts.ts';

const status = names('spc_status');
const capability = names('spc_capability');
const event = names('spc_event');
const tags = [status.machine, status.part, status.characteristic].join(', ');

export const characteristics: PanelPlan = {
  type: 'table',
  title: 'Characteristics now',
  description: 'State, last value and its age. Empty when the agent wrote nothing for 5 minutes.',
  width: 12,
  targets: [
    table(
      select(
        [
          `last(${status.state}) AS "state"`,
          status.last_value,
          status.age_s,
          status.open_alerts,
          status.out_of_tolerance,
        ],
        status,
        [RECENT, ...chosen],
        `GROUP BY ${tags}`,
      ),
    ),
  ],
  noValue: SILENT,
  options: { sortBy: [{ displayName: 'open_alerts', desc: true }], cellHeight: 'sm' },
  overrides: [
    colored('state', { mappings: STATE_MAPPINGS }),
    override('age_s', { unit: 's', displayName: 'age of last reading' }),
    override('Time', { unit: 'dateTimeFromNow', displayName: 'as of' }),
    chartLink('characteristic'),
  ],
};

export const alerts: PanelPlan = {
  type: 'table',
  title: 'Open alerts, newest first',
  description: 'Every alert of the site that is not closed, whatever the chosen time span.',
  width: 12,
  targets: [
    table(
      select(
        [
          event.characteristic,
          event.severity,
          event.title,
          event.text,
          event.value,
          event.serial,
          event.state,
          event.ack_by,
        ],
        event,
        [`${event.open} = 1`, 'time > now() - 90d', site],
        'ORDER BY time DESC LIMIT 100',
      ),
    ),
  ],
  noValue: 'no open alert',
  options: { cellHeight: 'sm' },
  overrides: [override('Time', { unit: 'dateTimeFromNow' }), chartLink('characteristic')],
};

export const history: PanelPlan = {
  type: 'state-timeline',
  title: 'State over time',
  description: 'One line per characteristic; a hole means that the agent did not report.',
  width: 24,
  targets: [
    series(
      select(
        [`last(${status.state})`],
        status,
        ['$timeFilter', ...chosen],
        `GROUP BY time($__interval), ${status.characteristic} fill(null)`,
      ),
      'A',
      '$tag_characteristic',
    ),
  ],
  color: 'thresholds',
  mappings: STATE_MAPPINGS,
  custom: { fillOpacity: 80, lineWidth: 0, spanNulls: false },
  options: { mergeValues: true, showValue: 'never', rowHeight: 0.85 },
  // A beat comes every 30 s: a shorter interval would show holes where nothing is missing.
  interval: '1m',
};

const INDEX = {
  decimals: 2,
  color: { mode: 'thresholds' },
  thresholds: {
    mode: 'absolute',
    steps: [
      { color: COLOR.out, value: null },
      { color: COLOR.warning, value: 1.33 },
      { color: COLOR.ok, value: 1.67 },
    ],
  },
};

export const capabilities: PanelPlan = {
  type: 'table',
  title: 'Capability, worst first',
  description: 'Indices with lower 95 % bounds (…_lo). Empty = not defined: see the reason.',
  width: 14,
  targets: [
    table(
      select(
        [
          `last(${capability.n}) AS "n"`,
          capability.cpk,
          capability.cpk_lo,
          capability.ppk,
          capability.ppk_lo,
          capability.estimator,
          capability.reason,
        ],
        capability,
        ['$timeFilter', ...chosen],
        `GROUP BY ${tags}`,
      ),
    ),
  ],
  noValue: '–',
  options: { sortBy: [{ displayName: 'cpk_lo', desc: false }], cellHeight: 'sm' },
  overrides: [
    override('Time', { unit: 'dateTimeFromNow', displayName: 'as of' }),
    ...['cpk', 'cpk_lo', 'ppk', 'ppk_lo'].map((name) => colored(name, INDEX)),
    chartLink('characteristic'),
  ],
};

export const pareto: PanelPlan = {
  type: 'barchart',
  title: 'Signals by rule',
  description: 'How often each rule was broken in the chosen time span.',
  width: 10,
  targets: [
    table(
      select(
        [`count(${event.seq}) AS "signals"`],
        event,
        [`${event.kind} = 'signal'`, '$timeFilter', ...chosen],
        `GROUP BY ${event.rule}`,
      ),
    ),
  ],
  unit: 'short',
  noValue: 'no signal',
  options: { xField: 'rule', orientation: 'horizontal', showValue: 'always', ...NO_LEGEND },
  transformations: [
    { id: 'filterFieldsByName', options: { include: { names: ['rule', 'signals'] } } },
    { id: 'sortBy', options: { sort: [{ field: 'signals', desc: true }] } },
  ],
};
