import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Agent, startAgent } from '../../agent/agent.ts';
import type { Terminal } from '../../agent/cli/command.ts';
import { runReloading } from '../../agent/cli/reload.ts';
import { systemClock } from '../../agent/runtime/clock.ts';
import { silentLog } from '../../agent/runtime/log.ts';
import { loadSettings } from '../../agent/settings/load.ts';
import type { Settings } from '../../agent/settings/schema.ts';
import { type HookServer, hookServer } from '../alerts/channels/hook-server.ts';
import { eventually } from '../support/agent-rig.ts';
import { needs } from '../support/debian.ts';
import { fakeInflux } from '../support/fake-influx.ts';
import { type Mosquitto, startMosquitto } from '../support/mosquitto.ts';
import { publisher } from '../support/mqtt.ts';

describe.skipIf(!needs('mosquitto'))('an agent whose settings change while parts come', () => {
  let folder: string;
  let file: string;
  let broker: Mosquitto;
  let hook: HookServer;
  const influx: Awaited<ReturnType<typeof fakeInflux>>[] = [];
  let agent: Agent | null = null;
  let starts = 0;
  const said: string[] = [];
  let listening = false;
  let askReload = () => {};
  let interrupt = () => {};

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'meyar-reload-'));
    file = join(folder, 'plant.yaml');
    broker = await startMosquitto();
    hook = await hookServer();
    for (let i = 0; i < 2; i += 1) influx.push(await fakeInflux(() => ({ status: 204 })));
    said.length = 0;
    starts = 0;
    agent = null;
    listening = false;
  });
  afterEach(async () => {
    await agent?.stop();
    await broker.close();
    await hook.down();
    for (const one of influx.splice(0)) await one.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const text = (over: { usl?: number; receive?: number; sink?: number; wrong?: string } = {}) => `
plant: { name: Reload (made up), site: test }
console: { port: 0 }
sources:
  cells:
    kind: mqtt
    url: ${broker.url}
    receiveMaximum: ${over.receive ?? 50}
    topics: [{ topic: "cell/{s}", sequence: seq, values: { "{s}.v": v } }]
  hand: { kind: manual }
characteristics:
  v: { name: V, source: cells, tag: a.v, usl: ${over.usl ?? 20}, lsl: 0, subgroup: { kind: by-count, size: 1 }, limits: { kind: fixed, center: 10, sigma: 1 } }
  bore: { name: Bore, source: hand, tag: bore, lsl: 12, usl: 12.02, unit: mm }
alerts: { channels: { phone: { kind: webhook, url: "${hook.url()}", digest: false } } }
sinks: { influx: { kind: influxdb, url: "${influx[over.sink ?? 0]?.url}", database: x, flushEvery: 100ms } }
${over.wrong ?? ''}`;

  const terminal = (): Terminal => ({
    out: (line) => void said.push(line),
    err: (line) => void said.push(line),
    env: {},
    clock: systemClock,
    interrupted: () =>
      new Promise((resolve) => {
        interrupt = resolve;
      }),
    reloads(listener) {
      listening = true;
      askReload = listener;
      return () => {};
    },
  });

  async function run(watch = false) {
    const dataDir = join(folder, 'data');
    mkdirSync(dataDir);
    const start = async (settings: Settings) => {
      starts += 1;
      const made = await startAgent({
        ...{ settings, dataDir, assetsDir: folder, version: 'test' },
        ...{ clock: systemClock, random: Math.random, log: silentLog },
      });
      agent = made;
      return made;
    };
    writeFileSync(file, text());
    const settings = loadSettings(file, {});
    const first = await start(settings);
    return runReloading({ file, settings, start, terminal: terminal(), watch }, first);
  }

  const live = (): Agent => {
    if (agent === null) throw new Error('no agent runs');
    return agent;
  };
  /** the agent runs and listens to the wish to load its settings again */
  const up = () => eventually(() => agent?.view.readiness().ready === true && listening, 'ready');
  const saying = (words: string) => eventually(() => said.some((s) => s.includes(words)), words);
  /** parts in the order in which they were plotted: each is one point */
  const numbers = async () =>
    (await live().view.points('v', { limit: 10_000 })).map((p) => p.partSequence);
  const change = async (over: Parameters<typeof text>[0], words: string) => {
    said.length = 0;
    writeFileSync(file, text(over));
    askReload();
    await saying(words);
  };

  it('loses nothing, doubles nothing, and restarts only what changed', async () => {
    const done = run();
    await up();
    await eventually(() => live().view.sources()[0]?.counters['subscribed'] === 1, 'subscribed');
    const out = await publisher(broker.url);
    let sent = 0;
    let stop = false;
    const sending = (async () => {
      while (!stop) {
        sent += 1;
        await out.send('cell/a', JSON.stringify({ seq: sent, v: 10 }));
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
    })();

    await change({ receive: 60 }, 'in force: sources cells');
    expect(starts).toBe(1);
    await change({ receive: 60, wrong: 'sinkz: {}' }, 'not taken');
    expect(said.join('\n')).toContain('sinkz');
    await change({ receive: 60, sink: 1 }, 'in force: sinks influx');
    await eventually(() => (influx[1]?.requests.length ?? 0) > 0, 'the new sink writes');
    expect(starts).toBe(1);
    await change({ receive: 60, sink: 1, usl: 30 }, 'characteristics (the whole agent)');
    expect(starts).toBe(2);
    await change({ receive: 60, sink: 1, usl: 30 }, 'nothing changed');

    stop = true;
    await sending;
    await eventually(async () => (await numbers()).at(-1) === sent, 'the last part');
    expect(await numbers()).toEqual(Array.from({ length: sent }, (_, i) => i + 1));
    expect(live().figures().missedParts).toBe(0);
    await out.close();
    interrupt();
    expect(await done).toBe(0);
  });

  it('watches the file, and keeps what it has when the new one does not start', async () => {
    const done = run(true);
    await up();
    writeFileSync(file, text({ usl: 25 }));
    await saying('characteristics');
    const busy = new URL(influx[0]?.url ?? '').port;
    writeFileSync(file, text().replace('console: { port: 0 }', `console: { port: ${busy} }`));
    await saying('the agent goes on with the settings it had');
    expect(live().view.readiness().ready).toBe(true);
    expect(live().view.characteristic('v')?.usl).toBe(25);
    interrupt();
    expect(await done).toBe(0);
  });

  it('takes typed values and events, answers after the commit, and keeps them over a restart', async () => {
    const done = run();
    await up();
    const post = (path: string, body: unknown) =>
      fetch(live().url + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    const entry = { characteristic: 'bore', value: '12,01', operator: 'A. Khan', gauge: 'plug 7' };
    expect((await post('/api/readings', entry)).status).toBe(201);
    const refused = await post('/api/readings', { ...entry, value: 120.1 });
    expect([refused.status, (await refused.json()).message]).toEqual([
      409,
      expect.stringContaining('slip of the finger'),
    ]);
    expect((await post('/api/readings', { ...entry, characteristic: 'v' })).status).toBe(409);
    const event = { kind: 'tool-change', text: 'insert 8', by: 'A. Khan', machine: 'cnc-1' };
    expect((await post('/api/events', event)).status).toBe(201);
    await change({ usl: 30 }, 'the whole agent');
    expect((await live().view.readings('bore', 10)).map((r) => r.value)).toEqual([12.01]);
    const events = (await (await fetch(`${live().url}/api/events`)).json()) as { text: string }[];
    expect(events[0]).toMatchObject(event);
    interrupt();
    expect(await done).toBe(0);
  });
});
