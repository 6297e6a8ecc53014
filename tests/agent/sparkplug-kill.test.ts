import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AgentProcess, startAgentProcess } from '../chaos/agent-process.ts';
import { eventually } from '../support/agent-rig.ts';
import { needs } from '../support/debian.ts';
import { type Mosquitto, startMosquitto } from '../support/mosquitto.ts';
import { type Publisher, publisher } from '../support/mqtt.ts';
import { edgeNode } from '../support/sparkplug.ts';
import { TYPE } from '../support/sparkplug-bytes.ts';

/** The whole agent, killed as by a power switch; the edge node gives one birth and never another. */
describe.skipIf(!needs('mosquitto'))('an agent that is killed', () => {
  let folder = '';
  let broker: Mosquitto;
  let out: Publisher;
  let agent: AgentProcess | null = null;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'meyar-kill-'));
    mkdirSync(join(folder, 'data'));
    broker = await startMosquitto({ persistence: true });
    out = await publisher(broker.url);
    writeFileSync(join(folder, 'plant.yaml'), settings(broker.url));
  });
  afterAll(async () => {
    await agent?.kill('SIGKILL');
    await out.close();
    await broker.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('still knows what the aliases of a Sparkplug node mean', async () => {
    const node = edgeNode(out, 'ravi', 'edge-1', 0);
    const start = async () => {
      agent = startAgentProcess(join(folder, 'plant.yaml'), join(folder, 'data'));
      const url = await agent.url;
      await eventually(async () => (await sparkplug(url))?.counters['subscribed'] === 1, 'ready');
      return url;
    };
    let url = await start();
    await node.nbirth([], 3);
    await node.dbirth('press', [{ name: 'force', alias: 2, datatype: TYPE.Double, double: 1 }]);
    for (let value = 1; value <= 2; value += 1) {
      await node.ddata('press', [{ alias: 2, double: value }]);
      await eventually(async () => (await force(url))?.readings === value, `reading ${value}`);
      await agent?.kill('SIGKILL');
      url = await start();
    }
    expect(await force(url)).toMatchObject({ readings: 2, lastValue: 2 });
    expect((await sparkplug(url))?.counters['births']).toBe(0);
  });
});

async function ask<T>(url: string, path: string): Promise<T> {
  return (await (await fetch(`${url}${path}`)).json()) as T;
}

async function force(url: string) {
  type Row = { id: string; readings: number; lastValue: number };
  return (await ask<Row[]>(url, '/api/characteristics')).find((row) => row.id === 'force');
}

async function sparkplug(url: string) {
  type Row = { name: string; counters: Record<string, number> };
  return (await ask<Row[]>(url, '/api/sources')).find((row) => row.name === 'edge');
}

const settings = (url: string) => `
plant: { name: Test plant, site: ravi }
console: { host: 127.0.0.1, port: 0 }
sources:
  edge: { kind: sparkplug, url: "${url}", nodes: [{ group: ravi }] }
characteristics:
  force:
    name: Force
    unit: N
    lsl: 0
    usl: 100
    source: edge
    tag: ravi/edge-1/press/force
    subgroup: { kind: by-count, size: 1 }
    charts: [{ kind: imr }]
    rules: shewhart
    reactionPlan: Look at the press.
`;
