/** One query of a dashboard or an alert rule, and where it stands. */
export interface Found {
  where: string;
  query: string;
}

export interface Panel {
  id: number;
  type: string;
  title: string;
  description: string;
  gridPos: { x: number; y: number; w: number; h: number };
  datasource: { uid: string };
  targets: { refId: string; query: string; datasource: { uid: string }; rawQuery: boolean }[];
  fieldConfig: { defaults: { unit?: string } };
  repeat?: string;
}

export interface Dashboard {
  uid: string;
  title: string;
  editable: boolean;
  schemaVersion: number;
  panels: Panel[];
  annotations: {
    list: { name: string; query: string; textColumn: string; tagsColumn: string }[];
  };
  templating: {
    list: { name: string; type: string; query: string; multi?: boolean; refresh: number }[];
  };
}

/** Every query of a dashboard. */
export function queriesOf(dashboard: Dashboard): Found[] {
  const { title } = dashboard;
  return [
    ...dashboard.panels.flatMap((panel) =>
      panel.targets.map(({ refId, query }) => ({
        where: `${title} / ${panel.title} ${refId}`,
        query,
      })),
    ),
    ...dashboard.annotations.list.map(({ name, query }) => ({
      where: `${title} / annotation ${name}`,
      query,
    })),
    ...dashboard.templating.list
      .filter(({ type }) => type === 'query')
      .map(({ name, query }) => ({ where: `${title} / variable ${name}`, query })),
  ];
}

/** What Grafana puts in for its variables before it sends a query. */
export function expand(query: string, values: Record<string, string[]>, fromMs: number): string {
  return query
    .replaceAll('$timeFilter', `time >= ${fromMs}ms and time <= now()`)
    .replaceAll('$__interval', '1m')
    .replace(/\$\{(\w+):regex\}/g, (_, name: string) => {
      const list = values[name];
      if (list === undefined) throw new Error(`no value for ${name}`);
      const escaped = list.map((text) => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'));
      return escaped.length === 1 ? (escaped[0] as string) : `(${escaped.join('|')})`;
    });
}
