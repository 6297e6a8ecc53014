import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import modbusSerial from 'modbus-serial';
import { describe, expect, it } from 'vitest';
import { needsPython } from '../../support/debian.ts';
import { testContext, until } from '../../support/source-context.ts';
import { makeSource } from './rig.ts';

const SCRIPT = fileURLToPath(new URL('../../support/pymodbus_device.py', import.meta.url));

/** What the script writes, in its order: type, registers, value. */
const VALUES: [string, number, number][] = [
  ['float32', 2, Math.fround(21.9835)],
  ['float64', 4, -1234.5678],
  ['int32', 2, -123_456_789],
  ['uint32', 2, 4_023_456_789],
  ['int64', 4, -1_234_567_890_123],
  ['uint64', 4, 1_234_567_890_123],
  ['int16', 1, -12_345],
  ['uint16', 1, 0x4142],
];
const WORD_ORDERS = {
  big: { 1: 'AB', 2: 'ABCD', 4: 'ABCDEFGH' },
  little: { 1: 'AB', 2: 'CDAB', 4: 'GHEFCDAB' },
} as const;

function tagsOf(): { name: string; value: number; settings: Record<string, unknown> }[] {
  let address = 0;
  return Object.entries(WORD_ORDERS).flatMap(([words, orders]) =>
    VALUES.map(([type, width, value]) => {
      const name = `${type}-${words}`;
      const order = orders[width as 1 | 2 | 4];
      const settings = { name, address, type, order, every: '20ms' };
      address += width;
      return { name: `plc.${name}`, value, settings };
    }),
  );
}

async function startPymodbus(): Promise<{ process: ChildProcess; port: number }> {
  const child = spawn('/usr/bin/python3', [SCRIPT], { stdio: ['pipe', 'pipe', 'ignore'] });
  const port = await new Promise<number>((resolve, reject) => {
    child.stdout?.once('data', (line: Buffer) => resolve(Number(JSON.parse(String(line)).port)));
    child.once('exit', (code) => reject(new Error(`pymodbus ended with ${code}`)));
  });
  return { process: child, port };
}

describe.skipIf(!needsPython('pymodbus', 'python3-pymodbus'))('against pymodbus', () => {
  it('every type comes back as its encoder wrote it, in both word orders', async () => {
    const { process: server, port } = await startPymodbus();
    const wanted = tagsOf();
    const input = { name: 'input', table: 'input', address: 0, type: 'float32', every: '20ms' };
    const coil = { name: 'coil', table: 'coil', address: 2, type: 'bool', every: '20ms' };
    const names = [...wanted.map((t) => t.name), 'plc.input', 'plc.coil', 'plc.refused', 'ghost.x'];
    const context = testContext(names);
    const refused = { name: 'refused', address: 900, every: '20ms' };
    const source = makeSource(
      {
        url: `tcp://127.0.0.1:${port}`,
        units: [
          { id: 7, name: 'plc', tags: [...wanted.map((t) => t.settings), input, coil, refused] },
          { id: 8, name: 'ghost', tags: [{ name: 'x', address: 0, every: '20ms' }] },
        ],
      },
      context,
    );
    source.start();
    try {
      await until(() => names.every((n) => context.of(n).length > 0), 'every tag');
      for (const { name, value } of wanted) expect(context.good(name)[0]?.value).toBe(value);
      expect(context.good('plc.input')[0]?.value).toBe(Math.fround(21.9835));
      expect(context.good('plc.coil')[0]?.value).toBe(1);
      expect(context.of('plc.refused')[0]?.quality).toBe(17);
      expect(context.of('ghost.x')[0]?.value).toBeNaN();
    } finally {
      await source.stop();
      server.removeAllListeners('exit');
      server.stdin?.end();
      server.kill();
    }
  });
});

describe("against modbus-serial's own server", () => {
  it('reads what it serves, and its exceptions', async () => {
    const port = await freePort();
    const server = new modbusSerial.ServerTCP(
      {
        getHoldingRegister: (address: number) => address * 2,
        getInputRegister: (address: number) => address + 1,
        getCoil: (address: number) => address % 2 === 1,
        getDiscreteInput: (address: number) => address % 2 === 0,
      },
      { host: '127.0.0.1', port, unitID: 1 },
    );
    const tags = ['m.holding', 'm.input', 'm.coil', 'm.discrete'];
    const context = testContext(tags);
    const settings = tags.map((tag) => {
      const table = tag.slice(2);
      const type = table === 'coil' || table === 'discrete' ? 'bool' : 'uint16';
      return { name: table, table, type, address: 21, every: '20ms' };
    });
    const source = makeSource(
      { url: `tcp://127.0.0.1:${port}`, units: [{ id: 1, name: 'm', tags: settings }] },
      context,
    );
    source.start();
    try {
      await until(() => tags.every((t) => context.good(t).length > 1), 'every table');
      expect(tags.map((t) => context.good(t)[0]?.value)).toEqual([42, 22, 1, 0]);
    } finally {
      await source.stop();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    }
  });
});

/** The library's server cannot be told to take any port. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return typeof address === 'object' && address ? address.port : 0;
}
