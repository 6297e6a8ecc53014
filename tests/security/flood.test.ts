import { Agent, get } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { type AgentRig, agentRig, eventually, type Plc, startPlc } from '../support/agent-rig.ts';

let rig: AgentRig;
let plc: Plc;
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await rig?.close();
  await plc?.close();
});

/** Connections of forty machines that say a little, or nothing, and wait. */
async function open(url: URL, count: number): Promise<void> {
  for (let at = 0; at < count; at += 250) {
    const batch = Array.from({ length: 250 }, (_, i) => {
      const localAddress = `127.0.1.${1 + Math.floor((at + i) / 250)}`;
      const socket = connect({ host: url.hostname, port: Number(url.port), localAddress });
      sockets.push(socket);
      return new Promise<void>((resolve) => {
        socket.on('error', () => resolve());
        socket.on('close', () => resolve());
        socket.on('connect', () => {
          if (i % 2 === 0) socket.write('GET /livez HTTP/1.1\r\nHost: localhost\r\nX-A: ');
          resolve();
        });
      });
    });
    await Promise.all(batch);
  }
}

it('ten thousand connections take the page away, never the readings; then it is back', async () => {
  plc = await startPlc();
  rig = agentRig(`plant: { name: Flood (made up), site: test }
console: { port: 0 }
sources:
  plc:
    kind: modbus
    url: ${plc.url}
    units:
      - id: 1
        name: press
        records:
          - name: result
            every: 50ms
            sequence: { address: 0, type: uint32 }
            fields: { od: { address: 6, type: float32 } }
characteristics:
  od: { name: OD, unit: mm, lsl: 21, usl: 23, source: plc, tag: press.od, subgroup: { kind: by-count, size: 5 } }
`);
  const url = new URL(await rig.start());
  // A page that was open before: its connection goes on.
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const readings = () =>
    new Promise<number>((resolve, reject) => {
      get(new URL('/metrics', url), { agent }, (answer) => {
        let text = '';
        answer.on('data', (chunk) => (text += chunk));
        answer.on('end', () => resolve(Number(/^meyar_readings_total (\d+)/m.exec(text)?.[1])));
      }).on('error', reject);
    });
  plc.make(22);
  await eventually(async () => (await readings()) >= 1, 'a first reading');
  await open(url, 10_000);
  for (let part = 0; part < 5; part += 1) {
    const before = await readings();
    plc.make(22 + part / 100);
    await eventually(async () => (await readings()) > before, 'a reading under the flood');
  }
  for (const socket of sockets.splice(0)) socket.destroy();
  const alive = () =>
    fetch(new URL('/livez', url)).then(
      (answer) => answer.status === 200,
      () => false,
    );
  await eventually(alive, 'the page again');
  agent.destroy();
  expect(rig.errors()).not.toMatch(/EMFILE|out of memory|agent-crashed/);
});
