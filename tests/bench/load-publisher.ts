import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { publishPacket } from '../support/mqtt-bytes.ts';
import { type Load, payloadOf, topicOf } from './plant-load.ts';

/**
 * Process that publishes a load with QoS 1 as fast as the broker takes it. All packets are made
 * before it says that it is ready, so that making them takes nothing from what is measured.
 */
const WINDOW = 2000;
const IDS = 60_000;
const CHUNK_BYTES = 65_536;

const port = Number(process.argv[2]);
const socket = connect(port, '127.0.0.1');
let answered = 0;
let wake = () => {};

process.once('disconnect', () => process.exit());
socket.setNoDelay(true);
await once(socket, 'connect');
const id = Buffer.from(`load-${process.pid}`);
const variable = Buffer.from([0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 2, 0, 0, 0, id.length]);
socket.write(Buffer.concat([Buffer.from([0x10, variable.length + id.length]), variable, id]));
await once(socket, 'data');
socket.on('data', (data: Buffer) => {
  answered += data.length;
  wake();
});

process.on('message', (load: Load | 'go') => {
  if (load !== 'go') void publish(socket, load);
});
process.send?.('connected');

async function publish(to: Socket, load: Load): Promise<void> {
  const chunks = packetsOf(load);
  process.send?.('ready');
  await once(process, 'message');
  const before = answered;
  let sent = 0;
  for (const { bytes, messages } of chunks) {
    while ((answered - before) / 4 < sent + messages - WINDOW) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    to.write(bytes);
    sent += messages;
  }
}

/** Packets in the order of sending, joined to writes of some size. */
function packetsOf(load: Load): { bytes: Buffer; messages: number }[] {
  const chunks: { bytes: Buffer; messages: number }[] = [];
  let open: Buffer[] = [];
  let bytes = 0;
  for (let i = 0; i < load.messages; i += 1) {
    const parts = { topic: topicOf(load, i), payload: payloadOf(load, i), qos: 1 };
    const packet = publishPacket({ ...parts, id: (i % IDS) + 1 });
    open.push(packet);
    bytes += packet.length;
    if (bytes < CHUNK_BYTES && open.length < WINDOW / 4 && i + 1 < load.messages) continue;
    chunks.push({ bytes: Buffer.concat(open), messages: open.length });
    open = [];
    bytes = 0;
  }
  return chunks;
}
