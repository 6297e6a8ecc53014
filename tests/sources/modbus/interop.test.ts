import { execFile } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import modbusSerial from 'modbus-serial';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { QUALITY } from '../../../agent/model.ts';
import {
  ORDERS_16,
  ORDERS_32,
  ORDERS_64,
  TYPES,
  widthOf,
} from '../../../agent/sources/modbus/decode.ts';
import { needs, needsHeader, needsPython } from '../../support/debian.ts';
import {
  FOREIGN_UNIT,
  type ForeignDevice,
  type ForeignField,
  startLibmodbus,
  startPymodbus,
} from '../../support/foreign-devices.ts';
import { freePort } from '../../support/free-port.ts';
import { testContext, until } from '../../support/source-context.ts';
import { meyar } from '../../support/terminal.ts';
import { makeSource } from './rig.ts';

const DEVICES: [string, boolean, () => Promise<ForeignDevice>][] = [
  ['pymodbus', needsPython('pymodbus', 'python3-pymodbus'), startPymodbus],
  [
    'libmodbus',
    needs('gcc') && needsHeader('/usr/include/modbus/modbus.h', 'libmodbus-dev'),
    startLibmodbus,
  ],
];

describe.each(DEVICES)('against a server of %s', (name, there, start) => {
  let device: ForeignDevice;
  beforeAll(async () => {
    if (there) device = await start();
  });
  afterAll(() => device?.stop());

  it.skipIf(!there)('it holds every type in every byte order, in every table', () => {
    const held = new Set(device.fields.map((f) => `${f.table} ${f.type} ${f.order ?? ''}`));
    // Half a register has no word order; pymodbus shows one byte order of bits and bytes.
    const few = name === 'pymodbus' ? ['bit'] : [];
    const orders = { 1: ORDERS_16, 2: ORDERS_32, 4: ORDERS_64 } as const;
    for (const type of TYPES.filter((t) => t !== 'string' && t !== 'bool')) {
      const all = few.includes(type) ? ['AB'] : orders[widthOf(type) as 1 | 2 | 4];
      for (const order of all) {
        expect(held).toContain(`holding ${type} ${order}`);
        expect(held).toContain(`input ${type} ${order}`);
      }
    }
    expect(held).toContain('coil bool ');
    expect(held).toContain('discrete bool ');
  });

  it.skipIf(!there)('every value comes back as it was put there', async () => {
    const names = device.fields.map((_, i) => `plc.f${i}`);
    const context = testContext(names);
    const tags = device.fields.map(({ value: _, ...f }, i) => {
      return { ...f, name: `f${i}`, every: '50ms' };
    });
    const units = [{ id: FOREIGN_UNIT, name: 'plc', tags }];
    const source = makeSource({ url: `tcp://127.0.0.1:${device.port}`, units }, context);
    source.start();
    try {
      await until(() => names.every((n) => context.of(n).length > 1), 'every tag twice');
      const seen = device.fields.map((f, i) => ({
        ...f,
        value: context.of(names[i] ?? '')[1]?.value,
      }));
      expect(seen).toEqual(device.fields);
      expect(context.readings.every((r) => r.quality === QUALITY.GOOD)).toBe(true);
    } finally {
      await source.stop();
    }
  });

  it.skipIf(!there)("records with the PLC's clock and text, in every form", async () => {
    const names = device.records.map((_, i) => `plc.v${i}`);
    const context = testContext(names);
    const records = device.records.map((r, i) => {
      const { table, address } = r;
      const order = r.clock === 'bcd' ? {} : { order: r.order };
      const text = { table, type: 'string', length: 7, role: 'context', packing: r.packing };
      return {
        name: `r${i}`,
        every: '50ms',
        sequence: { table, address, type: 'uint32' },
        time: { address: address + 2, format: r.clock, ...order },
        fields: {
          [`v${i}`]: { table, address: address + 6 },
          [`t${i}`]: { ...text, name: 'lot', address: address + 7, order: r.textOrder },
        },
      };
    });
    const units = [{ id: FOREIGN_UNIT, name: 'plc', records }];
    const source = makeSource({ url: `tcp://127.0.0.1:${device.port}`, units }, context);
    source.start();
    try {
      await until(() => names.every((n) => context.of(n).length > 0), 'every record');
    } finally {
      await source.stop();
    }
    const seen = names.map((n) => context.of(n)[0]);
    const wanted = device.records.map(({ address, ms, text }) => {
      return {
        value: address,
        sequence: address,
        sourceMs: ms,
        quality: 0,
        context: { lot: text },
      };
    });
    expect(seen).toMatchObject(wanted);
    expect(seen).toHaveLength(30);
  });

  it.skipIf(!there || !needs('mbpoll'))('mbpoll and `meyar test` say the same', async () => {
    const shown = device.fields.flatMap((field) => {
      const how = mbpollShows(field);
      return how === null ? [] : [{ field, how }];
    });
    const { out } = await meyar(
      'test',
      settingsFile(
        device,
        shown.map((s) => s.field),
      ),
      '--json',
    );
    const rows = JSON.parse(out) as { value: number }[];
    const theirs: number[] = [];
    for (const { field, how } of shown) theirs.push(await mbpoll(device.port, field, how));
    expect(rows.map((row) => row.value)).toHaveLength(shown.length);
    // It prints six digits of a float.
    const six = (value: number) => Number(value.toPrecision(6));
    expect(rows.map((row) => six(row.value))).toEqual(theirs.map(six));
    expect(new Set(shown.map((s) => s.how)).size).toBeGreaterThanOrEqual(8);
  });
});

/** How mbpoll shows a value; null for what it does not know. */
function mbpollShows({ table, type, order, bits }: ForeignField): string | null {
  const table4 = table === 'holding' ? 4 : 3;
  if (table === 'coil') return '-t 0';
  if (table === 'discrete') return '-t 1';
  if (bits !== undefined) return null;
  if (type === 'uint16' && order === 'AB') return `-t ${table4}`;
  const kind = type === 'int32' ? 'int' : type === 'float32' ? 'float' : null;
  if (kind === null || (order !== 'ABCD' && order !== 'CDAB')) return null;
  return `-t ${table4}:${kind}${order === 'ABCD' ? ' -B' : ''}`;
}

async function mbpoll(port: number, field: ForeignField, how: string): Promise<number> {
  const place = `-m tcp -p ${port} -a ${FOREIGN_UNIT} -0 -r ${field.address} -c 1`;
  const args = `${place} ${how} -1 127.0.0.1`.split(' ');
  const text = await new Promise<string>((resolve) => {
    execFile('mbpoll', args, { timeout: 60_000 }, (_error, stdout) => resolve(stdout));
  });
  return Number(/\[\d+\]:\s*(-?[\d.]+)/.exec(text)?.[1]);
}

/** Settings that chart every one of these values, made up for this test. */
function settingsFile(device: ForeignDevice, fields: ForeignField[]): string {
  const tags = fields.map(({ value: _, ...f }, i) => ({ ...f, name: `f${i}`, every: '50ms' }));
  const row = { nominal: 0, subgroup: { kind: 'by-count', size: 1 }, charts: [{ kind: 'imr' }] };
  const settings = {
    plant: { name: 'Test plant (made up)', site: 'Nowhere' },
    sources: {
      plc: {
        kind: 'modbus',
        url: `tcp://127.0.0.1:${device.port}`,
        units: [{ id: FOREIGN_UNIT, name: 'plc', tags }],
      },
    },
    characteristics: Object.fromEntries(
      fields.map((_, i) => [
        `f${i}`,
        { name: `f${i}`, source: 'plc', tag: `plc.f${i}`, unit: '1', ...row },
      ]),
    ),
  };
  const file = join(mkdtempSync(join(tmpdir(), 'meyar-foreign-')), 'plant.yaml');
  writeFileSync(file, JSON.stringify(settings));
  return file;
}

describe.skipIf(!needsPython('pymodbus', 'python3-pymodbus'))('what pymodbus refuses', () => {
  it('an address it does not have, and a unit it does not have', async () => {
    const device = await startPymodbus();
    const names = ['plc.good', 'plc.refused', 'ghost.x'];
    const context = testContext(names);
    const good = { name: 'good', address: 0, every: '20ms' };
    const refused = { name: 'refused', address: 60_000, every: '20ms' };
    const units = [
      { id: FOREIGN_UNIT, name: 'plc', tags: [good, refused] },
      { id: 8, name: 'ghost', tags: [{ name: 'x', address: 0, every: '20ms' }] },
    ];
    const source = makeSource({ url: `tcp://127.0.0.1:${device.port}`, units }, context);
    source.start();
    try {
      await until(() => names.every((n) => context.of(n).length > 0), 'every tag');
      expect(context.good('plc.good')[0]?.value).toBe(54_321);
      expect(context.of('plc.refused')[0]?.quality).toBe(QUALITY.BAD_ADDRESS);
      expect(context.of('ghost.x')[0]?.value).toBeNaN();
    } finally {
      await source.stop();
      device.stop();
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
