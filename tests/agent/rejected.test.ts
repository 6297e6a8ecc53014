import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Agent, startAgent } from '../../agent/agent.ts';
import { systemClock } from '../../agent/runtime/clock.ts';
import { silentLog } from '../../agent/runtime/log.ts';
import { settingsSchema } from '../../agent/settings/schema.ts';
import { eventually } from '../support/agent-rig.ts';
import { fakeGeneration } from '../support/fake-generations.ts';

let folder: string;
let agent: Agent;
let mended = false;
let server: Awaited<ReturnType<typeof fakeGeneration>>;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'meyar-rejected-'));
  mended = false;
  server = await fakeGeneration('v2-422', (line) => !mended && line.includes('value=13.5'));
  await start();
});
afterEach(async () => {
  await agent.stop();
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

async function start(): Promise<void> {
  const settings = settingsSchema.parse({
    plant: { name: 'Rejected (made up)', site: 'test' },
    console: { port: 0 },
    sources: { hand: { kind: 'manual' } },
    characteristics: {
      bore: { name: 'Bore', unit: 'mm', source: 'hand', tag: 'bore', lsl: 12, usl: 14 },
    },
    sinks: {
      influx: { kind: 'influxdb', url: server.url, bucket: 'b', org: 'o', flushEvery: '10ms' },
    },
  });
  agent = await startAgent({
    settings,
    dataDir: folder,
    assetsDir: folder,
    version: 'test',
    clock: systemClock,
    random: Math.random,
    log: silentLog,
  });
}

interface Row {
  id: number;
  row: string;
  reason: string;
}

const list = async () =>
  (await (await fetch(`${agent.url}/api/sinks/influx/rejected`)).json()) as Row[];
const post = async (path: string, body: object) => {
  const answer = await fetch(agent.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ by: 'Amina (made up)', ...body }),
  });
  return { status: answer.status, body: await answer.json() };
};
const enter = (value: number) =>
  fetch(`${agent.url}/api/readings`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ characteristic: 'bore', value, operator: 'Amina', gauge: 'G-1' }),
  });

it('rows the server refuses are listed, survive a restart, and are sent again or given up', async () => {
  for (const value of [13.4, 13.5, 13.6]) await enter(value);
  await eventually(async () => (await list()).length === 1, 'the refused row');
  await eventually(() => agent.sinks()[0]?.cursor === agent.sinks()[0]?.head, 'the rest shipped');
  await agent.stop();
  await start();
  const [row] = await list();
  expect(row).toMatchObject({ sink: 'influx', reason: '422: field type conflict' });
  expect(row?.row).toContain('value=13.5');

  const retry = '/api/sinks/influx/rejected/retry';
  expect((await post(retry, {})).body).toEqual({ sent: 1, taken: 0, refused: 1 });
  expect(await list()).toHaveLength(1);
  mended = true;
  expect((await post(retry, { ids: [row?.id] })).body).toEqual({ sent: 1, taken: 1, refused: 0 });
  await eventually(async () => (await list()).length === 0, 'an empty list');
  expect(server.lines().filter((line) => line.includes('value=13.5'))).toHaveLength(1);

  mended = false;
  await enter(13.55);
  await eventually(async () => (await list()).length === 1, 'another refused row');
  const drop = '/api/sinks/influx/rejected/drop';
  expect((await post(drop, {})).status).toBe(400);
  expect((await post(drop, { reason: 'a trial part' })).body).toEqual({ dropped: 1 });
  await eventually(async () => (await list()).length === 0, 'an empty list');
  expect((await post('/api/sinks/nothing/rejected/retry', {})).status).toBe(409);
});
