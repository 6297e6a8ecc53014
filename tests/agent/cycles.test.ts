import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CharacteristicSummary, SourceHealth } from '../../agent/model.ts';
import {
  type ModbusServer,
  putFloat,
  startModbusServer,
} from '../../agent/plants/modbus-server.ts';
import { type AgentRig, agentRig, eventually } from '../support/agent-rig.ts';
import { desk } from '../support/command.ts';
import { needs } from '../support/debian.ts';
import { type Mosquitto, startMosquitto } from '../support/mosquitto.ts';
import { type Publisher, publisher } from '../support/mqtt.ts';

const LIMITS = 'limits: { kind: fixed, center: 50, sigma: 1000 }, charts: [{ kind: imr }]';
const settings = (modbus: string, mqtt: string) => `plant: { name: Press (made up), site: test }
console: { host: 127.0.0.1, port: 0 }
sources:
  plc:
    kind: modbus
    url: ${modbus}
    units:
      - id: 1
        name: press
        tags:
          - { name: closed, address: 0, every: 20ms }
          - { name: force, type: float32, address: 2, every: 20ms }
  cell:
    kind: mqtt
    url: ${mqtt}
    clientId: cycles
    topics:
      - topic: cell/curve
        time: { path: t, unit: ms }
        values: { on: on, pressure: p }
        context: { serial: sn }
cycles:
  stroke: { source: plc, trigger: { kind: while, tag: press.closed }, maxGap: 10s }
  shot: { source: cell, trigger: { kind: while, tag: 'on' }, maxGap: 100ms }
characteristics:
  stroke-max: { name: Peak force, unit: kN, source: plc, tag: press.force,
                feature: { kind: max, cycle: stroke }, ${LIMITS} }
  shot-area: { name: Impulse, unit: bar·s, source: cell, tag: pressure,
               feature: { kind: area, cycle: shot }, ${LIMITS} }
  shot-settled: { name: Settling time, unit: s, source: cell, tag: pressure,
                  feature: { kind: settling-time, cycle: shot, band: 1 }, ${LIMITS} }
`;

/** Everything real: PLC, broker, the agent in a process of its own. */
describe.skipIf(!needs('mosquitto'))('features of fast signals in the running agent', () => {
  const bank = new Uint16Array(64);
  const t0 = Date.now() - 60_000;
  let plc: ModbusServer;
  let broker: Mosquitto;
  let cell: Publisher;
  let agent: AgentRig;
  const sent: [timeMs: number, on: number, p: number][] = [];
  const at = desk();

  const of = (id: string) => agent.get<CharacteristicSummary>(`/api/characteristics/${id}`);
  const send = async (from: number, on: number, values: number[], sn: string) => {
    for (const [i, p] of values.entries()) {
      sent.push([t0 + from + 50 * i, on, p]);
      await cell.send('cell/curve', JSON.stringify({ t: t0 + from + 50 * i, on, p, sn }));
    }
  };

  beforeAll(async () => {
    plc = await startModbusServer(new Map([[1, bank]]));
    broker = await startMosquitto();
    const { url } = broker;
    cell = await publisher(url);
    agent = agentRig(settings(`tcp://127.0.0.1:${plc.port}`, url));
    await agent.start();
    await eventually(async () => {
      const states = await agent.get<{ state: string }[]>('/api/sources');
      return states.every((s) => s.state === 'up');
    }, 'the sources');
  });

  afterAll(async () => {
    at.clear();
    await agent.close();
    await cell.close();
    await broker.close();
    await plc.close();
  });

  it('a Modbus tag framed by a bit gives one reading a stroke', async () => {
    const requests = async () => {
      const list = await agent.get<SourceHealth[]>('/api/sources');
      return list.find((s) => s.name === 'plc')?.counters['requests'] ?? 0;
    };
    /** Until the agent has read what stands there now, a few times. */
    const put = async (closed: number, force: number) => {
      bank[0] = closed;
      putFloat(bank, 2, force);
      const before = await requests();
      await eventually(async () => (await requests()) > before + 6, 'a few looks');
    };
    for (const [n, force] of [120, 180].entries()) {
      await put(0, 5);
      await put(1, force);
      await put(0, 5);
      await eventually(async () => (await of('stroke-max')).readings === n + 1, `stroke ${n + 1}`);
      expect((await of('stroke-max')).lastValue).toBe(force);
    }
  });

  it('an MQTT signal keeps its cycle over a kill, and the feature is exact', async () => {
    await send(0, 0, [0], 'A');
    await send(50, 1, [0, 20, 40], 'B');
    await eventually(async () => (await agent.readings()) >= 2, 'what was sent before');
    await new Promise((resolve) => setTimeout(resolve, 500));
    await agent.end('SIGKILL');
    await agent.start();
    await eventually(async () => {
      const states = await agent.get<{ state: string }[]>('/api/sources');
      return states.every((s) => s.state === 'up');
    }, 'the sources');
    await send(200, 1, [40, 40], 'B');
    await send(300, 0, [0], 'C');
    await eventually(async () => (await of('shot-area')).readings === 1, 'the shot');
    // Trapezoids over 50 ms: 10 + 30 + 40 + 40 bar, each 0.05 s.
    expect((await of('shot-area')).lastValue).toBeCloseTo(6, 9);
    expect((await of('shot-settled')).lastValue).toBeCloseTo(0.1, 9);
    expect((await of('shot-area')).lastReadingAt).toBe(new Date(t0 + 300).toISOString());
    expect(sent).toHaveLength(7);
  });

  it('a replay of what was sent gives the same number, to the last bit', async () => {
    const lines = sent.map(([timeMs, on, p]) => `${timeMs},${on},${p}`);
    const file = at.file('sent.csv', `time,on,pressure\n${lines.join('\n')}\n`);
    const plant = at.file('plant.yaml', settings('tcp://127.0.0.1:502', 'mqtt://127.0.0.1:1883'));
    const ran = await at.run('replay', file, '-c', plant, '--json');
    expect([ran.err, ran.code]).toEqual(['', 0]);
    const { features } = ran.json() as unknown as {
      features: { characteristic: string; timeMs: number; value: number }[];
    };
    for (const id of ['shot-area', 'shot-settled']) {
      const live = await of(id);
      const made = features.filter((f) => f.characteristic === id);
      expect(made.map((f) => f.value)).toEqual([live.lastValue]);
      expect(new Date(made[0]?.timeMs ?? 0).toISOString()).toBe(live.lastReadingAt);
    }
  });
});
