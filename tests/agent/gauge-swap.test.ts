import { afterAll, beforeAll, expect, it } from 'vitest';
import { type AgentRig, agentRig, eventually, type Plc, startPlc } from '../support/agent-rig.ts';
import { plantWithGauges } from '../support/gauges.ts';

let plc: Plc;
let rig: AgentRig;

beforeAll(async () => {
  plc = await startPlc();
  rig = agentRig(plantWithGauges(plc.url));
});
afterAll(async () => {
  await rig.close();
  await plc.close();
});

interface Row {
  readings: number;
  capability: { n: number; mean: number | null; note?: string; apart?: object[] };
}
const bore = () => rig.get<Row>('/api/characteristics/bore');

async function measure(n: number, offset: number): Promise<void> {
  for (let i = 0; i < n; i += 1) {
    const part = plc.make(10 + offset + 0.1 * (i % 3));
    await eventually(async () => (await bore()).readings >= part, `part ${part}`);
  }
}

it('a gauge that is swapped at the PLC is seen by its serial number, kill or not', async () => {
  plc.gauge(4711);
  await rig.start();
  await measure(6, 0);
  expect((await bore()).capability).not.toHaveProperty('note');
  await rig.end('SIGKILL');
  await rig.start();
  plc.gauge(4712);
  await measure(4, 1);
  await eventually(async () => (await bore()).capability.n === 4, 'a capability of its own');
  const { capability } = await bore();
  expect(capability.mean).toBeCloseTo(11.075, 4);
  expect(capability.note).toContain("Only readings of gauge '4712'");
  expect(capability.note).toContain("6 measured before, with '4711'");
  expect(capability.apart).toMatchObject([{ gauge: '4711', readings: 6 }]);
  type Event = { kind: string; characteristic: string | null; text: string };
  const events = await rig.get<Event[]>('/api/events');
  expect(events.find((one) => one.kind === 'gauge-change')).toMatchObject({
    characteristic: 'bore',
    text: expect.stringContaining("gauge '4711' was replaced by '4712'"),
  });

  const url = '/api/characteristics/bore/gauges/pool';
  expect((await rig.post(url, { by: 'Q. Manager' })).status).toBe(400);
  const body = { by: 'Q. Manager', reason: 'GRR of 1 March shows no difference' };
  expect((await rig.post(url, body)).status).toBe(200);
  await eventually(async () => (await bore()).capability.n === 10, 'one capability');
  expect((await bore()).capability.note).toContain('signed by Q. Manager');
  expect((await bore()).capability).not.toHaveProperty('apart');
  const audit = await rig.get<{ what: string; why: string }[]>('/api/audit');
  expect(audit.find((row) => row.what === 'gauges-pool')?.why).toBe(body.reason);
  expect((await rig.post(url, body)).status).toBeGreaterThanOrEqual(400);
});
