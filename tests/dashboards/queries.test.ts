import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { sinks } from '../../agent/sinks/index.ts';
import { dashboards } from '../../dashboards/grafana/generate.ts';
import { needs } from '../support/debian.ts';
import { type Influxd, influxd } from '../support/influxdb.ts';
import {
  alert,
  characteristic,
  fakeJournal,
  limits,
  point,
  signal,
  sinkContext,
} from '../support/sink-journal.ts';
import { linkHealth, summary } from '../support/sink-summary.ts';
import { type Dashboard, expand, queriesOf } from './queries.ts';

const AWKWARD = 'od-turned (22 h8) +/-';
const list = [characteristic({ id: AWKWARD }), characteristic({ id: 'hardness', line: 'heat' })];
const values = {
  site: ['Lahore (made up)'],
  line: ['shaft-1', 'heat'],
  machine: ['cnc-1'],
  characteristic: [AWKWARD, 'hardness'],
  chart: ['xbar-r'],
};
const alerting = parse(
  readFileSync(
    new URL('../../dashboards/grafana/provisioning/alerting/meyar.yaml', import.meta.url),
    'utf8',
  ),
) as { groups: { rules: { title: string; data: { model: { query?: string } }[] }[] }[] };

describe.skipIf(!needs('influxd'))('every query returns rows from what the sink wrote', () => {
  let db: Influxd;
  const nowMs = Date.now();
  beforeAll(async () => {
    db = await influxd();
    await fill(db.url, nowMs);
  });
  afterAll(() => db?.stop());

  const all = Object.values(dashboards()).flatMap((text) =>
    queriesOf(JSON.parse(text) as Dashboard),
  );
  const rules = alerting.groups.flatMap(({ rules }) =>
    rules.flatMap(({ title, data }) =>
      data.flatMap(({ model }) => (model.query ? [{ where: title, query: model.query }] : [])),
    ),
  );

  it.each([...all, ...rules].map(({ where, query }) => [where, query]))(
    '%s',
    async (where, query) => {
      // The control chart lets one characteristic be chosen, the overview several.
      const one = where.startsWith('Meyar: control chart');
      const chosen = one ? { ...values, characteristic: [AWKWARD] } : values;
      const series = await db.query(expand(query, chosen, nowMs - 3_600_000));
      const rows = series.flatMap((each) => each.rows);
      expect(rows.length).toBeGreaterThan(0);
      const filled = rows.flatMap(({ time: _, ...columns }) => Object.values(columns));
      expect(filled.some((value) => value !== null)).toBe(true);
    },
  );

  it('finds one row per characteristic for the overview, worst capability included', async () => {
    const overview = JSON.parse(dashboards()['overview.json'] ?? '') as Dashboard;
    const queryOf = (title: string) =>
      overview.panels.find((panel) => panel.title === title)?.targets[0]?.query ?? '';
    const rows = async (title: string) =>
      (await db.query(expand(queryOf(title), values, nowMs - 3_600_000))).flatMap((x) => x.rows);
    expect(await rows('Characteristics now')).toHaveLength(2);
    expect((await rows('Characteristics now')).map((row) => row['state'])).toContain(2);
    expect(await rows('Open alerts')).toMatchObject([{ sum: 3 }]);
    expect((await rows('Capability, worst first')).map((row) => row['cpk'])).toContain(null);
    expect(await rows('Open alerts, newest first')).toHaveLength(1);
  });

  it('empties the tiles of now when the agent wrote nothing for five minutes', async () => {
    const old = await influxd();
    await fill(old.url, nowMs - 600_000);
    const tiles = all.filter(({ query }) => query.includes('now() - 5m'));
    expect(tiles.length).toBeGreaterThan(5);
    for (const { query } of tiles) {
      expect(await old.query(expand(query, values, nowMs - 3_600_000)), query).toEqual([]);
    }
    await old.stop();
  });
});

/** A short made-up shift through the real sink: in control, then a shift, an alert, new limits. */
async function fill(url: string, nowMs: number): Promise<void> {
  const settings = sinks.schema.parse({ kind: 'influxdb', url, database: 'meyar' });
  const clock = { now: () => nowMs, monotonic: () => 0 };
  const sink = sinks.create(settings, sinkContext(list, { clock }));
  const journal = fakeJournal();
  for (let i = 0; i < 60; i += 1) {
    const receiveMs = nowMs - (60 - i) * 30_000;
    const out = i > 50;
    const mean = out ? 21.99 : 21.9835;
    const value = [0, 1, 2, 3, 4].map((k) => mean + (k - 2) / 1000);
    journal.commit({
      deliveries: [
        { value, receiveMs },
        { value, tag: value.map(() => 1), receiveMs },
      ],
      points: list.map(({ id }) =>
        point({
          characteristic: id,
          index: i + 1,
          timeMs: receiveMs,
          value: mean,
          rules: out ? 1 : 0,
          spreadRules: i === 55 ? 1 : 0,
        }),
      ),
      signals: out
        ? [signal({ characteristic: AWKWARD, pointIndex: i + 1, timeMs: receiveMs })]
        : [],
      limits:
        i === 0 ? list.map(({ id }) => limits({ characteristic: id, frozenAtMs: receiveMs })) : [],
    });
  }
  const openedMs = nowMs - 120_000;
  const acknowledged = { acknowledgedBy: 'Bilal', acknowledgedMs: openedMs + 1000 };
  const raised = alert({ subject: AWKWARD, openedMs, state: 'acknowledged', ...acknowledged });
  const closed = alert({ subject: AWKWARD, openedMs: openedMs - 1000, id: 6, state: 'closed' });
  for (const one of [raised, closed]) {
    const event = {
      seq: 0,
      ordinal: 0,
      transition: 'raised' as const,
      timeMs: openedMs,
      alert: one,
    };
    journal.commit({ alerts: [event] });
  }
  const signalNever = new AbortController().signal;
  const result = await sink.write(journal.decoded(), signalNever);
  expect(result.rejected).toEqual([]);
  const [first, second] = list as [(typeof list)[0], (typeof list)[0]];
  const base = summary(first).capability;
  const undefinedIndices = { ...base, cpk: null, cp: null, reason: 'baseline not complete' };
  const capability = { ...base, ppk: 1.2, ppkLower95: 1.05 };
  await sink.beat?.([linkHealth()], signalNever, {
    health: {
      name: 'influx',
      kind: 'influxdb',
      state: 'up',
      detail: '',
      cursor: 62,
      head: 64,
      rowsWritten: 500,
      rowsRejected: 1,
      oldestUnsentMs: nowMs - 1000,
    },
    summaries: [
      summary(first, { status: 'alarm', lastReadingAt: nowMs, capability }),
      summary(second, { status: 'ok', openAlerts: 1, capability: undefinedIndices }),
    ],
  });
  await sink.close();
}
