import { connect, type MqttClient } from 'mqtt';
import { createMqttSource, type MqttSource } from '../../agent/sources/mqtt/index.ts';
import { settings } from '../../agent/sources/mqtt/settings.ts';
import type { SourceContext } from '../../agent/sources/source.ts';
import { until } from './source-context.ts';

/** A publisher that resolves when the broker has the message. */
export interface Publisher {
  send(topic: string, payload: string | Buffer, retain?: boolean, qos?: 0 | 1): Promise<void>;
  close(): Promise<void>;
}

export async function publisher(
  url: string,
  login: { username?: string; password?: string } = {},
): Promise<Publisher> {
  const client: MqttClient = connect(url, { reconnectPeriod: 50, ...login });
  await new Promise<void>((resolve) => client.once('connect', () => resolve()));
  return {
    async send(topic, payload, retain = false, qos = 1) {
      await client.publishAsync(topic, payload, { qos, retain });
    },
    async close() {
      await client.endAsync(true);
    },
  };
}

type Input = Record<string, unknown>;

/** A source for one broker; `topics` and `over` are settings as they stand in the file. */
export function mqttSource(
  url: string,
  context: SourceContext,
  topics: Input[],
  over: Input = {},
): MqttSource {
  return createMqttSource(settings.parse({ url, topics, ...over }), context);
}

/** Resolves when the source is connected and its subscriptions were answered. */
export async function subscribed(source: MqttSource): Promise<void> {
  await until(() => source.health().state === 'up', 'the source is up');
  await until(() => source.health().counters['subscribed'] === 1, 'the subscription is answered');
}

/** Ends a source as the agent does: what was handed over is committed, so no goodbye waits. */
export function ending(source: MqttSource, context: { deliveries(): number }) {
  return {
    async close() {
      source.committed(context.deliveries());
      await source.stop();
    },
  };
}
