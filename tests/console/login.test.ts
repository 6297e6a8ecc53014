import { mkdtempSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CODE_MS, takeCode, writeCode } from '../../agent/console/auth/code.ts';
import { createHasher } from '../../agent/console/auth/hasher.ts';
import { weakness } from '../../agent/console/auth/strength.ts';
import type { Role } from '../../agent/model.ts';
import { fakeAccounts } from '../support/fake-accounts.ts';
import { fakeView } from '../support/fake-view.ts';
import { recordingLog, testConsole } from './console-app.ts';
import { cookieOf, OWN, PASSWORD, PEOPLE, people } from './people.ts';

const MINUTE = 60_000;
const START = Date.UTC(2026, 2, 1, 8);

async function setUp(roles?: readonly Role[], settings: object = {}) {
  const accounts = fakeAccounts(roles?.length === 0 ? {} : await people(roles));
  const time = { nowMs: START };
  const clock = { now: () => time.nowMs, monotonic: () => time.nowMs };
  const dataDir = mkdtempSync(join(tmpdir(), 'meyar-codes-'));
  const log = recordingLog();
  const view = fakeView();
  const { app } = testConsole(view, { accounts, clock, dataDir, log, settings });
  const send = (url: string, payload: object, headers: Record<string, string> = {}) =>
    app.inject({ method: 'POST', url, payload, headers: { ...OWN, ...headers } });
  const login = (role: Role, password = PASSWORD, headers = {}) =>
    send('/api/login', { name: PEOPLE[role], password }, headers);
  const me = async (cookie: string, headers: Record<string, string> = {}) =>
    (await app.inject({ url: '/api/me', headers: { cookie, ...headers } })).json();
  const told = () => accounts.entries.map((entry) => entry.what);
  return { accounts, app, time, dataDir, log, view, send, login, me, told };
}

describe('logging in', () => {
  test('gives a cookie that scripts and other sites do not get, and keeps only its hash', async () => {
    const { accounts, login, me, told } = await setUp();
    const answer = await login('quality');
    const cookie = String(answer.headers['set-cookie']);
    expect(cookie).toMatch(
      /^meyar-0=[\w-]{43}; Max-Age=43200; Path=\/; HttpOnly; SameSite=Strict$/,
    );
    expect(await me(cookieOf(answer))).toMatchObject({ name: PEOPLE.quality, role: 'quality' });
    const secret = cookieOf(answer).split('=')[1] ?? 'none';
    expect(JSON.stringify([...accounts.kept])).not.toContain(secret);
    expect(JSON.stringify([...accounts.kept])).not.toContain(PASSWORD);
    expect(told()).toEqual(['login']);
  });

  test('by TLS the cookie is bound to this host and to TLS', async () => {
    const { login } = await setUp(undefined, { behindProxy: true });
    const cookie = String((await login('viewer')).headers['set-cookie']);
    expect(cookie).toMatch(/^__Host-meyar-0=/);
    expect(cookie).toContain('; Secure');
    expect(cookie).not.toContain('Domain');
  });

  test('name and case of letters do not matter, the password does', async () => {
    const { send, login } = await setUp();
    const name = ` ${PEOPLE.admin.toUpperCase()} `;
    expect((await send('/api/login', { name, password: PASSWORD })).statusCode).toBe(200);
    expect((await login('admin', PASSWORD.toUpperCase())).statusCode).toBe(401);
  });

  test('a wrong name and a wrong password get the same answer', async () => {
    const { send, login, accounts } = await setUp();
    const wrong = await login('admin', 'something else 17');
    const unknown = await send('/api/login', { name: 'Nobody Here', password: PASSWORD });
    expect([wrong.statusCode, wrong.body]).toEqual([unknown.statusCode, unknown.body]);
    expect(wrong.headers['set-cookie']).toBeUndefined();
    // The name that was typed may be a password in the wrong field.
    expect(accounts.entries.map((e) => [e.what, e.object, e.actor.who])).toEqual([
      ['login-failed', PEOPLE.admin, ''],
      ['login-failed', 'unknown name', ''],
    ]);
  });

  test('10 000 tries at once come to four checks, later ones to one a minute', async () => {
    const { login, time, accounts } = await setUp(['admin']);
    const statuses = new Map<number, number>();
    for (let round = 0; round < 100; round += 1) {
      const answers = await Promise.all(
        Array.from({ length: 100 }, () => login('admin', 'not the password')),
      );
      for (const { statusCode } of answers) {
        statuses.set(statusCode, (statuses.get(statusCode) ?? 0) + 1);
      }
    }
    expect(statuses.get(401)).toBe(4);
    expect(statuses.get(429)).toBe(9996);
    expect(accounts.entries).toHaveLength(4);
    const right = await login('admin');
    expect(right.statusCode).toBe(429);
    expect(Number(right.headers['retry-after'])).toBeGreaterThan(0);
    // Nobody is shut out for good.
    time.nowMs += MINUTE;
    expect((await login('admin')).statusCode).toBe(200);
  });

  test('a session planted before the login is worth nothing after it', async () => {
    const { login, me } = await setUp();
    const first = cookieOf(await login('viewer'));
    const second = cookieOf(await login('admin', PASSWORD, { cookie: first }));
    expect(second).not.toBe(first);
    expect(await me(first)).toMatchObject({ role: null, by: 'nobody' });
    expect(await me(second)).toMatchObject({ role: 'admin' });
    expect(await me('meyar-0=planted')).toMatchObject({ role: null });
  });

  test('logging out ends the session itself, not only the cookie', async () => {
    const { login, me, send, told } = await setUp();
    const cookie = cookieOf(await login('operator'));
    const out = await send('/api/logout', {}, { cookie });
    expect(String(out.headers['set-cookie'])).toContain('Max-Age=0');
    expect(await me(cookie)).toMatchObject({ role: null });
    expect(told()).toEqual(['login', 'logout']);
  });
});

describe('a session ends', () => {
  test.each([
    ['admin', 15],
    ['quality', 30],
    ['operator', 8 * 60],
    ['viewer', 12 * 60],
  ] as const)('for %s after %i minutes without a person', async (role, minutes) => {
    const { login, me, time } = await setUp();
    const cookie = cookieOf(await login(role));
    time.nowMs += minutes * MINUTE - 1;
    expect(await me(cookie)).toMatchObject({ role });
    time.nowMs += 1;
    expect(await me(cookie)).toMatchObject({ role: null });
  });

  test('after 12 hours even when somebody is at it; an open page alone keeps nobody in', async () => {
    const { login, me, time } = await setUp();
    const cookie = cookieOf(await login('quality'));
    for (let i = 0; i < 35; i += 1) {
      time.nowMs += 20 * MINUTE;
      const { role } = await me(cookie, { 'x-meyar-active': '1' });
      expect(role).toBe('quality');
    }
    time.nowMs += 20 * MINUTE;
    expect(await me(cookie)).toMatchObject({ role: null });
    const other = cookieOf(await login('quality'));
    for (let i = 0; i < 3; i += 1) {
      time.nowMs += 10 * MINUTE;
      await me(other);
    }
    expect(await me(other)).toMatchObject({ role: null });
  });

  test('when the clock was set back and nobody knows how old it is', async () => {
    const { login, me, time } = await setUp();
    const cookie = cookieOf(await login('viewer'));
    time.nowMs -= 60 * MINUTE;
    expect(await me(cookie)).toMatchObject({ role: null });
  });

  test('for good, also when somebody is at it in the moment it is ended', async () => {
    const { accounts, login, me, send, time } = await setUp();
    const cookie = cookieOf(await login('operator'));
    const admin = cookieOf(await login('admin'));
    time.nowMs += 10 * MINUTE;
    // A store that is slow: rows come in the order in which they were handed over.
    const save = accounts.save;
    let last = Promise.resolve();
    const asked = new Promise<void>((resolve) => {
      accounts.save = (entry, changes) => {
        if (changes.some(([, json]) => json === null)) resolve();
        last = last.then(() => new Promise((wake) => setTimeout(wake, 50)));
        last = last.then(() => save(entry, changes));
        return last;
      };
    });
    const end = `/api/users/${encodeURIComponent(PEOPLE.operator)}/end-sessions`;
    const out = send(end, {}, { cookie: admin }).then((answer) => answer.statusCode);
    await asked;
    await me(cookie, { 'x-meyar-active': '1' });
    expect(await out).toBe(200);
    await new Promise((wake) => setTimeout(wake, 200));
    const kept = [...accounts.kept].filter(([key]) => key.startsWith('session:'));
    expect(kept.map(([, json]) => JSON.parse(json).user)).toEqual([PEOPLE.admin.toLowerCase()]);
  });

  test('and outlives a restart when it is good', async () => {
    const first = await setUp();
    const cookie = cookieOf(await first.login('operator'));
    const clock = { now: () => START + MINUTE, monotonic: () => 0 };
    const { app } = testConsole(fakeView(), { accounts: first.accounts, clock });
    const answer = await app.inject({ url: '/api/me', headers: { cookie } });
    expect(answer.json()).toMatchObject({ role: 'operator' });
  });
});

describe('who stands under it', () => {
  const answer = { cause: 'Insert worn', action: 'Changed' };
  const url = '/api/alerts/42/acknowledge';

  test('whoever is logged in, whatever was typed', async () => {
    const { login, send, view } = await setUp();
    const cookie = cookieOf(await login('operator'));
    const done = await send(url, { ...answer, by: 'Somebody Else' }, { cookie });
    expect(done.json()).toMatchObject({ acknowledgedBy: PEOPLE.operator });
    expect(view.answers[0]?.answer.by).toBe(PEOPLE.operator);
  });

  test('the typed name where nobody logs in', async () => {
    const { send, view } = await setUp([]);
    expect((await send(url, answer)).statusCode).toBe(400);
    expect((await send(url, { ...answer, by: 'Sana' })).statusCode).toBe(200);
    expect(view.answers[0]?.answer.by).toBe('Sana');
  });
});

describe('the first administrator', () => {
  const claim = (code: string) => ({ code, name: 'Bilal', password: PASSWORD });

  test('is made with a code from the machine, once; then the page wants a login', async () => {
    const { app, dataDir, send, me, told } = await setUp([]);
    expect(await me('')).toMatchObject({ mode: 'open', role: 'quality', code: false });
    const code = writeCode(dataDir, START);
    expect(statSync(join(dataDir, 'admin-code.json')).mode & 0o777).toBe(0o600);
    expect(await me('')).toMatchObject({ mode: 'open', code: true });
    const done = await send('/api/claim', claim(code.toLowerCase().replaceAll('-', ' ')));
    expect(done.statusCode).toBe(200);
    expect(await me(cookieOf(done))).toMatchObject({ mode: 'login', name: 'Bilal', role: 'admin' });
    expect((await app.inject('/api/plant')).statusCode).toBe(401);
    expect((await send('/api/claim', claim(code))).statusCode).toBe(401);
    expect(told()).toEqual(['admin-claim', 'claim-failed']);
  });

  test('two at once: one gets it', async () => {
    const { dataDir, send } = await setUp([]);
    const code = writeCode(dataDir, START);
    const both = await Promise.all([
      send('/api/claim', claim(code)),
      send('/api/claim', { ...claim(code), name: 'Eve' }),
    ]);
    expect(both.map((one) => one.statusCode).sort()).toEqual([200, 401]);
  });

  test('not with a code that is old, wrong, or was never made', async () => {
    const { dataDir, send, time } = await setUp([]);
    expect((await send('/api/claim', claim('AAAA-AAAA-AAAA'))).statusCode).toBe(401);
    const code = writeCode(dataDir, START);
    expect((await send('/api/claim', claim('AAAA-AAAA-AAAA'))).statusCode).toBe(401);
    time.nowMs += CODE_MS;
    expect((await send('/api/claim', claim(code))).statusCode).toBe(401);
    // A file from somewhere else, good for a year, is not taken either.
    const year = { code: 'AAAA', until: new Date(START + 365 * 24 * 60 * MINUTE).toISOString() };
    writeFileSync(join(dataDir, 'admin-code.json'), JSON.stringify(year));
    expect(takeCode(dataDir, 'AAAA', time.nowMs)).toBe(false);
  });

  test('an easy password does not use the code up, and strangers learn nothing about theirs', async () => {
    const { dataDir, send } = await setUp([]);
    const weak = { name: 'Bilal', password: 'password1234' };
    const stranger = await send('/api/claim', { ...weak, code: 'AAAA-AAAA-AAAA' });
    expect([stranger.statusCode, stranger.json().error]).toEqual([401, 'wrong-code']);
    const code = writeCode(dataDir, START);
    expect((await send('/api/claim', { ...weak, code })).statusCode).toBe(400);
    expect((await send('/api/claim', claim(code))).statusCode).toBe(200);
  });

  test('wrong codes from everywhere do not fill the disk with rows', async () => {
    const { app, told } = await setUp([]);
    for (let i = 0; i < 300; i += 1) {
      const remoteAddress = `127.0.${i >> 8}.${i & 255}`;
      const payload = claim('AAAA-AAAA-AAAA');
      await app.inject({ method: 'POST', url: '/api/claim', payload, headers: OWN, remoteAddress });
    }
    expect(told().length).toBeLessThan(40);
  });

  test('a lost password is mended the same way, and every screen of that person ends', async () => {
    const { dataDir, login, send, me } = await setUp();
    const before = cookieOf(await login('admin'));
    const password = 'quite another phrase 5';
    const code = writeCode(dataDir, START);
    await send('/api/claim', { code, name: PEOPLE.admin.toLowerCase(), password });
    expect(await me(before)).toMatchObject({ role: null });
    expect((await login('admin')).statusCode).toBe(401);
    expect((await login('admin', password)).statusCode).toBe(200);
  });
});

describe('passwords', () => {
  const NAMES = ['Sana Malik', 'Ravi Auto Shafts', 'Gujranwala'];
  test.each([
    ['too short', 'Short-1234'],
    ['a common word and a year', 'Password2026!!'],
    ['the product', 'meyarmeyar-2025'],
    ['the name of the person', 'sanamalik-1990'],
    ['a row of keys', 'qwertyuiop123'],
    ['a row backwards', '9876543210987'],
    ['one piece again and again', 'abcabcabcabcabc'],
    ['the plant', 'RaviShafts-2026!'],
    ['the site', 'Gujranwala@123'],
    ['a telephone number', '+92 300 1234567'],
    ['an identity card', '35202-7741852-9'],
    ['columns of the keyboard', '1qaz2wsx3edc4rfv'],
    ['rows in turn', '1q2w3e4r5t6y'],
    ['a first name and a team', 'christopher-liverpool7'],
    ['a number without spaces', '923001234567'],
    ['few different signs', 'aaaabbbbaaaabbbb'],
    ['a common word in disguise', 'P4$$w0rd-P4$$w0rd'],
    ['a word of the trade', 'Factory-Admin-2024'],
    ['too long', 'x7'.repeat(70)],
  ])('%s is refused: %s', (_why, password) => {
    expect(weakness(password, NAMES)).toMatch(/^it /);
  });

  test.each([
    PASSWORD,
    'توقف کرین نیلا دریا',
    '6hemj-j5grd-97v5p-szwax',
    'correct horse battery staple',
    // No kind of sign is asked for: a number does when it is long enough.
    '80276 39350 46182 73',
    // 69 characters, and up to 128 are taken.
    'quartz meadow pilgrim violet anchor tundra ember saddle walnut canyon',
  ])('%s is taken', (password) => expect(weakness(password, NAMES)).toBeNull());

  test('hashes are argon2id with 46 MiB, salted, and checked one at a time', async () => {
    const hasher = createHasher(3);
    const [one, two] = await Promise.all([hasher.hash(PASSWORD), hasher.hash(PASSWORD)]);
    expect(one).toMatch(/^\$argon2id\$v=19\$m=47104,t=1,p=1\$/);
    expect(one).not.toBe(two);
    expect(await hasher.matches(PASSWORD, one)).toBe(true);
    expect(await hasher.matches(`${PASSWORD} `, one)).toBe(false);
    expect(await hasher.matches(PASSWORD, null)).toBe(false);
    const many = await Promise.allSettled(
      Array.from({ length: 5 }, () => hasher.matches(PASSWORD, one)),
    );
    expect(many.map((r) => r.status).sort()).toEqual([
      ...Array(3).fill('fulfilled'),
      ...Array(2).fill('rejected'),
    ]);
  });

  test('one changes his own with the old one; other screens end', async () => {
    const { login, send, me } = await setUp();
    const other = cookieOf(await login('viewer'));
    const cookie = cookieOf(await login('viewer'));
    const change = (old: string, password: string) =>
      send('/api/password', { old, password }, { cookie });
    expect((await change('wrong', 'harbour quilt lantern 9')).statusCode).toBe(400);
    expect((await change(PASSWORD, 'password1234')).statusCode).toBe(400);
    const done = await change(PASSWORD, 'harbour quilt lantern 9');
    expect(done.statusCode).toBe(200);
    expect(await me(other)).toMatchObject({ role: null });
    expect(await me(cookie)).toMatchObject({ role: null });
    expect(await me(cookieOf(done))).toMatchObject({ role: 'viewer' });
  });
});
