import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { sources } from '../../../agent/sources/index.ts';
import { modbus, planOf } from '../../../agent/sources/modbus/index.ts';
import { targetOf } from '../../../agent/sources/modbus/transport/target.ts';
import { RECORD } from './rig.ts';

const unitWith = (unit: Record<string, unknown>) => ({
  url: 'tcp://10.0.0.5',
  units: [{ id: 1, name: 'cnc', ...unit }],
});
const tag = (over: Record<string, unknown>) =>
  unitWith({ tags: [{ name: 't', address: 0, ...over }] });

/** Path and message of the first complaint. */
function complaint(settings: unknown): string {
  const result = modbus.settings.strict().safeParse(settings);
  const issue = result.error?.issues[0];
  return issue ? `${issue.path.join('.')}: ${issue.message}` : 'accepted';
}

describe('settings of a Modbus source', () => {
  it('a record needs no more than its counter and its fields', () => {
    const parsed = modbus.settings.parse(unitWith({ records: [RECORD] }));
    expect(parsed).toMatchObject({ timeout: 1000, depth: 1, maxRegisters: 125 });
    expect(parsed.units[0]).toMatchObject({ order: 'ABCD', tags: [] });
    expect(parsed.units[0]?.records[0]).toMatchObject({
      every: 10,
      sequence: { table: 'holding', type: 'uint32' },
      fields: { od: { table: 'holding', scale: 1, offset: 0, role: 'value' } },
    });
  });

  it('port 502 unless the url says another', () => {
    const line = (url: string) => targetOf(url).line;
    expect(line('tcp://plc-1')).toEqual({ kind: 'tcp', host: 'plc-1', port: 502 });
    expect(line('tcp://10.0.0.5:5020')).toEqual({ kind: 'tcp', host: '10.0.0.5', port: 5020 });
    expect(line('tcp://[fe80::1]:503')).toEqual({ kind: 'tcp', host: 'fe80::1', port: 503 });
    expect(line('tls://plc')).toMatchObject({ kind: 'tls', port: 802 });
  });

  it.each([
    [{ ...unitWith({ records: [RECORD] }), url: 'http://plc' }, 'url: expected tcp://host'],
    [{ ...unitWith({ records: [RECORD] }), url: 'rtu://ttyS0' }, 'expected rtu:///dev/ttyUSB0'],
    [unitWith({}), "units.0: unit 'cnc' has no records and no tags"],
    [
      tag({ type: 'float32', order: 'ABCDEFGH' }),
      "'ABCDEFGH' does not fit float32; possible: ABCD",
    ],
    [tag({ type: 'uint16', order: 'CDAB' }), "'CDAB' does not fit uint16; possible: AB BA"],
    [tag({ table: 'coil' }), "table 'coil' has single bits: use 'type: bool'"],
    [tag({ type: 'bool' }), "use 'type: bit' for a bit of a register"],
    [tag({ type: 'string' }), 'a tag is a number, not a string'],
    [tag({ every: '1 fortnight' }), 'a duration is a number and a unit'],
    [tag({ every: '1ms' }), "at least '5ms'"],
    [tag({ address: 65_536 }), 'units.0.tags.0.address'],
    [tag({ adress: 3 }), 'adress'],
    [tag({ name: 'a.b' }), 'no spaces and no dots'],
    [
      unitWith({ records: [{ ...RECORD, fields: { x: { address: 1, table: 'input' } } }] }),
      "units.0.records.0.fields.x.table: is in table 'input' but the sequence is in 'holding'",
    ],
    [
      unitWith({ records: [RECORD], tags: [{ name: 'od', address: 0 }] }),
      "two fields are named 'cnc.od'",
    ],
    [
      unitWith({
        records: [{ ...RECORD, status: { address: 2, bits: { new: 0 }, require: ['nw'] } }],
      }),
      "no bit is named 'nw'",
    ],
    [
      {
        url: 'tcp://x',
        units: [1, 2].map((id) => ({ id, name: 'a', tags: [{ name: 't', address: 0 }] })),
      },
      "two units have the name 'a'",
    ],
  ])('says what is wrong: %#', (settings, expected) => {
    expect(complaint(settings)).toContain(expected);
  });

  it('a record that one request cannot read is refused with the numbers', () => {
    const fields = { far: { address: 200, type: 'float32' } };
    const settings = modbus.settings.parse(unitWith({ records: [{ ...RECORD, fields }] }));
    expect(() => planOf(settings)).toThrow(/'cnc.result' spans 202 registers.*at most 125/);
  });

  it('every field is described, and an editor gets a schema of them', () => {
    const schema = JSON.stringify(z.toJSONSchema(sources.schema, { io: 'input' }));
    expect(schema).toContain('Part counter of the PLC');
    expect(schema).toContain('"modbus"');
  });
});
