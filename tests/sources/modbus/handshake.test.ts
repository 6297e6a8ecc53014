import { describe, expect, it } from 'vitest';
import { allowedWrites, createFence } from '../../../agent/sources/modbus/fence.ts';
import { modbus, planOf } from '../../../agent/sources/modbus/index.ts';
import { wantedOf } from '../../../agent/sources/modbus/planned.ts';
import type { Source } from '../../../agent/sources/source.ts';
import { poke } from '../../support/modbus-device.ts';
import { until } from '../../support/source-context.ts';
import { onRig, type Rig } from './rig.ts';

const ACK = 11;
const RECORD = {
  name: 'result',
  every: '10ms',
  sequence: { address: 0, type: 'uint32' },
  fields: { id: { address: 2, type: 'uint32' } },
};
const COILS = {
  ...RECORD,
  handshake: { ready: { table: 'coil', address: 0 }, ack: { table: 'coil', address: 1 } },
};
const COMBINED = {
  ...RECORD,
  handshake: {
    ready: { address: 10, bit: 3 },
    ack: { address: ACK, bit: 5, whole: true },
    combine: true,
  },
};

/** The PLC shows this part and says that it is ready. */
function offer({ device }: Rig, part: number): void {
  poke(device, 0, 'uint32', part);
  poke(device, 2, 'uint32', part);
  device.registers[10] = 8;
  device.coils[0] = 1;
}

const begin = (rig: Rig, record: Record<string, unknown>): Source =>
  rig.begin({ timeout: '2s' }, { writes: true, records: [record] });

describe.concurrent('acknowledge and next record in one request (function 23)', () => {
  it('each part once, in four requests', async () => {
    await onRig(['cnc.id'], async (rig) => {
      const { device, context } = rig;
      // The PLC's program: answers the acknowledge at once, so that the next part stands there.
      let part = 1;
      device.onWrite = (address, [value]) => {
        if (address !== ACK) return;
        if (value === 32) device.registers[10] = 0;
        else offer(rig, ++part);
      };
      offer(rig, part);
      const source = begin(rig, COMBINED);
      for (let n = 1; n <= 5; n += 1) {
        await until(() => context.good('cnc.id').length === n, `part ${n}`);
        expect(device.registers[ACK]).toBe(0);
        source.committed(n);
      }
      expect(context.good('cnc.id').map((r) => r.value)).toEqual([1, 2, 3, 4, 5]);
      const first = device.requests.findIndex((r) => r.code === 23);
      const work = device.requests.slice(first).filter((r) => r.code === 23);
      // Acknowledge on, acknowledge off with the next record: two writes for each of four parts.
      expect(work.length).toBe(8);
      expect(work.every((r) => r.address === 0 && r.length === 11)).toBe(true);
      expect(device.requests.some((r) => r.code === 6)).toBe(false);
    });
  });

  it('nothing is acknowledged before the commit, nor when another record stands there', async () => {
    await onRig(['cnc.id'], async (rig) => {
      offer(rig, 1);
      const source = begin(rig, COMBINED);
      await until(() => rig.context.good('cnc.id').length === 1, 'part 1');
      const asked = rig.device.requests.length;
      await until(() => rig.device.requests.length > asked + 3, 'more looks');
      expect(rig.device.requests.some((r) => r.code === 23)).toBe(false);
      offer(rig, 2);
      await until(() => rig.context.good('cnc.id').length === 2, 'part 2');
      source.committed(1);
      const before = rig.device.requests.length;
      await until(() => rig.device.requests.length > before + 3, 'more looks');
      expect(rig.device.registers[ACK]).toBe(0);
      source.committed(2);
      await until(() => rig.device.registers[ACK] === 32, 'the acknowledge');
    });
  });

  it('`plan` shows the one request; the fence opens for this register and value alone', () => {
    const settings = modbus.settings.strict().parse({
      url: 'tcp://plc',
      units: [{ id: 3, name: 'cnc', writes: true, records: [COMBINED] }],
    });
    expect(planOf(settings)[0]).toMatchObject({ functionCode: 3, address: 0, length: 11 });
    const fence = createFence(allowedWrites(wantedOf(settings, () => 0)));
    const frame = (...bytes: number[]) => Uint8Array.from([...bytes, 0, 0]);
    const read = [0, 0, 0, 11];
    expect(fence.allows(frame(3, 23, ...read, 0, ACK, 0, 1, 2, 0, 32))).toBe(true);
    expect(fence.allows(frame(3, 23, ...read, 0, ACK, 0, 1, 2, 0, 33))).toBe(false);
    expect(fence.allows(frame(3, 23, ...read, 0, 12, 0, 1, 2, 0, 32))).toBe(false);
    expect(fence.allows(frame(3, 23, ...read, 0, ACK, 0, 2, 4, 0, 32, 0, 0))).toBe(false);
    expect(fence.allows(frame(4, 23, ...read, 0, ACK, 0, 1, 2, 0, 32))).toBe(false);
    expect(fence.refused()).toBe(4);
  });

  it.each([
    [{ ...COMBINED.handshake, ack: { address: ACK, bit: 5 } }],
    [{ ...COMBINED.handshake, ready: { table: 'coil', address: 0 } }],
    [{ ...COMBINED.handshake, ack: { table: 'coil', address: 1, whole: true } }],
  ])('is refused where it cannot be: %#', (handshake) => {
    const units = [{ id: 1, name: 'cnc', writes: true, records: [{ ...RECORD, handshake }] }];
    const { error } = modbus.settings.strict().safeParse({ url: 'tcp://plc', units });
    expect(error?.issues[0]?.message).toContain("'whole: true'");
  });
});

describe.concurrent('at an end in good order', () => {
  it.each([
    ['a coil', COILS, (rig: Rig) => rig.device.coils[1]],
    ['a register', COMBINED, (rig: Rig) => rig.device.registers[ACK]],
  ])('an acknowledge that still stands is taken back: %s', async (_name, record, ack) => {
    await onRig(['cnc.id'], async (rig) => {
      offer(rig, 1);
      const source = begin(rig, record);
      await until(() => rig.context.good('cnc.id').length === 1, 'part 1');
      source.committed(1);
      await until(() => ack(rig) !== 0, 'the acknowledge');
      await source.stop();
      expect(ack(rig)).toBe(0);
      const { length } = rig.device.requests;
      expect(rig.context.good('cnc.id')).toHaveLength(1);
      await source.stop();
      expect(rig.device.requests).toHaveLength(length);
    });
  });

  it('nothing is written when none stands, and a PLC that is silent does not hold up the end', async () => {
    await onRig(['cnc.id'], async (rig) => {
      const source = begin(rig, COILS);
      await until(() => rig.device.requests.length > 4, 'looks');
      rig.device.behave = () => ({ kind: 'silent' });
      await source.stop();
      expect(rig.device.requests.every((r) => r.code <= 4)).toBe(true);
    });
  });
});
