import { afterEach, expect, it } from 'vitest';
import type { Alert } from '../../agent/model.ts';
import { type AgentRig, agentRig, eventually } from '../support/agent-rig.ts';
import { type Device, startDevice } from '../support/modbus-device.ts';

let device: Device | null = null;
let agent: AgentRig | null = null;
afterEach(async () => {
  await agent?.close();
  await device?.close();
});

const settings = (plc: string) => `
plant: { name: Rig, site: Lahore }
console: { port: 0 }
sources: { bench: { kind: manual, plausible: 1000 } }
characteristics:
  od: { name: OD, source: bench, tag: od, unit: mm, nominal: 22, lsl: 21.98, usl: 22, class: CC, decimals: 3 }
alerts:
  reactions:
    stop-1:
      enabled: true
      action: stop
      plc: ${plc}
      unit: 7
      write: { coil: 12 }
      when: { subjects: [od], kinds: [out-of-tolerance], severities: [warning, alarm] }
      approvedBy: Sana Malik
`;

interface Status {
  armed: boolean;
  armedBy: string | null;
  writes: number;
  verified: number;
}

/** A value out of tolerance, typed in; each on a part that was good before. */
async function badPart(rig: AgentRig): Promise<void> {
  for (const value of [21.99, 21.99, 21.99, 21.99, 21.99, 22.4]) {
    const body = { characteristic: 'od', value, operator: 'Ali', gauge: 'M-1' };
    expect((await rig.post('/api/readings', body)).status).toBe(201);
  }
}

it('stops the line for a bad part only once two people have armed it, and after a restart not', async () => {
  device = await startDevice();
  const plc = device;
  agent = agentRig(settings(plc.url));
  const rig = agent;
  await rig.start();
  const status = async () => (await rig.get<Status[]>('/api/reactions'))[0];
  const refusals = () => rig.errors().split('not armed').length - 1;

  await badPart(rig);
  await eventually(() => refusals() > 0, 'the refusal in the log');
  expect(plc.requests).toEqual([]);

  const arm = (by: string) => rig.post('/api/reactions/stop-1/arm', { by });
  expect((await arm('sana malik')).status).toBe(409);
  expect((await rig.post('/api/reactions/stop-2/arm', { by: 'Imran' })).status).toBe(409);
  const more = { by: 'Imran', address: 13, unit: 1, write: { coil: 13 } };
  expect((await rig.post('/api/reactions/stop-1/arm', more)).status).toBe(400);
  expect((await arm('Imran Shah')).status).toBe(200);
  expect((await status())?.armedBy).toBe('Imran Shah');

  await badPart(rig);
  await eventually(() => plc.coils[12] === 1, 'the coil set');
  await eventually(async () => (await status())?.verified === 1, 'read back');
  const writes = plc.requests.filter((r) => r.code > 4);
  expect(writes.map((w) => [w.unit, w.code, w.address, w.length])).toEqual([[7, 5, 12, 0xff00]]);
  const events = await rig.get<{ text: string; by: string | null }[]>('/api/events');
  expect(events.map((e) => [e.text, e.by])).toContainEqual([
    "line stop 'stop-1' armed by Imran Shah",
    'Imran Shah',
  ]);

  await rig.end('SIGKILL');
  await rig.start();
  expect((await status())?.armed).toBe(false);
});

it('tells people when it is not certain that the line stopped', async () => {
  device = await startDevice((r) => (r.code === 5 ? { kind: 'exception', code: 4 } : null));
  agent = agentRig(settings(device.url).replace('action: stop', 'action: light'));
  const rig = agent;
  await rig.start();
  await badPart(rig);
  const told = async () =>
    (await rig.get<Alert[]>('/api/alerts')).some((a) => a.subject === 'reaction:stop-1');
  await eventually(told, 'an alert about the reaction');
});
