import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Alert, CharacteristicSummary, Point, Signal } from '../../agent/model.ts';
import {
  type ModbusServer,
  putFloat,
  putUint32,
  startModbusServer,
} from '../../agent/plants/modbus-server.ts';
import { type AgentRig, agentRig, eventually } from '../support/agent-rig.ts';
import { needs } from '../support/debian.ts';
import { type Influxd, influxd } from '../support/influxdb.ts';

const settings = (modbus: string, influx: string) => `plant: { name: Group (made up), site: test }
console: { host: 127.0.0.1, port: 0 }
sources:
  gauge:
    kind: modbus
    url: ${modbus}
    units:
      - id: 1
        name: g
        records:
          - name: result
            every: 10ms
            sequence: { address: 0, type: uint32 }
            fields: { a: { address: 6, type: float32 }, b: { address: 8, type: float32 } }
characteristics:
  a: { name: Height, unit: mm, source: gauge, tag: g.a, machine: mill,
       limits: { kind: fixed, center: 10, sigma: 1000 } }
  b: { name: Width, unit: mm, source: gauge, tag: g.b, machine: mill,
       limits: { kind: fixed, center: 20, sigma: 1000 } }
groups:
  shape:
    name: Shape
    characteristics: [a, b]
    charts: [{ kind: t2 }, { kind: mewma, h: 20 }]
    limits: { kind: fixed, mean: [10, 20], covariance: [[1, 0.75], [0.75, 1]] }
    reactionPlan: Look at the clamp.
sinks:
  influx: { kind: influxdb, api: v1, url: "${influx}", database: plant, flushEvery: 100ms }
`;

/** Everything real: what knows characteristics only shows groups without a word about them. */
describe.skipIf(!needs('influxd'))('a group in the running agent', () => {
  const bank = new Uint16Array(64);
  let plc: ModbusServer;
  let db: Influxd;
  let agent: AgentRig;
  let parts = 0;

  const summary = () => agent.get<CharacteristicSummary>('/api/characteristics/shape');
  const points = () => agent.get<Point[]>('/api/characteristics/shape/points?limit=1000');

  async function make(rows: [number, number][]): Promise<void> {
    for (const [a, b] of rows) {
      parts += 1;
      putFloat(bank, 6, a);
      putFloat(bank, 8, b);
      putUint32(bank, 0, parts);
      await eventually(async () => (await summary()).lastPointIndex === parts, `part ${parts}`);
    }
  }

  beforeAll(async () => {
    plc = await startModbusServer(new Map([[1, bank]]));
    db = await influxd({ databases: ['plant'] });
    agent = agentRig(settings(`tcp://127.0.0.1:${plc.port}`, db.url));
    await agent.start();
  });

  afterAll(async () => {
    await agent?.close();
    await db?.stop();
    await plc?.close();
  });

  it('is listed, has points with one-sided limits, and goes on after it was killed', async () => {
    await make([
      [10.5, 20.5],
      [9, 19.5],
    ]);
    const list = await agent.get<CharacteristicSummary[]>('/api/characteristics');
    expect(list.map(({ id }) => id)).toEqual(['a', 'b', 'shape']);
    expect(await summary()).toMatchObject({
      ...{ name: 'Shape', unit: '', lsl: null, usl: null, machine: 'mill', status: 'ok' },
      limits: { version: 1, origin: 'settings', parameters: { 'mean a': 10, 'cov a b': 0.75 } },
    });
    await agent.end('SIGKILL');
    await agent.start();
    await make([[11, 21]]);
    const seen = (await points()).filter(({ chart }) => chart === 'mewma');
    expect(seen.map(({ index, lcl, ucl }) => [index, lcl, ucl])).toEqual([
      [1, null, 20],
      [2, null, 20],
      [3, null, 20],
    ]);
    // T² of z with its exact covariance, by hand: lambda 0.1, three parts.
    const z = [10.5 - 10, 9 - 10, 11 - 10].reduce((s, x) => 0.9 * s + 0.1 * x, 0);
    const y = [20.5 - 20, 19.5 - 20, 21 - 20].reduce((s, x) => 0.9 * s + 0.1 * x, 0);
    const factor = (0.1 / 1.9) * (1 - 0.9 ** 6);
    const t2 = (z * z - 1.5 * z * y + y * y) / (1 - 0.75 ** 2) / factor;
    expect(seen[2]?.value).toBeCloseTo(t2, 9);
  });

  it('alarms with the names of its variables, and everything is in InfluxDB', async () => {
    await make([[12.5, 17.5]]);
    const signals = await agent.get<Signal[]>('/api/characteristics/shape/signals');
    const text = signals.find(({ chart }) => chart === 't2')?.text;
    expect(text).toMatch(/Height and Width do not go together; T² 50 falls by/);
    const alerts = await agent.get<Alert[]>('/api/alerts');
    expect(alerts).toMatchObject([{ subject: 'shape', reactionPlan: 'Look at the clamp.' }]);
    expect(alerts[0]?.title).toContain('Shape is out of control');
    const rows = async (measurement: string, where: string) => {
      const query = `SELECT * FROM ${measurement} WHERE ${where}`;
      return (await db.query(query, 'plant'))[0]?.rows ?? [];
    };
    const shipped = () => rows('spc_subgroup', "characteristic = 'shape' AND chart = 't2'");
    await eventually(async () => (await shipped()).length === parts, 'points are in InfluxDB');
    const last = (await shipped()).at(-1);
    expect(last).toMatchObject({ index: parts, machine: 'mill', rules: 1 });
    expect(last?.['lcl'] ?? null).toBe(null);
    expect(last?.['value']).toBeCloseTo(50, 9);
    expect(await rows('spc_limits', "characteristic = 'shape'")).toMatchObject([{ rev: 1 }]);
    const events = await rows('spc_event', "characteristic = 'shape'");
    expect(JSON.stringify(events)).toContain('Height and Width do not go together');
  });
});
