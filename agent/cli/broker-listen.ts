import { connect, type IClientOptions, type IConnackPacket, type MqttClient } from 'mqtt';
import { parseDuration } from '../runtime/duration.ts';
import { InputError } from '../runtime/errors.ts';
import { tlsOptions } from '../runtime/tls.ts';
import { createDiscovery, type Discovery, type TopicFinding } from '../sources/mqtt/discover.ts';
import { describeFault } from '../sources/mqtt/faults.ts';
import type { Command, Terminal, Values } from './command.ts';
import { textOption } from './options.ts';

/** Options of every command that listens to a broker nobody has described. */
export const BROKER_OPTIONS = {
  for: { type: 'string' },
  topic: { type: 'string' },
  username: { type: 'string' },
  password: { type: 'string' },
  ca: { type: 'string' },
  cert: { type: 'string' },
  key: { type: 'string' },
} as const satisfies Command['options'];

export const BROKER_HELP = [
  '--for DURATION   how long to listen (default: 30s); Ctrl-C ends it earlier',
  '--topic FILTER   what to listen to (default: #, everything)',
  '--username, --password   login at the broker; the password also from MQTT_PASSWORD',
  '--ca, --cert, --key FILE   certificates for mqtts:// and wss:// (PEM)',
];

/** What was heard, and what the broker said of itself. */
export interface Heard {
  discovery: Discovery;
  /** MQTT version that the broker speaks */
  version: '5' | '3.1.1';
  connack: IConnackPacket;
  /** ms from ping to answer, sorted */
  pings: number[];
  /** filter asked for, and the code granted: 0 to 2, above 127 refused */
  granted: number;
}

const CONNECT_MS = 10_000;
const PINGS = 10;
const MOST_SHOWN = 200;
/** CONNACK of a broker that does not know MQTT 5, in its own words and in those of 3.1.1. */
const OTHER_VERSION = new Set([1, 132]);

/** Only listens, with a session that the broker forgets; nothing is sent but pings. */
export async function listenTo(url: string, values: Values, terminal: Terminal): Promise<Heard> {
  if (!/^(mqtts?|wss?):\/\/[^/@]+/.test(url)) {
    throw new InputError(`${url}: an address such as mqtt://10.0.0.5:1883`);
  }
  const said = textOption(values, 'for') ?? '30s';
  const forMs = parseDuration(said);
  if (forMs === undefined) throw new InputError(`--for ${said}: such as 30s or 5m`);
  const filter = textOption(values, 'topic') ?? '#';
  const discovery = createDiscovery();
  const { client, connack, version } = await connected(url, values, terminal);
  client.on('message', (topic, payload, packet) => {
    discovery.take(topic, payload, packet.retain, terminal.clock.now());
  });
  const pings = pingTimes(client, terminal);
  try {
    const granted = await new Promise<number>((resolve, reject) => {
      client.once('close', () => reject(new Error('connection closed')));
      client.subscribe(filter, { qos: 0 }, (error, _grants, packet) => {
        const code = packet?.granted?.[0];
        if (typeof code === 'number') resolve(code);
        else reject(error ?? new Error('no answer to the subscription'));
      });
    });
    let timer: NodeJS.Timeout | undefined;
    const over = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, forMs);
    });
    if (granted < 128) await Promise.race([over, terminal.interrupted()]);
    clearTimeout(timer);
    return { discovery, version, connack, granted, pings: pings() };
  } catch (error) {
    throw new InputError(describeFault(error, url, terminal.clock.now()));
  } finally {
    client.end(true);
  }
}

async function connected(url: string, values: Values, terminal: Terminal) {
  const username = textOption(values, 'username');
  const password = textOption(values, 'password') ?? terminal.env['MQTT_PASSWORD'];
  const [ca, cert, key] = ['ca', 'cert', 'key'].map((name) => textOption(values, name));
  const options: IClientOptions = {
    ...tlsOptions({
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
    }),
    ...{ clean: true, reconnectPeriod: 0, connectTimeout: CONNECT_MS },
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
  };
  try {
    return { ...(await open(url, { ...options, protocolVersion: 5 })), version: '5' as const };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? Number(error.code) : Number.NaN;
    // Some old brokers hang up on what they do not know, without a word.
    if (!OTHER_VERSION.has(code) && !/connection closed/.test(String(error))) {
      throw new InputError(describeFault(error, url, terminal.clock.now()));
    }
  }
  try {
    const older = await open(url, { ...options, protocolVersion: 4 });
    return { ...older, version: '3.1.1' as const };
  } catch (error) {
    throw new InputError(describeFault(error, url, terminal.clock.now()));
  }
}

function open(
  url: string,
  options: IClientOptions,
): Promise<{ client: MqttClient; connack: IConnackPacket }> {
  return new Promise((resolve, reject) => {
    const client = connect(url, options);
    client.once('connect', (connack) => resolve({ client, connack }));
    client.once('error', (error) => {
      client.end(true);
      reject(error);
    });
    client.once('close', () => {
      client.end(true);
      reject(new Error('connection closed'));
    });
  });
}

/** Asks for a sign of life some times, one after the other; the returned function tells the times. */
function pingTimes(client: MqttClient, terminal: Terminal): () => number[] {
  const times: number[] = [];
  let sentAt = terminal.clock.monotonic();
  client.on('packetreceive', (packet) => {
    if (packet.cmd !== 'pingresp') return;
    times.push(terminal.clock.monotonic() - sentAt);
    if (times.length >= PINGS) return;
    sentAt = terminal.clock.monotonic();
    client.sendPing();
  });
  client.sendPing();
  return () => [...times].sort((a, b) => a - b);
}

/** Topics with rate, size and what stands in their messages. */
export function printTopics(
  topics: readonly TopicFinding[],
  more: number,
  terminal: Terminal,
): void {
  for (const t of topics.slice(0, MOST_SHOWN)) {
    const rate = t.perSecond === null ? '' : `, ${Number(t.perSecond.toPrecision(3))}/s`;
    const retained = t.retained > 0 ? `, ${t.retained} retained` : '';
    const bytes = `, up to ${t.largestBytes} bytes`;
    terminal.out(`${t.topic}: ${t.messages} × ${t.form}${rate}${bytes}${retained}`);
    for (const p of t.paths) {
      const unit = p.unit === null ? '' : ` in ${p.unit}`;
      const span = p.min === null || p.role !== 'value' ? p.example : `${p.min} … ${p.max}`;
      terminal.out(`    ${p.path === '' ? '(the message)' : p.path}: ${p.role}${unit}, ${span}`);
    }
  }
  const unshown = more + Math.max(0, topics.length - MOST_SHOWN);
  if (unshown > 0) terminal.out(`and ${unshown} more`);
}
