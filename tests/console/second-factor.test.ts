import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { writeCode } from '../../agent/console/auth/code.ts';
import { qrOf } from '../../agent/console/auth/qr.ts';
import { stepFor, totp } from '../../agent/console/auth/totp.ts';
import type { Role } from '../../agent/model.ts';
import { needs } from '../support/debian.ts';
import { fakeAccounts } from '../support/fake-accounts.ts';
import { fakeView } from '../support/fake-view.ts';
import { codeOf } from '../support/second-factor.ts';
import { testConsole } from './console-app.ts';
import { cookieOf, OWN, PASSWORD, PEOPLE, people } from './people.ts';

const STEP = 30_000;
const DAY = 86_400_000;

/** RFC 6238, appendix B: seconds, then the codes of SHA-1, SHA-256 and SHA-512. */
const VECTORS = [
  [59, '94287082', '46119246', '90693936'],
  [1111111109, '07081804', '68084774', '25091201'],
  [1111111111, '14050471', '67062674', '99943326'],
  [1234567890, '89005924', '91819424', '93441116'],
  [2000000000, '69279037', '90698825', '38618901'],
  [20000000000, '65353130', '77737706', '47863826'],
] as const;

describe('codes', () => {
  const secret = (bytes: number) => Buffer.from('1234567890'.repeat(7).slice(0, bytes), 'ascii');

  test.each(VECTORS)('of RFC 6238 at %i s', (seconds, sha1, sha256, sha512) => {
    const step = Math.floor(seconds / 30);
    expect(totp(secret(20), step, 8, 'sha1')).toBe(sha1);
    expect(totp(secret(32), step, 8, 'sha256')).toBe(sha256);
    expect(totp(secret(64), step, 8, 'sha512')).toBe(sha512);
    // What apps show: the last six.
    expect(totp(secret(20), step)).toBe(sha1.slice(2));
  });

  test('of the step before and after are taken, others and used ones are not', () => {
    // The secret of the RFC in base32.
    const key = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
    const now = 59_000;
    const at = (step: number) => totp(secret(20), step);
    expect([0, 1, 2].map((step) => stepFor(key, at(step), now, []))).toEqual([0, 1, 2]);
    expect(stepFor(key, at(3), now, [])).toBe(null);
    expect(stepFor(key, at(1), now + 3 * STEP, [])).toBe(null);
    expect(stepFor(key, at(1), now, [1])).toBe(null);
    expect(stepFor(key, `${at(1).slice(0, 3)} ${at(1).slice(3)}`, now, [])).toBe(1);
    for (const wrong of ['', '0', at(1).slice(1), `${at(1)}0`, 'abcdef', '٠٠٠٠٠٠']) {
      expect(stepFor(key, wrong, now, [])).toBe(null);
    }
  });
});

describe.skipIf(!needs('zbarimg'))('the QR code', () => {
  const folder = mkdtempSync(join(tmpdir(), 'meyar-qr-'));
  /** Read by a program that had no part in making it. */
  const readBack = (qr: NonNullable<ReturnType<typeof qrOf>>): string => {
    const dark = new Set(
      [...qr.path.matchAll(/M(\d+) (\d+)h1v1h-1z/g)].map((m) => m.slice(1).join()),
    );
    const side = Array.from({ length: qr.size * 4 }, (_, i) => Math.floor(i / 4));
    const rows = side.map((y) => side.map((x) => (dark.has(`${x},${y}`) ? 1 : 0)).join(' '));
    const file = join(folder, 'code.pbm');
    writeFileSync(file, `P1\n${side.length} ${side.length}\n${rows.join('\n')}\n`);
    const stdio: ['ignore', 'pipe', 'ignore'] = ['ignore', 'pipe', 'ignore'];
    const words = ['-q', '--raw', '-Sbinary', file];
    return execFileSync('zbarimg', words, { stdio }).toString('utf8').replace(/\n$/, '');
  };

  // Lengths on both sides of a change of version, of blocks and of the length field.
  test.each([1, 26, 27, 107, 213, 214, 400, 666])('of %i bytes is read back', (length) => {
    const text = 'otpauth://totp/Meyar%20'.repeat(30).slice(0, length);
    const qr = qrOf(text);
    expect(qr === null ? null : readBack(qr)).toBe(text);
  });

  test('is left out where a phone could not read it from a screen', () => {
    expect(qrOf('x'.repeat(667))).toBe(null);
  });
});

async function setUp(security: object = {}, roles?: readonly Role[]) {
  const accounts = fakeAccounts(await people(roles));
  const time = { nowMs: Date.UTC(2026, 2, 1, 8) };
  const clock = { now: () => time.nowMs, monotonic: () => time.nowMs };
  const dataDir = mkdtempSync(join(tmpdir(), 'meyar-factor-'));
  const { app } = testConsole(fakeView(), { accounts, clock, dataDir, security });
  const post = (url: string, payload: object, cookie = '') =>
    app.inject({ method: 'POST', url, payload, headers: { ...OWN, cookie } });
  const login = (role: Role, code?: string) =>
    post('/api/login', { name: PEOPLE[role], password: PASSWORD, ...(code && { code }) });
  const me = async (cookie: string) =>
    (await app.inject({ url: '/api/me', headers: { cookie } })).json();
  /** Sets one up; the code that did it is used, so time goes on. */
  const enrol = async (cookie: string) => {
    const begun = await post('/api/second-factor/begin', { password: PASSWORD }, cookie);
    const secret = String(begun.json().secret);
    const done = await post(
      '/api/second-factor/confirm',
      { code: codeOf(secret, time.nowMs) },
      cookie,
    );
    expect(done.statusCode).toBe(200);
    time.nowMs += 2 * STEP;
    return { secret, recovery: done.json().recovery as string[], cookie: cookieOf(done), begun };
  };
  const told = () => accounts.entries.map(({ what, after }) => `${what} ${after}`.trim());
  return { accounts, app, time, dataDir, post, login, me, enrol, told };
}

describe('setting it up', () => {
  test('wants the password, shows the secret once, and a first code', async () => {
    const { post, login, me, time, accounts, enrol, told } = await setUp();
    const cookie = cookieOf(await login('quality'));
    const other = cookieOf(await login('quality'));
    const wrong = await post('/api/second-factor/begin', { password: 'not mine 12345' }, cookie);
    expect(wrong.statusCode).toBe(400);
    const early = await post('/api/second-factor/confirm', { code: '000000' }, cookie);
    expect(early.statusCode).toBe(409);
    await post('/api/second-factor/begin', { password: PASSWORD }, cookie);
    time.nowMs += 11 * 60_000;
    const late = await post('/api/second-factor/confirm', { code: '000000' }, cookie);
    expect(late.statusCode).toBe(409);
    const made = await enrol(cookie);
    expect(made.secret).toMatch(/^([A-Z2-7]{4} ){7}[A-Z2-7]{4}$/);
    const issuer = 'Meyar%20Ravi%20Auto%20Shafts%20(made%20up)';
    const key = made.secret.replaceAll(' ', '');
    expect(made.begun.json().uri).toBe(
      `otpauth://totp/${issuer}:Sana%20Quality?secret=${key}&issuer=${issuer}`,
    );
    expect(made.recovery).toHaveLength(10);
    expect(new Set(made.recovery).size).toBe(10);
    // Every other screen of the person ends, and this one gets a new session.
    expect(await me(cookie)).toMatchObject({ role: null });
    expect(await me(other)).toMatchObject({ role: null });
    expect(await me(made.cookie)).toMatchObject({
      secondFactor: { on: true, lacking: false, recoveryLeft: 10 },
    });
    const kept = JSON.stringify([...accounts.kept]);
    for (const code of made.recovery) expect(kept).not.toContain(code);
    expect(JSON.stringify(accounts.entries)).not.toContain(made.secret.replaceAll(' ', ''));
    expect(told()).toEqual(['login', 'login', 'second-factor-on']);
    const again = await post('/api/second-factor/begin', { password: PASSWORD }, made.cookie);
    expect(again.statusCode).toBe(409);
  });

  test('is for people only, and not where the settings ask nobody', async () => {
    const off = await setUp({ secondFactor: 'off' });
    const cookie = cookieOf(await off.login('admin'));
    const body = { password: PASSWORD };
    expect((await off.post('/api/second-factor/begin', body, cookie)).statusCode).toBe(409);
    const open = await setUp({}, []);
    expect((await open.post('/api/second-factor/begin', body)).statusCode).toBe(409);
    expect((await open.post('/api/second-factor/confirm', { code: '1' })).statusCode).toBe(409);
  });
});

describe('logging in with it', () => {
  test('asks for a code only after the right password', async () => {
    const { login, enrol, post, me, time } = await setUp();
    const { secret } = await enrol(cookieOf(await login('admin')));
    const wrong = await post('/api/login', { name: PEOPLE.admin, password: 'no such 12345' });
    expect(wrong.json().error).toBe('login-failed');
    const asked = await login('admin');
    expect([asked.statusCode, asked.json().error]).toEqual([401, 'code-needed']);
    expect(asked.headers['set-cookie']).toBeUndefined();
    const done = await login('admin', codeOf(secret, time.nowMs));
    expect(done.statusCode).toBe(200);
    expect(await me(cookieOf(done))).toMatchObject({ role: 'admin' });
  });

  test('takes no code twice, also not one of two at the same moment', async () => {
    const { login, enrol, time } = await setUp();
    const { secret } = await enrol(cookieOf(await login('admin')));
    const code = codeOf(secret, time.nowMs);
    const both = await Promise.all([login('admin', code), login('admin', code)]);
    expect(both.map((one) => one.statusCode).sort()).toEqual([200, 401]);
    expect((await login('admin', code)).json().error).toBe('wrong-code');
    time.nowMs += STEP;
    // Still in the window of clocks that differ, and used.
    expect((await login('admin', code)).statusCode).toBe(401);
    expect((await login('admin', codeOf(secret, time.nowMs))).statusCode).toBe(200);
  });

  test('slows guessing down for whoever knows the password, from wherever', async () => {
    const { login, enrol, time, told } = await setUp();
    const { secret } = await enrol(cookieOf(await login('admin')));
    const right = () => codeOf(secret, time.nowMs);
    let taken = 0;
    const end = time.nowMs + DAY / 8;
    for (let i = 0; time.nowMs < end; i += 1) {
      const guess = String(i).padStart(6, '0');
      if (guess === right()) continue;
      const { statusCode, headers } = await login('admin', guess);
      if (statusCode === 401) taken += 1;
      time.nowMs += statusCode === 429 ? 1000 * Number(headers['retry-after']) : 0;
    }
    // A million codes, three of them good at a time, and later four tries in an hour: below one in
    // a thousand a day.
    expect(taken).toBeLessThan(30);
    expect(taken).toBeGreaterThan(10);
    time.nowMs += DAY;
    expect((await login('admin', right())).statusCode).toBe(200);
    expect(told().filter((one) => one.startsWith('second-factor-failed')).length).toBe(taken);
  });

  test('names the clock of the machine, which may be wrong; a recovery code opens then', async () => {
    const { login, enrol, time, told, me } = await setUp();
    const { secret, recovery } = await enrol(cookieOf(await login('admin')));
    const real = time.nowMs;
    time.nowMs = Date.UTC(2027, 0, 1);
    const refused = await login('admin', codeOf(secret, real));
    expect(refused.json().hint).toContain('2027-01-01T00:00:00 UTC');
    const typed = recovery[3]?.toUpperCase().replaceAll('-', ' ') ?? '';
    const done = await login('admin', typed);
    expect(done.statusCode).toBe(200);
    expect(await me(cookieOf(done))).toMatchObject({ secondFactor: { recoveryLeft: 9 } });
    expect(told().at(-1)).toBe('login recovery code, 9 left');
    expect((await login('admin', typed)).statusCode).toBe(401);
    // Set right again: what was used in the wrong future keeps nobody out.
    time.nowMs = real + STEP;
    expect((await login('admin', codeOf(secret, time.nowMs))).statusCode).toBe(200);
  });

  test('is not asked for where the settings turned it off', async () => {
    const on = await setUp();
    await on.enrol(cookieOf(await on.login('admin')));
    const { app } = testConsole(fakeView(), {
      accounts: on.accounts,
      security: { secondFactor: 'off' },
    });
    const payload = { name: PEOPLE.admin, password: PASSWORD };
    const answer = await app.inject({ method: 'POST', url: '/api/login', payload, headers: OWN });
    expect(answer.statusCode).toBe(200);
  });
});

describe('taking it away', () => {
  test('wants password and code; recovery codes are made anew the same way', async () => {
    const { login, enrol, post, time, told, me } = await setUp();
    const made = await enrol(cookieOf(await login('quality')));
    const { cookie, secret } = made;
    const send = (what: string, code: string, password = PASSWORD) =>
      post(`/api/second-factor/${what}`, { password, code }, cookie);
    expect((await send('recovery', '000000')).statusCode).toBe(400);
    expect((await send('recovery', codeOf(secret, time.nowMs), 'wrong one 123')).statusCode).toBe(
      400,
    );
    const anew = (await send('recovery', codeOf(secret, time.nowMs))).json().recovery as string[];
    expect(anew).toHaveLength(10);
    expect((await send('remove', made.recovery[0] ?? '')).statusCode).toBe(400);
    expect((await send('remove', anew[0] ?? '')).statusCode).toBe(200);
    expect(await me(cookie)).toMatchObject({ secondFactor: { on: false } });
    expect((await login('quality')).statusCode).toBe(200);
    expect(told()).toContain('recovery-codes');
    expect(told()).toContain('second-factor-off');
  });

  test('by an administrator ends every screen of the person, with a row', async () => {
    const { login, enrol, post, me, told, app } = await setUp();
    const made = await enrol(cookieOf(await login('quality')));
    const admin = cookieOf(await login('admin'));
    const url = `/api/users/${encodeURIComponent(PEOPLE.quality)}/reset-second-factor`;
    const list = await app.inject({ url: '/api/users', headers: { cookie: admin } });
    expect(list.body).not.toContain(made.secret.replaceAll(' ', ''));
    const on = (list.json() as { name: string; secondFactor: boolean }[]).filter(
      (u) => u.secondFactor,
    );
    expect(on.map((user) => user.name)).toEqual([PEOPLE.quality]);
    expect((await post(url, {}, admin)).json()).toMatchObject({ secondFactor: false });
    expect((await post(url, {}, admin)).statusCode).toBe(409);
    expect(await me(made.cookie)).toMatchObject({ role: null });
    expect((await login('quality')).statusCode).toBe(200);
    expect(told()).toContain('second-factor-reset off');
  });

  test('is not what a one-time code of the machine does: that sets the password only', async () => {
    const { login, enrol, post, dataDir, time, told } = await setUp();
    const { secret } = await enrol(cookieOf(await login('admin')));
    const code = writeCode(dataDir, time.nowMs);
    const password = 'quite another phrase 5';
    const done = await post('/api/claim', { code, name: PEOPLE.admin, password });
    expect([done.statusCode, done.json().error]).toEqual([401, 'code-needed']);
    expect(done.headers['set-cookie']).toBeUndefined();
    expect(told().at(-1)).toBe('admin-claim');
    const wrong = await post('/api/login', { name: PEOPLE.admin, password });
    expect(wrong.json().error).toBe('code-needed');
    const right = { name: PEOPLE.admin, password, code: codeOf(secret, time.nowMs) };
    expect((await post('/api/login', right)).statusCode).toBe(200);
  });
});

describe('where it is required', () => {
  const approve = '/api/characteristics/od/limits/1/approve';

  test.each(['quality', 'admin'] as const)(
    '%s has the rights of an operator until then',
    async (role) => {
      const { login, enrol, post, me, app } = await setUp({ secondFactor: 'required' });
      const cookie = cookieOf(await login(role));
      expect(await me(cookie)).toMatchObject({
        role: 'operator',
        secondFactor: { mode: 'required', lacking: true },
      });
      const refused = await post(approve, {}, cookie);
      expect([refused.statusCode, refused.json().error]).toEqual([403, 'second-factor-needed']);
      for (const url of ['/api/audit', '/api/audit.csv', '/api/users', '/api/tokens']) {
        expect((await app.inject({ url, headers: { cookie } })).statusCode).toBe(403);
      }
      const event = await post('/api/events', { kind: 'lot', text: 'L-1' }, cookie);
      expect(event.statusCode).toBe(201);
      const made = await enrol(cookie);
      expect(await me(made.cookie)).toMatchObject({ role, secondFactor: { lacking: false } });
      expect((await post(approve, {}, made.cookie)).statusCode).not.toBe(403);
    },
  );

  test.each(['viewer', 'operator'] as const)('%s on the floor goes without', async (role) => {
    const { login, me } = await setUp({ secondFactor: 'required' });
    const cookie = cookieOf(await login(role));
    expect(await me(cookie)).toMatchObject({ role, secondFactor: { lacking: false } });
  });

  test('giving it back lowers the role at once', async () => {
    const { login, enrol, post, me, time } = await setUp({ secondFactor: 'required' });
    const { cookie, secret } = await enrol(cookieOf(await login('admin')));
    const body = { password: PASSWORD, code: codeOf(secret, time.nowMs) };
    expect((await post('/api/second-factor/remove', body, cookie)).statusCode).toBe(200);
    expect(await me(cookie)).toMatchObject({ role: 'operator' });
  });
});
