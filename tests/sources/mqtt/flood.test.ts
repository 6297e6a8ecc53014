import { connectAsync } from 'mqtt';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { floodGate } from '../../../agent/sources/mqtt/flood.ts';
import { frameReader } from '../../../agent/sources/mqtt/frames.ts';
import type { MqttSource } from '../../../agent/sources/mqtt/index.ts';
import { userProperty } from '../../../agent/sources/mqtt/publisher.ts';
import { needs } from '../../support/debian.ts';
import { type Mosquitto, startMosquitto } from '../../support/mosquitto.ts';
import { ending, mqttSource, type Publisher, publisher, subscribed } from '../../support/mqtt.ts';
import { type TestContext, testContext, until } from '../../support/source-context.ts';

const TOPICS = [
  { topic: 'ravi/{station}/result', sequence: 'seq', values: { '{station}.force': 'v' } },
];
const message = (seq: number, v = 50) => JSON.stringify({ seq, v });
/** Limits that a test reaches: ten messages at once, then ten a second. */
const TIGHT = { messages: 10, bytes: 100_000, burst: '1s' };

describe('the gate against floods', () => {
  const rig = (limits: Record<string, number> = {}) => {
    const clock = { ms: 0 };
    const told: string[] = [];
    const counters = { floodMessages: 0, floodBytes: 0 };
    const gate = floodGate({
      limits: { messages: 10, bytes: 1000, burst: 1000, perPublisher: 2, ...limits },
      counters,
      context: {
        clock: { now: () => clock.ms, monotonic: () => clock.ms },
        report: (event) => void told.push(`${event.severity}: ${event.text}`),
      },
    });
    gate.back(false);
    const send = (n: number, topic = 'a', who = '', bytes = 1) =>
      Array.from({ length: n }, () => gate.admits(topic, who, bytes)).filter(Boolean).length;
    return { clock, told, counters, gate, send };
  };

  it('reads a topic at its rate, and any other as before', () => {
    const { clock, gate, send, counters, told } = rig();
    expect(send(100)).toBe(10);
    expect(send(5, 'b')).toBe(5);
    clock.ms = 500;
    expect(send(100)).toBe(5);
    expect(counters).toEqual({ floodMessages: 185, floodBytes: 185 });
    gate.tick();
    gate.tick();
    expect(told).toHaveLength(1);
    expect(told[0]).toContain("warning: topic 'a' sends more than the 10 messages");
    expect(gate.floods()[0]?.text).toContain('185 messages (185 bytes) were left out');
    clock.ms = 20_000;
    gate.tick();
    expect(told[1]).toContain("info: topic 'a' sends as it should again: 185 messages");
    expect(gate.floods()).toEqual([]);
    expect(send(10)).toBe(10);
  });

  it('counts bytes as well as messages', () => {
    const { send, counters } = rig();
    expect(send(5, 'a', '', 400)).toBe(2);
    expect(counters.floodBytes).toBe(1200);
  });

  it('holds a named publisher to its share over all topics', () => {
    const { send, gate } = rig();
    const taken = ['a', 'b', 'c', 'd'].map((topic) => send(10, topic, 'rogue'));
    expect(taken).toEqual([10, 10, 0, 0]);
    expect(send(5, 'c', 'cell-3')).toBe(5);
    expect(gate.floods()[0]?.text).toContain("publisher 'rogue' floods");
  });

  it('leaves nothing out of what the broker kept while we were away', () => {
    const { clock, gate, send } = rig();
    gate.away();
    expect(send(5000)).toBe(5000);
    gate.back(true);
    expect(send(5000)).toBe(5000);
    clock.ms = 1500;
    gate.tick();
    expect(send(5)).toBe(5);
    clock.ms = 3000;
    gate.tick();
    clock.ms = 3001;
    expect(send(100)).toBe(10);
  });

  it('remembers a bounded number of topics', () => {
    const { gate, send } = rig();
    for (let i = 0; i < 50_000; i += 1) gate.admits(`t/${i}`, `p${i}`, 1);
    expect(send(10)).toBe(10);
  });
});

describe.skipIf(!needs('mosquitto'))('a rogue publisher', () => {
  let broker: Mosquitto;
  let out: Publisher;
  let context: TestContext;
  let source: MqttSource;
  let committing: NodeJS.Timeout;

  beforeEach(async () => {
    broker = await startMosquitto({ persistence: true, maxInflight: 1000 });
    out = await publisher(broker.url);
    context = testContext(['good.force', 'rogue.force']);
    committing = setInterval(() => source.committed(context.deliveries()), 5);
  });
  afterEach(async () => {
    clearInterval(committing);
    await ending(source, context).close();
    await out.close();
    await broker.close();
  });
  const begin = async (over: Record<string, unknown> = {}) => {
    source = mqttSource(broker.url, context, TOPICS, { flood: TIGHT, ...over });
    source.start();
    await subscribed(source);
  };
  const counter = (name: string) => source.health().counters[name] ?? -1;

  it('a hundred times over its rate starves nobody, is counted and told', async () => {
    await begin();
    const rogue = await connectAsync(broker.url);
    const flood = 4000;
    for (let i = 1; i <= flood; i += 1) {
      rogue.publish('ravi/rogue/result', message(i), { qos: i % 2 === 0 ? 1 : 0 });
      if (i % 400 === 0) await out.send('ravi/good/result', message(i / 400));
    }
    await until(() => context.of('good.force').length === 10, 'every good reading');
    await until(() => counter('received') >= flood / 2 + 10, 'the flood was seen');
    await rogue.endAsync();
    expect(context.good('good.force').map((r) => r.sequence)).toEqual([
      1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
    ]);
    const read = context.of('rogue.force').length;
    expect(read).toBeGreaterThanOrEqual(10);
    expect(counter('floodMessages')).toBe(counter('received') - 10 - read);
    expect(counter('floodMessages')).toBeGreaterThan(flood / 4);
    await until(() => context.events.length > 0, 'the warning');
    const told = context.events.filter((e) => e.severity === 'warning');
    expect(told).toHaveLength(1);
    expect(told[0]?.text).toContain("topic 'ravi/rogue/result' sends more than");
    expect(source.health()).toMatchObject({ state: 'degraded' });
    expect(source.health().detail).toContain("topic 'ravi/rogue/result' floods");
    // What was left out is acknowledged: it does not come again.
    await until(() => counter('unackedHeld') === 0, 'nothing waits');
  });

  it('nothing is left out of what the broker kept for us', async () => {
    await begin();
    await source.stop();
    for (let i = 1; i <= 300; i += 1) await out.send('ravi/good/result', message(i));
    await begin();
    await until(() => context.of('good.force').length === 300, 'all that was kept');
    expect(counter('floodMessages')).toBe(0);
  });

  it.each(['mqtt', 'ws'])('is named when the broker names it (%s)', async (scheme) => {
    const port = await webSockets(broker);
    await begin({
      publisherProperty: 'client',
      ...(scheme === 'ws' ? { url: `ws://127.0.0.1:${port}` } : {}),
    });
    const v5 = await connectAsync(broker.url, { protocolVersion: 5 });
    const as = (client: string | string[]) => ({
      qos: 1 as const,
      properties: { userProperties: { other: 'x', client }, contentType: 'json' },
    });
    await v5.publishAsync('ravi/good/result', message(1), as('cell-7'));
    // The broker adds its own behind what the sender claims.
    await v5.publishAsync('ravi/good/result', message(2), as(['forged', 'cell-8']));
    await v5.publishAsync('ravi/good/result', '{', as('cell-9'));
    await v5.publishAsync('ravi/good/result', message(3), { qos: 1 });
    await until(() => context.readings.length === 3, 'three readings');
    await v5.endAsync();
    const names = context.readings.map((r) => r.context['publisher']);
    expect(names).toEqual(['cell-7', 'cell-8', undefined]);
    expect(source.deadLetters()[0]?.reason).toContain("sent by 'cell-9'");
  });
});

describe('the property that names a publisher', () => {
  const pair = (key: string, value: string) =>
    Buffer.concat([Buffer.from([0x26]), text(key), text(value)]);
  const text = (s: string) => {
    const head = Buffer.alloc(2);
    head.writeUInt16BE(Buffer.byteLength(s));
    return Buffer.concat([head, Buffer.from(s)]);
  };

  it('is found among all the others', () => {
    const others = Buffer.concat([
      Buffer.from([0x01, 1, 0x02, 0, 0, 0, 9, 0x23, 0, 4, 0x0b, 0x80, 0x01]),
      Buffer.concat([Buffer.from([0x08]), text('answer/here')]),
      Buffer.concat([Buffer.from([0x09]), text('corr')]),
      Buffer.concat([Buffer.from([0x03]), text('type')]),
    ]);
    const all = Buffer.concat([pair('a', 'b'), others, pair('client', 'cell-7'), pair('c', 'd')]);
    expect(userProperty(all, 0, all.length, 'client')).toBe('cell-7');
    for (let end = 0; end < all.length; end += 1) {
      expect(['', 'cell-7']).toContain(userProperty(all, 0, end, 'client'));
    }
  });

  it('is read out of a packet, whatever the length of all properties', () => {
    for (const filler of [0, 150, 20_000]) {
      const properties = Buffer.concat([pair('x', 'y'.repeat(filler)), pair('client', 'cell-7')]);
      const body = Buffer.concat([
        text('t'),
        Buffer.from([0, 1]),
        varint(properties.length),
        properties,
      ]);
      const packet = Buffer.concat([
        Buffer.from([0x32]),
        varint(body.length + 2),
        body,
        Buffer.from('{}'),
      ]);
      const seen: string[] = [];
      const reader = frameReader(
        {
          paused: () => false,
          publish: (topic, payload, meta) =>
            void seen.push(`${topic} ${payload} ${meta.publisher}`),
          control: () => {},
        },
        true,
        65_536,
        'client',
      );
      reader.push(packet);
      expect(seen).toEqual(['t {} cell-7']);
    }
  });
});

function varint(value: number): Buffer {
  const out: number[] = [];
  for (let rest = value; ; rest >>= 7) {
    out.push((rest & 127) | (rest > 127 ? 128 : 0));
    if (rest <= 127) return Buffer.from(out);
  }
}

/** A second listener for web sockets, in force after a restart. */
async function webSockets(broker: Mosquitto): Promise<number> {
  const { freePort } = await import('../../support/free-port.ts');
  const port = await freePort();
  await broker.stop();
  broker.addConfig([`listener ${port} 127.0.0.1`, 'protocol websockets']);
  await broker.start();
  return port;
}
