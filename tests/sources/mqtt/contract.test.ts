import { describe } from 'vitest';
import type { MqttSource } from '../../../agent/sources/mqtt/index.ts';
import { sourceContract } from '../../contracts/source.ts';
import { needs } from '../../support/debian.ts';
import { freePort } from '../../support/free-port.ts';
import { startMosquitto } from '../../support/mosquitto.ts';
import { mqttSource, publisher, subscribed } from '../../support/mqtt.ts';

const TOPICS = [
  {
    topic: 'ravi/{station}/result',
    stream: '{station}',
    sequence: 'seq',
    values: { hardness: 'v.h', depth: 'v.d' },
  },
];

describe.skipIf(!needs('mosquitto'))('mqtt', () => {
  sourceContract('mqtt', async () => {
    const broker = await startMosquitto();
    const out = await publisher(broker.url);
    const nobody = await freePort();
    let seq = 0;
    return {
      tags: ['hardness', 'depth'],
      counters: ['received', 'readings', 'deadLettered', 'unackedHeld', 'reconnects'],
      unreachable: (context) => mqttSource(`mqtt://127.0.0.1:${nobody}`, context, TOPICS),
      live: (context) => mqttSource(broker.url, context, TOPICS),
      ready: (source) => subscribed(source as MqttSource),
      produce() {
        seq += 1;
        return out.send('ravi/k7/result', JSON.stringify({ seq, v: { h: 58 + seq, d: 0.8 } }));
      },
      async close() {
        await out.close();
        await broker.close();
      },
    };
  });
});
