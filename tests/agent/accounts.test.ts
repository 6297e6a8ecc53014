import { readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, expect, it } from 'vitest';
import { verifyAudit } from '../../agent/store/audit.ts';
import { type AgentRig, agentRig } from '../support/agent-rig.ts';
import { meyar } from '../support/terminal.ts';

const SETTINGS = `plant: { name: Accounts (made up), site: test }
console: { port: 0 }
sources:
  gauge: { kind: manual }
characteristics:
  od: { name: OD, unit: mm, lsl: 21, usl: 23, source: gauge, tag: od, subgroup: { kind: by-count, size: 1 } }
`;
const PASSWORD = 'harbour lantern 81 quilt';
const OWN = { 'content-type': 'application/json', 'x-meyar': '1' };

let rig: AgentRig;
afterEach(() => rig.close());

function client(url: string) {
  let cookie = '';
  const post = async (path: string, body: object) => {
    const headers = { ...OWN, cookie };
    const answer = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) });
    cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? cookie;
    return answer;
  };
  const get = (path: string) => fetch(url + path, { headers: { cookie } });
  return { post, get };
}

it('a whole agent: first administrator, changes with their rows, a kill, a lost store', async () => {
  rig = agentRig(SETTINGS);
  const open = client(await rig.start());
  const file = join(rig.dataDir, 'admin-code.json');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const { code } = JSON.parse(readFileSync(file, 'utf8')) as { code: string };
  const event = { kind: 'lot', text: 'L-1', by: 'Akram' };
  expect((await open.post('/api/events', event)).status).toBe(201);
  const claim = { code, name: 'Bilal', password: PASSWORD };
  expect((await open.post('/api/claim', claim)).status).toBe(200);
  const reading = { characteristic: 'od', value: 22, gauge: 'mic 3', reason: 'check' };
  expect((await open.post('/api/readings', reading)).status).toBe(201);
  const more = { kind: 'tool-change', text: 'insert 8', by: 'Somebody Else' };
  expect((await open.post('/api/events', more)).status).toBe(201);
  await rig.end('SIGKILL');

  const after = client(await rig.start());
  expect((await after.get('/api/plant')).status).toBe(401);
  expect((await after.post('/api/login', { name: 'bilal', password: PASSWORD })).status).toBe(200);
  const events = (await (await after.get('/api/events')).json()) as { by: string }[];
  expect(events.map((one) => one.by)).toEqual(['Bilal', 'Akram']);
  const rows = (await (await after.get('/api/audit')).json()) as Record<string, string>[];
  const said = rows.map((row) => [row['what'], row['who'], row['role']].join(' ')).reverse();
  expect(said).toEqual([
    'agent-start agent agent',
    'event Akram none',
    'admin-claim Bilal admin',
    'manual-reading Bilal admin',
    'event Bilal admin',
    'agent-start agent agent',
    'login Bilal admin',
  ]);
  await rig.end('SIGTERM');
  const database = join(rig.dataDir, 'meyar.db');
  expect(verifyAudit(database)).toMatchObject({ rows: 8, firstWrong: null });
  const db = new DatabaseSync(database);
  db.exec("DROP TRIGGER audit_no_update; UPDATE audit SET record = replace(record, 'L-1', 'L-2')");
  db.close();
  expect(verifyAudit(database)).toMatchObject({ firstWrong: 2 });

  for (const side of ['', '-wal', '-shm']) rmSync(database + side, { force: true });
  const anew = client(await rig.start());
  expect((await anew.get('/api/plant')).status).toBe(401);
  expect((await anew.post('/api/login', { name: 'Bilal', password: PASSWORD })).status).toBe(200);
  const first = (await (await anew.get('/api/audit')).json()) as Record<string, string>[];
  expect(first.map((row) => row['what'])).toContain('accounts-restored');
});

it('the machine itself: a user is made, listed, given a new password and removed', async () => {
  rig = agentRig(SETTINGS);
  await rig.start();
  const data = ['--data', rig.dataDir];
  const busy = await meyar('user', 'add', 'Sana', ...data);
  expect([busy.code, busy.err]).toEqual([1, expect.stringContaining('in use by another Meyar')]);
  await rig.end('SIGTERM');
  const run = async (...args: string[]) => {
    const { code, out } = await meyar('user', ...args, ...data, '--json');
    expect(code).toBe(0);
    return JSON.parse(out);
  };
  const made = await run('add', 'Sana Malik', '--role', 'admin');
  expect(made).toMatchObject({ name: 'Sana Malik', role: 'admin' });
  expect(await run('list')).toEqual([{ name: 'Sana Malik', role: 'admin', secondFactor: false }]);
  const { password } = await run('password', 'sana malik');
  expect(password).not.toBe(made.password);
  const agent = client(await rig.start());
  const login = (typed: string) =>
    agent.post('/api/login', { name: 'Sana Malik', password: typed });
  expect((await login(made.password)).status).toBe(401);
  expect((await login(password)).status).toBe(200);
  await rig.end('SIGTERM');
  await run('remove', 'Sana Malik');
  const open = client(await rig.start());
  expect((await open.get('/api/plant')).status).toBe(200);
});
