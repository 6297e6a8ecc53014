import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'mqtt';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { startBroker } from '../../agent/plants/broker.ts';
import { createDiscovery } from '../../agent/sources/mqtt/discover.ts';
import { propose } from '../../agent/sources/mqtt/propose.ts';
import { settings } from '../../agent/sources/mqtt/settings.ts';
import { needs } from '../support/debian.ts';
import { freePort } from '../support/free-port.ts';
import { type Mosquitto, startMosquitto } from '../support/mosquitto.ts';
import { publisher } from '../support/mqtt.ts';
import { meyar } from '../support/terminal.ts';

const NOW = Date.UTC(2026, 2, 1, 8);

describe('what is heard of a broker', () => {
  const heard = () => {
    const discovery = createDiscovery();
    for (let i = 0; i < 5; i += 1) {
      for (const station of ['k7', 'k8']) {
        const message = { n: 40 + i, ts: NOW + i * 1000, v: { h: 58 + (i % 3) / 10 }, lot: 'L-1' };
        const payload = Buffer.from(JSON.stringify(message));
        discovery.take(`ravi/${station}/result`, payload, false, NOW + i * 1000);
      }
      discovery.take('ravi/temp', Buffer.from('21,5'), false, NOW + i * 500);
    }
    discovery.take('ravi/config', Buffer.from('{"target":5}'), true, NOW);
    discovery.take('odd', Buffer.from([0, 255, 254]), false, NOW);
    discovery.take('zipped', Buffer.from([0x1f, 0x8b, 8, 0]), false, NOW);
    return discovery.findings();
  };

  it('is told by form, rate and role of each path', () => {
    const found = new Map(heard().map((f) => [f.topic, f]));
    expect(found.get('ravi/k7/result')).toMatchObject({ messages: 5, form: 'json', perSecond: 1 });
    const roles = found.get('ravi/k7/result')?.paths.map((p) => [p.path, p.role, p.unit]);
    expect(roles).toEqual([
      ['n', 'counter', null],
      ['ts', 'time', 'ms'],
      ['v.h', 'value', null],
      ['lot', 'text', null],
    ]);
    expect(found.get('ravi/temp')).toMatchObject({ form: 'number', perSecond: 2 });
    expect(found.get('ravi/config')).toMatchObject({ retained: 1, perSecond: null });
    expect([found.get('odd')?.form, found.get('zipped')?.form]).toEqual(['binary', 'compressed']);
  });

  it('is proposed as settings that the source takes, one entry for topics of one shape', () => {
    const { sources, characteristics } = propose('mqtt://10.0.0.5:1883', heard());
    const { kind, ...own } = sources['broker'] ?? {};
    expect(kind).toBe('mqtt');
    expect(settings.parse(own).topics.map((t) => t.topic)).toEqual([
      'ravi/{level2}/result',
      'ravi/temp',
    ]);
    expect(own).toMatchObject({
      topics: [
        { sequence: 'n', time: { path: 'ts', unit: 'ms' }, values: { '{level2}.v_h': 'v.h' } },
        {},
      ],
    });
    expect(Object.keys(characteristics)).toEqual(['k7.v_h', 'k8.v_h', 'ravi.temp']);
  });
});

describe.skipIf(!needs('mosquitto'))('meyar discover and meyar doctor', () => {
  let folder: string;
  let broker: Mosquitto;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'meyar-doctor-'));
    broker = await startMosquitto({ maxQueued: 100 });
  });
  afterEach(async () => {
    await broker.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const write = (url: string) => {
    const file = join(folder, 'plant.yaml');
    writeFileSync(
      file,
      `plant: { name: Doctor (made up), site: test }
store: { maxBytes: 1MB }
sources:
  cells: { kind: mqtt, url: ${url}, topics: [{ topic: "ravi/{s}", values: { "{s}.v": v } }] }
characteristics:
  v: { name: V, source: cells, tag: a.v, lsl: 1, usl: 2 }
`,
    );
    return file;
  };
  const doctor = async (...args: string[]) => {
    const [file = '', ...more] = args;
    const { code, out } = await meyar('doctor', '-c', file, '--data', folder, '--json', ...more);
    const { checks } = JSON.parse(out) as {
      checks: { name: string; state: string; found: string; advice: string }[];
    };
    return { code, of: (name: string) => checks.find((c) => c.name.includes(name)) };
  };

  it('proposes settings for what a broker sends', async () => {
    const out = await publisher(broker.url);
    await out.send('ravi/set', '5', true);
    const done = meyar('discover', 'mqtt', broker.url, '--for', '700ms');
    for (let i = 0; i < 6; i += 1) {
      await new Promise((resolve) => setTimeout(resolve, 80));
      await out.send('ravi/k7', JSON.stringify({ seq: i, h: 58.5 - i }));
    }
    const { code, out: text } = await done;
    expect(code).toBe(0);
    expect(text).toContain('seq: counter');
    const { sources } = parse(text.slice(text.indexOf('# a proposal')));
    expect(sources.broker.topics).toMatchObject([{ topic: 'ravi/k7', sequence: 'seq' }]);
    // What is saved as it was proposed has no mistake.
    const saved = join(folder, 'proposed.yaml');
    writeFileSync(saved, text.slice(text.indexOf('# a proposal')));
    expect(await meyar('check', saved)).toMatchObject({ code: 0, err: '' });
    await out.close();
  });

  /** Sends to a topic until the work is done. */
  async function during<T>(url: string, work: Promise<T>): Promise<T> {
    const out = await publisher(url);
    await out.send('ravi/set', '5', true);
    let done = false;
    void work.finally(() => {
      done = true;
    });
    for (let i = 0; !done; i += 1) {
      await out.send('ravi/k7', JSON.stringify({ seq: i, h: 58.5 }));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await out.close();
    return work;
  }

  it('probes a broker without sending anything', async () => {
    await broker.stop();
    broker.addConfig(['max_packet_size 5000']);
    await broker.start();
    const { code, out } = await during(
      broker.url,
      meyar('probe', 'mqtt', broker.url, '--for', '1s', '--json'),
    );
    expect(code).toBe(0);
    const found = JSON.parse(out);
    expect(found).toMatchObject({
      ...{ version: '5', mayListen: true, limits: { maximumPacketBytes: 5000, wildcards: true } },
    });
    expect(found.roundTripMs.median).toBeGreaterThan(0);
    expect(found.messages).toBeGreaterThan(2);
    expect(found.topics[0]).toMatchObject({ topic: 'ravi/k7', form: 'json' });
    const said = await meyar('probe', 'mqtt', broker.url, '--for', '300ms');
    expect(said.out).toContain('round trip');
    expect(said.out).toMatch(/ravi\/set: 1 × number, up to 1 bytes, 1 retained/);
    const none = await meyar('probe', 'mqtt', broker.url, '--for', '200ms', '--topic', 'nobody/#');
    expect([none.code, none.out]).toEqual([1, expect.stringContaining('nothing was sent')]);
  });

  it('probes one that speaks MQTT 3.1.1 only', async () => {
    const aedes = await startBroker();
    const older = { ...aedes, url: `mqtt://127.0.0.1:${aedes.port}` };
    const said = await during(older.url, meyar('probe', 'mqtt', older.url, '--for', '500ms'));
    expect(said.code).toBe(0);
    expect(said.out).toContain('speaks MQTT 3.1.1');
    expect(said.out).toContain('limits that it tells: none');
    await older.close();
  });

  it('shows one message of each topic, and leaves no session behind', async () => {
    const out = await publisher(broker.url);
    const done = meyar('test', write(broker.url), '--for', '1500ms');
    let over = false;
    void done.finally(() => {
      over = true;
    });
    while (!over) {
      await out.send('ravi/b', '{"other":7}');
      await out.send('ravi/c', Buffer.from([0xff, 0xfe, 0]));
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const { code, out: text } = await done;
    expect(code).toBe(1);
    expect(text).toContain('cells ravi/b <- {"other":7}');
    expect(text).toContain('cells ravi/c <- 3 bytes that are no text');
    expect(text).toContain('v (cells a.v): nothing came in 1500ms');
    const again = connect(broker.url, { clientId: 'meyar-test-cells-test', clean: false });
    const present = await new Promise((resolve) =>
      again.once('connect', ({ sessionPresent }) => resolve(sessionPresent)),
    );
    expect(present).toBe(false);
    await again.endAsync(true);
    await out.close();
  });

  it('says what is wrong when nobody answers', async () => {
    const nobody = `mqtt://127.0.0.1:${await freePort()}`;
    const heard = await meyar('discover', 'mqtt', nobody, '--for', '1s');
    expect(heard.code).toBe(2);
    expect(heard.err).toContain('connection refused');
    const { code, of } = await doctor(write(nobody));
    expect(code).toBe(1);
    expect(of('cells')).toMatchObject({ state: 'bad' });
  });

  it('finds a short queue and a flood of retained messages, and leaves no session behind', async () => {
    const out = await publisher(broker.url);
    for (let i = 0; i < 1100; i += 1) void out.send(`ravi/r${i}`, '1', true);
    await out.send('ravi/last', '1', true);
    const { code, of } = await doctor(write(broker.url), '--queue', '300');
    expect(code).toBe(1);
    expect(of('queue')).toMatchObject({ state: 'warn' });
    expect(of('queue')?.advice).toContain('max_queued_messages');
    expect(of('retained')).toMatchObject({ state: 'warn', found: '1101' });
    expect(of('session')).toMatchObject({ state: 'ok' });
    expect(of('disk sync')?.found).toContain('ms');
    await out.close();
  });

  it('finds a broker that takes only small messages', async () => {
    await broker.stop();
    broker.addConfig(['max_packet_size 2000']);
    await broker.start();
    const { of } = await doctor(write(broker.url));
    expect(of('limits')).toMatchObject({ state: 'warn', found: 'messages up to 2000 bytes' });
  });
});
