import { connect, type MqttClient } from 'mqtt';
import { z } from 'zod';
import type { Characteristic } from '../../model.ts';
import { kind } from '../../registry.ts';
import { duration } from '../../runtime/duration.ts';
import { messageOf, RetryError } from '../../runtime/errors.ts';
import { sleep } from '../../runtime/retry.ts';
import { sayTls, tlsOptions, tlsSettings } from '../../runtime/tls.ts';
import { shipperSettings } from '../shipper.ts';
import type { Rows, Sink, SinkContext } from '../sink.ts';
import { type Message, NotTakenError, refusals } from './refusals.ts';

const settings = z
  .strictObject({
    ...shipperSettings,
    url: z
      .url({ protocol: /^(mqtts?|wss?)$/ })
      .regex(/^[^@]*$/, 'user and password are keys of their own')
      .describe('Broker, for example mqtt://127.0.0.1'),
    tls: tlsSettings.optional().describe('Certificates for mqtts:// and wss://'),
    topic: z
      .string()
      .max(500)
      .regex(/^[^+#\0]+$/, 'a topic to publish on has no + and no #')
      .regex(/\{what\}/, 'the topic needs {what}: point, limits, alert or summary')
      .default('{site}/{line}/{machine}/{characteristic}/{what}')
      .describe('Topic; {site}, {line}, {machine}, {part}, {characteristic}, {what} are filled in'),
    retain: z.boolean().default(true).describe('The broker keeps the newest message of each topic'),
    username: z.string().max(200).optional().describe('Name at the broker'),
    password: z.string().max(200).optional().describe('Password; take it from a variable'),
    timeout: duration('10s').describe('Longest wait for the broker to confirm'),
  })
  .describe('MQTT publish as JSON with QoS 1: points, limits, alerts and summaries');

type Settings = z.output<typeof settings>;

/** Messages that wait for the broker's confirmation at a time. */
const IN_FLIGHT = 200;

/** A namespace of the plant on a broker. `seq` and `ordinal` in a message tell repeats apart. */
export const mqtt = kind<typeof settings, SinkContext, Sink>({
  settings,
  create(options, context) {
    let client: MqttClient | null = null;
    let lastError = '';
    const open = () => {
      client ??= link(options, (error) => {
        lastError = sayTls(error, context.clock.now()) ?? messageOf(error);
      });
      return client;
    };
    const publish = async (messages: readonly Message[], signal: AbortSignal) => {
      signal.throwIfAborted();
      const over = AbortSignal.any([signal, AbortSignal.timeout(options.timeout)]);
      const link0 = open();
      while (!link0.connected && !over.aborted) await sleep(20, over);
      if (over.aborted) throw new RetryError(`the broker does not answer ${lastError}`.trim());
      for (let at = 0; at < messages.length; at += IN_FLIGHT) {
        const some = messages.slice(at, at + IN_FLIGHT);
        try {
          await confirmed(link0, some, options, signal);
        } catch (error) {
          // The library would send what it still holds on every new connection, before all else.
          if (client === link0) client = null;
          await link0.endAsync(true);
          throw error;
        }
      }
    };
    const { write, again } = refusals(publish);
    return {
      async open() {},
      write(rows, signal) {
        return write(messagesOf(rows, options.topic, context), signal);
      },
      again,
      async beat(_sources, signal, own) {
        const all = (own?.summaries ?? []).map((summary) => ({
          topic: topicOf(options.topic, context.site, summary, 'summary'),
          payload: JSON.stringify(summary),
        }));
        if (all.length > 0) await publish(all, signal);
      },
      async close() {
        await client?.endAsync(true);
        client = null;
      },
    };
  },
});

function link(options: Settings, failed: (error: unknown) => void): MqttClient {
  const { url, username, password } = options;
  const client = connect(url, {
    reconnectPeriod: 1000,
    reconnectOnConnackError: true,
    connectTimeout: options.timeout,
    queueQoSZero: false,
    writeCache: false,
    ...(/^(mqtts|wss):/.test(url) ? tlsOptions(options.tls) : {}),
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
  });
  // Without a listener an error would end the process; the client itself connects again.
  client.on('error', failed);
  return client;
}

async function confirmed(
  client: MqttClient,
  messages: readonly Message[],
  { retain, timeout }: Settings,
  signal: AbortSignal,
): Promise<void> {
  const stop = AbortSignal.any([signal, AbortSignal.timeout(timeout)]);
  let hungUp = () => {};
  const stopped = new Promise<never>((_, reject) => {
    const late = () => reject(new NotTakenError('the broker did not confirm in time'));
    stop.addEventListener('abort', late, { once: true });
    hungUp = () => reject(new NotTakenError('the broker hung up'));
    client.once('close', hungUp);
  });
  stopped.catch(() => {});
  const all = messages.map(({ topic, payload }) =>
    client.publishAsync(topic, payload, { qos: 1, retain }),
  );
  for (const one of all) one.catch(() => {});
  try {
    await Promise.race([Promise.all(all), stopped]);
  } catch (error) {
    signal.throwIfAborted();
    throw error instanceof NotTakenError ? error : new NotTakenError(messageOf(error));
  } finally {
    client.off('close', hungUp);
  }
}

function messagesOf(rows: Rows, template: string, context: SinkContext): Message[] {
  const messages: Message[] = [];
  const add = (id: string, what: string, value: object) => {
    const of = context.characteristicById(id);
    if (of === undefined) return;
    const topic = topicOf(template, context.site, of, what);
    messages.push({ topic, payload: JSON.stringify({ ...value, unit: of.unit }) });
  };
  for (const point of rows.points) add(point.characteristic, 'point', point);
  for (const limits of rows.limits) add(limits.characteristic, 'limits', limits);
  for (const event of rows.alerts) add(event.alert.subject, 'alert', event);
  return messages;
}

type Place = Pick<Characteristic, 'line' | 'machine' | 'part' | 'id'>;

/** Levels may not hold the characters that mean something in topics; an empty one reads as '-'. */
function topicOf(template: string, site: string, of: Place, what: string): string {
  const words: Record<string, string> = {
    ...{ site, line: of.line, machine: of.machine, part: of.part },
    ...{ characteristic: of.id, what },
  };
  return template.replace(/\{(\w+)\}/g, (all, word: string) => {
    const value = words[word];
    return value === undefined ? all : value.replace(/[+#/\0]/g, '_') || '-';
  });
}
