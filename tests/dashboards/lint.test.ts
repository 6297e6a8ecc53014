import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { MEASUREMENTS, type Measurement } from '../../agent/sinks/influxdb/measurements.ts';
import { dashboards } from '../../dashboards/grafana/generate.ts';
import { type Dashboard, queriesOf } from './queries.ts';

const folder = new URL('../../dashboards/grafana/', import.meta.url);
const read = (name: string) => readFileSync(new URL(name, folder), 'utf8');
const CORE = ['timeseries', 'stat', 'table', 'state-timeline', 'barchart', 'histogram', 'text'];

describe.each(Object.entries(dashboards()))('%s', (name, text) => {
  const dashboard = JSON.parse(text) as Dashboard;
  const { panels } = dashboard;
  const queries = queriesOf(dashboard);

  it('is what the generator writes, byte for byte', () => {
    expect(read(name)).toBe(text);
  });

  it('is Classic, read-only, and needs no answers at import', () => {
    expect(dashboard.schemaVersion).toBe(39);
    expect(dashboard.editable).toBe(false);
    expect(text).not.toContain('__inputs');
    expect(text).not.toMatch(/\$\{DS_/);
  });

  it('has one data source variable, and every panel and target uses it', () => {
    const sources = dashboard.templating.list.filter(({ type }) => type === 'datasource');
    expect(sources.map((one) => one.name)).toEqual(['datasource']);
    const uids = panels.flatMap((panel) => [panel, ...panel.targets].map((x) => x.datasource.uid));
    expect(new Set(uids)).toEqual(new Set([['$', '{datasource}'].join('')]));
  });

  it('uses core panels with title, description and unit, and few targets', () => {
    for (const panel of panels) {
      expect(CORE).toContain(panel.type);
      expect(panel.title).not.toBe('');
      expect(panel.description.length).toBeGreaterThan(10);
      expect(panel.fieldConfig.defaults.unit).toBeTruthy();
      expect(panel.targets.every((target) => target.rawQuery)).toBe(true);
    }
    expect(panels.flatMap((panel) => panel.targets).length).toBeLessThanOrEqual(25);
  });

  it('has unique ids and no panel on top of another', () => {
    expect(new Set(panels.map((panel) => panel.id)).size).toBe(panels.length);
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) => {
      expect(x + w).toBeLessThanOrEqual(24);
      return Array.from({ length: w * h }, (_, i) => `${x + (i % w)},${y + Math.floor(i / w)}`);
    });
    expect(new Set(cells).size).toBe(cells.length);
  });

  it('refreshes its variables with the time span', () => {
    const variables = dashboard.templating.list.filter(({ type }) => type === 'query');
    expect(variables.every((variable) => variable.refresh === 2)).toBe(true);
  });

  it('never merges several characteristics into one line', () => {
    const multi = dashboard.templating.list.filter((one) => one.multi).map((one) => one.name);
    for (const panel of panels) {
      for (const { query } of panel.targets) {
        const several = multi.some((variable) => query.includes(`\${${variable}:`));
        const apart = /GROUP BY (time\([^)]*\), )?"\w+"/.test(query) || panel.repeat !== undefined;
        expect(several && !apart, `${panel.title}: ${query}`).toBe(false);
      }
    }
  });

  it.each(queries.map(({ where, query }) => [where, query]))('%s names what exists', (_, query) => {
    expect(unknownNames(query)).toEqual([]);
  });

  it.each(queries.map(({ where, query }) => [where, query]))(
    '%s runs on InfluxDB 3',
    (_, query) => {
      expect(query).not.toMatch(/\b(SLIMIT|SOFFSET|sample\(|count_hll|CREATE|DELETE|DROP)/i);
      // now() only on the right of a comparison of time; a database or policy is never named
      expect(query.replace(/time [<>]=? now\(\)/g, '')).not.toContain('now()');
      expect(query).not.toMatch(/FROM "\w+"\./);
    },
  );

  it('has annotation columns that differ and are in the query', () => {
    for (const { query, textColumn, tagsColumn } of dashboard.annotations.list) {
      expect(textColumn).not.toBe(tagsColumn);
      for (const column of [textColumn, tagsColumn]) expect(query).toContain(`"${column}"`);
    }
  });
});

it('would notice a name that nobody writes', () => {
  expect(unknownNames('SELECT last("sate") FROM "spc_status"')).toEqual(['sate']);
  expect(unknownNames('SELECT last("state") FROM "spc_stat"')).toEqual(['spc_stat']);
});

describe('provisioning', () => {
  const sources = parse(read('provisioning/datasources/meyar.yaml'));
  const alerting = parse(read('provisioning/alerting/meyar.yaml'));
  const compose = parse(read('compose.yaml'));

  it('has alert rules on the provisioned data source, with unique ids and known names', () => {
    const rules: AlertRule[] = alerting.groups.flatMap(
      (group: { rules: AlertRule[] }) => group.rules,
    );
    expect(new Set(rules.map((rule) => rule.uid)).size).toBe(rules.length);
    for (const rule of rules) {
      const uids = [sources.datasources[0].uid, '__expr__'];
      for (const { datasourceUid, model } of rule.data) {
        expect(uids).toContain(datasourceUid);
        if (model.query) expect(unknownNames(model.query)).toEqual([]);
      }
      expect(rule.data.map((step) => step.refId)).toContain(rule.condition);
    }
  });

  it('mounts every dashboard, and listens on this machine only', () => {
    const mounts: string[] = compose.services.grafana.volumes;
    for (const name of Object.keys(dashboards())) {
      expect(mounts.some((mount) => mount.startsWith(`./${name}:`))).toBe(true);
    }
    for (const service of [compose.services.grafana, compose.services.influxdb]) {
      expect(service.ports.every((port: string) => port.startsWith('127.0.0.1:'))).toBe(true);
    }
  });

  it('has no literal $ that Grafana would take for a variable of its environment', () => {
    expect(read('provisioning/alerting/meyar.yaml')).not.toContain('$');
  });
});

interface AlertRule {
  uid: string;
  condition: string;
  data: { refId: string; datasourceUid: string; model: { query?: string } }[];
}

/** Quoted names of a query that are no measurement, field or tag of it, nor defined in it by AS. */
function unknownNames(query: string): string[] {
  const from = /FROM "(\w+)"/.exec(query)?.[1] ?? '';
  if (!(from in MEASUREMENTS)) return [from];
  const { fields, tags } = MEASUREMENTS[from as Measurement];
  const own: readonly string[] = [from, ...Object.keys(fields), ...tags];
  const aliases = [...query.matchAll(/AS "([^"]+)"/g)].map((match) => match[1]);
  const used = [...query.matchAll(/"([^"]+)"/g)].map((match) => match[1] ?? '');
  return used.filter((name) => !own.includes(name) && !aliases.includes(name));
}
