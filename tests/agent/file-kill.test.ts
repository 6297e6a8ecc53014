import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type AgentRig, agentRig, eventually } from '../support/agent-rig.ts';

let rig: AgentRig;
let rows: string[] = [];

const T0 = Date.now() - 3_600_000;
const row = (n: number) => `${T0 + 1000 * n},${n}`;
const save = () =>
  writeFileSync(join(rig.folder, 'drop', 'r.csv'), `${['time,od', ...rows].join('\n')}\n`);
const values = async () => {
  const found = await rig.get<{ value: number | null }[]>(
    '/api/characteristics/od/readings?limit=1000',
  );
  return found.map((r) => Number(r.value)).sort((a, b) => a - b);
};

const lines = async () => {
  const [drop] = await rig.get<{ counters: Record<string, number> }[]>('/api/sources');
  return drop?.counters['lines'] ?? 0;
};

beforeAll(() => {
  rig = agentRig('');
  mkdirSync(join(rig.folder, 'drop'));
  writeFileSync(rig.settingsFile, settings(join(rig.folder, 'drop')));
});
afterAll(() => rig.close());

it('a file that is edited between two kills of the agent counts every line once', async () => {
  const all = new Set<number>();
  const put = (at: number, n: number) => {
    rows.splice(at, 0, row(n));
    all.add(n);
  };
  for (let n = 1; n <= 50; n += 1) put(rows.length, n);
  for (let round = 1; round <= 2; round += 1) {
    save();
    await rig.start();
    if (round === 1) await eventually(async () => (await rig.readings()) === 50, 'a first look');
    // The last line of this life comes while the agent reads; it is killed at some point of that.
    put(rows.length, 100 * round);
    save();
    await new Promise((resolve) => setTimeout(resolve, 150 * round));
    await rig.end('SIGKILL');
    put(round, round + 0.5);
    rows = [...rows.slice(0, 10), ...rows.slice(10).reverse()];
    rows = round === 2 ? rows.slice(1) : rows;
  }
  save();
  await rig.start();
  await eventually(async () => (await lines()) === rows.length + 1, 'the whole file');
  // At an orderly end everything stands in the history.
  await rig.end('SIGTERM');
  await rig.start();
  const expected = [...all].sort((a, b) => a - b);
  expect(await values()).toEqual(expected);
});

const settings = (folder: string) => `
plant: { name: Test plant, site: ravi }
console: { host: 127.0.0.1, port: 0 }
sources:
  drop: { kind: file, folder: ${folder}, every: 20ms, time: { path: time, unit: ms }, values: { od: od } }
characteristics:
  od:
    name: Outer diameter
    unit: mm
    lsl: 0
    usl: 1000
    source: drop
    tag: od
    subgroup: { kind: by-count, size: 1 }
    charts: [{ kind: imr }]
    rules: shewhart
    reactionPlan: Measure again.
`;
