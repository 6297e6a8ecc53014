import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Agent, type AgentOptions, startAgent } from '../../agent/agent.ts';
import { systemClock } from '../../agent/runtime/clock.ts';
import { silentLog } from '../../agent/runtime/log.ts';
import { readSettings, sayProblems } from '../../agent/settings/load.ts';
import { type HookServer, hookServer } from '../alerts/channels/hook-server.ts';
import { eventually, startPlc } from '../support/agent-rig.ts';
import { needs } from '../support/debian.ts';
import { fakeInflux } from '../support/fake-influx.ts';
import { type Mosquitto, startMosquitto } from '../support/mosquitto.ts';
import { publisher } from '../support/mqtt.ts';

describe.skipIf(!needs('mosquitto'))('an agent that is stopped', () => {
  let folder: string;
  let broker: Mosquitto;
  let hook: HookServer;
  let influx: Awaited<ReturnType<typeof fakeInflux>>;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'meyar-stop-'));
    broker = await startMosquitto();
    hook = await hookServer();
    influx = await fakeInflux(() => ({ status: 204 }));
  });

  afterEach(async () => {
    await broker.close();
    await hook.down();
    await influx.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Commits are slow on purpose: what was handed over last is not durable when the stop begins. */
  const text = () => `plant: { name: Stop (made up), site: test }
console: { port: 0 }
store: { commitEvery: 250ms }
sources:
  cells:
    kind: mqtt
    url: ${broker.url}
    clientId: meyar-stop
    topics: [{ topic: "cell/{s}", sequence: seq, values: { "{s}.v": v } }]
characteristics:
  v: { name: V, source: cells, tag: a.v, subgroup: { kind: by-count, size: 1 }, rules: shewhart, limits: { kind: fixed, center: 10, sigma: 1 } }
alerts: { channels: { phone: { kind: webhook, url: "${hook.url()}", digest: false } } }
sinks: { influx: { kind: influxdb, url: "${influx.url}", database: x, flushEvery: 10s } }
`;

  function optionsOf(yaml: string, dataDir: string): AgentOptions {
    const { settings, problems } = readSettings(yaml, 'stop.yaml', {});
    if (settings === null) throw new Error(sayProblems(problems, 'stop.yaml'));
    mkdirSync(dataDir, { recursive: true });
    return {
      settings,
      dataDir,
      assetsDir: folder,
      version: 'test',
      clock: systemClock,
      random: Math.random,
      log: silentLog,
    };
  }

  async function start(data: string): Promise<Agent> {
    const agent = await startAgent(optionsOf(text(), data));
    await eventually(() => agent.view.sources()[0]?.counters['subscribed'] === 1, 'subscribed');
    return agent;
  }

  const send = async (values: number[], first = 1) => {
    const cell = await publisher(broker.url);
    const messages = values.map((v, i) =>
      cell.send('cell/a', JSON.stringify({ seq: first + i, v })),
    );
    await Promise.all(messages);
    await cell.close();
  };
  const counters = (agent: Agent) => agent.view.sources()[0]?.counters ?? {};
  const keys = () => hook.hooks.map(({ headers }) => String(headers['webhook-id']));

  it('acknowledges and ships what was handed over last', async () => {
    const agent = await start(folder);
    const values = Array.from({ length: 50 }, (_, i) => 10 + (i % 3) / 10);
    await send(values);
    await eventually(() => counters(agent)['unackedHeld'] === 50, 'all are handed over');
    expect(counters(agent)['acksSent']).toBe(0);
    await agent.stop();
    expect(counters(agent)).toMatchObject({ unackedHeld: 0, acksSent: 50 });
    const samples = influx.stored.filter((line) => line.startsWith('spc_sample'));
    expect(samples).toHaveLength(50);
    expect(influx.stored.filter((line) => line.startsWith('spc_subgroup'))).toHaveLength(50);
    // The next one has nothing to take again.
    const next = await start(folder);
    await send([10.5], 51);
    await eventually(() => next.figures().readings === 51, 'the next part');
    expect(next.figures().duplicates).toBe(0);
    await next.stop();
  });

  it('waits for the commit of a source that waits for nothing itself', async () => {
    const plc = await startPlc();
    plc.make(10.5);
    const source = `{ kind: modbus, url: "${plc.url}", units: [{ id: 1, name: a, records: [{ name: r, every: 10ms, sequence: { address: 0, type: uint32 }, fields: { v: { address: 6, type: float32 } } }] }] }`;
    const agent = await startAgent(
      optionsOf(
        text().replace(/ {2}cells:.*(?=characteristics:)/s, `  cells: ${source}\n`),
        folder,
      ),
    );
    await eventually(() => agent.view.sources()[0]?.lastDataMs !== null, 'the part is read');
    await agent.stop();
    await plc.close();
    expect(agent.figures().readings).toBe(1);
    const [sample, ...more] = influx.stored.filter((line) => line.startsWith('spc_sample'));
    expect([sample, more]).toEqual([expect.stringContaining('value=10.5'), []]);
  });

  it('says when the broker forgot what came meanwhile, but not at its very first start', async () => {
    const first = await start(folder);
    await send([10]);
    await eventually(() => first.figures().readings === 1, 'a reading');
    await first.stop();
    await broker.kill();
    await broker.start();
    const second = await start(folder);
    const source = async () =>
      (await second.view.alerts({ limit: 10 })).filter((a) => a.kind === 'source');
    await eventually(async () => (await source()).length > 0, 'the loss is told');
    expect((await source()).map((a) => [a.subject, a.rules])).toEqual([
      ['cells', ['session-lost']],
    ]);
    expect((await source())[0]?.id).toBe(1);
    await second.stop();
  });

  it('never shares a key with another store', async () => {
    for (const data of ['one', 'two']) {
      const agent = await start(join(folder, data));
      await send([13.5]);
      await eventually(() => agent.figures().alerts > 0, 'an alert');
      await eventually(() => hook.hooks.length > (data === 'one' ? 0 : 1), 'the alert is told');
      await agent.stop();
      await broker.kill();
      await broker.start();
    }
    const [one = '', two = ''] = keys();
    // The same alert at the same place in both journals: only the store tells them apart.
    const place = (key: string) => key.replace(/^[^-]+/, '');
    expect(place(one)).toMatch(/^-1-raised-\d+-\d+$/);
    expect(place(two)).toBe(place(one));
    expect(one).not.toBe(two);
  });
});
