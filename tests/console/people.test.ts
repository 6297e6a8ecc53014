import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { get as httpsGet } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { Console } from '../../agent/console/console.ts';
import type { Role } from '../../agent/model.ts';
import { fakeAccounts } from '../support/fake-accounts.ts';
import { fakeView } from '../support/fake-view.ts';
import { recordingLog, testConsole } from './console-app.ts';
import { cookieOf, OWN, PASSWORD, PEOPLE, people } from './people.ts';

const DAY = 86_400_000;
const consoles: Console[] = [];
afterEach(async () => {
  await Promise.all(consoles.splice(0).map((one) => one.close()));
});

async function setUp() {
  const accounts = fakeAccounts(await people());
  const time = { nowMs: Date.UTC(2026, 2, 1, 8) };
  const clock = { now: () => time.nowMs, monotonic: () => time.nowMs };
  const log = recordingLog();
  const console_ = testConsole(fakeView(), { accounts, clock, log, live: { heartbeatMs: 20 } });
  consoles.push(console_);
  const { app } = console_;
  const send = (url: string, payload: object, headers: Record<string, string> = {}) =>
    app.inject({ method: 'POST', url, payload, headers: { ...OWN, ...headers } });
  const login = async (role: Role) =>
    cookieOf(await send('/api/login', { name: PEOPLE[role], password: PASSWORD }));
  const admin = { cookie: await login('admin') };
  const me = async (headers: Record<string, string>) =>
    (await app.inject({ url: '/api/me', headers })).json();
  const told = () =>
    accounts.entries.map(({ what, object, before, after }) => [what, object, before, after]);
  return { accounts, console_, app, time, log, send, login, admin, me, told };
}

describe('users', () => {
  test('are added, get another role, and are removed; every change is recorded', async () => {
    const { app, send, admin, told } = await setUp();
    const nadia = { name: 'نادیہ Khan', role: 'viewer', password: PASSWORD };
    const added = await send('/api/users', nadia, admin);
    expect([added.statusCode, added.json().name]).toEqual([201, nadia.name]);
    expect(added.body).not.toContain('argon2');
    const url = `/api/users/${encodeURIComponent(nadia.name)}`;
    expect((await send('/api/users', nadia, admin)).statusCode).toBe(409);
    expect((await send(`${url}/role`, { role: 'quality' }, admin)).json().role).toBe('quality');
    const list = (await app.inject({ url: '/api/users', headers: admin })).json();
    expect(list.map((one: { name: string }) => one.name)).toContain(nadia.name);
    expect(JSON.stringify(list)).not.toContain('argon2');
    expect((await send(`${url}/remove`, {}, admin)).statusCode).toBe(200);
    expect((await send(`${url}/remove`, {}, admin)).statusCode).toBe(404);
    expect(told().slice(1)).toEqual([
      ['user-add', nadia.name, '', 'viewer'],
      ['user-role', nadia.name, 'viewer', 'quality'],
      ['user-remove', nadia.name, 'quality', ''],
    ]);
  });

  test('lose every screen with a new role, a new password, or when told to', async () => {
    const { send, login, admin, me } = await setUp();
    const url = `/api/users/${encodeURIComponent(PEOPLE.operator)}`;
    for (const [path, body] of [
      ['role', { role: 'operator' }],
      ['end-sessions', {}],
      ['password', { password: 'umbrella quince 4 ladder' }],
    ] as const) {
      const cookie = await login('operator');
      expect(await me({ cookie })).toMatchObject({ role: 'operator' });
      expect((await send(`${url}/${path}`, body, admin)).statusCode).toBe(200);
      expect(await me({ cookie })).toMatchObject({ role: null });
    }
  });

  test('always leave one administrator', async () => {
    const { send, admin, me } = await setUp();
    const url = `/api/users/${encodeURIComponent(PEOPLE.admin)}`;
    expect((await send(`${url}/remove`, {}, admin)).statusCode).toBe(409);
    expect((await send(`${url}/role`, { role: 'viewer' }, admin)).statusCode).toBe(409);
    expect(await me(admin)).toMatchObject({ role: 'admin' });
  });

  test('do not get a password that is easy to guess', async () => {
    const { send, admin } = await setUp();
    const weak = { name: 'Imran Butt', role: 'viewer', password: 'imranbutt-1234' };
    const answer = await send('/api/users', weak, admin);
    expect([answer.statusCode, answer.json().message]).toEqual([
      400,
      expect.stringMatching(/password: it/),
    ]);
  });
});

describe('one person on several screens', () => {
  test('sees them, and logs out one or all others with the password', async () => {
    const { app, send, login, admin, me, told } = await setUp();
    const cookies = [await login('quality'), await login('quality'), await login('quality')];
    const [cookie = '', second = '', third = ''] = cookies;
    const list = async () =>
      (await app.inject({ url: '/api/sessions', headers: { cookie } })).json() as {
        id: string;
        own: boolean;
      }[];
    const before = await list();
    expect(before.map((one) => one.own).sort()).toEqual([false, false, true]);
    for (const one of cookies) {
      const secret = one.split('=')[1] ?? 'none';
      expect(JSON.stringify(before)).not.toContain(secret);
    }
    const id = before.find((one) => !one.own)?.id ?? '';
    const end = (body: object) => send('/api/sessions/end', body, { cookie });
    expect((await end({ id, password: 'not mine 12345' })).statusCode).toBe(400);
    expect(await list()).toHaveLength(3);
    expect((await end({ id, password: PASSWORD })).json()).toEqual({ ended: 1 });
    expect((await end({ id: null, password: PASSWORD })).json()).toEqual({ ended: 1 });
    for (const over of [second, third])
      expect(await me({ cookie: over })).toMatchObject({ role: null });
    expect(await me({ cookie })).toMatchObject({ role: 'quality' });
    expect(await me(admin)).toMatchObject({ role: 'admin' });
    expect(
      told()
        .slice(-2)
        .map(([what]) => what),
    ).toEqual(['sessions-end', 'sessions-end']);
  });

  test('nobody sees or ends those of others', async () => {
    const { app, send, login, admin, me } = await setUp();
    const cookie = await login('viewer');
    const others = (await app.inject({ url: '/api/sessions', headers: admin })).json();
    const body = { id: others[0].id, password: PASSWORD };
    expect((await send('/api/sessions/end', body, { cookie })).json()).toEqual({ ended: 0 });
    expect(await me(admin)).toMatchObject({ role: 'admin' });
  });
});

describe('tokens of programs', () => {
  test('are shown once, work in a header only, and end with their time', async () => {
    const { app, accounts, send, admin, me, time, log } = await setUp();
    const wanted = { name: 'MES gateway', role: 'operator', days: 7 };
    const made = (await send('/api/tokens', wanted, admin)).json();
    const authorization = `Bearer ${made.secret}`;
    expect(await me({ authorization })).toMatchObject({ role: 'operator', by: 'token' });
    const list = await app.inject({ url: '/api/tokens', headers: admin });
    expect(list.body).not.toContain(made.secret);
    expect(JSON.stringify([...accounts.kept])).not.toContain(made.secret);
    expect(JSON.stringify(accounts.entries)).not.toContain(made.secret);
    for (const url of [
      `/api/plant?token=${made.secret}`,
      `/api/plant?access_token=${made.secret}`,
    ]) {
      expect((await app.inject(url)).statusCode).toBe(401);
    }
    expect(JSON.stringify(log.entries)).not.toContain(made.secret);
    time.nowMs += 7 * DAY;
    expect(await me({ authorization })).toMatchObject({ role: null });
  });

  test('end at once when they are removed, and never administer', async () => {
    const { send, admin, me } = await setUp();
    const made = (
      await send('/api/tokens', { name: 'Hall', role: 'viewer', days: 1 }, admin)
    ).json();
    const authorization = `Bearer ${made.secret}`;
    expect((await send(`/api/tokens/${made.token.id}/remove`, {}, admin)).statusCode).toBe(200);
    expect(await me({ authorization })).toMatchObject({ role: null });
    const admin2 = { name: 'Root', role: 'admin', days: 1 };
    expect((await send('/api/tokens', admin2, admin)).statusCode).toBe(400);
    expect(
      (await send('/api/tokens', { ...admin2, role: 'viewer', days: 9999 }, admin)).statusCode,
    ).toBe(400);
  });

  test('outlive the administrator who made them, and say so', async () => {
    const { app, send, admin, me } = await setUp();
    const second = { name: 'Nadia Khan', role: 'admin', password: PASSWORD };
    await send('/api/users', second, admin);
    const cookie = cookieOf(await send('/api/login', { name: second.name, password: PASSWORD }));
    const hall = { name: 'Hall', role: 'viewer', days: 7 };
    const made = (await send('/api/tokens', hall, { cookie })).json();
    const left = async () =>
      (await app.inject({ url: '/api/tokens', headers: admin }))
        .json()
        .map((one: { left: boolean }) => one.left);
    expect([made.token.left, await left()]).toEqual([false, [false]]);
    await send('/api/users/Nadia%20Khan/remove', {}, admin);
    expect(await left()).toEqual([true]);
    expect(await me({ authorization: `Bearer ${made.secret}` })).toMatchObject({ role: 'viewer' });
  });

  test('a wrong token is nobody, also beside a good cookie', async () => {
    const { admin, me } = await setUp();
    const authorization = `Bearer meyar_${'x'.repeat(43)}`;
    expect(await me({ ...admin, authorization })).toMatchObject({ role: null });
  });

  test('sign with their own name beside the one they pass on', async () => {
    const { send, admin } = await setUp();
    const made = (
      await send('/api/tokens', { name: 'HMI 3', role: 'operator', days: 1 }, admin)
    ).json();
    const body = { cause: 'Insert worn', action: 'Changed', by: 'Akram' };
    const headers = { authorization: `Bearer ${made.secret}` };
    const done = await send('/api/alerts/42/acknowledge', body, headers);
    expect(done.json().acknowledgedBy).toBe('Akram (token HMI 3)');
  });
});

describe('the live stream', () => {
  async function listen(url: string, cookie: string) {
    const response = await fetch(`${url}/api/live`, { headers: { cookie } });
    const reader = response.body?.getReader();
    const first = await reader?.read();
    return { status: response.status, reader, first };
  }
  async function untilEnd(reader: ReadableStreamDefaultReader | undefined): Promise<true> {
    for (;;) if ((await reader?.read())?.done === true) return true;
  }

  test('needs a login, and ends when the login does', async () => {
    const { console_, send, login, admin } = await setUp();
    const url = await console_.listen();
    expect((await fetch(`${url}/api/live`)).status).toBe(401);
    const { status, reader } = await listen(url, await login('viewer'));
    expect(status).toBe(200);
    const ended = untilEnd(reader);
    await send(`/api/users/${encodeURIComponent(PEOPLE.viewer)}/end-sessions`, {}, admin);
    expect(await ended).toBe(true);
  });

  test('ends when the time of the login is over', async () => {
    const { console_, login, time } = await setUp();
    const url = await console_.listen();
    const { reader } = await listen(url, await login('viewer'));
    const ended = untilEnd(reader);
    time.nowMs += DAY;
    expect(await ended).toBe(true);
  });
});

describe('the records', () => {
  test('are read page by page, and taken away as a table without formulas', async () => {
    const { app, accounts, login } = await setUp();
    const headers = { cookie: await login('quality') };
    const actor = { who: '=cmd|calc', role: 'none' as const, address: '-1.5' };
    const entry = {
      actor,
      what: 'event',
      object: '@sum',
      before: '+1',
      after: '\tx',
      why: 'a "b",\nc',
    };
    await accounts.save(entry, []);
    const rows = (await app.inject({ url: '/api/audit?limit=1', headers })).json();
    expect(rows).toMatchObject([{ n: 3, who: '=cmd|calc', what: 'event', why: 'a "b",\nc' }]);
    const older = (await app.inject({ url: '/api/audit?before=3', headers })).json();
    expect(older.map((row: { n: number }) => row.n)).toEqual([2, 1]);
    const csv = await app.inject({ url: '/api/audit.csv?limit=1', headers });
    expect(csv.headers['content-type']).toBe('text/csv; charset=utf-8');
    expect(csv.headers['content-disposition']).toContain('attachment');
    const line = csv.body.slice(csv.body.indexOf('\r\n') + 2);
    expect(line).toContain(`3,2026-03-01T08:00:00.000Z,set,"'=cmd|calc",none,"'-1.5",event,`);
    expect(line).toContain(`"'@sum","'+1","'\tx","a ""b"",\nc"`);
  });

  test('have no address that changes or removes them', async () => {
    const { app, admin } = await setUp();
    const paths = Object.entries(
      (await app.inject({ url: '/api/openapi.json', headers: admin })).json().paths,
    ).filter(([path]) => path.startsWith('/api/audit'));
    expect(paths.map(([path, methods]) => [path, Object.keys(methods as object)])).toEqual([
      ['/api/audit', ['get']],
      ['/api/audit.csv', ['get']],
    ]);
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'] as const) {
      const answer = await app.inject({
        method,
        url: '/api/audit',
        payload: {},
        headers: { ...OWN, ...admin },
      });
      expect(answer.statusCode).toBe(404);
    }
  });
});

describe('TLS', () => {
  function certificate(name: string) {
    const dir = mkdtempSync(join(tmpdir(), 'meyar-tls-'));
    const [key, cert] = [join(dir, 'key.pem'), join(dir, 'cert.pem')];
    const subject = ['-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1'];
    execFileSync(
      'openssl',
      [
        'req',
        '-x509',
        '-newkey',
        'ed25519',
        '-nodes',
        '-keyout',
        key,
        '-out',
        cert,
        '-days',
        '2',
        ...subject,
      ],
      { stdio: 'ignore' },
    );
    return { key, cert };
  }
  const ask = (url: string, options: object) =>
    new Promise<{ status: number; hsts: string; peer: string }>((resolve, reject) => {
      const request = httpsGet(
        `${url}/livez`,
        { rejectUnauthorized: false, agent: false, ...options },
        (answer) => {
          answer.resume();
          const peer = (
            answer.socket as unknown as { getPeerCertificate(): { subject: { CN: string } } }
          ).getPeerCertificate().subject.CN;
          const hsts = String(answer.headers['strict-transport-security']);
          resolve({ status: answer.statusCode ?? 0, hsts, peer });
        },
      );
      request.on('error', reject);
    });

  test('is spoken from 1.2 on, and nothing else', async () => {
    const tls = certificate('meyar-one');
    const accounts = fakeAccounts(await people());
    const console_ = testConsole(fakeView(), { settings: { host: '127.0.0.1', tls }, accounts });
    consoles.push(console_);
    const url = await console_.listen();
    expect(url).toMatch(/^https:/);
    expect(await ask(url, {})).toEqual({
      status: 200,
      hsts: 'max-age=31536000',
      peer: 'meyar-one',
    });
    await expect(ask(url, { maxVersion: 'TLSv1.1', minVersion: 'TLSv1' })).rejects.toThrow();
    await expect(fetch(url.replace('https', 'http'))).rejects.toThrow();
  });

  test('without its files the agent says which one is missing', () => {
    const tls = { cert: '/nowhere/cert.pem', key: '/nowhere/key.pem' };
    expect(() => testConsole(fakeView(), { settings: { tls } })).toThrow(
      /console\.tls\.cert: \/nowhere\/cert\.pem cannot be read/,
    );
  });
});
