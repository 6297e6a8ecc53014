import { afterEach, expect, it } from 'vitest';
import { type AgentRig, agentRig, eventually } from '../support/agent-rig.ts';

const SETTINGS = `plant: { name: Bench (made up), site: test }
console: { port: 0 }
sources:
  bench: { kind: manual, gauges: [caliper-7], plausible: 2 }
characteristics:
  width:
    { name: Width, unit: mm, lsl: 4.9, usl: 5.1, source: bench, tag: width, machine: mill,
      subgroup: { kind: by-count, size: 1 }, limits: { kind: fixed, center: 5, sigma: 0.02 } }
`;

let rig: AgentRig;
afterEach(() => rig.close());

it('a typed value becomes a point that names its operator and gauge, and stands in the list', async () => {
  rig = agentRig(SETTINGS);
  await rig.start();
  const [form] = await rig.get<{ least: number; most: number; gauges: string[] }[]>('/api/manual');
  expect(form?.least).toBeCloseTo(4.6, 9);
  expect(form?.most).toBeCloseTo(5.4, 9);
  expect(form?.gauges).toEqual(['caliper-7']);
  const entry = { characteristic: 'width', gauge: 'caliper-7', operator: 'Sana', reason: 'check' };
  expect((await rig.post('/api/readings', { ...entry, value: 9 })).status).toBe(409);
  expect((await rig.post('/api/readings', { ...entry, value: '5,01' })).status).toBe(201);
  const rows = await rig.get<object[]>('/api/manual/entries');
  expect(rows).toEqual([expect.objectContaining({ ...entry, value: 5.01 })]);

  const path = '/api/characteristics/width';
  type Points = { seq: number; at: string }[];
  await eventually(async () => (await rig.get<Points>(`${path}/points`)).length > 0, 'a point');
  const [point] = await rig.get<Points>(`${path}/points`);
  const said = await rig.get<object>(`${path}/occasion?seq=${point?.seq}&at=${point?.at}`);
  expect(said).toEqual({
    context: { operator: 'Sana', gauge: 'caliper-7', reason: 'check' },
    reason: null,
  });
  const none = await rig.get<{ context: null }>(`${path}/occasion?seq=999&at=${point?.at}`);
  expect(none.context).toBeNull();
  type Stored = { disk: { full: boolean } | null; backup: object };
  const stored = () => rig.get<Stored>('/api/storage');
  // The core tells of the disk once a second.
  await eventually(async () => (await stored()).disk !== null, 'the disk was looked at');
  expect((await stored()).disk).toMatchObject({ full: false });
  expect((await stored()).backup).toEqual({ wanted: false, lastAt: null, overdue: false });
});
