import { createServer, type Server, type Socket } from 'node:net';
import type { Dial } from '../../agent/sources/source.ts';
import { answerPdu, pduFields } from './modbus-pdu.ts';
import { socketPair } from './socket-pair.ts';

/** A request as the device saw it. */
export interface DeviceRequest {
  id: number;
  unit: number;
  code: number;
  address: number;
  length: number;
  pdu: Buffer;
  /** 0, 1, 2 … since the device was made */
  nth: number;
}

/** What the device does wrong with one request; null is a right answer. */
export type Fault =
  | { kind: 'exception'; code: number }
  | { kind: 'silent' }
  | { kind: 'late'; ms: number }
  | { kind: 'reset' }
  | { kind: 'finish' }
  | { kind: 'half' }
  | { kind: 'wrong-id' }
  | { kind: 'wrong-unit' }
  | { kind: 'wrong-function' }
  | { kind: 'wrong-count' }
  | { kind: 'wrong-protocol' }
  | { kind: 'corrupt-length'; length: number }
  | { kind: 'split'; at: number }
  | { kind: 'hold' };

/** A Modbus TCP server that does as it is told, faults included. */
export interface Device {
  port: number;
  url: string;
  /** registers of holding and input of every unit */
  registers: Uint16Array;
  /** coils and discrete inputs of every unit, one number each */
  coils: Uint8Array;
  /** queues of function 24 by address */
  queues: Map<number, number[][]>;
  /** told of every write after it was done */
  onWrite(address: number, values: number[], coil: boolean): void;
  requests: DeviceRequest[];
  connections: number;
  behave(request: DeviceRequest): Fault | null;
  /** sends all answers of 'hold' in one piece, in this order of their arrival */
  releaseHeld(order?: (answers: Buffer[]) => Buffer[]): void;
  /** resets every connection */
  resetAll(): void;
  /** no longer there, as after a power cut; `listen` brings it back on the same port */
  vanish(): Promise<void>;
  listen(): Promise<void>;
  close(): Promise<void>;
}

interface Inside {
  server: Server | null;
  sockets: Set<Socket>;
  held: { socket: Socket; answer: Buffer }[];
}

/** Starts a device on a free port. */
export async function startDevice(behave: Device['behave'] = () => null): Promise<Device> {
  const inside: Inside = { server: null, sockets: new Set(), held: [] };
  const device = newDevice(inside, behave);
  await device.listen();
  return device;
}

/** A device without a port: whoever dials is connected inside this process. */
export function pairedDevice(behave: Device['behave'] = () => null): Device & { dial: Dial } {
  const inside: Inside = { server: null, sockets: new Set(), held: [] };
  const device = newDevice(inside, behave);
  device.url = 'tcp://127.0.0.1:502';
  const dial = () => {
    const [client, server] = socketPair();
    serve(device, inside, server as unknown as Socket);
    return client as unknown as ReturnType<Dial>;
  };
  return Object.assign(device, { dial });
}

function newDevice(inside: Inside, behave: Device['behave']): Device {
  const device: Device = {
    port: 0,
    url: '',
    registers: new Uint16Array(65_536),
    coils: new Uint8Array(65_536),
    queues: new Map(),
    onWrite() {},
    requests: [],
    connections: 0,
    behave,
    releaseHeld(order = (answers) => answers) {
      const held = inside.held.splice(0);
      const socket = held[0]?.socket;
      socket?.write(Buffer.concat(order(held.map((h) => h.answer))));
    },
    resetAll() {
      for (const socket of inside.sockets) socket.resetAndDestroy();
    },
    async vanish() {
      device.resetAll();
      const { server } = inside;
      inside.server = null;
      await new Promise<void>((resolve) => (server ? server.close(() => resolve()) : resolve()));
    },
    async listen() {
      const server = createServer((socket) => serve(device, inside, socket));
      inside.server = server;
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(device.port, '127.0.0.1', resolve);
      });
      const address = server.address();
      device.port = typeof address === 'object' && address ? address.port : 0;
      device.url = `tcp://127.0.0.1:${device.port}`;
    },
    close: () => device.vanish(),
  };
  return device;
}

/** Writes a number of any type into registers, its bytes in the order of the letters. */
export function poke(
  device: Device,
  address: number,
  type: 'int16' | 'uint16' | 'int32' | 'uint32' | 'float32' | 'int64' | 'uint64' | 'float64',
  value: number | bigint,
  order = 'ABCDEFGH',
): void {
  const view = new DataView(new ArrayBuffer(8));
  const width = Number(type.slice(-2)) / 8;
  if (type === 'float64') view.setFloat64(0, Number(value));
  else if (type === 'float32') view.setFloat32(0, Number(value));
  else if (width === 8) view.setBigInt64(0, BigInt.asIntN(64, BigInt(value)));
  else if (width === 4) view.setUint32(0, Number(value) >>> 0);
  else view.setUint16(0, Number(value) & 0xffff);
  const byteOf = (letter: number) => view.getUint8((order.charCodeAt(letter) || 65) - 65);
  for (let i = 0; i < width; i += 2) {
    device.registers[address + i / 2] = (byteOf(i) << 8) | byteOf(i + 1);
  }
}

function serve(device: Device, inside: Inside, socket: Socket): void {
  device.connections += 1;
  inside.sockets.add(socket);
  socket.setNoDelay(true);
  socket.on('error', () => {});
  socket.on('close', () => inside.sockets.delete(socket));
  let rest = Buffer.alloc(0);
  socket.on('data', (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 6 && rest.length >= 6 + rest.readUInt16BE(4)) {
      const end = 6 + rest.readUInt16BE(4);
      const pdu = Buffer.from(rest.subarray(7, end));
      const [id, unit] = [rest.readUInt16BE(0), rest.readUInt8(6)];
      const request = { id, unit, ...pduFields(pdu), pdu, nth: device.requests.length };
      rest = rest.subarray(end);
      device.requests.push(request);
      react(device, inside, socket, request, device.behave(request));
    }
  });
}

function react(
  device: Device,
  inside: Inside,
  socket: Socket,
  request: DeviceRequest,
  fault: Fault | null,
): void {
  const answer = answerTo(device, request);
  if (fault === null) {
    say(socket, answer);
    return;
  }
  switch (fault.kind) {
    case 'exception':
      say(socket, frame(request, [request.code | 0x80, fault.code]));
      break;
    case 'silent':
      break;
    case 'late':
      setTimeout(() => say(socket, answer), fault.ms);
      break;
    case 'reset':
      socket.resetAndDestroy();
      break;
    case 'finish':
      socket.end();
      break;
    case 'half':
      say(socket, answer.subarray(0, answer.length >> 1));
      break;
    case 'split':
      say(socket, answer.subarray(0, fault.at));
      hold(socket, answer.subarray(fault.at));
      break;
    case 'hold':
      inside.held.push({ socket, answer });
      break;
    default:
      say(socket, spoil(answer, fault));
  }
}

/** What waits behind the second half of a split answer: a stream keeps its order. */
const behind = new WeakMap<Socket, Buffer[]>();

function say(socket: Socket, bytes: Buffer): void {
  const waiting = behind.get(socket);
  if (waiting) waiting.push(bytes);
  else if (socket.writable) socket.write(bytes);
}

function hold(socket: Socket, rest: Buffer): void {
  const waiting = behind.get(socket);
  if (waiting) {
    waiting.push(rest);
    return;
  }
  behind.set(socket, [rest]);
  setTimeout(() => {
    const all = Buffer.concat(behind.get(socket) ?? []);
    behind.delete(socket);
    if (socket.writable) socket.write(all);
  }, 5);
}

/** A right answer with one field of it wrong. */
function spoil(answer: Buffer, fault: Fault): Buffer {
  if (fault.kind === 'wrong-id') answer.writeUInt16BE((answer.readUInt16BE(0) + 7) & 0xffff, 0);
  if (fault.kind === 'wrong-protocol') answer.writeUInt16BE(1, 2);
  if (fault.kind === 'corrupt-length') answer.writeUInt16BE(fault.length, 4);
  if (fault.kind === 'wrong-unit') answer.writeUInt8(answer.readUInt8(6) ^ 0x55, 6);
  if (fault.kind === 'wrong-function') answer.writeUInt8(answer.readUInt8(7) ^ 0x07, 7);
  if (fault.kind === 'wrong-count') answer.writeUInt8(answer.readUInt8(8) - 2, 8);
  return answer;
}

function answerTo(device: Device, request: DeviceRequest): Buffer {
  return frame(request, answerPdu(device, request.pdu));
}

function frame(request: DeviceRequest, pdu: Uint8Array | number[]): Buffer {
  const header = Buffer.alloc(7);
  header.writeUInt16BE(request.id, 0);
  header.writeUInt16BE(pdu.length + 1, 4);
  header.writeUInt8(request.unit, 6);
  return Buffer.concat([header, Uint8Array.from(pdu)]);
}
