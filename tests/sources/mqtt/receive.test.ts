import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { MqttSource } from '../../../agent/sources/mqtt/index.ts';
import type { SourceContext } from '../../../agent/sources/source.ts';
import { needs } from '../../support/debian.ts';
import { freePort } from '../../support/free-port.ts';
import { type Mosquitto, startMosquitto } from '../../support/mosquitto.ts';
import { ending, mqttSource, type Publisher, publisher, subscribed } from '../../support/mqtt.ts';
import { pause, type TestContext, testContext, until } from '../../support/source-context.ts';
import { startTcpProxy } from '../../support/tcp-proxy.ts';

const RESULT = { topic: 'ravi/{station}/result', sequence: 'seq', values: { hardness: 'v' } };
const message = (seq: number) => JSON.stringify({ seq, v: 50 + seq });

interface Rig {
  broker: Mosquitto;
  out: Publisher;
  context: TestContext;
  source: MqttSource;
  count(name: string): number;
}

const rigs: Rig[] = [];
afterEach(async () => {
  for (const { broker, out, source, context } of rigs.splice(0)) {
    await ending(source, context).close();
    await out.close();
    await broker.close();
  }
});

async function rig(
  topics: Record<string, unknown>[],
  over: Record<string, unknown> = {},
  context: Partial<SourceContext> = {},
): Promise<Rig> {
  const broker = await startMosquitto();
  const own = testContext(['hardness'], context);
  const source = mqttSource(broker.url, own, topics, over);
  const out = await publisher(broker.url);
  const count = (name: string) => source.health().counters[name] ?? Number.NaN;
  const made = { broker, out, context: own, source, count };
  rigs.push(made);
  return made;
}

describe.skipIf(!needs('mosquitto'))('messages that give no reading', () => {
  it('are counted, kept for a look, acknowledged, and stop nothing', async () => {
    const { out, context, source, count } = await rig([RESULT], { maxBytes: 1000 });
    source.start();
    await subscribed(source);
    const garbage = [
      Buffer.from([0xff, 0xfe, 0x00]),
      '',
      '{',
      '{"__proto__":{"v":1}}',
      `{"v":${'9'.repeat(3000)}}`,
      '[]',
      'null',
    ];
    for (const payload of garbage) await out.send('ravi/k7/result', payload);
    await out.send('ravi/k7/result', message(1));
    await until(() => context.deliveries() === 1, 'the good one after the garbage');
    expect(count('deadLettered')).toBe(garbage.length);
    const letters = source.deadLetters();
    expect(letters).toHaveLength(garbage.length);
    expect(letters[4]).toMatchObject({ topic: 'ravi/k7/result', bytes: 3006 });
    expect(letters[4]?.reason).toContain('maxBytes');
    expect(source.health().detail).toContain('7 messages could not be read');
    await until(() => count('unackedHeld') === 1, 'only the good one waits');
    source.committed(1);
    expect(count('unackedHeld')).toBe(0);
    expect(count('acksSent')).toBe(garbage.length + 1);
  });

  it('keeps the last hundred dead letters only', async () => {
    const { out, source, count } = await rig([RESULT]);
    source.start();
    await subscribed(source);
    const all = Array.from({ length: 130 }, (_, i) => out.send('ravi/k7/result', `bad ${i}`));
    await Promise.all(all);
    await until(() => count('deadLettered') === 130, 'all came');
    expect(source.deadLetters()).toHaveLength(100);
    expect(source.deadLetters()[99]?.sample).toBe('bad 129');
  });

  it.each([5, '3.1.1'])('goes on after a message of 10 MB (MQTT %s)', async (version) => {
    const { out, context, source, count } = await rig([RESULT], { version });
    source.start();
    await subscribed(source);
    await out.send('ravi/k7/result', Buffer.alloc(10_000_000, '['));
    await out.send('ravi/k7/result', message(1));
    await until(() => context.deliveries() === 1, 'the good one after it');
    // MQTT 5 lets us tell the broker what is too large: then it never sends it.
    expect(count('deadLettered')).toBe(version === 5 ? 0 : 1);
    expect(source.deadLetters()[0]?.bytes).toBe(version === 5 ? undefined : 10_000_000);
    source.committed(1);
    expect(count('unackedHeld')).toBe(0);
  });

  it('ignores a retained message unless told to use it', async () => {
    const { out, context, source, count } = await rig([
      RESULT,
      { topic: 'ravi/state', retained: 'use', values: { hardness: 'v' } },
    ]);
    await out.send('ravi/k7/result', message(1), true);
    await out.send('ravi/state', '{"v":7}', true);
    source.start();
    await subscribed(source);
    await until(() => count('received') === 2, 'both came');
    expect(count('retainedIgnored')).toBe(1);
    expect(context.readings.map((r) => r.value)).toEqual([7]);
    await out.send('ravi/k7/result', message(2), true);
    await until(() => context.deliveries() === 2, 'live ones count, retained at the broker or not');
  });

  it.each([5, '3.1.1'])('unsubscribes topics that left the settings (MQTT %s)', async (version) => {
    const remembered = { text: '' };
    const memory = {
      load: () => remembered.text,
      save(text: string) {
        remembered.text = text;
        return true;
      },
    };
    const { broker, out, context, source, count } = await rig([RESULT], { version }, { memory });
    const earlier = testContext(['hardness'], { memory });
    const old = [{ topic: 'old/#', values: { hardness: 'v' } }, RESULT];
    const before = mqttSource(broker.url, earlier, old, { version });
    before.start();
    await subscribed(before);
    await out.send('old/thing', '{"v":1}');
    await until(() => earlier.deliveries() === 1, 'the earlier run reads it');
    await ending(before, earlier).close();
    source.start();
    await until(() => context.events.length === 1, 'the note');
    expect(context.events[0]?.text).toContain("'old/#'");
    await out.send('old/thing', '{"v":2}');
    await out.send('ravi/k7/result', message(1));
    await until(() => context.deliveries() === 1, 'what is still wanted');
    expect(count('unmatchedTopic')).toBe(0);
    expect(JSON.parse(remembered.text).filters).toEqual(['ravi/+/result']);
  });

  it('counts and acknowledges topics that an earlier run had subscribed to', async () => {
    const { broker, out, context, source, count } = await rig([RESULT]);
    const before = mqttSource(broker.url, testContext(['hardness']), [
      { topic: 'old/#', values: { hardness: 'v' } },
    ]);
    before.start();
    await subscribed(before);
    await before.stop();
    source.start();
    await subscribed(source);
    await out.send('old/thing', '{"v":1}');
    await until(() => count('unmatchedTopic') === 1, 'counted');
    await until(() => count('unackedHeld') === 0, 'acknowledged');
    expect(context.deliveries()).toBe(0);
  });
});

describe.skipIf(!needs('mosquitto'))('a source that should speak', () => {
  it('is told when silent, once, and when it speaks again', async () => {
    const { out, context, source } = await rig([{ ...RESULT, expectEvery: '100ms' }]);
    source.start();
    await subscribed(source);
    await until(() => source.health().state === 'degraded', 'silent');
    expect(source.health().detail).toBe('ravi/{station}/result: silent');
    await pause(600);
    expect(context.events.map((e) => [e.kind, e.severity])).toEqual([['device', 'warning']]);
    await out.send('ravi/k7/result', message(1));
    await until(() => context.events.length === 2, 'the note');
    expect(context.events[1]).toMatchObject({ kind: 'note', severity: 'info' });
    expect(context.events[1]?.text).toContain('speaks again');
  });
});

describe.skipIf(!needs('mosquitto'))('back-pressure', () => {
  it('takes nothing in for longer than the keep-alive and loses nothing', async () => {
    const { out, context, source, count } = await rig([RESULT], { keepAlive: '1s' });
    source.start();
    await subscribed(source);
    source.pause(true);
    const all = Array.from({ length: 500 }, (_, i) => out.send('ravi/k7/result', message(i + 1)));
    await Promise.all(all);
    await pause(2500);
    expect(context.deliveries()).toBe(0);
    expect(source.health().state).toBe('up');
    source.pause(false);
    await until(() => context.deliveries() === 500, 'all of them');
    expect(context.readings.map((r) => r.sequence)).toEqual(all.map((_, i) => i + 1));
    expect(context.readings.some((r) => r.redelivered)).toBe(false);
    expect(count('reconnects')).toBe(0);
  });

  it('connects while paused', async () => {
    const { out, context, source } = await rig([RESULT]);
    source.pause(true);
    source.start();
    await subscribed(source);
    await out.send('ravi/k7/result', message(1));
    await pause(50);
    expect(context.deliveries()).toBe(0);
    source.pause(false);
    await until(() => context.deliveries() === 1, 'the message');
  });

  it('stops while paused', async () => {
    const { out, context, source } = await rig([RESULT]);
    source.start();
    await subscribed(source);
    source.pause(true);
    await out.send('ravi/k7/result', message(1));
    await pause(50);
    await source.stop();
    source.pause(false);
    expect(context.deliveries()).toBe(0);
    expect(source.health().state).toBe('stopped');
  });
});

describe.skipIf(!needs('mosquitto'))('other ways to the broker', () => {
  it('TLS with a certificate of our own authority, and a clear word without it', async () => {
    const tlsPort = await freePort();
    const broker = await startMosquitto();
    const file = (name: string) => join(broker.folder, name);
    execFileSync(
      'openssl',
      [
        ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'],
        ...['-nodes', '-days', '2', '-subj', '/CN=localhost', '-addext'],
        ...['subjectAltName=IP:127.0.0.1', '-keyout', file('key.pem'), '-out', file('cert.pem')],
      ],
      { stdio: 'ignore' },
    );
    await broker.stop();
    broker.addConfig([
      `listener ${tlsPort} 127.0.0.1`,
      `certfile ${file('cert.pem')}`,
      `keyfile ${file('key.pem')}`,
    ]);
    await broker.start();
    const url = `mqtts://127.0.0.1:${tlsPort}`;
    const without = mqttSource(url, testContext(['hardness']), [RESULT], { clientId: 'a' });
    without.start();
    await until(() => without.health().state === 'down', 'not trusted');
    expect(without.health().detail).toMatch(/certificate/);
    await without.stop();
    const missing = mqttSource(url, testContext([]), [RESULT], { tls: { ca: file('none.pem') } });
    missing.start();
    expect(missing.health().detail).toContain('none.pem');
    await missing.stop();
    const context = testContext(['hardness']);
    const source = mqttSource(url, context, [RESULT], { tls: { ca: file('cert.pem') } });
    const out = await publisher(broker.url);
    rigs.push({ broker, out, context, source, count: () => 0 });
    source.start();
    await subscribed(source);
    await out.send('ravi/k7/result', message(1));
    await until(() => context.deliveries() === 1, 'a reading over TLS');
    source.committed(1);
    expect(source.health().counters['acksSent']).toBe(1);
  });

  it.each([5, '3.1.1'])('web sockets, acknowledged after commit (MQTT %s)', async (version) => {
    const port = await freePort();
    const broker = await startMosquitto({
      config: [`listener ${port} 127.0.0.1`, 'protocol websockets'],
    });
    const proxy = await startTcpProxy(port);
    const context = testContext(['hardness']);
    const url = `ws://127.0.0.1:${proxy.port}/mqtt`;
    const source = mqttSource(url, context, [RESULT], { version });
    const out = await publisher(broker.url);
    rigs.push({ broker, out, context, source, count: () => 0 });
    source.start();
    await subscribed(source);
    for (let seq = 1; seq <= 3; seq += 1) await out.send('ravi/k7/result', message(seq));
    await until(() => context.deliveries() === 3, 'readings over web sockets');
    // Only 1 is durable. MQTT.js acknowledging by itself would lose 2 and 3 here.
    source.committed(1);
    await pause(100);
    proxy.cut();
    await until(() => context.deliveries() === 5, 'the other two again');
    expect(context.readings.map((r) => r.sequence)).toEqual([1, 2, 3, 2, 3]);
    source.pause(true);
    await out.send('ravi/k7/result', message(4));
    await pause(50);
    expect(context.deliveries()).toBe(5);
    source.pause(false);
    await until(() => context.deliveries() === 6, 'after the pause');
    await proxy.close();
  });
});
