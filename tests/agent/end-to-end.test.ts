import { connect, type MqttClient } from 'mqtt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Alert, CharacteristicSummary, Point, SourceHealth } from '../../agent/model.ts';
import { type HookServer, hookServer } from '../alerts/channels/hook-server.ts';
import { type AgentRig, agentRig, eventually, type Plc, startPlc } from '../support/agent-rig.ts';
import { needs } from '../support/debian.ts';
import { type Influxd, influxd, v2Proxy } from '../support/influxdb.ts';
import { type Mosquitto, startMosquitto } from '../support/mosquitto.ts';
import { type Publisher, publisher } from '../support/mqtt.ts';

const present = needs('mosquitto') && needs('influxd');
const DATABASES = ['direct', 'proxied'];

interface Told {
  key: string;
  transition: string;
  subject: string;
  id: number;
}

/** Everything real: PLC, broker, two ways into InfluxDB, receivers of alerts, the agent. */
describe.skipIf(!present)('the whole way', () => {
  let broker: Mosquitto;
  let db: Influxd;
  let proxy: { url: string; close(): Promise<void> };
  let hook: HookServer;
  let plc: Plc;
  let cell: Publisher;
  let listener: MqttClient;
  let agent: AgentRig;
  const heard: Told[] = [];
  let cellSequence = 0;
  const sent = { od: [] as number[], hardness: [] as number[] };

  const hooks = (): Told[] =>
    hook.hooks.map(({ headers, body }) => {
      const { event } = (
        JSON.parse(body) as { data: { event: { transition: string; alert: Alert } } }
      ).data;
      const { transition, alert } = event;
      return {
        key: String(headers['webhook-id']),
        transition,
        subject: alert.subject,
        id: alert.id,
      };
    });
  const total = () => sent.od.length + sent.hardness.length;
  const taken = () => eventually(async () => (await agent.readings()) >= total(), 'readings taken');

  /** The next part only when the agent has the last one: a PLC keeps one result. */
  async function makeParts(values: number[]): Promise<void> {
    for (const value of values) {
      plc.make(value);
      sent.od.push(value);
      await taken();
    }
  }

  async function measure(values: number[]): Promise<void> {
    for (const value of values) {
      cellSequence += 1;
      const message = {
        ts: Date.now(),
        seq: cellSequence,
        v: { hardness: value },
        sn: `S${cellSequence}`,
      };
      sent.hardness.push(value);
      await cell.send('ravi/lab/result', JSON.stringify(message));
    }
  }

  const summary = async (id: string) =>
    agent.get<CharacteristicSummary>(`/api/characteristics/${id}`);
  const points = async (id: string) =>
    agent.get<Point[]>(`/api/characteristics/${id}/points?limit=1000`);
  const up = () =>
    eventually(
      async () => (await agent.get<SourceHealth[]>('/api/sources')).every((s) => s.state === 'up'),
      'sources are up',
    );
  const shipped = () =>
    eventually(async () => {
      const sinks =
        await agent.get<{ name: string; state: string; behind?: number }[]>('/api/sinks');
      const rows = await Promise.all(
        DATABASES.map((name) => db.query('SELECT count(value) FROM spc_sample', name)),
      );
      const counts = rows.map(([series]) => Number(series?.rows[0]?.['count'] ?? 0));
      return sinks.length > 0 && counts.every((count) => count >= total());
    }, 'every reading is in InfluxDB');

  beforeAll(async () => {
    broker = await startMosquitto({ persistence: true });
    db = await influxd({ databases: DATABASES });
    proxy = await v2Proxy(db.url);
    hook = await hookServer();
    plc = await startPlc();
    cell = await publisher(broker.url);
    listener = connect(broker.url);
    listener.on('message', (_topic, payload) => {
      const notice = JSON.parse(payload.toString()) as {
        key: string;
        event: { transition: string; alert: Alert };
      };
      const { transition, alert } = notice.event;
      heard.push({ key: notice.key, transition, subject: alert.subject, id: alert.id });
    });
    await listener.subscribeAsync('ravi/alerts', { qos: 1 });
    agent = agentRig(settings(broker.url, plc.url, hook.url(), db.url, proxy.url));
    await agent.start();
    await up();
  });

  afterAll(async () => {
    await agent?.close();
    await listener?.endAsync(true);
    await cell?.close();
    await plc?.close();
    await hook?.down();
    await proxy?.close();
    await db?.stop();
    await broker?.close();
  });

  it('readings become points, a rule broken becomes one alert on both channels, under one key', async () => {
    await measure([59, 59.5, 58.5, 59.2]);
    await makeParts([10, 10.5, 9.5, 10.2, 13.2]);
    await eventually(() => hooks().length > 0 && heard.length > 0, 'both channels told');
    expect(hooks()).toEqual(heard);
    expect(heard).toEqual([
      {
        key: expect.stringMatching(/^[0-9a-z]+-1-raised-\d+-\d+$/),
        transition: 'raised',
        subject: 'od',
        id: 1,
      },
    ]);
    expect(
      (await points('od')).map((p) => [p.index, p.partSequence, Math.round(p.value * 10) / 10]),
    ).toEqual([
      [1, 1, 10],
      [2, 2, 10.5],
      [3, 3, 9.5],
      [4, 4, 10.2],
      [5, 5, 13.2],
    ]);
    expect((await points('hardness')).map((p) => p.value)).toEqual([59, 59.5, 58.5, 59.2]);
  });

  it('an answer over HTTP reaches the store, both channels and InfluxDB', async () => {
    const answer = { by: 'Bilal', cause: 'insert worn', action: 'insert changed' };
    const response = await agent.post('/api/alerts/1/acknowledge', answer);
    expect([response.status, (await response.json()) as Alert]).toMatchObject([
      200,
      { state: 'acknowledged', acknowledgedBy: 'Bilal' },
    ]);
    await eventually(() => heard.length === 2 && hooks().length === 2, 'both channels told');
    expect(hooks()).toEqual(heard);
    expect(heard[1]).toMatchObject({ transition: 'acknowledged', id: 1 });
    expect((await agent.post('/api/alerts/1/acknowledge', answer)).status).toBeGreaterThanOrEqual(
      400,
    );
    await shipped();
    for (const name of DATABASES) {
      await eventually(async () => {
        const [series] = await db.query('SELECT * FROM spc_event WHERE event_id = 1', name);
        return series?.rows.length === 1 && series.rows[0]?.['ack_by'] === 'Bilal';
      }, 'the answer is in InfluxDB');
    }
  });

  it('loses and doubles nothing while InfluxDB is away', async () => {
    await db.kill();
    await measure([59.1, 58.9, 59.3, 58.8, 59.4]);
    await makeParts([10.1, 9.9, 10.3, 9.7]);
    await eventually(
      async () =>
        (await agent.get<{ state: string; kind: string }[]>('/api/sinks'))
          .filter((s) => s.kind === 'influxdb')
          .every((s) => s.state === 'retrying'),
      'the sinks notice',
    );
    await db.start();
    await shipped();
    await everyRowOnce();
    // The episode ended meanwhile: three points in control after the answer.
    const closed = (told: Told[]) => told.some((t) => t.transition === 'closed');
    await eventually(() => closed(heard) && closed(hooks()), 'the alert closes');
    expect(hooks()).toEqual(heard);
  });

  it('goes on after an orderly end where it stopped', async () => {
    // Seven points on one side: with the next two it will be a run of nine.
    await makeParts([9.9, 10.2, 10.3, 10.2, 10.3, 10.2, 10.3, 10.2]);
    await measure([65]);
    await eventually(async () => (await summary('hardness')).openAlerts === 1, 'an alert is open');
    const before = await summary('od');
    await agent.end('SIGTERM');
    // The broker keeps what comes meanwhile.
    await measure([59, 59.1]);
    await agent.start();
    await up();
    await taken();
    expect(await summary('od')).toMatchObject({
      readings: before.readings,
      lastPointIndex: before.lastPointIndex,
      status: before.status,
    });
    expect((await summary('hardness')).openAlerts).toBe(1);
    await makeParts([10.3, 10.2]);
    await eventually(
      () => heard.some((t) => t.id === 3 && t.transition === 'raised'),
      'run of nine',
    );
    const last = (await points('od')).at(-1);
    expect(last).toMatchObject({ index: sent.od.length, partSequence: sent.od.length });
    const alerts = await agent.get<Alert[]>('/api/alerts?state=active');
    expect(alerts.map((a) => [a.id, a.subject, a.rules])).toEqual([
      [3, 'od', ['nelson-2']],
      [2, 'hardness', ['nelson-1']],
    ]);
  });

  it('goes on after kill -9 as if nothing had been', async () => {
    for (const value of [9.9, 10.1]) {
      await makeParts([value]);
      await agent.end('SIGKILL');
      await measure([59.2, 58.9]);
      await agent.start();
      await up();
      await taken();
    }
    // Two points in control so far; the third ends the episode, so nothing was forgotten.
    expect(
      (await agent.get<Alert[]>('/api/alerts?state=active')).map((a) => [a.id, a.state]),
    ).toContainEqual([3, 'open']);
    await makeParts([9.9]);
    await eventually(
      () => heard.some((t) => t.id === 3 && t.transition === 'cleared'),
      'episode ends',
    );
    expect((await points('od')).map((p) => p.index)).toEqual(sent.od.map((_, i) => i + 1));
    expect((await points('hardness')).map((p) => p.value)).toEqual(sent.hardness);
    await shipped();
    await everyRowOnce();
    const keys = (told: Told[]) => [...new Set(told.map((t) => t.key))];
    await eventually(() => keys(hooks()).length === keys(heard).length, 'both channels told');
    expect(keys(hooks())).toEqual(keys(heard));
    expect(await agent.get<unknown[]>('/api/gaps')).toEqual([]);
  });

  /** Values of every series as sent, in this order, none twice. */
  async function everyRowOnce(): Promise<void> {
    for (const name of DATABASES) {
      for (const id of ['od', 'hardness'] as const) {
        const where = `WHERE characteristic = '${id}'`;
        const [samples] = await db.query(`SELECT value, seq FROM spc_sample ${where}`, name);
        const rows = samples?.rows ?? [];
        expect(rows.map((row) => Math.round(Number(row['value']) * 100) / 100)).toEqual(sent[id]);
        expect(rows.map((row) => row['seq'])).toEqual(sent[id].map((_, i) => i + 1));
        await eventually(async () => {
          const [all] = await db.query(`SELECT index FROM spc_subgroup ${where}`, name);
          return (all?.rows.length ?? 0) >= sent[id].length;
        }, 'points are shipped');
        const [subgroups] = await db.query(`SELECT index FROM spc_subgroup ${where}`, name);
        expect(subgroups?.rows.map((row) => row['index'])).toEqual(sent[id].map((_, i) => i + 1));
      }
    }
  }
});

function settings(
  mqtt: string,
  modbus: string,
  hook: string,
  influx: string,
  proxy: string,
): string {
  return `plant: { name: End to end (made up), site: test }
console: { host: 127.0.0.1, port: 0 }
sources:
  press:
    kind: modbus
    url: ${modbus}
    units:
      - id: 1
        name: press
        records:
          - name: result
            every: 10ms
            sequence: { address: 0, type: uint32 }
            fields: { od: { address: 6, type: float32 } }
  lab:
    kind: mqtt
    url: ${mqtt}
    clientId: meyar-end-to-end
    topics:
      - topic: ravi/{station}/result
        stream: "{station}"
        sequence: seq
        time: { path: ts, unit: ms }
        values: { "{station}.hardness": v.hardness }
        context: { serial: sn }
characteristics:
  od:
    name: Diameter
    unit: mm
    class: SC
    source: press
    tag: press.od
    subgroup: { kind: by-count, size: 1 }
    charts: [{ kind: imr, spreadRules: [beyond-limits] }]
    rules: [{ kind: beyond-limits, id: nelson-1 }, { kind: same-side, id: nelson-2 }]
    limits: { kind: fixed, center: 10, sigma: 1 }
  hardness:
    name: Hardness
    unit: HRC
    source: lab
    tag: lab.hardness
    subgroup: { kind: by-count, size: 1 }
    charts: [{ kind: imr, spreadRules: [] }]
    rules: [{ kind: beyond-limits, id: nelson-1 }]
    limits: { kind: fixed, center: 59, sigma: 1 }
alerts:
  clearAfterPoints: 3
  channels:
    phone: { kind: webhook, url: "${hook}", digest: false }
    hall: { kind: mqtt, url: ${mqtt}, topic: ravi/alerts }
sinks:
  direct: { kind: influxdb, url: ${influx}, database: direct, flushEvery: 50ms }
  proxied: { kind: influxdb, url: ${proxy}, api: v2, bucket: proxied, org: o, token: "a:b", flushEvery: 50ms }
`;
}
