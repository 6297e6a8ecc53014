import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CharacteristicSummary, SourceHealth } from '../../agent/model.ts';
import { agentRig, eventually } from '../support/agent-rig.ts';
import { type CliRun, cli, startCli } from '../support/cli.ts';
import { needs } from '../support/debian.ts';
import { type Mosquitto, startMosquitto } from '../support/mosquitto.ts';
import { publisher } from '../support/mqtt.ts';

const NOBODY = '127.0.0.1:1';
let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'meyar-faults-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const PLC_OFF = `plant: { name: Faults (made up), site: test }
console: { host: 127.0.0.1, port: 0 }
sources:
  plc:
    kind: modbus
    url: tcp://${NOBODY}
    units:
      - id: 1
        name: cnc
        tags: [{ name: od, address: 6, type: float32, every: 100ms }]
characteristics:
  od: { name: OD, unit: mm, source: plc, tag: cnc.od }
`;

/** One sentence for people: no stack, no second telling. */
function expectSentence(err: string, says: RegExp): void {
  const lines = err
    .trim()
    .split('\n')
    .filter((line) => !line.startsWith('{'));
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(says);
}

async function listening(): Promise<{ port: number; close(): Promise<void> }> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return { port, close: () => new Promise((resolve) => server.close(() => resolve())) };
}

const runArgs = (settings: string, data: string) => ['run', '-c', settings, '--data', data];

async function end(run: CliRun): Promise<number | null> {
  run.child.kill('SIGTERM');
  return run.ended;
}

describe('what is wrong before the start', () => {
  it('a broken settings file: every problem with its place, exit code 2', async () => {
    const text = PLC_OFF.replace('site: test', 'sitee: test').replace('unit: mm', 'unit: 7');
    const settings = file('broken.yaml', text);
    const { code, err, out } = await cli(runArgs(settings, join(folder, 'none')));
    expect([code, out]).toEqual([2, '']);
    const places = err.trim().split('\n');
    expect(places.length).toBeGreaterThanOrEqual(2);
    for (const line of places) expect(line).toMatch(/broken\.yaml:\d+:\d+: .+/);
    expect(err).toContain("broken.yaml:1:34: plant: unknown key 'sitee' — did you mean 'site'?");
    expect(err).toMatch(/broken\.yaml:12:\d+: characteristics\.od\.unit/);
    expect(readdirSync(folder)).not.toContain('none');
  });

  it('no settings file, or none named', async () => {
    const missing = await cli(runArgs(join(folder, 'missing.yaml'), folder));
    expect(missing.code).toBe(2);
    expectSentence(missing.err, /missing\.yaml: cannot be read: .*no such file/);
    const unnamed = await cli(['run']);
    expect(unnamed.code).toBe(2);
    expectSentence(unnamed.err, /-c FILE/);
  });

  it('a port in use: says which, ends by itself, leaves the data folder free', async () => {
    const other = await listening();
    const data = join(folder, 'port');
    const taken = file('port.yaml', PLC_OFF.replace('port: 0', `port: ${other.port}`));
    const { code, err } = await cli(runArgs(taken, data));
    await other.close();
    expect(code).toBe(2);
    expectSentence(
      err,
      new RegExp(`cannot listen on 127\\.0\\.0\\.1:${other.port}: another program`),
    );
    const second = startCli(runArgs(file('free.yaml', PLC_OFF), data));
    await second.says(/http:\/\/127/);
    expect(await end(second)).toBe(0);
  });

  it('an address that this machine has not', async () => {
    const remote = PLC_OFF.replace('host: 127.0.0.1', 'host: 192.0.2.7, behindProxy: true');
    const data = join(folder, 'remote');
    const args = runArgs(file('remote.yaml', remote), data);
    const open = await cli(args);
    expect(open.code).toBe(2);
    expectSentence(open.err, /no users: make the first with `meyar user add/);
    expect((await cli(['user', 'add', 'Sana', '--role', 'admin', '--data', data])).code).toBe(0);
    const { code, err } = await cli(args);
    expect(code).toBe(2);
    expectSentence(err, /192\.0\.2\.7:0: this machine does not have that address/);
  });

  it('a data folder in use: the second agent says so, the first one goes on', async () => {
    const rig = agentRig(PLC_OFF);
    await rig.start();
    const second = await cli(runArgs(rig.settingsFile, rig.dataDir));
    expect(second.code).toBe(2);
    expectSentence(
      second.err,
      /meyar\.db is in use by another Meyar \(process \d+\)\. Stop it first/,
    );
    expect(await rig.get<unknown[]>('/api/sources')).toHaveLength(1);
    await rig.close();
  });

  it('a data folder that cannot be made, or is none', async () => {
    const settings = file('data.yaml', PLC_OFF);
    for (const data of [settings, join(settings, 'below'), '/dev/null/meyar']) {
      const { code, err } = await cli(runArgs(settings, data));
      expect(code, data).toBe(2);
      expectSentence(err, /the data folder .* cannot be used: .* --data DIR/);
    }
  });

  it('a data folder in which no file can be made', async () => {
    // Not even root may make a file where a folder has its name.
    const data = join(folder, 'taken');
    mkdirSync(join(data, 'meyar.db.lock'), { recursive: true });
    const { code, err } = await cli(runArgs(file('taken.yaml', PLC_OFF), data));
    expect(code).toBe(2);
    expectSentence(err, /^locking .*meyar\.db\.lock: the database file cannot be opened/);
  });
});

interface Told {
  data: { title: string; event: { unrecorded?: true; alert: { id: number; kind: string } } };
}

/** A server that takes what a channel sends. */
async function hook(): Promise<{ url: string; told: Told[]; close(): Promise<void> }> {
  const told: Told[] = [];
  const server = createHttpServer(async (request, answer) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    told.push(JSON.parse(body) as Told);
    answer.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}/`,
    told,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

describe('a store that fails while the agent runs', () => {
  it('says so, on the channels too, acknowledges nothing, and goes on by itself when it is back', async () => {
    const data = join(folder, 'held');
    // Silence is noticed soon, so there is something to write.
    const soon = PLC_OFF.replace('tag: cnc.od', 'tag: cnc.od, noDataAfter: 1s');
    const phone = await hook();
    const channels = `alerts: { channels: { phone: { kind: webhook, url: "${phone.url}" } } }`;
    const settings = file('held.yaml', `${soon}${channels}\n`);
    const run = startCli(runArgs(settings, data));
    await run.says(/: http:\/\/127\S+/);
    const url = /http:\/\/127\S+/.exec(run.out())?.[0];
    const readyz = async () => {
      const answer = await fetch(`${url}/readyz`);
      return { status: answer.status, text: await answer.text() };
    };
    expect((await readyz()).status).toBe(200);
    const other = new DatabaseSync(join(data, 'meyar.db'), { timeout: 5000 });
    other.exec('BEGIN IMMEDIATE');
    await eventually(async () => (await readyz()).status === 503, 'readyz tells');
    expect((await readyz()).text).toContain('the database is locked by another process');
    // Silence, and then the store itself: neither can be recorded, people hear of both.
    await eventually(() => phone.told.length >= 2, 'people are told');
    expect(phone.told.map(({ data }) => data.title)).toEqual([
      expect.stringMatching(/no reading for .*\(not recorded\)$/),
      expect.stringMatching(/^ALARM: .*nothing can be recorded: .*locked.*\(not recorded\)$/),
    ]);
    const body = JSON.stringify({ kind: 'lot', text: 'B', by: 'Sana' });
    const headers = { 'content-type': 'application/json' };
    const refused = await fetch(`${url}/api/events`, { method: 'POST', headers, body });
    expect(refused.ok).toBe(false);
    other.exec('ROLLBACK');
    other.close();
    await eventually(async () => (await readyz()).status === 200, 'it goes on');
    const events = (await (await fetch(`${url}/api/events`)).json()) as { text: string }[];
    expect(events[0]?.text).toMatch(/the store took no writes for .*locked/);
    const alerts = await (await fetch(`${url}/api/alerts`)).json();
    expect(alerts).toHaveLength(2);
    expect(await end(run)).toBe(0);
    // Recorded now, and not told again.
    const again = phone.told.map(({ data }) => data.event).filter((e) => e.unrecorded !== true);
    expect(again.map(({ alert }) => alert.kind)).toEqual([]);
    await phone.close();
    const told = run
      .err()
      .split('\n')
      .filter((line) => /store-failed|store-back|core-failed/.test(line));
    expect(told.map((line) => /store-\w+|core-\w+/.exec(line)?.[0])).toEqual([
      'store-failed',
      'store-back',
    ]);
  });
});

describe.skipIf(!needs('mosquitto'))('partners that are off, refuse, or talk nonsense', () => {
  let broker: Mosquitto;
  beforeAll(async () => {
    broker = await startMosquitto({ users: { cell: 'right', agent: 'right' } });
  });
  afterAll(() => broker?.close());

  const topics = 'topics: [{ topic: "ravi/{s}", sequence: seq, values: { "{s}.v": v } }]';
  const mqtt = (url: string, password: string) =>
    `{ kind: mqtt, url: "${url}", username: agent, password: ${password}, ${topics} }`;
  const row = (source: string, tag: string) =>
    `{ name: X, source: ${source}, tag: ${tag}, subgroup: { kind: by-count, size: 1 } }`;
  const settings = () => `plant: { name: Faults (made up), site: test }
console: { port: 0 }
sources:
  good: ${mqtt(broker.url, 'right')}
  refused: ${mqtt(broker.url, 'wrong')}
  nobody: ${mqtt(`mqtt://${NOBODY}`, 'right')}
  plc: { kind: modbus, url: "tcp://${NOBODY}", units: [{ id: 1, name: cnc, tags: [{ name: od, address: 6, type: float32, every: 100ms }] }] }
characteristics:
  a: ${row('good', 'cell.v')}
  b: ${row('refused', 'cell.v')}
  c: ${row('nobody', 'cell.v')}
  d: ${row('plc', 'cnc.od')}
alerts: { channels: { hook: { kind: webhook, url: "http://${NOBODY}/x" } } }
sinks: { influx: { kind: influxdb, url: "http://${NOBODY}", database: x, flushEvery: 20ms } }
`;

  it('each says so once, in words, and the rest goes on', async () => {
    const rig = agentRig(settings());
    await rig.start();
    const cell = await publisher(broker.url, { username: 'cell', password: 'right' });
    const sources = async () =>
      new Map((await rig.get<SourceHealth[]>('/api/sources')).map((s) => [s.name, s]));
    const a = () => rig.get<CharacteristicSummary>('/api/characteristics/a');
    await eventually(async () => {
      const all = await sources();
      const state = (name: string) => all.get(name)?.state;
      return (
        state('good') === 'up' &&
        ['refused', 'nobody', 'plc'].every((name) => state(name) === 'down')
      );
    }, 'the states of all sources');
    const all = await sources();
    expect(all.get('refused')?.detail).toMatch(/refuse|password|not authori[sz]ed/i);
    expect(all.get('nobody')?.detail).toContain('no broker answers at 127.0.0.1:1');
    expect(all.get('plc')?.detail).toContain('ECONNREFUSED');

    const garbage = [
      '',
      '{',
      'null',
      '[]',
      '"text"',
      '{"seq":1}',
      '{"seq":1,"v":"ten"}',
      '\u0000ÿ',
    ];
    for (const payload of garbage) await cell.send('ravi/cell', payload);
    await cell.send('ravi/cell', Buffer.from([0xff, 0xfe, 0x00, 0x80]));
    await cell.send('ravi/cell', `{"seq":2,"v":1e999,"x":"${'y'.repeat(5000)}"}`);
    await cell.send('ravi/cell', '{"seq":3,"v":10.5}');
    await eventually(async () => (await a()).lastValue === 10.5, 'the good message arrives');
    expect((await a()).readings).toBe(1);
    expect((await sources()).get('good')?.state).not.toBe('down');

    // Some seconds more of retries: they are counted, not told again.
    await new Promise((resolve) => setTimeout(resolve, 2500));
    const told = rig
      .errors()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, string>);
    const by = (part: string) =>
      told.filter((line) => line['source'] === part || line['sink'] === part);
    for (const part of ['refused', 'nobody', 'plc', 'influx']) {
      expect(
        by(part).map((line) => line['event']),
        part,
      ).toHaveLength(1);
    }
    expect(told.length).toBeLessThan(10);
    await cell.send('ravi/cell', '{"seq":4,"v":10.6}');
    await eventually(async () => (await a()).lastValue === 10.6, 'readings go on');
    await cell.close();
    await rig.end('SIGTERM');
    await rig.close();
  });
});

describe('the demo', () => {
  /** Temporary files go to a folder of their own, so that what is left behind shows. */
  async function demo(args: string[], env: Record<string, string> = {}) {
    const own = mkdtempSync(join(folder, 'tmp-'));
    const result = await cli(['demo', ...args], { TMPDIR: own, ...env });
    return { ...result, left: readdirSync(own) };
  }

  it('ends by itself, with its servers and its files, whatever fails', async () => {
    const other = await listening();
    const failures: [string[], RegExp, Record<string, string>?][] = [
      [['--port', String(other.port)], /cannot listen on 127\.0\.0\.1:\d+: another program/],
      [['--port', '99999'], /--port 99999: a number from 0 to 65535 is needed/],
      [['--speed', 'fast'], /--speed fast: a number from .* is needed/],
      [['--for', 'ever'], /--for ever: write a duration/],
      [['P9'], /there is no plant 'P9'/],
      [['--port', '0', '--data', '/dev/null/meyar'], /the data folder .* cannot be used/],
      [
        ['--port', '0'],
        /ravi-auto-shafts\.yaml:\d+:\d+: sinks\.influx\.url/,
        { INFLUX_URL: 'nonsense' },
      ],
    ];
    const one = async ([args, says, env]: (typeof failures)[number]) => {
      const { code, err, out, left } = await demo(args, env);
      expect([code, out, left], args.join(' ')).toEqual([2, '', []]);
      expectSentence(err, says);
    };
    await Promise.all(failures.map(one));
    await other.close();
  });

  it('ends when a person says so, and leaves nothing', async () => {
    const own = mkdtempSync(join(folder, 'tmp-'));
    const run = startCli(['demo', '--port', '0', '--speed', '600'], { TMPDIR: own });
    await run.says('Open http://');
    run.child.kill('SIGINT');
    expect(await run.ended).toBe(0);
    expect(run.out()).toMatch(/\d+ parts, \d+ readings/);
    expect(readdirSync(own)).toEqual([]);
  });
});
