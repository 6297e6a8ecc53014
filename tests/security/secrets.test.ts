import { execFile } from 'node:child_process';
import {
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { learnSecrets, maskSecrets, secretsIn } from '../../agent/runtime/secrets.ts';
import { readSettings } from '../../agent/settings/load.ts';
import { type AgentProcess, startAgentProcess } from '../chaos/agent-process.ts';
import { eventually } from '../support/agent-rig.ts';
import { needs } from '../support/debian.ts';
import { closeServer, listen } from '../support/influxdb.ts';
import { type Mosquitto, startMosquitto } from '../support/mosquitto.ts';

const MAIN = fileURLToPath(new URL('../../agent/main.ts', import.meta.url));

/** One word for every place in the settings that can hold a secret; it must turn up nowhere. */
const PLACES = [
  'source-password',
  'sparkplug-password',
  'channel-password',
  'mail-password',
  'hook-secret',
  'hook-header',
  'hook-query',
  'hook-path-0123456789abcdef',
  'influx-token',
  'influx-password',
  'file-secret',
] as const;
const canary = (place: (typeof PLACES)[number]) => `CANARY.${place}`;

const settings = (broker: string, refusing: string) => `
plant: { name: Rig, site: Lahore }
console: { port: 0 }
sources:
  cells:
    kind: mqtt
    url: ${broker}
    username: meyar
    password: \${MQTT_PASSWORD}
    topics: [{ topic: a/b, stream: s, values: { od: od } }]
  spark:
    kind: sparkplug
    url: ${broker}
    username: meyar
    password: "${canary('sparkplug-password')}"
    nodes: [{ group: g }]
  bench: { kind: manual, plausible: 1000 }
characteristics:
  od: { name: OD, source: bench, tag: od, unit: mm, nominal: 22, lsl: 21, usl: 23, decimals: 3 }
  hv: { name: HV, source: cells, tag: od, unit: HV, nominal: 22, lsl: 21, usl: 23, decimals: 3 }
alerts:
  channels:
    phone:
      kind: webhook
      url: ${refusing}/${canary('hook-path-0123456789abcdef')}?key=${canary('hook-query')}
      secret: \${credential:hook}
      headers: { authorization: "Bearer ${canary('hook-header')}" }
    gone: { kind: webhook, url: "http://127.0.0.1:1/?key=${canary('hook-query')}", secret: "\${file:secret}" }
    mail:
      kind: email
      host: 127.0.0.1
      port: 1
      username: meyar
      password: ${canary('mail-password')}
      from: a@plant.example
      to: [b@plant.example]
    bus: { kind: mqtt, url: "${broker}", topic: t, username: meyar, password: "${canary('channel-password')}" }
sinks:
  v2: { kind: influxdb, url: "${refusing}", bucket: b, org: o, token: "${canary('influx-token')}", flushEvery: 100ms }
  v1: { kind: influxdb, url: "http://127.0.0.1:1", database: d, username: u, password: "${canary('influx-password')}", flushEvery: 100ms }
`;

describe.skipIf(!needs('mosquitto'))('secrets turn up nowhere', () => {
  let folder: string;
  let broker: Mosquitto;
  let refusing: Server;
  let agent: AgentProcess;
  let url: string;
  let file: string;
  const env = () => ({
    ...process.env,
    MQTT_PASSWORD: canary('source-password'),
    CREDENTIALS_DIRECTORY: join(folder, 'credentials'),
  });

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'meyar-canary-'));
    mkdirSync(join(folder, 'credentials'));
    writeFileSync(join(folder, 'credentials', 'hook'), canary('hook-secret'));
    writeFileSync(join(folder, 'secret'), `${canary('file-secret')}\n`);
    broker = await startMosquitto({ users: { meyar: 'another' } });
    // What it was sent comes back in its answer, as some servers do.
    refusing = createServer((request, response) => {
      response.writeHead(401, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ message: `no: ${JSON.stringify(request.headers)}` }));
    });
    file = join(folder, 'plant.yaml');
    writeFileSync(file, settings(broker.url, await listen(refusing)));
    agent = startAgentProcess(file, join(folder, 'data'), { log: 'debug', env: env() });
    url = await agent.url;
  });
  afterAll(async () => {
    await agent?.kill('SIGKILL');
    await broker?.close();
    if (refusing) await closeServer(refusing);
    rmSync(folder, { recursive: true, force: true });
  });

  const clean = (what: string, text: string) => {
    expect(text.length, `${what} says nothing`).toBeGreaterThan(0);
    for (const place of PLACES) {
      const at = text.indexOf(canary(place));
      expect(at < 0 ? '' : `${what}: …${text.slice(Math.max(0, at - 80), at + 40)}`).toBe('');
    }
    expect(text).not.toContain('CANARY');
  };
  const command = (...words: string[]) =>
    new Promise<string>((resolve) => {
      execFile(process.execPath, [MAIN, ...words], { env: env() }, (_error, out, err) =>
        resolve(out + err),
      );
    });

  it('in the answers of the API, the log and the store, while everything is refused', async () => {
    for (const value of [21.5, 22, 24, 25, 26]) {
      const body = { characteristic: 'od', value, operator: 'Ali', gauge: 'M-1' };
      const headers = { 'content-type': 'application/json' };
      await fetch(`${url}/api/readings`, { method: 'POST', headers, body: JSON.stringify(body) });
    }
    interface Health {
      sources: { state: string }[];
      sinks: { state: string }[];
    }
    await eventually(async () => {
      const health = (await (await fetch(`${url}/healthz`)).json()) as Health;
      const all = [...health.sources, ...health.sinks];
      return all.filter((one) => !['up', 'connecting'].includes(one.state)).length >= 7;
    }, 'everything refused');
    const document = (await (await fetch(`${url}/api/openapi.json`)).json()) as {
      paths: Record<string, Record<string, unknown>>;
    };
    const reads = Object.entries(document.paths).filter(([path, methods]) => {
      return 'get' in methods && !path.includes('{') && !path.endsWith('/live');
    });
    expect(reads.length).toBeGreaterThan(10);
    for (const [path] of reads) clean(path, await (await fetch(url + path)).text());

    writeFileSync(file, `${readFileSync(file, 'utf8')}\nsinks2: ${canary('influx-token')}\n`);
    agent.signal('SIGHUP');
    await eventually(() => agent.errors().includes('sinks2'), 'the refusal of the new settings');
    clean('the log', agent.errors());
    clean('stdout', agent.output());
  });

  it('in any file that the agent writes, and those are for its own user only', () => {
    const files = globSync('**/*', { cwd: join(folder, 'data') });
    const real = files.filter((name) => statSync(join(folder, 'data', name)).isFile());
    expect(real.length).toBeGreaterThan(0);
    expect(statSync(join(folder, 'data')).mode & 0o777).toBe(0o700);
    for (const name of real) {
      const path = join(folder, 'data', name);
      expect(`${name} ${(statSync(path).mode & 0o777).toString(8)}`).toBe(`${name} 600`);
      if (statSync(path).size > 0) clean(name, readFileSync(path).toString('latin1'));
    }
  });

  it('in what the commands say about good and bad settings', async () => {
    const bad = join(folder, 'bad.yaml');
    const text = settings('mqtt://127.0.0.1:1', 'http://127.0.0.1:1');
    const wrong = text
      .replace('token: "', 'token: ["')
      .replace('", flushEvery: 100ms }\n  v1', '"], flushEvery: 100ms }\n  v1')
      .replace('password: ${MQTT_PASSWORD}', 'password: { a: "${MQTT_PASSWORD}" }')
      .replace('secret: "${file:secret}"', 'secret: "${file:secret}", secrt: "${file:secret}"')
      .replace('authorization: "', 'authorization: 5, "a\\n": "');
    writeFileSync(bad, wrong);
    const good = join(folder, 'good.yaml');
    writeFileSync(good, text);
    const said = await Promise.all([
      command('check', bad),
      command('check', bad, '--json'),
      command('run', '-c', bad, '--data', join(folder, 'none')),
      command('check', good),
      command('doctor', '-c', good, '--data', join(folder, 'doctor')),
      command('test', good, '--for', '1s'),
    ]);
    expect(said[0]).toMatch(/problem/);
    said.forEach((text, i) => {
      clean(`command ${i}`, text);
    });
  });
});

describe('what counts as a secret', () => {
  it('is found by the name of its key, in headers, and in the query of an address', () => {
    const found = secretsIn({
      a: { password: 'p-1', clientSecret: 's-1', note: 'plain' },
      headers: { 'x-any': 'h-1' },
      url: 'https://hooks.example.com/T0/abcdefghijklmnopqrstuvwx?k=q-1',
    });
    expect(found.sort()).toEqual(['abcdefghijklmnopqrstuvwx', 'h-1', 'p-1', 'q-1', 's-1']);
  });

  it('is blacked out as it stands, in JSON and in addresses, but short words are not', () => {
    learnSecrets(['geheim"wort ü', 'abc']);
    const all = `geheim"wort ü ${JSON.stringify('geheim"wort ü')} ${encodeURIComponent('geheim"wort ü')}`;
    expect(maskSecrets(`${all} abc`)).toBe('*** "***" *** abc');
  });
});

describe('credentials of systemd', () => {
  const read = (text: string, env: Record<string, string>) =>
    readSettings(`plant: { name: "\${credential:${text}}", site: x }`, '/nowhere.yaml', env);
  it.each(['../hook', 'a/b', '', '..', 'a b'])('%j is no name', (name) => {
    expect(JSON.stringify(read(name, { CREDENTIALS_DIRECTORY: '/etc' }).problems)).toMatch(
      /no name/,
    );
  });
  it('says that there are none', () => {
    expect(JSON.stringify(read('hook', {}).problems)).toMatch(/handed over by systemd/);
  });
});
