import { type AddressInfo, createServer, type Socket } from 'node:net';
import { Aedes } from 'aedes';
import { connectAsync } from 'mqtt';
import type { Channel, ChannelContext, Notice } from '../../../agent/alerts/channels/channel.ts';
import { channels } from '../../../agent/alerts/channels/index.ts';
import type { ChannelRig } from '../../contracts/channel.ts';
import { startMosquitto } from '../../support/mosquitto.ts';

/** What the rig asks of a broker. */
export interface Broker {
  url: string;
  freeze(): void;
  thaw(): void;
  stop(): Promise<void>;
  start(): Promise<void>;
  close(): Promise<void>;
}

const USER = 'meyar';
const PASSWORD = 'right';

export function makeMqtt(settings: Record<string, unknown>, context: ChannelContext): Channel {
  const own = { kind: 'mqtt', topic: 'ravi/alerts', username: USER, password: PASSWORD };
  return channels.create(channels.schema.parse({ ...own, ...settings }), context);
}

/** A listener on the same broker; it is told everything under ravi/. */
export async function listener(url: string) {
  const messages: { topic: string; text: string; retain: boolean }[] = [];
  const client = await connectAsync(url, {
    username: USER,
    password: PASSWORD,
    reconnectPeriod: 50,
    resubscribe: false,
  });
  client.on('error', () => {});
  client.on('message', (topic, payload, packet) => {
    messages.push({ topic, text: payload.toString(), retain: packet.retain });
  });
  await client.subscribeAsync('ravi/#', { qos: 1 });
  return { messages, close: () => client.endAsync(true) };
}

export async function mqttRig(makeBroker: () => Promise<Broker>): Promise<ChannelRig> {
  const broker = await makeBroker();
  const kept: Notice[] = [];
  let ears = await listener(broker.url);
  const notices = () => ears.messages.map((message) => JSON.parse(message.text) as Notice);
  return {
    create: (context, timeout) => makeMqtt({ url: broker.url, timeout }, context),
    createRefused: (context) => makeMqtt({ url: broker.url, password: 'wrong' }, context),
    received: () => [...kept, ...notices()],
    freeze: broker.freeze,
    thaw: broker.thaw,
    async down() {
      kept.push(...notices());
      await ears.close();
      await broker.stop();
      ears.messages.length = 0;
    },
    async up() {
      await broker.start();
      ears = await listener(broker.url);
    },
    async close() {
      await ears.close();
      await broker.close();
    },
  };
}

export function mosquittoBroker(): Promise<Broker> {
  return startMosquitto({ users: { [USER]: PASSWORD } });
}

/** The broker of the demo, for machines without mosquitto. */
export async function aedesBroker(): Promise<Broker> {
  let port = 0;
  let frozen = false;
  const waiting: (() => void)[] = [];
  const sockets = new Set<Socket>();
  const aedes = await Aedes.createBroker({
    authenticate: (_client, username, password, done) =>
      username === USER && password?.toString() === PASSWORD
        ? done(null, true)
        : done(Object.assign(new Error('no'), { returnCode: 5 as const }), false),
    authorizePublish: (_client, _packet, done) => {
      if (frozen) waiting.push(() => done(null));
      else done(null);
    },
  });
  let server = createServer();
  const listen = async () => {
    server = createServer((socket) => {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
      aedes.handle(socket);
    });
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    port = (server.address() as AddressInfo).port;
  };
  const stop = async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  await listen();
  return {
    url: `mqtt://127.0.0.1:${port}`,
    freeze() {
      frozen = true;
    },
    thaw() {
      frozen = false;
      for (const go of waiting.splice(0)) go();
    },
    stop,
    start: listen,
    async close() {
      await stop();
      await new Promise<void>((resolve) => aedes.close(() => resolve()));
    },
  };
}
