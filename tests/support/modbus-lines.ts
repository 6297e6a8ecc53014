import { createSocket } from 'node:dgram';
import { createServer, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { lrc } from '../../agent/sources/modbus/transport/ascii.ts';
import { crc16 } from '../../agent/sources/modbus/transport/crc16.ts';
import type { Dial } from '../../agent/sources/source.ts';
import { answerPdu, type DeviceMemory, pduFields } from './modbus-pdu.ts';
import { socketPair } from './socket-pair.ts';

/** A request as a line's device saw it. */
export interface LineRequest {
  unit: number;
  code: number;
  address: number;
  length: number;
  nth: number;
}

/** What the device does wrong; null is a right answer. */
export type LineFault =
  | { kind: 'silent' }
  | { kind: 'late'; ms: number }
  | { kind: 'wrong-check' }
  | { kind: 'half' }
  | { kind: 'noise' }
  | { kind: 'wrong-unit' }
  | { kind: 'exception'; code: number };

/** A device behind a line without ids: RTU or ASCII frames over a socket. */
export interface LineDevice extends DeviceMemory {
  url: string;
  requests: LineRequest[];
  behave(request: LineRequest): LineFault | null;
  close(): Promise<void>;
}

function newMemory(): DeviceMemory {
  return {
    registers: new Uint16Array(65_536),
    coils: new Uint8Array(65_536),
    queues: new Map(),
    onWrite() {},
  };
}

const newDevice = (): LineDevice => ({
  ...newMemory(),
  url: '',
  requests: [],
  behave: () => null,
  close: async () => {},
});

/** Starts a device that speaks RTU or ASCII frames over TCP. */
export async function startLine(framing: 'rtu' | 'ascii'): Promise<LineDevice> {
  const sockets = new Set<Socket>();
  const device = newDevice();
  device.close = () =>
    new Promise((resolve) => {
      for (const socket of sockets) socket.destroy();
      server.close(() => resolve());
    });
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    serve(device, framing, socket);
  });
  device.url = `${framing}+tcp://127.0.0.1:${await listening(server)}`;
  return device;
}

/** The same without a port: whoever dials is connected inside this process. */
export function pairedLine(framing: 'rtu' | 'ascii'): LineDevice & { dial: Dial } {
  const device = newDevice();
  device.url = `${framing}+tcp://127.0.0.1:502`;
  const dial = () => {
    const [client, server] = socketPair();
    serve(device, framing, server as unknown as Socket);
    return client as unknown as ReturnType<Dial>;
  };
  return Object.assign(device, { dial });
}

function serve(device: LineDevice, framing: 'rtu' | 'ascii', socket: Socket): void {
  socket.setNoDelay(true);
  socket.on('error', () => {});
  let rest: Buffer = Buffer.alloc(0);
  socket.on('data', (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    for (;;) {
      const found = framing === 'rtu' ? nextRtu(rest) : nextAscii(rest);
      if (found === null) return;
      rest = rest.subarray(found.size);
      const [unit = 0] = found.body;
      const pdu = Buffer.from(found.body.subarray(1));
      const request = { unit, ...pduFields(pdu), nth: device.requests.length };
      device.requests.push(request);
      react(device, framing, socket, request, pdu);
    }
  });
}

function react(
  device: LineDevice,
  framing: 'rtu' | 'ascii',
  socket: Socket,
  request: LineRequest,
  pdu: Buffer,
): void {
  const fault = device.behave(request);
  if (fault?.kind === 'silent') return;
  const unit = fault?.kind === 'wrong-unit' ? request.unit ^ 0x15 : request.unit;
  const answer =
    fault?.kind === 'exception'
      ? Buffer.from([request.code | 0x80, fault.code])
      : answerPdu(device, pdu);
  const body = Buffer.concat([Buffer.from([unit]), answer]);
  const frame = framing === 'rtu' ? rtuFrame(body) : asciiFrame(body);
  const at = framing === 'rtu' ? frame.length - 1 : frame.length - 3;
  if (fault?.kind === 'wrong-check') frame[at] = framing === 'rtu' ? (frame[at] ?? 0) ^ 0xff : 0x47;
  if (fault?.kind === 'noise') socket.write(Buffer.from([0, 0xff, 0x13]));
  if (fault?.kind === 'half') socket.write(frame.subarray(0, frame.length >> 1));
  else if (fault?.kind === 'late')
    setTimeout(() => socket.writable && socket.write(frame), fault.ms);
  else socket.write(frame);
}

function rtuFrame(body: Buffer): Buffer {
  const crc = crc16(body, body.length);
  return Buffer.concat([body, Buffer.from([crc & 0xff, crc >> 8])]);
}

function asciiFrame(body: Buffer): Buffer {
  const all = Buffer.concat([body, Buffer.from([lrc(body, body.length)])]);
  return Buffer.from(`:${all.toString('hex').toUpperCase()}\r\n`, 'latin1');
}

function nextRtu(bytes: Buffer): { body: Buffer; size: number } | null {
  if (bytes.length < 4) return null;
  const code = bytes[1] ?? 0;
  const size = code === 16 ? 9 + (bytes[6] ?? 0) : code === 22 ? 10 : code === 24 ? 6 : 8;
  return bytes.length < size ? null : { body: bytes.subarray(0, size - 2), size };
}

function nextAscii(bytes: Buffer): { body: Buffer; size: number } | null {
  const end = bytes.indexOf('\r\n');
  if (end < 0) return null;
  const all = Buffer.from(bytes.toString('latin1', 1, end), 'hex');
  return { body: all.subarray(0, -1), size: end + 2 };
}

/** A device that speaks Modbus TCP over TLS. */
export async function startTls(options: TlsOptions): Promise<DeviceMemory & Closable> {
  const memory = newMemory();
  const sockets = new Set<Socket>();
  const server = createTlsServer(options, (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('data', (adu: Buffer) => socket.write(mbapAnswer(memory, adu)));
  });
  const url = `tls://127.0.0.1:${await listening(server)}`;
  const close = () =>
    new Promise<void>((resolve) => {
      for (const socket of sockets) socket.destroy();
      server.close(() => resolve());
    });
  return Object.assign(memory, { url, close });
}

interface Closable {
  url: string;
  close(): Promise<void>;
}

/** A device that speaks Modbus over UDP; every answer is sent `copies` times. */
export async function startUdp(copies = 1): Promise<DeviceMemory & Closable> {
  const memory = newMemory();
  const socket = createSocket('udp4');
  socket.on('message', (adu, from) => {
    for (let i = 0; i < copies; i += 1)
      socket.send(mbapAnswer(memory, adu), from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const url = `udp://127.0.0.1:${socket.address().port}`;
  const close = () => new Promise<void>((resolve) => socket.close(() => resolve()));
  return Object.assign(memory, { url, close });
}

function mbapAnswer(memory: DeviceMemory, adu: Buffer): Buffer {
  const pdu = answerPdu(memory, Buffer.from(adu.subarray(7)));
  const header = Buffer.from(adu.subarray(0, 7));
  header.writeUInt16BE(pdu.length + 1, 4);
  return Buffer.concat([header, pdu]);
}

async function listening(server: import('node:net').Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
}
