import { existsSync, globSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { recordingLog, testConsole } from '../console/console-app.ts';
import { OWN, PASSWORD, PEOPLE, people } from '../console/people.ts';
import { fakeAccounts } from '../support/fake-accounts.ts';
import { fakeView } from '../support/fake-view.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const text = readFileSync(join(ROOT, 'docs/asvs.md'), 'utf8');
const rows = text
  .split('\n')
  .filter((line) => /^\| \d+\.\d+\.\d+ \|/.test(line))
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .map(([, id = '', level, mark = '', tests = '', why = '']) => {
    return { id, level: Number(level), mark, tests, why };
  });

describe('docs/asvs.md', () => {
  it('has every requirement of levels 1 and 2 once', () => {
    expect(new Set(rows.map((row) => row.id)).size).toBe(rows.length);
    const of = (level: number) => rows.filter((row) => row.level === level).length;
    // As counted in the text of 5.0.0.
    expect([of(1), of(2), rows.length]).toEqual([70, 183, 253]);
  });

  it('names a test that exists for what is met, and a reason for what is not', () => {
    for (const { id, mark, tests, why } of rows) {
      const files = [...tests.matchAll(/`([^`]+)`/g)].map((m) => m[1] ?? '');
      if (mark === '●' || mark === '◐') expect(files.length, id).toBeGreaterThan(0);
      else expect([mark, tests, why.length > 5], id).toEqual([mark === '○' ? '○' : '–', '–', true]);
      for (const file of files) expect(existsSync(join(ROOT, file)), `${id}: ${file}`).toBe(true);
    }
  });

  it.each([1, 2])('says of level %i the figures that the table gives', (level) => {
    const apply = rows.filter((row) => row.level === level && row.mark !== '–');
    const count = (marks: string) => apply.filter((row) => marks.includes(row.mark)).length;
    const share = (n: number) => `${n} (${((100 * n) / apply.length).toFixed(1)} %)`;
    const total = rows.filter((row) => row.level === level).length;
    const said = [level, total, apply.length, share(count('●')), share(count('●◐')), count('○')];
    console.log(`ASVS level ${level}: ${said.slice(2).join(' | ')}`);
    expect(text).toContain(`| ${said.join(' | ')} |`);
  });

  it('says what keys, data and logs there are, and how soon holes in packages are mended', () => {
    for (const title of ['Keys and what', 'Data and logs', 'Packages with known holes']) {
      expect(text).toMatch(new RegExp(`^## ${title}`, 'm'));
    }
    expect(text).toMatch(/within 72 hours\. High or critical: 14 days/);
  });
});

describe('code', () => {
  const files = globSync('{agent,dashboards/console/src}/**/*.{ts,tsx}', { cwd: ROOT });
  const saying = (pattern: RegExp) =>
    files.filter((file) => pattern.test(readFileSync(join(ROOT, file), 'utf8')));

  it('is made of no string, starts no shell, and writes no markup', () => {
    expect(files.length).toBeGreaterThan(300);
    expect(saying(/\beval\(|new Function\(|from 'node:vm'/)).toEqual([]);
    expect(
      saying(/\bexecSync\(|shell: true|import \{[^}]*\bexec\b[^}]*\} from 'node:child/),
    ).toEqual([]);
    expect(saying(/innerHTML|outerHTML|insertAdjacentHTML|document\.write|dangerouslySet/)).toEqual(
      [],
    );
  });

  it('uses the cryptography that the table of keys names, from Node, and none besides', () => {
    expect(saying(/createCipheriv|createDecipheriv|scrypt|pbkdf2|createSign\(|subtle\./)).toEqual(
      [],
    );
    expect(saying(/argon2\('/)).toEqual(['agent/console/auth/hasher.ts']);
    expect(saying(/createHmac\(/).sort()).toEqual([
      'agent/alerts/channels/webhook.ts',
      'agent/console/auth/totp.ts',
    ]);
    expect(saying(/\b(sign|verify)\(null,/)).toEqual(['agent/update/statement.ts']);
    const weak = saying(/createHash\('(?!sha256|sha512)/);
    // Lines of a file are told apart by it; it protects nothing.
    expect(weak.filter((file) => file !== 'agent/sources/file/memory.ts')).toEqual([]);
    const secrets = saying(/Math\.random\(/).filter((file) => file.includes('/auth/'));
    expect(secrets).toEqual([]);
  });

  it('keeps nothing in the browser but a name that was typed where nobody logs in', () => {
    expect(saying(/localStorage/)).toEqual(['dashboards/console/src/hooks.ts']);
    expect(saying(/sessionStorage|indexedDB|document\.cookie/)).toEqual([]);
    const keys = files.flatMap((file) =>
      [...readFileSync(join(ROOT, file), 'utf8').matchAll(/useRemembered\('([^']+)'/g)].map(
        (m) => m[1],
      ),
    );
    expect(
      [...new Set(keys)].every((key) => /person|name|language|hidden|lang/i.test(String(key))),
    ).toBe(true);
  });
});

describe('answers', async () => {
  const accounts = fakeAccounts(await people());
  const page = mkdtempSync(join(tmpdir(), 'meyar-asvs-'));
  writeFileSync(join(page, 'index.html'), '<!doctype html><title>page</title>');
  writeFileSync(join(page, 'x.js'), 'export {};');
  const log = recordingLog();
  const { app } = testConsole(fakeView(), { accounts, assetsDir: page, log });
  const login = { name: PEOPLE.viewer, password: PASSWORD };
  const logIn = async () => {
    const answer = await app.inject({
      method: 'POST',
      url: '/api/login',
      payload: login,
      headers: OWN,
    });
    return String(answer.headers['set-cookie']).split(';')[0] ?? '';
  };

  it('say their type with its letters, and never let another origin read them', async () => {
    const cookie = await logIn();
    for (const url of [
      '/',
      '/x.js',
      '/api/plant',
      '/metrics',
      '/api/none',
      '/readyz',
      '/api/audit',
    ]) {
      const headers = { cookie, origin: 'http://evil.example' };
      const answer = await app.inject({ url, headers });
      expect(String(answer.headers['content-type']), url).toMatch(/; charset=utf-8/);
      expect(Object.keys(answer.headers).filter((h) => h.startsWith('access-control'))).toEqual([]);
    }
  });

  it('list no folders, and take no parameter twice', async () => {
    const cookie = await logIn();
    for (const url of ['/assets/', '/assets', '/./']) {
      expect((await app.inject({ url, headers: { cookie } })).body).not.toMatch(/x\.js/);
    }
    const twice = await app.inject({ url: '/api/alerts?limit=1&limit=2', headers: { cookie } });
    expect(twice.statusCode).toBe(400);
  });

  it('that refuse a right leave a line in the log', async () => {
    const cookie = await logIn();
    await app.inject({ url: '/api/users', headers: { cookie } });
    const denied = log.entries.findLast((entry) => entry.event === 'console-denied');
    expect(denied?.fields).toMatchObject({
      url: '/api/users',
      needed: 'admin',
      name: PEOPLE.viewer,
    });
  });

  it.each([
    [false, '10.0.0.9'],
    [true, '7.7.7.7'],
  ])(
    'with behindProxy %s count the address %s, whatever the header claims',
    async (behindProxy, address) => {
      const kept = fakeAccounts(await people());
      const one = testConsole(fakeView(), { accounts: kept, settings: { behindProxy } });
      const headers = { ...OWN, 'x-forwarded-for': '6.6.6.6, 7.7.7.7', 'x-real-ip': '5.5.5.5' };
      const payload = { ...login, password: 'wrong wrong wrong' };
      const remoteAddress = '10.0.0.9';
      await one.app.inject({ method: 'POST', url: '/api/login', payload, headers, remoteAddress });
      expect(kept.entries[0]?.actor.address).toBe(address);
    },
  );
});
