import { LINK_STATE, STATE } from '../../../agent/sinks/influxdb/measurements.ts';
import { names, type Override, override, type Variable } from './dashboard.ts';

/** Colours are never alone: every state has its own word and sign. */
export const COLOR = {
  ok: 'green',
  warning: 'yellow',
  out: 'red',
  stale: 'purple',
  provisional: 'blue',
  limit: '#d9730d',
  center: '#8e8e8e',
} as const;

/** Words and colours of `state` in spc_subgroup and spc_status. */
export const STATE_MAPPINGS = [
  {
    type: 'value',
    options: {
      [STATE.ok]: { text: '● in control', color: COLOR.ok, index: 0 },
      [STATE.warning]: { text: '▲ rule broken', color: COLOR.warning, index: 1 },
      [STATE.out]: { text: '■ out of control', color: COLOR.out, index: 2 },
      [STATE.stale]: { text: '? no data', color: COLOR.stale, index: 3 },
      [STATE.provisional]: { text: '◌ baseline', color: COLOR.provisional, index: 4 },
    },
  },
];

/** Words and colours of `state` in spc_link and spc_agent. */
export const LINK_MAPPINGS = [
  {
    type: 'value',
    options: {
      [LINK_STATE.up]: { text: '● up', color: COLOR.ok, index: 0 },
      [LINK_STATE.degraded]: { text: '▲ degraded', color: COLOR.warning, index: 1 },
      [LINK_STATE.down]: { text: '■ down', color: COLOR.out, index: 2 },
    },
  },
];

export const DATASOURCE_VARIABLE: Variable = {
  name: 'datasource',
  label: 'Data source',
  type: 'datasource',
  query: 'influxdb',
};

const status = names('spc_status');

export const SITE_VARIABLE: Variable = {
  name: 'site',
  label: 'Site',
  type: 'query',
  query: `SHOW TAG VALUES FROM ${status.from} WITH KEY = ${status.site}`,
};

/** `"tag" =~ /^value$/` for a variable, single or multiple. */
export const is = (tag: string, variable: string) => `${tag} =~ /^\${${variable}:regex}$/`;

/** Only what was written in the last minutes: when the agent stops, a tile empties. */
export const RECENT = 'time > now() - 5m';

/** Colour of the whole cell by its value. */
export const colored = (name: string, more: Record<string, unknown> = {}): Override =>
  override(name, { 'custom.cellOptions': { type: 'color-background', mode: 'basic' }, ...more });

/** A step-wise dashed line without points: how a limit is drawn. */
export const limitLine = (name: string, color: string, dash: number[] = [8, 6]): Override =>
  override(name, {
    color: { mode: 'fixed', fixedColor: color },
    'custom.lineInterpolation': 'stepAfter',
    'custom.lineStyle': { fill: 'dash', dash },
    'custom.showPoints': 'never',
    'custom.lineWidth': 1,
  });

/** Large points without a line: how a broken rule is marked. */
export const marks = (name: string): Override =>
  override(name, {
    color: { mode: 'fixed', fixedColor: COLOR.out },
    'custom.drawStyle': 'points',
    'custom.showPoints': 'always',
    'custom.pointSize': 11,
  });

const PICK = 'var-characteristic=${__value.raw}';

/** Opens the control chart of the row's characteristic, at the same time span. */
export const chartLink = (field: string): Override =>
  override(field, {
    links: [
      {
        title: 'control chart',
        url: `/d/meyar-control-chart?\${__url_time_range}&\${site:queryparam}&${PICK}`,
      },
    ],
  });

/** A big number on its colour, nothing else. */
export const BIG = {
  graphMode: 'none',
  colorMode: 'background',
  reduceOptions: { calcs: ['lastNotNull'] },
};

/** What a tile says when nothing came for five minutes. */
export const SILENT = 'agent silent';

export const LEGEND = {
  legend: { showLegend: true, displayMode: 'list', placement: 'bottom' },
};
export const NO_LEGEND = {
  legend: { showLegend: false, displayMode: 'list', placement: 'bottom' },
};
