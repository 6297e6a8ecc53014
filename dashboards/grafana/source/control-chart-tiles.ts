import { inWindow, mine } from './control-chart-panels.ts';
import { names, override, type PanelPlan, select, series, table } from './dashboard.ts';
import { BIG, COLOR, RECENT, SILENT, STATE_MAPPINGS } from './parts.ts';

export const events = names('spc_event');
export const limits = names('spc_limits');
const status = names('spc_status');
const capability = names('spc_capability');

export const state: PanelPlan = {
  type: 'stat',
  title: 'State now',
  description: 'As of the last minutes; empty when the agent is silent.',
  width: 8,
  targets: [series(select([`last(${status.state})`], status, [RECENT, ...mine]), 'A')],
  noValue: SILENT,
  mappings: STATE_MAPPINGS,
  color: 'thresholds',
  options: BIG,
};

export const cpk = index('Cpk', capability.cpk);
export const cpkLower = index('Cpk, lower 95 % bound', capability.cpk_lo);
export const ppk = index('Ppk', capability.ppk);

export const count: PanelPlan = {
  type: 'stat',
  title: 'Readings in the indices',
  description: 'Number of good readings that the indices rest on.',
  width: 4,
  targets: [series(select([`last(${capability.n})`], capability, [RECENT, ...mine]), 'A')],
  unit: 'short',
  noValue: SILENT,
  options: { ...BIG, colorMode: 'none' },
};

export const signals: PanelPlan = {
  type: 'table',
  title: 'Signals and alerts',
  description: 'What was found, who answered, and what was done.',
  width: 14,
  targets: [
    table(
      select(
        [
          events.kind,
          events.rule,
          events.severity,
          events.text,
          events.value,
          events.state,
          events.ack_by,
          events.cause,
          events.action,
        ],
        events,
        inWindow,
        'ORDER BY time DESC LIMIT 200',
      ),
    ),
  ],
  noValue: 'nothing in this time span',
  options: { cellHeight: 'sm' },
  overrides: [override('Time', { unit: 'dateTimeAsLocal' })],
};

export const revisions: PanelPlan = {
  type: 'table',
  title: 'Versions of the limits',
  description: 'Limits change only here: estimated once, approved by a person, then frozen.',
  width: 10,
  targets: [
    table(
      select(
        [
          limits.rev,
          limits.center,
          limits.sigma,
          limits.estimator,
          limits.subgroups,
          limits.approved_by,
          limits.note,
        ],
        limits,
        ['time > now() - 3650d', ...mine],
        'ORDER BY time DESC LIMIT 50',
      ),
    ),
  ],
  noValue: 'no limits yet',
  options: { cellHeight: 'sm' },
  overrides: [override('Time', { unit: 'dateTimeAsLocal', displayName: 'frozen at' })],
};

function index(title: string, field: string): PanelPlan {
  return {
    type: 'stat',
    title,
    description: 'Computed by the agent. Empty means not defined (or agent silent), never zero.',
    width: 4,
    targets: [series(select([`last(${field})`], capability, [RECENT, ...mine]), 'A')],
    decimals: 2,
    noValue: 'not defined',
    color: 'thresholds',
    thresholds: [
      [COLOR.out, null],
      [COLOR.warning, 1.33],
      [COLOR.ok, 1.67],
    ],
    options: BIG,
  };
}
