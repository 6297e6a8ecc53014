import { describe, expect, it } from 'vitest';
import { QUALITY } from '../../../agent/model.ts';
import { modbus, planOf } from '../../../agent/sources/modbus/index.ts';
import { poke } from '../../support/modbus-device.ts';
import { until } from '../../support/source-context.ts';
import { onRig, RECORD } from './rig.ts';

const parse = (unit: Record<string, unknown>) =>
  modbus.settings.strict().safeParse({
    url: 'tcp://plc',
    units: [{ id: 1, name: 'cnc', ...unit }],
  });
const complaint = (unit: Record<string, unknown>) => parse(unit).error?.issues[0]?.message ?? '';
const records = (over: Record<string, unknown>) => ({ records: [{ ...RECORD, ...over }] });
const addresses = (unit: Record<string, unknown>) => {
  const settings = modbus.settings.parse({
    url: 'tcp://plc',
    units: [{ id: 1, name: 'cnc', ...unit }],
  });
  return planOf(settings).map((r) => `${r.table} ${r.address}+${r.length}`);
};

describe('addresses as manuals write them', () => {
  const tag = (address: unknown, over = {}) => ({ tags: [{ name: 't', address, ...over }] });
  it.each([
    ['40001', {}, 'holding 0+1'],
    ['465536', {}, 'holding 65535+1'],
    ['400011', {}, 'holding 10+1'],
    ['30005', {}, 'input 4+1'],
    ['10003', { type: 'bool' }, 'discrete 2+1'],
    ['00001', { type: 'bool' }, 'coil 0+1'],
  ])('%s', (address, over, expected) => {
    expect(addresses(tag(address, over))).toEqual([expected]);
    expect(addresses({ base: 1, ...tag(address, over) })).toEqual([expected]);
  });

  it('numbers count from the base of the unit', () => {
    expect(addresses(tag(7))).toEqual(['holding 7+1']);
    expect(addresses({ base: 1, ...tag(7) })).toEqual(['holding 6+1']);
    const fields = { od: { address: 7, type: 'float32' } };
    const counted = records({ fields, sequence: { address: 1 } });
    expect(addresses({ base: 1, ...counted })).toEqual(['holding 0+8']);
    const fifo = records({ fifo: { address: 5, size: 10 } });
    expect(addresses({ base: 1, ...fifo })).toEqual(['holding 4+1']);
  });

  it('says what does not fit', () => {
    expect(complaint(tag('50001'))).toContain("'40001'");
    expect(complaint(tag('40001', { table: 'input' }))).toContain("in table 'holding'");
    expect(complaint(tag('40000'))).toContain('begin at 1');
  });
});

describe('settings of records that come on a signal', () => {
  const ack = { table: 'coil', address: 1 };
  const handshake = { ready: { table: 'coil', address: 0 }, ack };
  it.each([
    [records({ handshake }), "say 'writes: true'"],
    [records({ sequence: undefined }), 'a part counter is needed'],
    [records({ handshake, on: { address: 3 } }), 'not handshake,on'],
    [records({ fifo: { address: 0, size: 8 } }), 'does not fit into a record of 8 registers'],
    [records({ ring: { head: 0, slots: 4, first: 9, size: 20 } }), 'the head of the ring counts'],
    [
      records({
        sequence: undefined,
        ring: { head: 0, type: 'uint16', slots: 6, first: 9, size: 20 },
      }),
      'must divide 65 536',
    ],
  ])('%#', (unit, expected) => {
    expect(complaint(unit)).toContain(expected);
  });
});

describe('what stands in a record', () => {
  it('its own time, words and ranges of bits', async () => {
    await onRig(['cnc.od'], async (rig) => {
      const fields = {
        ...RECORD.fields,
        shift: { address: 11, bits: '4-5', words: { 2: night }, role: 'context' },
      };
      const time = { address: 12, format: 'unix-s' };
      rig.device.registers[11] = 0b10_1111;
      const partMs = Math.floor(Date.now() / 1000) * 1000 - 60_000;
      poke(rig.device, 12, 'uint32', partMs / 1000);
      rig.makePart(1);
      rig.begin({}, records({ fields, time }));
      await until(() => rig.context.deliveries() === 1, 'part 1');
      const [seen] = rig.context.of('cnc.od');
      expect(seen).toMatchObject({ sourceMs: partMs, quality: 0 });
      expect(seen?.context['shift']).toBe(night);
      poke(rig.device, 12, 'uint32', 0);
      rig.makePart(2);
      await until(() => rig.context.deliveries() === 2, 'part 2');
      const [, second] = rig.context.of('cnc.od');
      expect(second?.quality).toBe(QUALITY.UNCERTAIN_CLOCK);
      expect(Math.abs((second?.sourceMs ?? 0) - Date.now())).toBeLessThan(60_000);
    });
  });

  const night = 'night';

  it('a slow tag inside a faster request has no request of its own and keeps its period', async () => {
    await onRig(['cnc.a', 'cnc.b', 'cnc.slow'], async (rig) => {
      const tags = [
        { name: 'a', address: 0, every: '10ms' },
        { name: 'slow', address: 5, every: '100ms' },
        { name: 'b', address: 9, every: '10ms' },
      ];
      rig.begin({ timeout: '1s' }, { records: [], tags });
      await until(() => rig.context.good('cnc.slow').length >= 4, 'four slow ones');
      expect(new Set(rig.device.requests.map((r) => `${r.address}+${r.length}`))).toEqual(
        new Set(['0+10']),
      );
      expect(rig.context.good('cnc.a').length).toBeGreaterThan(
        2 * rig.context.good('cnc.slow').length,
      );
    });
  });
});

describe('what is written to a PLC', () => {
  it('nothing before the commit, then only the acknowledge, taken back when ready went off', async () => {
    await onRig(['cnc.od'], async (rig) => {
      const { device } = rig;
      const ready = { table: 'coil', address: 4 };
      const handshake = { ready, ack: { address: 50, bit: 3 } };
      device.registers[50] = 0x8001;
      rig.makePart(1);
      device.coils[4] = 1;
      const source = rig.begin({}, { writes: true, ...records({ handshake }) });
      await until(() => rig.context.deliveries() === 1, 'the part');
      const writes = () =>
        device.requests.filter((r) => r.code > 4).map((r) => [r.code, r.address]);
      await until(() => device.requests.length > 12, 'more looks');
      expect(writes()).toEqual([]);
      source.committed(1);
      await until(() => device.registers[50] === 0x8009, 'the acknowledge');
      device.coils[4] = 0;
      await until(() => device.registers[50] === 0x8001, 'taken back');
      expect(writes()).toEqual([
        [22, 50],
        [22, 50],
      ]);
      expect(rig.context.deliveries()).toBe(1);
      expect(rig.counters()['writes']).toBe(2);
    });
  });

  it('a PLC that does not take back ready is told of once, and gets its acknowledge again', async () => {
    await onRig(['cnc.od'], async (rig) => {
      const { device } = rig;
      const ready = { table: 'coil', address: 4 };
      const handshake = { ready, ack: { table: 'coil', address: 5 }, timeout: '50ms' };
      rig.makePart(1);
      device.coils[4] = 1;
      const source = rig.begin({}, { writes: true, ...records({ handshake }) });
      await until(() => rig.context.deliveries() === 1, 'the part');
      source.committed(1);
      await until(() => rig.context.events.length > 0, 'the event');
      expect(rig.context.events[0]?.text).toContain('ready bit');
      expect(rig.context.good('cnc.od').every((r) => r.sequence === 1)).toBe(true);
    });
  });
});
