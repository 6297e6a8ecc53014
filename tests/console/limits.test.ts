import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import type { Console } from '../../agent/console/console.ts';
import { fakeView } from '../support/fake-view.ts';
import { testConsole } from './console-app.ts';

const consoles: Console[] = [];
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await Promise.all(consoles.splice(0).map((one) => one.close()));
});

async function listening(limits: Parameters<typeof testConsole>[1] = {}) {
  const app = testConsole(fakeView(), limits);
  consoles.push(app);
  return new URL(await app.listen());
}

/** A connection of somebody who does not play by the rules; `ended` gives what it got. */
function open(url: URL) {
  const socket = connect(Number(url.port), url.hostname);
  sockets.push(socket);
  let got = '';
  socket.on('data', (bytes) => {
    got += bytes.toString();
  });
  const ended = new Promise<string>((resolve) => {
    socket.on('error', () => {});
    socket.on('close', () => resolve(got));
  });
  return { socket, ended };
}

const alive = async (url: URL) => (await fetch(new URL('/livez', url))).status;
const SHORT = { headersMs: 200, requestMs: 300, checkMs: 50 };

describe('who is slow', () => {
  test('with the headers is cut off, while others are answered', async () => {
    const url = await listening({ limits: SHORT });
    const slow = Array.from({ length: 50 }, () => open(url));
    for (const { socket } of slow) socket.write('GET /livez HTTP/1.1\r\nHost: localhost\r\nX-A: ');
    expect(await alive(url)).toBe(200);
    const got = await Promise.all(slow.map((one) => one.ended));
    for (const text of got) expect(text).toMatch(/^HTTP\/1\.1 408|^$/);
    expect(await alive(url)).toBe(200);
  });

  test('with the body is cut off', async () => {
    const url = await listening({ limits: SHORT });
    const { socket, ended } = open(url);
    const head = ['POST /api/events HTTP/1.1', 'Host: localhost', 'Content-Length: 60'];
    socket.write(`${head.join('\r\n')}\r\nContent-Type: application/json\r\n\r\n{"kind"`);
    expect(await ended).toMatch(/408|^$/);
    expect(await alive(url)).toBe(200);
  });
});

describe('who wants too much', () => {
  test('headers over 16 KiB are refused', async () => {
    const url = await listening();
    const { socket, ended } = open(url);
    socket.write(`GET /livez HTTP/1.1\r\nHost: localhost\r\nX-A: ${'a'.repeat(20_000)}\r\n\r\n`);
    expect(await ended).toMatch(/^HTTP\/1\.1 431/);
  });

  test('one address gets only so many connections, and new ones when it lets go', async () => {
    const url = await listening({ limits: { connectionsEach: 8 } });
    const many = Array.from({ length: 30 }, () => open(url));
    const cut = new Set<Socket>();
    for (const { socket, ended } of many) void ended.then(() => cut.add(socket));
    while (cut.size < 22) await new Promise((resolve) => setTimeout(resolve, 10));
    const kept = many.filter(({ socket }) => !cut.has(socket));
    for (const { socket } of kept) {
      socket.write('GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    }
    const answers = await Promise.all(kept.map((one) => one.ended));
    expect(answers.map((text) => text.slice(0, 12))).toEqual(Array(8).fill('HTTP/1.1 200'));
    for (const { socket } of many) socket.destroy();
    await Promise.all(many.map((one) => one.ended));
    let status = 0;
    while (status !== 200) status = await alive(url).catch(() => 0);
  });

  test('changes come so fast and no faster', async () => {
    const url = await listening();
    const body = JSON.stringify({ kind: 'lot', text: 'L', by: 'Sana' });
    const headers = { 'content-type': 'application/json' };
    const send = () => fetch(new URL('/api/events', url), { method: 'POST', headers, body });
    const answers = await Promise.all(Array.from({ length: 150 }, send));
    const statuses = answers.map((one) => one.status);
    expect(statuses.filter((one) => one === 201).length).toBeGreaterThanOrEqual(60);
    expect(statuses).toContain(429);
    expect(await alive(url)).toBe(200);
  });
});

describe('names with markup', () => {
  const EVIL = `"><img src=x onerror=alert(1)>'; DROP TABLE alerts;--`;

  test('come back as text in JSON that no browser takes for a page', async () => {
    const view = fakeView();
    const { app } = testConsole(view);
    const payload = { kind: 'lot', text: EVIL, by: EVIL.slice(0, 60) };
    expect((await app.inject({ method: 'POST', url: '/api/events', payload })).statusCode).toBe(
      201,
    );
    const answer = await app.inject('/api/events');
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(answer.headers['x-content-type-options']).toBe('nosniff');
    expect(answer.json()[0].text).toBe(EVIL);
  });

  test('in an address they are answered as JSON, cut, and never as a page', async () => {
    const { app } = testConsole(fakeView());
    for (const url of [
      `/api/characteristics/${encodeURIComponent(EVIL)}`,
      `/${encodeURIComponent(EVIL)}`,
      `/api/alerts?state=${encodeURIComponent(EVIL)}`,
    ]) {
      const answer = await app.inject(url);
      expect(answer.statusCode).toBeGreaterThanOrEqual(400);
      expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
    }
  });
});
