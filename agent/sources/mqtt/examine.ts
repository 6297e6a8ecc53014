import { connect, type IClientOptions, type IConnackPacket, type MqttClient } from 'mqtt';
import { messageOf } from '../../runtime/errors.ts';
import { sleep } from '../../runtime/retry.ts';
import { clientOptions } from './client-options.ts';
import type { ConnectionSettings } from './connection.ts';
import { describeFault } from './faults.ts';

/** What a broker does, as far as it can be seen from outside. null = not seen. */
export interface BrokerFinding {
  reachable: boolean;
  fault: string;
  /** a session was still there after a short absence */
  keepsSession: boolean | null;
  /** what the broker allows, where it says so (MQTT 5) */
  receiveMaximum: number | null;
  maximumPacketSize: number | null;
  sessionExpiryS: number | null;
  maximumQos: number | null;
  /** retained messages under our topics within two seconds */
  retained: number | null;
  /** of `queueTried` messages sent while we were away so many came */
  queueTried: number;
  queueGot: number | null;
}

export interface ExamineOptions {
  settings: ConnectionSettings;
  /** a client id of our own that nobody else uses; ends with a random part */
  clientId: string;
  filters: readonly string[];
  /** so many small messages are sent to a topic of our own to learn the length of the queue; 0 = none */
  queue: number;
  /** wall clock: certificates are judged by it */
  nowMs: number;
}

const RETAINED_MS = 2000;
const QUEUE_MS = 5000;
const MAX_RETAINED = 100_000;

/** Connects a few times under a name of its own, and takes its session away at the end. */
export async function examineBroker(o: ExamineOptions): Promise<BrokerFinding> {
  const found: BrokerFinding = {
    reachable: false,
    fault: '',
    keepsSession: null,
    receiveMaximum: null,
    maximumPacketSize: null,
    sessionExpiryS: null,
    maximumQos: null,
    retained: null,
    queueTried: o.queue,
    queueGot: null,
  };
  const topic = `meyar-doctor/${o.clientId}`;
  try {
    const kept: IClientOptions = { ...clientOptions(o.settings, o.clientId), reconnectPeriod: 0 };
    const first = await open(o.settings.url, kept);
    found.reachable = true;
    note(found, first.connack);
    await first.client.subscribeAsync(topic, { qos: 1 });
    await first.client.endAsync();
    found.queueGot = await fillQueue(o, kept, topic, found);
    found.retained = await countRetained(o);
  } catch (error) {
    found.fault = found.reachable
      ? messageOf(error)
      : describeFault(error, o.settings.url, o.nowMs);
  } finally {
    await forget(o);
  }
  return found;
}

function note(found: BrokerFinding, { properties }: IConnackPacket): void {
  found.receiveMaximum = properties?.receiveMaximum ?? null;
  found.maximumPacketSize = properties?.maximumPacketSize ?? null;
  found.sessionExpiryS = properties?.sessionExpiryInterval ?? null;
  found.maximumQos = properties?.maximumQoS ?? null;
}

/** Sends while we are away, and counts what was kept; also tells whether the session was. */
async function fillQueue(
  o: ExamineOptions,
  kept: IClientOptions,
  topic: string,
  found: BrokerFinding,
): Promise<number | null> {
  if (o.queue > 0) {
    const options = clientOptions(o.settings, `${o.clientId}-out`, true);
    const out = await open(o.settings.url, { ...options, reconnectPeriod: 0 });
    const sends = Array.from({ length: o.queue }, (_, i) =>
      out.client.publishAsync(topic, String(i), { qos: 1 }),
    );
    await Promise.all(sends);
    await out.client.endAsync();
  }
  let got = 0;
  const again = await open(o.settings.url, kept, () => {
    got += 1;
  });
  found.keepsSession = again.connack.sessionPresent;
  for (let ms = 0; ms < QUEUE_MS && got < o.queue; ms += 50) {
    const before = got;
    await sleep(50);
    if (ms > 1000 && got === before) break;
  }
  again.client.end(true);
  return o.queue > 0 ? got : null;
}

async function countRetained(o: ExamineOptions): Promise<number | null> {
  if (o.filters.length === 0) return null;
  let retained = 0;
  const options = clientOptions(o.settings, `${o.clientId}-retained`, true);
  const { client } = await open(
    o.settings.url,
    { ...options, reconnectPeriod: 0 },
    (isRetained) => {
      if (isRetained && retained < MAX_RETAINED) retained += 1;
    },
  );
  await client.subscribeAsync([...o.filters], { qos: 0 });
  await sleep(RETAINED_MS);
  client.end(true);
  return retained;
}

/** The session of this examination is of no use to anybody. */
async function forget(o: ExamineOptions): Promise<void> {
  try {
    const options = clientOptions(o.settings, o.clientId, true);
    const { client } = await open(o.settings.url, { ...options, reconnectPeriod: 0 });
    await client.endAsync();
  } catch {
    // The broker is away: it forgets by itself after the session's time.
  }
}

function open(
  url: string,
  options: IClientOptions,
  message: (retained: boolean) => void = () => {},
): Promise<{ client: MqttClient; connack: IConnackPacket }> {
  return new Promise((resolve, reject) => {
    const client = connect(url, options);
    client.on('message', (_topic, _payload, packet) => message(packet.retain));
    client.once('connect', (connack) => resolve({ client, connack }));
    client.once('error', (error) => {
      client.end(true);
      reject(error);
    });
    client.once('close', () => reject(new Error('connection closed')));
  });
}
