import { createServer } from 'node:net';
import { Aedes } from 'aedes';
import { afterEach, describe, expect, it } from 'vitest';
import { needs } from '../../support/debian.ts';
import { freePort } from '../../support/free-port.ts';
import { startMosquitto } from '../../support/mosquitto.ts';
import { ending, mqttSource, publisher, subscribed } from '../../support/mqtt.ts';
import { pause, testContext, until } from '../../support/source-context.ts';

const TOPICS = [{ topic: 'ravi/{station}/result', sequence: 'seq', values: { hardness: 'v' } }];
const message = (seq: number) => JSON.stringify({ seq, v: 50 + seq });

const open: (() => Promise<void>)[] = [];
const keep = <T extends { close(): Promise<void> }>(thing: T): T => {
  open.unshift(() => thing.close());
  return thing;
};
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

const kinds = (context: { events: { kind: string }[] }) => context.events.map((e) => e.kind);

describe.skipIf(!needs('mosquitto'))('a broker that comes and goes', () => {
  it('is waited for at the start, without a report', async () => {
    const broker = keep(await startMosquitto());
    await broker.stop();
    const context = testContext(['hardness']);
    const source = mqttSource(broker.url, context, TOPICS);
    keep(ending(source, context));
    source.start();
    await until(() => source.health().state === 'down', 'down');
    expect(source.health().detail).toContain('no broker answers');
    await broker.start();
    await subscribed(source);
    expect(source.health().detail).toBe('');
    expect(context.events).toEqual([]);
  });

  it('that keeps its sessions delivers what came while it was away from us', async () => {
    const broker = keep(await startMosquitto({ persistence: true }));
    const context = testContext(['hardness']);
    const source = mqttSource(broker.url, context, TOPICS);
    keep(ending(source, context));
    source.start();
    await subscribed(source);
    const out = await publisher(broker.url);
    await out.send('ravi/k7/result', message(1));
    await until(() => context.deliveries() === 1, 'the first');
    await out.close();
    await broker.stop();
    await until(() => source.health().state === 'down', 'the loss is seen');
    await broker.start();
    await until(() => context.deliveries() === 2, 'the unacknowledged one again');
    expect(context.readings.map((r) => r.sequence)).toEqual([1, 1]);
    expect(context.readings[1]?.redelivered).toBe(true);
    expect(kinds(context)).toEqual([]);
    expect(source.health().counters['reconnects']).toBe(1);
  });

  it('that forgot its sessions is reported once, and subscribed to anew', async () => {
    const broker = keep(await startMosquitto());
    const context = testContext(['hardness']);
    const source = mqttSource(broker.url, context, TOPICS);
    keep(ending(source, context));
    source.start();
    await subscribed(source);
    await broker.kill();
    await until(() => source.health().state === 'down', 'the loss is seen');
    await broker.start();
    await subscribed(source);
    const out = keep(await publisher(broker.url));
    await out.send('ravi/k7/result', message(5));
    await until(() => context.deliveries() === 1, 'a message after the restart');
    expect(kinds(context)).toEqual(['session-lost']);
    expect(context.events[0]?.severity).toBe('warning');
    expect(source.health().counters['sessionsLost']).toBe(1);
  });

  it('that forgot us while the agent was off is reported when the store has data', async () => {
    const broker = keep(await startMosquitto());
    for (const [resumed, expected] of [
      [false, []],
      [true, ['session-lost']],
    ] as const) {
      const context = testContext(['hardness'], { resumed, name: `s-${resumed}` });
      const source = mqttSource(broker.url, context, TOPICS);
      source.start();
      await subscribed(source);
      await source.stop();
      expect(kinds(context)).toEqual(expected);
    }
  });

  it.each([5, '3.1.1'])('keeps messages for us over a clean stop (MQTT %s)', async (version) => {
    const broker = keep(await startMosquitto());
    const first = mqttSource(broker.url, testContext(['hardness']), TOPICS, { version });
    first.start();
    await subscribed(first);
    await first.stop();
    const out = keep(await publisher(broker.url));
    await out.send('ravi/k7/result', message(9));
    const context = testContext(['hardness'], { resumed: true });
    const second = mqttSource(broker.url, context, TOPICS, { version });
    keep(ending(second, context));
    second.start();
    await until(() => context.deliveries() === 1, 'the message of the night');
    expect(kinds(context)).toEqual([]);
  });

  it('that freezes is noticed by the keep-alive', async () => {
    const broker = keep(await startMosquitto());
    const context = testContext(['hardness']);
    const source = mqttSource(broker.url, context, TOPICS, { keepAlive: '1s' });
    keep(ending(source, context));
    source.start();
    await subscribed(source);
    broker.freeze();
    await until(() => source.health().state === 'down', 'the silence is seen');
    broker.thaw();
    await subscribed(source);
  });
});

describe.skipIf(!needs('mosquitto'))('who may connect', () => {
  it('a wrong password is told in plain words, tried again, and never shown', async () => {
    const broker = keep(await startMosquitto({ users: { cell: 'right' } }));
    const context = testContext(['hardness']);
    const logged: unknown[] = [];
    const log = { ...context.log, warn: (...all: unknown[]) => void logged.push(all) };
    const login = { username: 'cell', password: 'wr0ng-secret' };
    const source = mqttSource(broker.url, { ...context, log }, TOPICS, login);
    keep(ending(source, context));
    source.start();
    await until(() => source.health().state === 'down', 'refused');
    expect(source.health().detail).toContain('refuses the user name or password');
    await pause(700);
    expect(source.health().detail).toContain('refuses the user name or password');
    expect(logged).toHaveLength(1);
    expect(JSON.stringify([logged, source.health()])).not.toContain('wr0ng-secret');
  });

  it.each([5, '3.1.1'])('connects once the login is right (MQTT %s)', async (version) => {
    const broker = keep(await startMosquitto({ users: { cell: 'other' } }));
    const context = testContext([]);
    const source = mqttSource(broker.url, context, TOPICS, {
      version,
      username: 'cell',
      password: 'right',
    });
    keep(ending(source, context));
    source.start();
    await until(() => source.health().state === 'down', 'refused at first');
    await broker.stop();
    broker.setUsers({ cell: 'right' });
    await broker.start();
    await subscribed(source);
  });

  it('a second client with our id is named as the reason', async () => {
    const broker = keep(await startMosquitto());
    const quick = () => testContext([], { random: () => 0 });
    const one = mqttSource(broker.url, quick(), TOPICS, { clientId: 'same' });
    const two = mqttSource(broker.url, quick(), TOPICS, { clientId: 'same' });
    keep(ending(one, testContext([])));
    one.start();
    await subscribed(one);
    two.start();
    await until(() => one.health().detail.includes("client id 'same'"), 'the reason is told');
    await two.stop();
  });
});

describe('a subscription that is refused', () => {
  it('is told once, shown, and granted when the broker changes its mind', async () => {
    let allowed = false;
    const aedes = await Aedes.createBroker({
      authorizeSubscribe: (_client, sub, done) => {
        done(null, allowed || !sub.topic.startsWith('secret') ? sub : null);
      },
    });
    const server = createServer(aedes.handle);
    const port = await freePort();
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    keep({
      async close() {
        await new Promise<void>((resolve) => aedes.close(() => resolve()));
        server.close();
      },
    });
    const context = testContext(['hardness'], { random: () => 0 });
    const source = mqttSource(
      `mqtt://127.0.0.1:${port}`,
      context,
      [...TOPICS, { topic: 'secret/#', values: { hardness: 'v' } }],
      { version: '3.1.1' },
    );
    keep(ending(source, context));
    source.start();
    await until(() => source.health().state === 'degraded', 'degraded');
    expect(source.health().detail).toContain('secret/#: subscription refused');
    expect(source.health().parts.map((part) => part.state)).toEqual(['up', 'down']);
    expect(kinds(context)).toEqual(['config']);
    allowed = true;
    await until(() => source.health().state === 'up', 'granted');
    expect(kinds(context)).toEqual(['config', 'note']);
  });
});

describe('settings that cannot work', () => {
  it.each([
    ['password in the address', { url: 'mqtt://me:pw@127.0.0.1' }],
    ['not MQTT', { url: 'http://127.0.0.1' }],
    ['no topic', { topics: [] }],
    ['shared', { topics: [{ topic: '$share/a/b', values: { x: 'v' } }] }],
    ['# inside', { topics: [{ topic: 'a/#/b', values: { x: 'v' } }] }],
    ['half a level', { topics: [{ topic: 'a/cell-{n}', values: { x: 'v' } }] }],
    ['a name twice', { topics: [{ topic: '{a}/{a}', values: { x: 'v' } }] }],
    ['a name nobody captures', { topics: [{ topic: 'a/{b}', values: { '{c}.x': 'v' } }] }],
    ['no values', { topics: [{ topic: 'a', values: {} }] }],
    ['bad path', { topics: [{ topic: 'a', values: { x: 'v..w' } }] }],
    ['the same topic twice', { topics: [TOPICS[0], TOPICS[0]] }],
    ['unknown key', { topics: [{ ...TOPICS[0], valeus: {} }] }],
  ])('are refused: %s', async (_name, wrong) => {
    const { settings } = await import('../../../agent/sources/mqtt/settings.ts');
    const right = { url: 'mqtt://127.0.0.1', topics: TOPICS };
    expect(settings.safeParse(right).success).toBe(true);
    expect(settings.safeParse({ ...right, ...wrong }).success).toBe(false);
  });
});
