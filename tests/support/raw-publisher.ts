import { once } from 'node:events';
import { connect } from 'node:net';
import { publishPacket } from './mqtt-bytes.ts';

/** Publishes QoS 1 as fast as the broker takes it, for loads where MQTT.js would be the brake. */
export interface RawPublisher {
  /** resolves when the broker acknowledged every message */
  send(topic: string, messages: number, payload: (i: number) => string): Promise<void>;
  close(): void;
}

/** Messages on their way at once: far below 65 535 packet ids. */
const WINDOW = 2000;
const CHUNK = 200;

/** Connects with MQTT 3.1.1 and a clean session. */
export async function rawPublisher(port: number): Promise<RawPublisher> {
  const socket = connect(port, '127.0.0.1');
  socket.setNoDelay(true);
  await once(socket, 'connect');
  const id = Buffer.from(`raw-${process.pid}-${port}`);
  const variable = Buffer.from([0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 2, 0, 0, 0, id.length]);
  socket.write(Buffer.concat([Buffer.from([0x10, variable.length + id.length]), variable, id]));
  await once(socket, 'data');
  let bytes = 0;
  let wake: (() => void) | null = null;
  socket.on('data', (data: Buffer) => {
    bytes += data.length;
    wake?.();
  });
  const acknowledged = () => Math.floor(bytes / 4);
  const reach = async (count: number) => {
    while (acknowledged() < count) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  return {
    async send(topic, messages, payload) {
      const before = acknowledged();
      for (let i = 0; i < messages; i += CHUNK) {
        await reach(before + i - WINDOW);
        const chunk: Buffer[] = [];
        for (let k = i; k < Math.min(messages, i + CHUNK); k += 1) {
          chunk.push(publishPacket({ topic, payload: payload(k), qos: 1, id: (k % 60_000) + 1 }));
        }
        socket.write(Buffer.concat(chunk));
      }
      await reach(before + messages);
    },
    close: () => void socket.destroy(),
  };
}
