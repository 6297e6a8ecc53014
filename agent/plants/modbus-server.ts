import { createRequire } from 'node:module';
import { type AddressInfo, createServer } from 'node:net';
import type { ServerTCP as ServerTcpType } from 'modbus-serial';

const { ServerTCP } = createRequire(import.meta.url)('modbus-serial') as {
  ServerTCP: typeof ServerTcpType;
};

const MOST_TRIES = 5;

/** A real Modbus TCP server; each unit is a bank of 16-bit holding registers. */
export interface ModbusServer {
  port: number;
  close(): Promise<void>;
}

/** Serves the banks by unit id on a free port of 127.0.0.1, each answer from one moment. */
export async function startModbusServer(
  banks: ReadonlyMap<number, Uint16Array>,
  onRead: (unit: number) => void = () => {},
): Promise<ModbusServer> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await serve(banks, onRead, await freePort());
    } catch (error) {
      // Somebody else may have taken the port since it was found free.
      if (tries === MOST_TRIES) throw error;
    }
  }
}

function serve(
  banks: ReadonlyMap<number, Uint16Array>,
  onRead: (unit: number) => void,
  port: number,
): Promise<ModbusServer> {
  const server = new ServerTCP(
    {
      getHoldingRegister(address, unit, callback) {
        const value = banks.get(unit)?.[address];
        if (value === undefined) callback(illegalAddress(), 0);
        else callback(null, value);
      },
      // A table without a word for it would not be answered at all.
      getInputRegister: (_address, _unit, callback) => callback(illegalAddress(), 0),
      getCoil: (_address, _unit, callback) => callback(illegalAddress(), false),
      getDiscreteInput: (_address, _unit, callback) => callback(illegalAddress(), false),
      getMultipleHoldingRegisters(address, length, unit, callback) {
        const bank = banks.get(unit);
        if (bank === undefined || address + length > bank.length) callback(illegalAddress(), []);
        else {
          callback(null, Array.from(bank.subarray(address, address + length)));
          onRead(unit);
        }
      },
    },
    { host: '127.0.0.1', port, unitID: 255, debug: false },
  );
  return new Promise((resolve, reject) => {
    server.on('serverError', reject);
    server.on('socketError', () => {});
    server.on('initialized', () =>
      resolve({ port, close: () => new Promise((done) => server.close(() => done())) }),
    );
  });
}

/** The library takes port 0 for 502, so a free one is asked of the system first. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
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
