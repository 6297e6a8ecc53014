import { connect, type IClientOptions, type MqttClient } from 'mqtt';
import { z } from 'zod';
import type { AlertEvent } from '../../model.ts';
import { kind } from '../../registry.ts';
import { duration, sayDuration } from '../../runtime/duration.ts';
import { HoldError, messageOf, RetryError } from '../../runtime/errors.ts';
import { sayTls, tlsOptions, tlsSettings } from '../../runtime/tls.ts';
import { type Channel, type ChannelContext, channelShape } from './channel.ts';
import { payloadOf } from './payload.ts';

const topic = z
  .string()
  .max(1000)
  .regex(/^[^+#\0]+$/, 'a topic to publish on has no + and no #');

const settings = z
  .object({
    url: z
      .url({ protocol: /^(mqtts?|wss?)$/ })
      .regex(/^[^@]*$/, 'user and password are keys of their own')
      .describe('Broker, for example mqtt://127.0.0.1'),
    topic: topic.describe('Topic of the alerts; {subject}, {kind} and {severity} are filled in'),
    stateTopic: topic
      .regex(/\{subject\}/, 'the state topic needs {subject}')
      .optional()
      .describe('Retained topic with the newest alert of each subject; empty once it is closed'),
    tls: tlsSettings.optional().describe('Certificates for mqtts:// and wss://'),
    username: z.string().optional().describe('Name at the broker'),
    password: z.string().optional().describe('Password at the broker; take it from a variable'),
    clientId: z.string().max(64).optional().describe('Client id; a random one when left out'),
    ...channelShape,
    timeout: duration('10s').describe('Longest wait for the broker to confirm'),
    digest: z
      .boolean()
      .default(false)
      .describe('Put a storm of warnings into one message; on when people read the topic'),
  })
  .refine((s) => s.stateTopic === undefined || s.expireAfter === undefined, {
    path: ['expireAfter'],
    error: 'the state topic would stay at what it was: leave one of the two out',
  })
  .describe('MQTT publish as JSON with QoS 1');

/** MQTT publish, QoS 1, on a connection of its own; the payload's `key` tells repeats apart. */
export const mqtt = kind<typeof settings, ChannelContext, Channel>({
  settings,
  create(options, context) {
    const link = openLink(options, context);
    const newest = new Map<string, number>();
    return {
      everyNotice: !options.digest,
      async send(notice, signal) {
        const { event } = notice;
        const payload = payloadOf(notice, notice);
        const deadline = AbortSignal.timeout(options.timeout);
        const stop = AbortSignal.any([signal, deadline]);
        try {
          await link.publish(fill(options.topic, event), payload, false, stop);
          const stateTopic =
            options.stateTopic === undefined || notice.summary === true
              ? null
              : fill(options.stateTopic, event);
          if (stateTopic !== null && isNewest(newest, stateTopic, event.alert.id)) {
            const state = event.transition === 'closed' ? Buffer.alloc(0) : payload;
            await link.publish(stateTopic, state, true, stop);
          }
        } catch (thrown) {
          signal.throwIfAborted();
          if (!deadline.aborted) throw thrown;
          throw link.refusal() ?? new RetryError(link.silence(sayDuration(options.timeout)));
        }
      },
      close: () => link.close(),
    };
  },
});

interface Link {
  /** resolves with the broker's PUBACK; when `stop` aborts, nothing stays queued */
  publish(topic: string, payload: Buffer, retain: boolean, stop: AbortSignal): Promise<void>;
  /** why the broker does not let us in, null when it did not say */
  refusal(): Error | null;
  /** words for a time-out, with the last error of the connection if there was one */
  silence(time: string): string;
  close(): Promise<void>;
}

/** MQTT 3.1.1 return codes: bad user name or password, not authorised. */
const REFUSED_CODES = [4, 5];

function openLink(options: z.output<typeof settings>, context: ChannelContext): Link {
  const client = connect(options.url, clientOptions(options));
  let refused: Error | null = null;
  let lastError = '';
  client.on('connect', () => {
    refused = null;
    lastError = '';
    setNoDelay(client);
  });
  // Without a listener an error would end the process; the client itself connects again.
  client.on('error', (error) => {
    lastError = sayTls(error, context.clock.now()) ?? messageOf(error);
    if (REFUSED_CODES.includes(codeOf(error))) {
      refused = new HoldError(`the broker refuses us: ${lastError}`);
    }
    context.log.debug('alerts.mqtt.error', { channel: context.name, reason: lastError });
  });
  return {
    async publish(topicName, payload, retain, stop) {
      if (!client.connected) await connected(client, () => refused, stop);
      await publishOnce(client, topicName, payload, retain, stop);
    },
    refusal: () => refused,
    silence: (time) =>
      `the broker did not answer in ${time}${lastError === '' ? '' : ` (${lastError})`}`,
    async close() {
      await client.endAsync(true);
    },
  };
}

function clientOptions(options: z.output<typeof settings>): IClientOptions {
  return {
    protocolVersion: 4,
    clean: true,
    queueQoSZero: false,
    writeCache: false,
    reconnectPeriod: 1000,
    reconnectOnConnackError: true,
    connectTimeout: options.timeout,
    keepalive: 30,
    resubscribe: false,
    ...(/^(mqtts|wss):/.test(options.url) ? tlsOptions(options.tls) : {}),
    ...(options.username === undefined ? {} : { username: options.username }),
    ...(options.password === undefined ? {} : { password: options.password }),
    ...(options.clientId === undefined ? {} : { clientId: options.clientId }),
  };
}

/** Waits for the connection, but not once the broker has said that it refuses us. */
function connected(
  client: MqttClient,
  refusal: () => Error | null,
  stop: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (error: unknown) => {
      client.off('connect', onConnect);
      client.off('error', onError);
      client.off('end', onEnd);
      stop.removeEventListener('abort', onAbort);
      if (error === null) resolve();
      else reject(error);
    };
    const onConnect = () => settle(null);
    const onError = () => {
      const refused = refusal();
      if (refused !== null) settle(refused);
    };
    const onEnd = () => settle(new RetryError('the channel is closed'));
    const onAbort = () => settle(stop.reason);
    if (stop.aborted || client.disconnecting) {
      settle(stop.aborted ? stop.reason : new RetryError('the channel is closed'));
      return;
    }
    client.on('connect', onConnect);
    client.on('error', onError);
    client.on('end', onEnd);
    stop.addEventListener('abort', onAbort, { once: true });
  });
}

/** One publish; on a lost connection or an abort the library forgets it, we send it again. */
function publishOnce(
  client: MqttClient,
  topicName: string,
  payload: Buffer,
  retain: boolean,
  stop: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let id = 0;
    let settled = false;
    const settle = (error: unknown) => {
      if (settled) return;
      settled = true;
      client.off('close', onClose);
      stop.removeEventListener('abort', onAbort);
      if (error === null) {
        resolve();
        return;
      }
      if (id !== 0) client.removeOutgoingMessage(id);
      reject(error);
    };
    const onClose = () => settle(new RetryError('the broker hung up'));
    // A connection that swallows a publish may be dead: a new one is quicker than the keepalive.
    const onAbort = () => {
      settle(stop.reason);
      client.stream.destroy();
    };
    client.on('close', onClose);
    stop.addEventListener('abort', onAbort, { once: true });
    client.publish(topicName, payload, { qos: 1, retain }, (error) => {
      settle(error ? new RetryError(`the broker did not confirm: ${messageOf(error)}`) : null);
    });
    id = client.getLastMessageId();
    if (stop.aborted) onAbort();
  });
}

/** Levels may not hold the characters that mean something in topics. */
function fill(template: string, event: AlertEvent): string {
  const { subject, kind: alertKind, severity } = event.alert;
  const words: Record<string, string> = { subject, kind: alertKind, severity };
  return template.replace(/\{(subject|kind|severity)\}/g, (_, word: string) =>
    (words[word] ?? '').replace(/[+#/\0]/g, '_'),
  );
}

const MAX_STATE_TOPICS = 10_000;

/** The end of an old alert must not wipe out the state of a newer one. */
function isNewest(newest: Map<string, number>, stateTopic: string, id: number): boolean {
  if (id < (newest.get(stateTopic) ?? 0)) return false;
  if (newest.size >= MAX_STATE_TOPICS) newest.clear();
  newest.set(stateTopic, id);
  return true;
}

function codeOf(error: unknown): number {
  return typeof error === 'object' && error !== null && 'code' in error ? Number(error.code) : 0;
}

/** Alerts are single small packets: Nagle's algorithm would only hold them back. */
function setNoDelay(client: MqttClient): void {
  const stream: unknown = client.stream;
  if (typeof stream !== 'object' || stream === null || !('setNoDelay' in stream)) return;
  if (typeof stream.setNoDelay === 'function') stream.setNoDelay(true);
}
