import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, expect, it } from 'vitest';
import { verifyAudit } from '../../agent/store/audit.ts';
import { type AgentRig, agentRig } from '../support/agent-rig.ts';
import { codeOf } from '../support/second-factor.ts';
import { meyar } from '../support/terminal.ts';

const folder = mkdtempSync(join(tmpdir(), 'meyar-leaked-'));
const LEAKED = join(folder, 'leaked.txt');
writeFileSync(LEAKED, 'Velvet-Umbrella-Nine\r\nzebra quilted marmalade\n');
const SETTINGS = `plant: { name: Factors (made up), site: Sialkot }
console: { port: 0 }
security: { secondFactor: required, refusedPasswords: ${LEAKED} }
sources: { gauge: { kind: manual } }
characteristics:
  od: { name: OD, unit: mm, lsl: 21, usl: 23, source: gauge, tag: od, subgroup: { kind: by-count, size: 1 } }
`;

let rig: AgentRig;
afterEach(() => rig.close());

function client(url: string) {
  let cookie = '';
  const post = async (path: string, body: object) => {
    const headers = { 'content-type': 'application/json', 'x-meyar': '1', cookie };
    const answer = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) });
    cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? cookie;
    return answer;
  };
  const get = async (path: string) => (await fetch(url + path, { headers: { cookie } })).json();
  return { post, get };
}

it('a whole agent: required, set up, outlives a kill, reset on the machine itself', async () => {
  rig = agentRig(SETTINGS);
  mkdirSync(rig.dataDir, { recursive: true });
  const data = ['--data', rig.dataDir];
  const added = await meyar('user', 'add', 'Bilal Aslam', '--role', 'admin', ...data, '--json');
  const made = JSON.parse(added.out) as { password: string; name: string };
  const { name } = made;
  const password = 'harbour lantern 81 quilt';
  const first = client(await rig.start());
  const own = { name, password: made.password };
  expect((await first.post('/api/login', own)).status).toBe(200);
  expect(await first.get('/api/me')).toMatchObject({ role: 'viewer', initialPassword: true });
  const event = { kind: 'lot', text: 'L-1' };
  const refused = await (await first.post('/api/events', event)).json();
  expect(refused).toMatchObject({ error: 'password-change-needed' });
  const change = { old: made.password, password };
  expect((await first.post('/api/password', change)).status).toBe(200);
  expect(await first.get('/api/me')).toMatchObject({ role: 'operator' });
  const began = await first.post('/api/second-factor/begin', { password });
  const { secret } = (await began.json()) as { secret: string };
  const used = codeOf(secret, Date.now());
  const turned = await first.post('/api/second-factor/confirm', { code: used });
  const { recovery } = (await turned.json()) as { recovery: string[] };
  expect(await first.get('/api/me')).toMatchObject({ role: 'admin' });

  // Neither lists of leaked passwords (ours, and the plant's) nor names of the plant make one.
  const leaked = ['zqjphsyf6ctifgu', 'velvet-umbrella-nine', 'Zebra quilted marmalade'];
  for (const weak of [...leaked, 'Factors-Sialkot-77']) {
    const user = { name: 'Nadia Khan', role: 'viewer', password: weak };
    expect((await first.post('/api/users', user)).status, weak).toBe(400);
  }
  await rig.end('SIGKILL');

  const after = client(await rig.start());
  const login = (code?: string) => after.post('/api/login', { name, password, code });
  expect((await login()).status).toBe(401);
  // Used before the kill: it stays used.
  expect((await login(used)).status).toBe(401);
  expect((await login(recovery[0])).status).toBe(200);
  expect((await login(recovery[0])).status).toBe(401);
  const busy = await meyar('user', '--reset-second-factor', name, ...data);
  expect([busy.code, busy.err]).toEqual([1, expect.stringContaining('in use by another Meyar')]);
  await rig.end('SIGTERM');

  const list = JSON.parse((await meyar('user', 'list', ...data, '--json')).out);
  expect(list).toEqual([{ name, role: 'admin', secondFactor: true }]);
  const both = await meyar('user', 'list', '--reset-second-factor', name, ...data);
  expect(both.code).toBe(2);
  const reset = await meyar('user', '--reset-second-factor', 'BILAL aslam', ...data);
  expect([reset.code, reset.out.trim()]).toEqual([0, `${name}: has no second factor any more`]);
  const again = await meyar('user', '--reset-second-factor', name, ...data);
  expect([again.code, again.err]).toEqual([2, expect.stringContaining('has no second factor')]);

  const database = join(rig.dataDir, 'meyar.db');
  expect(verifyAudit(database).firstWrong).toBe(null);
  const db = new DatabaseSync(database, { readOnly: true });
  const records = db.prepare('SELECT record FROM audit ORDER BY n').all();
  db.close();
  const rows = records.map((row) => String(row['record'])).join('\n');
  expect(rows).toContain('second-factor-on');
  expect(rows).toMatch(/data folder.*second-factor-reset/);
  expect(rows).not.toContain(secret.replaceAll(' ', ''));
  const last = client(await rig.start());
  expect((await last.post('/api/login', { name, password })).status).toBe(200);
  expect(await last.get('/api/me')).toMatchObject({ role: 'operator' });
});

it('says at the start that the list of refused passwords cannot be read', async () => {
  rig = agentRig(SETTINGS.replace(LEAKED, join(folder, 'none.txt')));
  await expect(rig.start()).rejects.toThrow(/security\.refusedPasswords: .*none\.txt cannot be/);
});
