import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import type { ServerTCP as ServerTcpType } from 'modbus-serial';

const { ServerTCP } = createRequire(import.meta.url)('modbus-serial') as {
  ServerTCP: typeof ServerTcpType;
};

/** A real Modbus TCP server; each unit is a bank of 16-bit holding registers. */
export interface ModbusServer {
  port: number;
  close(): Promise<void>;
}

/** Serves the banks by unit id on 127.0.0.1; a request is answered from one moment of a bank. */
export function startModbusServer(
  banks: ReadonlyMap<number, Uint16Array>,
  port = 0,
): Promise<ModbusServer> {
  const server = new ServerTCP(
    {
      getHoldingRegister(address, unit, callback) {
        const value = banks.get(unit)?.[address];
        if (value === undefined) callback(illegalAddress(), 0);
        else callback(null, value);
      },
      getMultipleHoldingRegisters(address, length, unit, callback) {
        const bank = banks.get(unit);
        if (bank === undefined || address + length > bank.length) callback(illegalAddress(), []);
        else callback(null, Array.from(bank.subarray(address, address + length)));
      },
    },
    { host: '127.0.0.1', port, unitID: 255, debug: false },
  );
  return new Promise((resolve, reject) => {
    server.on('serverError', reject);
    server.on('socketError', () => {});
    server.on('initialized', () => {
      const net = (server as unknown as { _server: { address(): AddressInfo } })._server;
      resolve({
        port: net.address().port,
        close: () => new Promise((done) => server.close(() => done())),
      });
    });
  });
}

/** Modbus exception 2; the library answers with the code it finds on the error. */
function illegalAddress(): Error {
  return Object.assign(new Error('illegal data address'), { modbusErrorCode: 2 });
}

/** Writes a 32-bit float at a register address, high word first (ABCD). */
export function putFloat(bank: Uint16Array, address: number, value: number): void {
  const view = new DataView(new ArrayBuffer(4));
  view.setFloat32(0, value);
  bank[address] = view.getUint16(0);
  bank[address + 1] = view.getUint16(2);
}

/** Writes an unsigned 32-bit integer at a register address, high word first (ABCD). */
export function putUint32(bank: Uint16Array, address: number, value: number): void {
  bank[address] = Math.floor(value / 65536) & 0xffff;
  bank[address + 1] = value & 0xffff;
}
