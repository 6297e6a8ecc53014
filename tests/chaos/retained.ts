import { createMqttSource } from '../../agent/sources/mqtt/index.ts';
import { settings } from '../../agent/sources/mqtt/settings.ts';
import { startMosquitto } from '../support/mosquitto.ts';
import { publisher, subscribed } from '../support/mqtt.ts';
import { collect, encode, feed, reducerFor } from '../support/reducer.ts';
import { testContext, until } from '../support/source-context.ts';
import type { Scenario } from './scenario.ts';

const CONNECTIONS = 1000;
const SHORT = 100;
const OLD_PARTS = 20;

/**
 * A broker full of retained messages, and a client that connects again and again: with MQTT 3.1.1 they
 * come at every subscription. None of them is a new part; where the settings use them, each counts once.
 */
export const retained: Scenario = {
  name: 'retained',
  async run(o) {
    const broker = await startMosquitto();
    const out = await publisher(broker.url);
    const part = (seq: number) => JSON.stringify({ seq, ts: 1_700_000_000_000 + seq, v: 10 });
    const count = o.short ? SHORT : CONNECTIONS;
    let [received, ignored] = [0, 0];
    const reducer = reducerFor({ od: {}, state: {} });
    const seen = collect();
    try {
      for (let i = 1; i <= OLD_PARTS; i += 1) {
        await out.send(`ravi/s${i}/result`, part(i), true);
        await out.send(`state/s${i}`, part(i), true);
        await out.send(`ravi/g${i}/result`, i % 2 === 0 ? '{broken' : '{"seq":9e99,"v":"x"}', true);
      }
      for (let i = 0; i < count; i += 1) {
        const context = testContext(['od', 'state'], { name: 'retained' });
        const deliver = context.deliver;
        context.deliver = (d) => {
          const stream = `s/${d.stream}`;
          feed(reducer, { kind: 'batch', bytes: encode([{ ...d, stream }]) }, seen);
          return deliver(d);
        };
        const base = { sequence: 'seq', time: { path: 'ts', unit: 'ms' } };
        const topics = [
          { ...base, topic: 'ravi/{s}/result', values: { od: 'v' } },
          { ...base, topic: 'state/{s}', values: { state: 'v' }, retained: 'use' },
        ];
        const own = settings.parse({ url: broker.url, version: '3.1.1', topics });
        const source = createMqttSource(own, context);
        source.start();
        await subscribed(source);
        const counters = () => source.health().counters;
        await until(() => (counters()['received'] ?? 0) >= 3 * OLD_PARTS, 'all retained ones');
        source.committed(context.deliveries());
        received += counters()['received'] ?? 0;
        ignored += counters()['retainedIgnored'] ?? 0;
        await source.stop();
      }
    } finally {
      await out.close();
      await broker.close();
    }
    const [od, state] = [0, 1].map((n) => seen.readings.filter((r) => r[0] === n).length);
    o.say(`${count} connections, ${received} retained messages, ${ignored} passed over`);
    o.say(`used once each: ${state} of ${OLD_PARTS}; as new parts: ${od}`);
    const found: string[] = [];
    if (od !== 0) found.push(`${od} retained messages counted as new parts`);
    if (state !== OLD_PARTS) found.push(`${state} readings of ${OLD_PARTS} retained values`);
    return found;
  },
};
