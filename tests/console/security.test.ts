import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { consoleSettings } from '../../agent/console/settings.ts';
import { fakeView } from '../support/fake-view.ts';
import { testConsole } from './console-app.ts';

const acknowledge = {
  method: 'POST',
  url: '/api/alerts/42/acknowledge',
  payload: { by: 'Sana', cause: 'Insert worn', action: 'Insert changed' },
} as const;

function builtPage(): string {
  const root = mkdtempSync(join(tmpdir(), 'meyar-built-'));
  const dir = join(root, 'page');
  mkdirSync(join(dir, 'assets'), { recursive: true });
  writeFileSync(join(dir, 'index.html'), '<!doctype html><title>page</title>');
  writeFileSync(join(dir, 'assets', 'app-1a2b.js'), 'export {};');
  writeFileSync(join(dir, '.env'), 'no');
  writeFileSync(join(root, 'outside.txt'), 'no');
  return dir;
}

describe('headers', () => {
  const { app } = testConsole(fakeView(), { assetsDir: builtPage() });

  test.each([
    ['/'],
    ['/assets/app-1a2b.js'],
    ['/api/plant'],
    ['/metrics'],
    ['/api/nothing'],
    ['/api/characteristics/x/points?limit=0'],
  ])('strict on %s', async (url) => {
    const { headers } = await app.inject(url);
    const policy = String(headers['content-security-policy']);
    expect(policy).toContain("default-src 'self'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/unsafe|\*|http|data:/);
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['referrer-policy']).toBe('no-referrer');
    expect(headers['x-powered-by']).toBeUndefined();
  });

  test('hashed files may be kept for ever, the page and the API may not', async () => {
    const cache = async (url: string) => (await app.inject(url)).headers['cache-control'];
    expect(await cache('/assets/app-1a2b.js')).toContain('immutable');
    expect(await cache('/')).toBe('no-cache');
    expect(await cache('/api/plant')).toBe('no-store');
  });

  test.each([
    '/../outside.txt',
    '/%2e%2e/outside.txt',
    '/..%2foutside.txt',
    '/assets/..%5c..%5coutside.txt',
    '/.env',
    '/%00',
  ])('no file outside the page: %s', async (url) => {
    const answer = await app.inject(url);
    expect(answer.statusCode).toBeGreaterThanOrEqual(400);
    expect(answer.body).not.toBe('no');
  });
});

test('without a built page there is a plain one that says what to do', async () => {
  const { app } = testConsole(fakeView());
  const answer = await app.inject('/');
  expect(answer.statusCode).toBe(200);
  expect(answer.headers['content-type']).toContain('text/html');
  expect(answer.body).toContain('npm run build:console');
});

const OWN = { 'x-meyar': '1' };

describe('changes are taken from the page itself only', () => {
  test.each([
    [
      'the page itself',
      { 'sec-fetch-site': 'same-origin', origin: 'http://localhost:80', ...OWN },
      200,
    ],
    ['the page without its own header', { 'sec-fetch-site': 'same-origin' }, 403],
    ['a form of this page that carries a cookie', { cookie: 'meyar-0=x' }, 403],
    ['the page under the other scheme', { origin: 'https://localhost:80', ...OWN }, 403],
    ['a program without a browser', {}, 200],
    ['another site', { 'sec-fetch-site': 'cross-site', ...OWN }, 403],
    ['another port of the same host', { 'sec-fetch-site': 'same-site', ...OWN }, 403],
    ['a foreign origin', { origin: 'http://evil.example', ...OWN }, 403],
    ['an origin that hides', { origin: 'null', ...OWN }, 403],
  ])('%s', async (_name, headers, status) => {
    const { app } = testConsole(fakeView());
    const own = { host: 'localhost:80', ...headers };
    const answer = await app.inject({ ...acknowledge, headers: own });
    expect(answer.statusCode).toBe(status);
  });

  test.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data'])(
    'a form of type %s is refused',
    async (type) => {
      const view = fakeView();
      const { app } = testConsole(view);
      const payload = JSON.stringify(acknowledge.payload);
      const answer = await app.inject({
        ...acknowledge,
        payload,
        headers: { 'content-type': type },
      });
      expect(answer.statusCode).toBe(415);
      expect(view.answers).toEqual([]);
    },
  );

  test('a body over 64 KiB, broken JSON and prototype tricks are refused', async () => {
    const view = fakeView();
    const { app } = testConsole(view);
    const send = async (payload: string) => {
      const headers = { 'content-type': 'application/json' };
      return (await app.inject({ ...acknowledge, payload, headers })).statusCode;
    };
    expect(await send(JSON.stringify({ by: 'x'.repeat(70_000), cause: 'x' }))).toBe(413);
    expect(await send('{"by":')).toBe(400);
    expect(await send('{"by":"a","cause":"b","__proto__":{"x":1}}')).toBe(400);
    expect(view.answers).toEqual([]);
  });
});

describe('host names', () => {
  test.each([
    ['localhost:8080', 200],
    ['127.0.0.1:8080', 200],
    ['[::1]:8080', 200],
    ['192.168.1.20', 200],
    ['meyar.plant.example', 200],
    ['rebound.evil.example', 421],
  ])('%s', async (host, status) => {
    const settings = { hostNames: ['meyar.plant.example'] };
    const { app } = testConsole(fakeView(), { settings });
    const answer = await app.inject({ url: '/api/plant', headers: { host } });
    expect(answer.statusCode).toBe(status);
  });
});

describe('where it listens', () => {
  test('loopback without any setting', () => {
    const { host, port } = consoleSettings.parse({});
    expect([host, port]).toEqual(['127.0.0.1', 8080]);
  });

  test('another address only with TLS, here or at a proxy', () => {
    const refused = consoleSettings.safeParse({ host: '0.0.0.0' });
    expect(refused.error?.issues[0]?.path).toEqual(['host']);
    expect(refused.error?.issues[0]?.message).toContain('tls: {cert, key}');
    expect(consoleSettings.safeParse({ host: '0.0.0.0', behindProxy: true }).success).toBe(true);
    const tls = { cert: 'cert.pem', key: 'key.pem' };
    expect(consoleSettings.safeParse({ host: '0.0.0.0', tls }).success).toBe(true);
  });

  test.each([{ host: '0.0.0.0' }, { host: '127.0.0.1' }])(
    'not for other machines while there are no users: %o',
    async (where) => {
      const app = testConsole(fakeView(), { settings: { ...where, behindProxy: true } });
      await expect(app.listen()).rejects.toThrow(/no users: make the first with `meyar user add/);
      await app.close();
    },
  );
});

test('bytes that are not HTTP are answered and do not stop the server', async () => {
  const app = testConsole(fakeView());
  const url = new URL(await app.listen());
  try {
    await new Promise<void>((resolve, reject) => {
      const socket = connect(Number(url.port), url.hostname, () =>
        socket.write('\0\0nonsense\n\n'),
      );
      socket.on('close', () => resolve());
      socket.on('error', reject);
      socket.resume();
    });
    expect((await fetch(new URL('/livez', url))).status).toBe(200);
  } finally {
    await app.close();
  }
});
