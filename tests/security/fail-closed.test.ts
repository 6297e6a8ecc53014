import { describe, expect, it } from 'vitest';
import { ACCESS } from '../../agent/console/access.ts';
import { hashOf } from '../../agent/console/auth/accounts.ts';
import type { ConsoleView } from '../../agent/console/view.ts';
import { recordingLog, testConsole } from '../console/console-app.ts';
import { OWN, PASSWORD, PEOPLE, people } from '../console/people.ts';
import { fakeAccounts } from '../support/fake-accounts.ts';
import { fakeView } from '../support/fake-view.ts';

const INSIDE = 'SQLITE_IOERR /var/lib/meyar/meyar.db hunter2';

/** Every question and every change ends in a fault, as when the disk or a thread is gone. */
function brokenView(): ConsoleView {
  const view = fakeView();
  const broken: ProxyHandler<ConsoleView> = {
    get: (target, name) => {
      // Read once at the start, before anything can fail.
      if (name === 'subscribe' || name === 'plant') return Reflect.get(target, name);
      return () => {
        throw new Error(INSIDE);
      };
    },
  };
  return new Proxy<ConsoleView>(view, broken);
}

const BODIES: Record<string, object> = {
  'POST /api/alerts/:id/acknowledge': { cause: 'Insert worn', action: 'Changed' },
  'POST /api/alerts/:id/shelve': { reason: 'waits for parts', for: '1h' },
  'POST /api/readings': { characteristic: 'od', value: 22, gauge: 'M-1' },
  'POST /api/events': { kind: 'lot', text: 'L-1' },
  'POST /api/sinks/:name/rejected/drop': { reason: 'old' },
  'POST /api/users': { name: 'Nadia Khan', role: 'viewer', password: PASSWORD },
  'POST /api/users/:name/role': { role: 'operator' },
  'POST /api/users/:name/password': { password: PASSWORD },
  'POST /api/tokens': { name: 'Hall', role: 'viewer', days: 1 },
  'POST /api/password': { old: PASSWORD, password: 'harbour quilt lantern 9' },
  'POST /api/second-factor/begin': { password: PASSWORD },
  'POST /api/login': { name: PEOPLE.viewer, password: PASSWORD },
};
/** Answer without the view and without a change, so that there is nothing to fail. */
const CALM =
  /^(GET|HEAD) \/(\*)?$|livez|api\/(me|openapi\.json|plant|users|tokens|sessions|live)$|begin$/;

const filled = (path: string) =>
  path.replace('/users/:name', `/users/${encodeURIComponent(PEOPLE.viewer)}`).replace(/:\w+/g, '1');

describe('when everything behind it fails', async () => {
  const accounts = fakeAccounts(await people());
  const secret = 'a'.repeat(43);
  const id = hashOf(secret);
  const now = Date.now();
  const session = {
    id,
    user: PEOPLE.admin.toLowerCase(),
    createdMs: now,
    seenMs: now,
    address: '',
  };
  accounts.kept.set(`session:${id}`, JSON.stringify(session));
  const before = JSON.stringify([...accounts.kept]);
  accounts.save = async () => {
    throw new Error(INSIDE);
  };
  accounts.rows = async () => {
    throw new Error(INSIDE);
  };
  const log = recordingLog();
  const { app } = testConsole(brokenView(), { accounts, log });
  const cookie = `meyar-0=${secret}`;

  const addresses = Object.keys(ACCESS).filter((key) =>
    key.startsWith('POST')
      ? !CALM.test(key.replace('users', 'x').replace('tokens', 'x'))
      : !CALM.test(key),
  );

  it.each(addresses)('%s refuses, and tells nothing of the inside', async (key) => {
    const [method, path] = key.split(' ') as ['GET' | 'POST', string];
    const payload = method === 'POST' ? { payload: BODIES[key] ?? {} } : {};
    const headers = { ...OWN, ...(key === 'POST /api/login' ? {} : { cookie }) };
    const answer = await app.inject({ method, url: filled(path), headers, ...payload });
    expect(answer.statusCode, answer.body).toBeGreaterThanOrEqual(400);
    expect(answer.headers['set-cookie']).toBe(undefined);
    for (const word of ['SQLITE', '/var/lib', 'hunter2', 'node_modules', '.ts:', '\\n    at ']) {
      expect(answer.body, key).not.toContain(word);
    }
    // Most reach the fault itself; that they do is what makes the rest worth something.
    if (key in BODIES) expect([500, 503]).toContain(answer.statusCode);
  });

  it('nothing of the accounts was changed, and people go on having the rights they had', async () => {
    expect(JSON.stringify([...accounts.kept])).toBe(before);
    const me = await app.inject({ url: '/api/me', headers: { cookie } });
    expect(me.json()).toMatchObject({ role: 'admin' });
    const nobody = await app.inject({ url: '/api/users' });
    expect(nobody.statusCode).toBe(401);
  });

  it('the log has what the answers do not', () => {
    const failed = log.entries.filter((entry) => entry.event === 'console-request-failed');
    expect(failed.length).toBeGreaterThan(20);
    expect(JSON.stringify(failed)).toContain('SQLITE_IOERR');
  });
});

it('accounts that cannot be read open nothing', async () => {
  const accounts = fakeAccounts(await people());
  accounts.load = async () => {
    throw new Error(INSIDE);
  };
  const console_ = testConsole(fakeView(), { accounts });
  await expect(console_.listen()).rejects.toThrow();
  await console_.close().catch(() => {});
});

it('a row of a user that cannot be read gives nobody a right, and does not open the rest', async () => {
  const rows = await people();
  rows[`user:${PEOPLE.admin.toLowerCase()}`] = '{"key":';
  const { app } = testConsole(fakeView(), { accounts: fakeAccounts(rows) });
  const login = { name: PEOPLE.admin, password: PASSWORD };
  const answer = await app.inject({
    method: 'POST',
    url: '/api/login',
    headers: OWN,
    payload: login,
  });
  expect(answer.statusCode).toBe(401);
  expect((await app.inject('/api/plant')).statusCode).toBe(401);
});
