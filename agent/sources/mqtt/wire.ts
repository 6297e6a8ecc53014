import { connect as connectTcp, isIP } from 'node:net';
import { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { connect as connectMqtt, type IClientOptions, MqttClient } from 'mqtt';
import type { Dial } from '../source.ts';
import type { AckStream } from './acks.ts';
import { frameReader, type MessageMeta } from './frames.ts';

/** A client of MQTT.js whose messages come to us, and whose acknowledgements are ours to send. */
export interface Wire {
  client: MqttClient;
  /** true: no message is taken, and none is read from the network behind the first that waits */
  pause(on: boolean): void;
  /** a message waits, so that answers behind it cannot be seen */
  blocked(): boolean;
}

/** One message; `stream` is where its acknowledgement goes, null when none is owed. */
export type OnMessage = (
  topic: string,
  payload: Buffer,
  meta: MessageMeta,
  stream: AckStream | null,
  bytes: number,
) => void;

/**
 * Opens a client that reconnects for ever. Over TCP and TLS our own reader takes the messages out
 * of the stream before MQTT.js sees it (a third of the CPU); over web sockets MQTT.js reads them.
 */
export function openWire(
  url: string,
  options: IClientOptions,
  maxBytes: number,
  message: OnMessage,
  dial: Dial = (address) => dialTcp(address, options),
  property = '',
): Wire {
  return /^wss?:/.test(url)
    ? throughMqttJs(url, options, message, property)
    : throughTap(() => dial(url), options, maxBytes, message, property);
}

type Socket = ReturnType<Dial>;

function throughTap(
  dial: () => Socket,
  options: IClientOptions,
  maxBytes: number,
  message: OnMessage,
  property: string,
): Wire {
  let paused = false;
  let current: { resume(): void; blocked(): boolean; socket: Socket } | null = null;
  const build = () => {
    const socket = dial();
    socket.setNoDelay(true);
    const tap: Duplex = tapOf(socket);
    const reader = frameReader(
      {
        paused: () => paused || tap.destroyed,
        publish: (topic, payload, meta, bytes) =>
          message(topic, payload, meta, meta.qos > 0 ? tap : null, bytes),
        control: (packet) => void tap.push(packet),
      },
      options.protocolVersion === 5,
      maxBytes,
      property,
    );
    const guarded = (step: () => void) => {
      try {
        step();
      } catch (error) {
        if (!(error instanceof Error) || !error.message.startsWith('not MQTT')) throw error;
        tap.destroy(Object.assign(error, { code: 'EPROTO' }));
      }
    };
    socket.on('data', (chunk: Buffer) => {
      guarded(() => reader.push(chunk));
      if (reader.blocked()) socket.pause();
    });
    current = { socket, resume: () => guarded(reader.resume), blocked: reader.blocked };
    return tap;
  };
  const client = new MqttClient(build, options);
  return {
    client,
    pause(on) {
      paused = on;
      if (on || current === null) return;
      current.resume();
      if (!current.blocked()) current.socket.resume();
    },
    blocked: () => current?.blocked() === true,
  };
}

function dialTcp(url: string, options: IClientOptions): Socket {
  const { protocol, hostname, port } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, '');
  if (protocol === 'mqtt:' || protocol === 'tcp:') {
    return connectTcp({ host, port: Number(port || 1883) });
  }
  return connectTls({
    host,
    port: Number(port || 8883),
    // Said, so that no environment variable turns the check off.
    rejectUnauthorized: true,
    minVersion: 'TLSv1.2',
    ca: options.ca,
    cert: options.cert,
    key: options.key,
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(options.servername === undefined ? {} : { servername: options.servername }),
  });
}

/** The stream that MQTT.js is given: it writes to the socket, and reads what is pushed. */
function tapOf(socket: Socket): Duplex {
  const tap = new Duplex({
    read() {},
    write: (chunk: Buffer, _encoding, done) => void socket.write(chunk, done),
    writev(chunks, done) {
      socket.write(Buffer.concat(chunks.map(({ chunk }) => chunk as Buffer)), done);
    },
    final: (done) => void socket.end(done),
    destroy(error, done) {
      socket.destroy();
      done(error);
    },
  });
  socket.on('error', (error) => tap.destroy(error));
  socket.on('close', () => tap.destroy());
  return tap;
}

/**
 * MQTT.js acknowledges after the callback of `handleMessage`, unless the callback gets an error:
 * then it goes on with the next message and sends nothing.
 */
const NO_PUBACK = new Error('acknowledged after commit');

function throughMqttJs(
  url: string,
  options: IClientOptions,
  message: OnMessage,
  property: string,
): Wire {
  const client = connectMqtt(url, options);
  let paused = false;
  let held: (() => void) | null = null;
  client.on('close', () => {
    // The message that waits belongs to the lost connection: the broker sends it again.
    held = null;
  });
  client.handleMessage = (packet, done) => {
    const take = () => {
      const payload = packet.payload as Buffer;
      const { qos, retain, dup, messageId = 0 } = packet;
      const stream = qos > 0 && client.connected ? client.stream : null;
      const named = packet.properties?.userProperties?.[property];
      const publisher = (Array.isArray(named) ? named.at(-1) : named)?.slice(0, 64) ?? '';
      const meta = { qos, retain, dup, messageId, publisher };
      message(packet.topic, payload, meta, stream, payload.length);
      done(qos > 0 ? NO_PUBACK : undefined);
    };
    if (paused) held = take;
    else take();
  };
  return {
    client,
    pause(on) {
      paused = on;
      if (on || held === null) return;
      const take = held;
      held = null;
      take();
    },
    blocked: () => held !== null,
  };
}
