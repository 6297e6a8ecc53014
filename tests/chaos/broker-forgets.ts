import { createMqttSource } from '../../agent/sources/mqtt/index.ts';
import { settings } from '../../agent/sources/mqtt/settings.ts';
import { type Mosquitto, startMosquitto } from '../support/mosquitto.ts';
import { publisher, subscribed } from '../support/mqtt.ts';
import { collect, encode, feed, reducerFor } from '../support/reducer.ts';
import { testContext, until } from '../support/source-context.ts';
import type { Scenario } from './scenario.ts';

const ROUNDS = 50;
const SHORT = 10;
const PARTS = 20;
const STREAM = 'k7';

/**
 * A broker that saves its sessions every half hour only (mosquitto's default) is killed while it keeps
 * parts for an agent that is away. What is lost by that is named to the last part.
 */
export const brokerForgets: Scenario = {
  name: 'broker-forgets',
  async run(o) {
    const broker = await startMosquitto();
    await broker.stop();
    broker.addConfig(['persistence true', `persistence_location ${broker.folder}/`]);
    await broker.start();
    const reducer = reducerFor({ od: {} });
    const seen = collect();
    const rounds = o.short ? SHORT : ROUNDS;
    let sent = 0;
    let told = 0;
    const send = async () => {
      const out = await publisher(broker.url);
      for (let i = 0; i < PARTS; i += 1) {
        sent += 1;
        await out.send(`ravi/${STREAM}/result`, JSON.stringify({ seq: sent, v: 10 }));
      }
      await out.close();
    };
    try {
      for (let round = 0; round < rounds; round += 1) {
        const online = await listen(broker, round > 0, (bytes) => {
          feed(reducer, { kind: 'batch', bytes }, seen);
        });
        await send();
        await until(() => online.last() === sent, 'all parts while it listens');
        told += online.told();
        await online.stop();
        await send();
        await broker.kill();
        await broker.start();
      }
    } finally {
      await broker.close();
    }
    const lost = new Set(Array.from({ length: sent }, (_, i) => i + 1));
    for (const reading of seen.readings) lost.delete(reading[4] ?? 0);
    // The last absence has no part behind it yet that could tell.
    for (let i = 0; i < PARTS; i += 1) lost.delete(sent - i);
    const named = seen.gaps.reduce((all, gap) => all + gap.missed, 0);
    o.say(
      `${rounds} kills: ${sent} parts, ${lost.size} lost by the broker, ${named} named missing`,
    );
    o.say(`${told} of ${rounds - 1} lost sessions told`);
    const found: string[] = [];
    if (lost.size === 0) found.push('nothing was lost: the broker was not as bad as it should be');
    if (named !== lost.size) found.push(`${lost.size} lost, ${named} named`);
    if (told !== rounds - 1) found.push(`${told} of ${rounds - 1} lost sessions told`);
    return found;
  },
};

async function listen(broker: Mosquitto, resumed: boolean, take: (bytes: Uint8Array) => void) {
  const context = testContext(['od'], { name: 'forgetful', resumed });
  const { deliver } = context;
  context.deliver = (d) => {
    take(encode([{ ...d, stream: `s/${d.stream}` }]));
    return deliver(d);
  };
  const topic = { topic: 'ravi/{s}/result', stream: '{s}', sequence: 'seq', values: { od: 'v' } };
  const source = createMqttSource(settings.parse({ url: broker.url, topics: [topic] }), context);
  source.start();
  await subscribed(source);
  return {
    last: () => context.readings.at(-1)?.sequence ?? 0,
    told: () => context.events.filter((e) => e.kind === 'session-lost').length,
    async stop() {
      source.committed(context.deliveries());
      await source.stop();
    },
  };
}
