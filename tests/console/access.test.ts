import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ACCESS, accessOf, holds } from '../../agent/console/access.ts';
import type { Console } from '../../agent/console/console.ts';
import { ROLES, type Role } from '../../agent/model.ts';
import { fakeAccounts } from '../support/fake-accounts.ts';
import { fakeView } from '../support/fake-view.ts';
import { testConsole } from './console-app.ts';
import { OWN, PASSWORD, PEOPLE, people } from './people.ts';

const WHO = ['nobody', ...ROLES] as const;
type Who = (typeof WHO)[number];

let app: Console;
let url = '';
beforeAll(async () => {
  app = testConsole(fakeView(), { accounts: fakeAccounts(await people()) });
  url = await app.listen();
});
afterAll(() => app.close());

async function cookieFor(who: Who): Promise<Record<string, string>> {
  if (who === 'nobody') return {};
  const body = JSON.stringify({ name: PEOPLE[who], password: PASSWORD });
  const answer = await fetch(`${url}/api/login`, { method: 'POST', headers: OWN, body });
  expect(answer.status).toBe(200);
  return { cookie: answer.headers.get('set-cookie')?.split(';')[0] ?? '' };
}

const ADDRESSES = Object.keys(ACCESS).map((key) => key.split(' ') as [string, string]);

/** An address with something in place of its parameters. */
const filled = (path: string) => path.replace(/:\w+/g, '1').replace('*', 'favicon.svg');

describe.each(WHO)('%s', (who) => {
  let cookie: Record<string, string>;
  beforeAll(async () => {
    cookie = await cookieFor(who);
  });

  // Logging out is last: it ends the session that the others need.
  const ordered = ADDRESSES.toSorted(
    (a, b) => Number(a[1] === '/api/logout') - Number(b[1] === '/api/logout'),
  );
  test.each(ordered)('%s %s', async (method, path) => {
    const abort = new AbortController();
    const answer = await fetch(url + filled(path), {
      method,
      headers: { ...OWN, ...cookie },
      signal: abort.signal,
      ...(method === 'POST' ? { body: '{}' } : {}),
    });
    const role: Role | null = who === 'nobody' ? null : who;
    const needed = accessOf(method, path);
    const refused = [401, 403].includes(answer.status);
    // Bodies are empty, so most changes end with 400: past the guard, and nothing was changed.
    expect(refused, `${answer.status}`).toBe(!holds(role, needed));
    if (!holds(role, needed)) expect(answer.status).toBe(role === null ? 401 : 403);
    abort.abort();
  });
});

test('the roles hold what the ones before them hold, and the table is no wish list', () => {
  const of = (role: Role | null) => Object.values(ACCESS).filter((n) => holds(role, n)).length;
  const counts = [null, ...ROLES].map(of);
  expect(counts).toEqual(counts.toSorted((a, b) => a - b));
  expect(new Set(counts).size).toBe(5);
  expect(counts[4]).toBe(ADDRESSES.length);
  const open = Object.keys(ACCESS).filter(
    (key) => ACCESS[key] === 'anyone' && key.includes('/api'),
  );
  expect(open).toEqual(['GET /api/me', 'POST /api/login', 'POST /api/claim']);
});

test('an address without a line in the table stops the start', async () => {
  const other = testConsole(fakeView());
  expect(() => other.app.get('/api/new', () => 'x')).toThrow(
    'GET /api/new has no role in agent/console/access.ts',
  );
  await other.close();
});

test('an unknown address and method say nothing of themselves to anybody', async () => {
  for (const [method, path] of [
    ['GET', '/api/nothing'],
    ['POST', '/api/plant'],
    ['DELETE', '/api/users/1'],
    ['PUT', '/api/users'],
  ]) {
    const answer = await fetch(`${url}${path}`, {
      method: String(method),
      headers: OWN,
      body: method === 'GET' ? null : '{}',
    });
    expect(answer.status, `${method} ${path}`).toBe(404);
  }
});

/** docs/security-matrix.md as the table and the API's own document say it. */
async function matrix(): Promise<string> {
  const open = testConsole(fakeView());
  const document = (await open.app.inject('/api/openapi.json')).json();
  await open.close();
  const mark = (role: Role | null, key: string) => (holds(role, ACCESS[key] ?? 'admin') ? '●' : '');
  const rows = ADDRESSES.map(([method, path]) => {
    const key = `${method} ${path}`;
    const written = path.replaceAll(/:(\w+)/g, '{$1}');
    const summary = document.paths[written]?.[method.toLowerCase()]?.summary ?? 'The page.';
    const marks = [null, ...ROLES].map((role) => mark(role, key)).join(' | ');
    return `| \`${key.replace('*', '\\*')}\` | ${marks} | ${summary} |`;
  });
  return [
    '# Who may do what',
    '',
    'Written from [access.ts](../agent/console/access.ts) by `npx vitest run',
    'tests/console/access.test.ts -u`; the test fails when the two differ. Every row is tried with every',
    'role against a running server. *nobody*: without a login where users exist.',
    '',
    '| address | nobody | viewer | operator | quality | admin | what for |',
    '|---|---|---|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}

test('docs/security-matrix.md is this table', async () => {
  await expect(await matrix()).toMatchFileSnapshot('../../docs/security-matrix.md');
});
