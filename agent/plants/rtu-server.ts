import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { ModbusServer } from './modbus-server.ts';

const READ_HOLDING = 3;
const REQUEST = 8;
const ILLEGAL_FUNCTION = 1;
const ILLEGAL_ADDRESS = 2;

/**
 * A serial line behind a gateway: Modbus RTU frames (unit, PDU, CRC) over TCP on a free port of
 * 127.0.0.1. Reads holding registers only; a unit that is not there stays silent, as on a real line.
 */
export function startRtuServer(
  banks: ReadonlyMap<number, Uint16Array>,
  onRead: (unit: number) => void,
): Promise<ModbusServer> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    let bytes = Buffer.alloc(0);
    socket.on('data', (chunk) => {
      bytes = Buffer.concat([bytes, chunk]);
      while (bytes.length >= REQUEST) {
        const request = bytes.subarray(0, REQUEST);
        bytes = bytes.subarray(REQUEST);
        // Nothing marks the next beginning after a damaged frame: what came with it is dropped.
        if (crcOf(request.subarray(0, 6)) !== request.readUInt16LE(6)) bytes = Buffer.alloc(0);
        else if (answer(banks, request, socket)) onRead(request.readUInt8(0));
      }
    });
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () =>
      resolve({
        port: (server.address() as AddressInfo).port,
        close() {
          for (const socket of sockets) socket.destroy();
          return new Promise((done) => server.close(() => done()));
        },
      }),
    );
  });
}

/** True when registers were read. */
function answer(banks: ReadonlyMap<number, Uint16Array>, request: Buffer, socket: Socket): boolean {
  const unit = request.readUInt8(0);
  const code = request.readUInt8(1);
  const bank = banks.get(unit);
  if (bank === undefined) return false;
  const from = request.readUInt16BE(2);
  const count = request.readUInt16BE(4);
  const known = count >= 1 && count <= 125 && from + count <= bank.length;
  if (code !== READ_HOLDING || !known) {
    const why = code === READ_HOLDING ? ILLEGAL_ADDRESS : ILLEGAL_FUNCTION;
    socket.write(framed([unit, code | 0x80, why]));
    return false;
  }
  const words = Array.from(bank.subarray(from, from + count));
  const bytes = words.flatMap((word) => [word >> 8, word & 0xff]);
  socket.write(framed([unit, code, 2 * count, ...bytes]));
  return true;
}

function framed(body: readonly number[]): Buffer {
  const frame = Buffer.alloc(body.length + 2);
  frame.set(body);
  frame.writeUInt16LE(crcOf(frame.subarray(0, body.length)), body.length);
  return frame;
}

/** CRC-16/MODBUS: polynomial 0xA001, start 0xFFFF (Modbus over Serial Line 1.02, 6.2.2). */
function crcOf(bytes: Uint8Array): number {
  let crc = 0xffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >> 1) ^ 0xa001 : crc >> 1;
  }
  return crc;
}
