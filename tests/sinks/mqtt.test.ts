import { connectAsync } from 'mqtt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sinks } from '../../agent/sinks/index.ts';
import { type SinkRig, sinkContract } from '../contracts/sink.ts';
import { needs } from '../support/debian.ts';
import { type Mosquitto, startMosquitto } from '../support/mosquitto.ts';
import {
  characteristic,
  fakeJournal,
  limits,
  point,
  sinkContext,
} from '../support/sink-journal.ts';
import { summary } from '../support/sink-summary.ts';

const present = needs('mosquitto');

/** What the broker holds: the newest message of each topic. */
async function retained(url: string): Promise<string[]> {
  const client = await connectAsync(url);
  const found: string[] = [];
  client.on('message', (topic, payload) => found.push(`${topic} ${payload.toString()}`));
  await client.subscribeAsync('#', { qos: 1 });
  // Retained messages follow the answer to the subscription; a marker of our own ends them.
  const marked = new Promise<void>((resolve) => {
    client.on('message', (topic) => topic === 'marker' && resolve());
  });
  await client.publishAsync('marker', 'x', { qos: 1 });
  await marked;
  await client.endAsync(true);
  return found.filter((text) => !text.startsWith('marker')).sort();
}

async function rig(): Promise<SinkRig> {
  const broker = await startMosquitto();
  const settings = { kind: 'mqtt', url: broker.url, timeout: '3s' };
  return {
    create: (context) => sinks.create(sinks.schema.parse(settings), context),
    contents: () => retained(broker.url),
    down: () => broker.stop(),
    up: () => broker.start(),
    close: () => broker.close(),
  };
}

if (present) sinkContract('mqtt', rig);

describe.skipIf(!present)('the MQTT sink', () => {
  let broker: Mosquitto;
  beforeAll(async () => {
    broker = await startMosquitto();
  });
  afterAll(() => broker.close());
  const never = () => new AbortController().signal;

  it('publishes points, limits and summaries under the topics of the plant', async () => {
    const settings = sinks.schema.parse({ kind: 'mqtt', url: broker.url });
    const line = characteristic({ line: 'a/b+c' });
    const sink = sinks.create(settings, sinkContext([line]));
    const journal = fakeJournal();
    journal.commit({ points: [point({ index: 1 }), point({ index: 2, value: 21.99 })] });
    journal.commit({ limits: [limits()] });
    expect(await sink.write(journal.decoded(), never())).toEqual({ written: 3, rejected: [] });
    const health = { name: 'mqtt', kind: 'mqtt', state: 'up' as const, detail: '' };
    const figures = { cursor: 2, head: 2, rowsWritten: 3, rowsRejected: 0, oldestUnsentMs: null };
    await sink.beat?.([], never(), {
      health: { ...health, ...figures },
      summaries: [summary(line)],
    });
    await sink.close();
    const found = await retained(broker.url);
    const place = 'Lahore (made up)/a_b_c/cnc-1/od-turned';
    const newest = found.find((text) => text.startsWith(`${place}/point `));
    const body = JSON.parse(newest?.slice(newest.indexOf('{')) ?? '{}');
    expect(body).toMatchObject({ index: 2, value: 21.99, unit: 'mm', seq: 1, ordinal: 1 });
    expect(found.some((text) => text.startsWith(`${place}/limits `))).toBe(true);
    expect(found.some((text) => text.includes('/summary '))).toBe(true);
  });

  it('wants to know in the topic what a message is', () => {
    const bad = { kind: 'mqtt', url: broker.url, topic: 'plant/{characteristic}' };
    expect(sinks.schema.safeParse(bad).success).toBe(false);
  });
});
