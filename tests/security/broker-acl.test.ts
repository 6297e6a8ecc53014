import { readFileSync } from 'node:fs';
import { connectAsync, type MqttClient } from 'mqtt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { needs } from '../support/debian.ts';
import { type Mosquitto, startMosquitto } from '../support/mosquitto.ts';
import { mqttSource, subscribed } from '../support/mqtt.ts';
import { type TestContext, testContext, until } from '../support/source-context.ts';

const FOLDER = new URL('../../deploy/mosquitto/', import.meta.url);
const NAMES = ['meyar', 'press-1', 'press-2'];
const USERS = Object.fromEntries(NAMES.map((name) => [name, `secret of ${name}`]));

/** The settings of the template that do not name a place of the system. */
function template(): string[] {
  const text = readFileSync(new URL('meyar.conf', FOLDER), 'utf8');
  const ours = /^(#|password_file|acl_file|allow_anonymous|persistence|autosave|max_|$)/;
  const limits = /^max_packet_size/;
  return text.split('\n').filter((line) => !ours.test(line) || limits.test(line));
}

describe.skipIf(!needs('mosquitto'))('the access list for a broker', () => {
  let broker: Mosquitto;
  let context: TestContext;
  const clients: MqttClient[] = [];
  const login = (username: string) => ({ username, password: USERS[username] ?? '' });

  beforeAll(async () => {
    const acl = new URL('acl', FOLDER).pathname;
    broker = await startMosquitto({
      users: USERS,
      config: [...template(), `acl_file ${acl}`],
    });
    context = testContext(['press-1.force', 'press-2.force']);
  });
  afterAll(async () => {
    for (const client of clients) await client.endAsync(true);
    await broker.close();
  });

  it('lets a machine speak for itself only, and the agent only read', async () => {
    const topics = [
      { topic: 'ravi/{station}/result', sequence: 'seq', values: { '{station}.force': 'v' } },
    ];
    const source = mqttSource(broker.url, context, topics, login('meyar'));
    source.start();
    await subscribed(source);
    const refused: string[] = [];
    for (const name of ['press-2', 'press-1', 'meyar']) {
      const client = await connectAsync(broker.url, { protocolVersion: 5, ...login(name) });
      clients.push(client);
      const topic = 'ravi/press-1/result';
      const send = client.publishAsync(topic, JSON.stringify({ seq: 1, v: name.length }), {
        qos: 1,
      });
      await send.catch(() => refused.push(name));
    }
    await until(() => context.readings.length > 0, 'the reading of press-1');
    expect(refused).toEqual(['press-2', 'meyar']);
    expect(context.readings.map((r) => [r.tag, r.value])).toEqual([['press-1.force', 7]]);
    source.committed(context.deliveries());
    await source.stop();
  });

  it('lets nobody in without a password', async () => {
    const nobody = connectAsync(broker.url, { protocolVersion: 5, reconnectPeriod: 0 });
    await expect(nobody).rejects.toThrow(/[Nn]ot authorized/);
  });
});
