import { afterEach, describe, expect, it } from 'vitest';
import type { MqttSource } from '../../../agent/sources/mqtt/index.ts';
import { needs } from '../../support/debian.ts';
import { type Mosquitto, startMosquitto } from '../../support/mosquitto.ts';
import { ending, mqttSource, publisher, subscribed } from '../../support/mqtt.ts';
import { pubacks, publishedIds } from '../../support/mqtt-bytes.ts';
import { pause, type TestContext, testContext, until } from '../../support/source-context.ts';
import { startTcpProxy, type TcpProxy } from '../../support/tcp-proxy.ts';

const TOPICS = [
  { topic: 'ravi/{station}/result', sequence: 'seq', values: { hardness: 'v' } },
  { topic: 'ravi/other', values: { nobody: 'v' } },
];

const message = (seq: number) => JSON.stringify({ seq, v: 50 + seq });

describe.skipIf(!needs('mosquitto'))('acknowledgements', () => {
  const open: { close(): Promise<void> }[] = [];
  const keep = <T extends { close(): Promise<void> }>(thing: T): T => {
    open.unshift(thing);
    return thing;
  };

  afterEach(async () => {
    for (const thing of open.splice(0)) await thing.close();
  });

  interface Rig {
    broker: Mosquitto;
    proxy: TcpProxy;
    context: TestContext;
    source: MqttSource;
    send(seq: number, topic?: string): Promise<void>;
  }

  async function rig(over: Record<string, unknown>): Promise<Rig> {
    const broker = keep(await startMosquitto());
    const proxy = keep(await startTcpProxy(broker.port));
    const out = keep(await publisher(broker.url));
    const context = testContext(['hardness']);
    const source = mqttSource(`mqtt://127.0.0.1:${proxy.port}`, context, TOPICS, over);
    keep(ending(source, context));
    source.start();
    await subscribed(source);
    const send = (seq: number, topic = 'ravi/k7/result') => out.send(topic, message(seq));
    return { broker, proxy, context, source, send };
  }

  const acked = (proxy: TcpProxy, connection = 0) =>
    pubacks(proxy.connections[connection]?.sent() ?? Buffer.alloc(0));
  const came = (proxy: TcpProxy, connection = 0) =>
    publishedIds(proxy.connections[connection]?.received() ?? Buffer.alloc(0));

  describe.each([5, '3.1.1'])('in MQTT %s', (version) => {
    it('are sent after committed() only, in the order of arrival, as far as it says', async () => {
      const { proxy, context, source, send } = await rig({ version });
      for (let seq = 1; seq <= 4; seq += 1) await send(seq);
      await until(() => context.deliveries() === 4, 'four deliveries');
      await pause(100);
      expect(acked(proxy)).toEqual([]);
      expect(source.health().counters['unackedHeld']).toBe(4);
      source.committed(3);
      await until(() => acked(proxy).length === 3, 'three acknowledgements');
      await pause(50);
      expect(acked(proxy)).toEqual(came(proxy).slice(0, 3));
      source.committed(4);
      await until(() => acked(proxy).length === 4, 'the fourth');
      expect(acked(proxy)).toEqual(came(proxy));
      expect(source.health().counters['unackedHeld']).toBe(0);
    });

    it('of a lost connection are never sent; the broker delivers again', async () => {
      const { proxy, context, source, send } = await rig({ version });
      for (let seq = 1; seq <= 3; seq += 1) await send(seq);
      await until(() => context.deliveries() === 3, 'three deliveries');
      proxy.cut();
      await until(() => source.health().state === 'down', 'the loss is seen');
      source.committed(3);
      await until(() => context.deliveries() === 6, 'all three again');
      const again = context.readings.slice(3);
      expect(again.map((r) => r.sequence)).toEqual([1, 2, 3]);
      expect(again.every((r) => r.redelivered)).toBe(true);
      await pause(100);
      expect(acked(proxy, 1)).toEqual([]);
      expect(source.health().counters['acksDropped']).toBe(3);
      source.committed(6);
      await until(() => acked(proxy, 1).length === 3, 'acknowledged on the new connection');
      expect(acked(proxy, 1)).toEqual(came(proxy, 1));
      proxy.cut();
      await until(() => proxy.connections.length === 3, 'a third connection');
      await subscribed(source);
      await pause(100);
      expect(context.deliveries()).toBe(6);
      expect(context.events.filter((e) => e.kind === 'session-lost')).toEqual([]);
    });
  });

  it('of messages without a reading are sent at once, but never before an older one', async () => {
    const { proxy, context, source, send } = await rig({});
    await send(1, 'ravi/other');
    await until(() => acked(proxy).length === 1, 'nothing to wait for');
    await send(2);
    await send(3, 'ravi/other');
    await until(() => source.health().counters['unusedMessages'] === 2, 'all three came');
    await pause(100);
    expect(acked(proxy)).toHaveLength(1);
    source.committed(context.deliveries());
    await until(() => acked(proxy).length === 3, 'both');
    expect(acked(proxy)).toEqual(came(proxy));
  });

  it('wait for the last delivery when one message gave several', async () => {
    const broker = keep(await startMosquitto());
    const proxy = keep(await startTcpProxy(broker.port));
    const out = keep(await publisher(broker.url));
    const context = testContext(['hardness']);
    const topic = { topic: 'ravi/batch', items: '', sequence: 'n', values: { hardness: 'v' } };
    const source = mqttSource(`mqtt://127.0.0.1:${proxy.port}`, context, [
      { ...topic, context: { serial: 'sn' } },
    ]);
    keep(ending(source, context));
    source.start();
    await subscribed(source);
    const items = [1, 2, 3].map((n) => ({ n, v: n, sn: `s${n}` }));
    await out.send('ravi/batch', JSON.stringify(items));
    await until(() => context.deliveries() === 3, 'three deliveries');
    source.committed(2);
    await pause(50);
    expect(acked(proxy)).toEqual([]);
    source.committed(3);
    await until(() => acked(proxy).length === 1, 'one acknowledgement');
  });

  it('are sent on a stop for what is committed meanwhile', async () => {
    const { proxy, context, source, send } = await rig({});
    await send(1);
    await until(() => context.deliveries() === 1, 'a delivery');
    const stopping = source.stop();
    source.committed(1);
    await stopping;
    expect(acked(proxy)).toHaveLength(1);
  });

  it('keep their order for thousands of messages committed in groups', async () => {
    const { proxy, context, source, send } = await rig({});
    const timer = setInterval(() => source.committed(context.deliveries()), 5);
    const all: Promise<void>[] = [];
    for (let seq = 1; seq <= 3000; seq += 1) all.push(send(seq));
    await Promise.all(all);
    await until(() => context.deliveries() === 3000, 'all messages');
    await until(() => acked(proxy).length === 3000, 'all acknowledgements');
    clearInterval(timer);
    expect(context.readings.map((r) => r.sequence)).toEqual(
      Array.from({ length: 3000 }, (_, i) => i + 1),
    );
    expect(acked(proxy)).toEqual(came(proxy));
  });
});
