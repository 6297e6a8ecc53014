import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import {
  createHeartbeat,
  type Heartbeat,
  heartbeatSettings,
} from '../../agent/alerts/heartbeat.ts';
import type { Log } from '../../agent/runtime/log.ts';
import { silentLog } from '../../agent/runtime/log.ts';
import { eventually } from '../support/agent-rig.ts';

let server: Server;
let url = '';
let status = 200;
let asked: string[] = [];
let nowMs = 0;
let beat: Heartbeat | null = null;
const clock = { now: () => 5000, monotonic: () => nowMs };

beforeEach(async () => {
  asked = [];
  status = 200;
  nowMs = 0;
  server = createServer((request, answer) => {
    asked.push(`${request.method} ${request.url}`);
    answer.writeHead(status, { location: '/elsewhere' }).end();
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`;
});
afterEach(async () => {
  beat?.stop();
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
});
const start = (log: Log = silentLog) => {
  beat = createHeartbeat(heartbeatSettings.parse({ url, every: '1m' }), { clock, log });
  return beat;
};
const settled = (b: Heartbeat) => {
  const { sent = 0, failed = 0 } = b.figures() ?? {};
  return sent + failed;
};

it('asks the address while all is well, as often as was said and no more', async () => {
  const b = start();
  for (let i = 0; i < 50; i += 1) b.alive();
  await eventually(() => settled(b) === 1, 'the first');
  nowMs = 59_999;
  b.alive();
  nowMs = 60_000;
  for (let i = 0; i < 50; i += 1) b.alive();
  await eventually(() => settled(b) === 2, 'the second');
  expect(asked).toEqual(['GET /token', 'GET /token']);
  expect(b.figures()).toEqual({ sent: 2, failed: 0, lastSentMs: 5000 });
});

it('counts what is not taken, follows no redirect, and never names the address', async () => {
  const lines: string[] = [];
  const keep = (event: string, fields: unknown) => {
    lines.push(`${event} ${JSON.stringify(fields)}`);
  };
  const b = start({ ...silentLog, warn: keep, info: keep } as Log);
  for (const code of [302, 500]) {
    status = code;
    b.alive();
    await eventually(() => asked.length === (code === 302 ? 1 : 2), 'asked');
    await eventually(() => settled(b) === asked.length, 'settled');
    nowMs += 60_000;
  }
  await new Promise((done) => server.close(done).closeAllConnections());
  b.alive();
  await eventually(() => settled(b) === 3, 'nobody there');
  expect(asked).toHaveLength(2);
  expect(b.figures()).toMatchObject({ sent: 0, failed: 3 });
  expect(lines).toEqual(['heartbeat-failed {"reason":"the service answered 302"}']);
});

it('sends nothing once it is stopped, and nothing without settings', async () => {
  const b = start();
  b.stop();
  b.alive();
  const none = createHeartbeat(undefined, { clock, log: silentLog });
  none.alive();
  expect(none.figures()).toBeNull();
  await new Promise((done) => setTimeout(done, 50));
  expect(asked).toEqual([]);
});

it.each(['http://169.254.169.254/x', 'http://user:word@host.lan/x', 'ftp://host.lan/x'])(
  'does not go to %s',
  (bad) => expect(heartbeatSettings.safeParse({ url: bad }).success).toBe(false),
);
