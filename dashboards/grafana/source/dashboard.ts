/**
 * What Meyar uses of Grafana's Classic dashboard JSON (schemaVersion 39: the one form that file
 * provisioning of Grafana 10 to 13 takes), and small builders for it.
 */
import {
  type FieldOf,
  MEASUREMENTS,
  type Measurement,
  type TagOf,
} from '../../../agent/sinks/influxdb/measurements.ts';

const DATASOURCE = { type: 'influxdb', uid: '${datasource}' } as const;

type PanelType =
  | 'timeseries'
  | 'stat'
  | 'table'
  | 'state-timeline'
  | 'barchart'
  | 'histogram'
  | 'text';

export interface Target {
  refId: string;
  datasource: typeof DATASOURCE;
  rawQuery: true;
  query: string;
  resultFormat: 'time_series' | 'table';
  alias?: string;
}

export interface Override {
  matcher: { id: 'byName' | 'byRegexp'; options: string };
  properties: { id: string; value: unknown }[];
}

/** A panel before it has its place. */
export interface PanelPlan {
  type: PanelType;
  title: string;
  description: string;
  width: number;
  targets: Target[];
  unit?: string;
  decimals?: number;
  noValue?: string;
  custom?: Record<string, unknown>;
  thresholds?: [color: string, from: number | null][];
  mappings?: unknown[];
  color?: string;
  options?: Record<string, unknown>;
  overrides?: Override[];
  transformations?: unknown[];
  /** shortest $__interval, e.g. '1m' */
  interval?: string;
}

export interface Variable {
  name: string;
  label: string;
  type: 'datasource' | 'query';
  query: string;
  multi?: boolean;
}

interface Annotation {
  name: string;
  query: string;
  textColumn: string;
  tagsColumn: string;
  color: string;
}

export interface DashboardPlan {
  uid: string;
  title: string;
  description: string;
  refresh: string;
  from: string;
  variables: Variable[];
  annotations: Annotation[];
  links: { title: string; uid: string }[];
  /** rows of panels, each as high as stated; widths of a row add up to at most 24 */
  rows: { height: number; panels: PanelPlan[] }[];
}

/** Quoted names of one measurement: a query cannot name a field or tag that nobody writes. */
export function names<M extends Measurement>(
  measurement: M,
): Record<FieldOf<M> | TagOf<M>, string> & { from: string } {
  const { fields, tags } = MEASUREMENTS[measurement];
  const all = [...Object.keys(fields), ...tags].map((name) => [name, `"${name}"`]);
  return { ...Object.fromEntries(all), from: `"${measurement}"` };
}

/** One InfluxQL statement; `rest` is what follows the conditions. */
export function select(
  columns: readonly string[],
  measurement: { from: string },
  where: readonly string[],
  rest = '',
): string {
  const what = `SELECT ${columns.join(', ')} FROM ${measurement.from}`;
  return `${what} WHERE ${where.join(' AND ')} ${rest}`.trimEnd();
}

export function series(query: string, refId: string, alias?: string): Target {
  const base = { refId, datasource: DATASOURCE, rawQuery: true, query } as const;
  return { ...base, resultFormat: 'time_series', ...(alias === undefined ? {} : { alias }) };
}

export function table(query: string, refId = 'A'): Target {
  return { refId, datasource: DATASOURCE, rawQuery: true, query, resultFormat: 'table' };
}

export function override(name: string, properties: Record<string, unknown>): Override {
  return {
    matcher: { id: 'byName', options: name },
    properties: Object.entries(properties).map(([id, value]) => ({ id, value })),
  };
}

/** The JSON that Grafana reads. Ids and places follow from the order of the rows. */
export function dashboard(plan: DashboardPlan): Record<string, unknown> {
  const panels: unknown[] = [];
  let y = 0;
  for (const row of plan.rows) {
    let x = 0;
    for (const one of row.panels) {
      panels.push(panel(one, panels.length + 1, { x, y, w: one.width, h: row.height }));
      x += one.width;
    }
    y += row.height;
  }
  return {
    uid: plan.uid,
    title: plan.title,
    description: plan.description,
    tags: ['meyar', 'spc'],
    schemaVersion: 39,
    version: 1,
    editable: false,
    graphTooltip: 1,
    refresh: plan.refresh,
    time: { from: plan.from, to: 'now' },
    timepicker: {},
    timezone: 'browser',
    links: plan.links.map(({ title, uid }) => ({
      title,
      type: 'link',
      url: `/d/${uid}?\${__url_time_range}&\${site:queryparam}`,
      icon: 'dashboard',
      targetBlank: false,
    })),
    annotations: { list: plan.annotations.map(annotation) },
    templating: { list: plan.variables.map(variable) },
    panels,
  };
}

function panel(plan: PanelPlan, id: number, gridPos: Record<'x' | 'y' | 'w' | 'h', number>) {
  const defaults = {
    unit: plan.unit ?? 'none',
    ...(plan.decimals === undefined ? {} : { decimals: plan.decimals }),
    noValue: plan.noValue ?? 'no data',
    color: plan.color ? { mode: plan.color } : { mode: 'palette-classic' },
    custom: plan.custom ?? {},
    mappings: plan.mappings ?? [],
    thresholds: {
      mode: 'absolute',
      steps: (plan.thresholds ?? [['text', null]]).map(([color, value]) => ({ color, value })),
    },
  };
  return {
    id,
    type: plan.type,
    title: plan.title,
    description: plan.description,
    gridPos,
    datasource: DATASOURCE,
    targets: plan.targets,
    fieldConfig: { defaults, overrides: plan.overrides ?? [] },
    options: plan.options ?? {},
    transformations: plan.transformations ?? [],
    ...(plan.interval === undefined ? {} : { interval: plan.interval }),
  };
}

function variable(plan: Variable) {
  const common = { name: plan.name, label: plan.label, hide: 0, skipUrlSync: false };
  if (plan.type === 'datasource') {
    return { ...common, type: 'datasource', query: plan.query, refresh: 1, regex: '', current: {} };
  }
  const multi = plan.multi === true;
  return {
    ...common,
    type: 'query',
    datasource: DATASOURCE,
    query: plan.query,
    definition: plan.query,
    refresh: 2,
    sort: 1,
    regex: '',
    multi,
    includeAll: multi,
    ...(multi
      ? { current: { selected: true, text: ['All'], value: ['$__all'] } }
      : { current: {} }),
  };
}

/** Older Grafana reads the columns beside the query, newer inside the target: both are given. */
function annotation(plan: Annotation) {
  const { name, query, textColumn, tagsColumn, color } = plan;
  const columns = { query, textColumn, tagsColumn };
  const target = { refId: 'Anno', rawQuery: true, fromAnnotations: true, name, ...columns };
  return {
    name,
    enable: true,
    hide: false,
    iconColor: color,
    datasource: DATASOURCE,
    ...columns,
    target,
  };
}
