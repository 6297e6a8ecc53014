import { describe, expect, it } from 'vitest';
import { QUALITY } from '../../../agent/model.ts';
import { poke } from '../../support/modbus-device.ts';
import { pause, until } from '../../support/source-context.ts';
import { onRig, RECORD } from './rig.ts';

const TAGS = ['cnc.od', 'cnc.taper'];
const record = (over: Record<string, unknown>) => ({ records: [{ ...RECORD, ...over }] });

describe.concurrent('records with a part counter', () => {
  it('hands over each part once, with counter, modulus, stream, times and context', async () => {
    await onRig(TAGS, async (rig) => {
      rig.device.registers[3] = 4;
      rig.makePart(1);
      rig.begin();
      const { context } = rig;
      for (let part = 2; part < 6; part += 1) {
        await until(() => context.good('cnc.od').length === part - 1, `part ${part - 1}`);
        await pause(30);
        rig.makePart(part);
      }
      await until(() => context.good('cnc.od').length === 5, 'part 5');
      await pause(30);
      expect(context.of('cnc.od').map((r) => r.sequence)).toEqual([1, 2, 3, 4, 5]);
      expect(context.of('cnc.od').map((r) => r.value)).toEqual([1, 2, 3, 4, 5].map(rig.odOf));
      expect(context.deliveries()).toBe(5);
      const first = context.of('cnc.od')[0];
      expect(first).toMatchObject({ stream: 'cnc.result', modulus: 2 ** 32 });
      expect(first?.context).toEqual({ spindle: '4' });
      const [source, receive] = [first?.sourceMs ?? 0, first?.receiveMs ?? 0];
      expect(source).toBeLessThan(receive);
      expect(receive - source).toBeLessThan(1000);
    });
  });

  it('keeps the answer as received, header included', async () => {
    await onRig(TAGS, async (rig) => {
      rig.makePart(258);
      rig.begin();
      await until(() => rig.context.deliveries() === 1, 'the part');
      const raw = Buffer.from(rig.context.raw[0] ?? []);
      expect(raw.readUInt16BE(0)).toBe(rig.device.requests[0]?.id);
      expect([...raw.subarray(2, 13)]).toEqual([0, 0, 0, 23, 1, 3, 20, 0, 0, 1, 2]);
      expect(raw.length).toBe(29);
    });
  });

  it('jumps, going back and wrapping are handed over as they are', async () => {
    await onRig(TAGS, async (rig) => {
      const counter = (value: number) => poke(rig.device, 0, 'uint16', value);
      rig.begin({}, record({ sequence: { address: 0, type: 'uint16' } }));
      const wanted = [5, 9, 2, 65_534, 0, 3];
      for (const [i, value] of wanted.entries()) {
        counter(value);
        await until(() => rig.context.deliveries() === i + 1, `counter ${value}`);
      }
      expect(rig.context.of('cnc.od').map((r) => r.sequence)).toEqual(wanted);
      expect(rig.context.of('cnc.od')[0]?.modulus).toBe(65_536);
    });
  });

  it('a counter of 0 after a start of the PLC is no part', async () => {
    await onRig(TAGS, async (rig) => {
      rig.begin();
      await until(() => (rig.counters()['unchanged'] ?? 0) > 3, 'some polls');
      rig.makePart(7);
      await until(() => rig.context.deliveries() === 1, 'part 7');
      poke(rig.device, 0, 'uint32', 0);
      await pause(40);
      rig.makePart(1);
      await until(() => rig.context.deliveries() === 2, 'part 1');
      expect(rig.context.of('cnc.od').map((r) => r.sequence)).toEqual([7, 1]);
    });
  });

  it('a torn record is read again until its two counters agree', async () => {
    await onRig(TAGS, async (rig) => {
      rig.begin({}, record({ sequence: { address: 0, type: 'uint32', copy: 10 } }));
      rig.makePart(3);
      await until(() => (rig.counters()['torn'] ?? 0) > 0, 'a torn read');
      expect(rig.context.deliveries()).toBe(0);
      poke(rig.device, 10, 'uint32', 3);
      await until(() => rig.context.deliveries() === 1, 'the part');
      expect(rig.context.of('cnc.od')[0]).toMatchObject({ sequence: 3, value: rig.odOf(3) });
      expect(rig.device.requests.every((r) => r.address === 0 && r.length === 12)).toBe(true);
    });
  });

  it('status bits: waits for the record to be complete, and says what was on', async () => {
    await onRig(TAGS, async (rig) => {
      const bits = { new: 0, ok: 1, bypass: 3 };
      const status = { address: 2, bits, require: ['new'], context: ['ok', 'bypass'] };
      rig.makePart(3);
      rig.begin({}, record({ status }));
      await until(() => (rig.counters()['waiting'] ?? 0) > 2, 'waiting');
      expect(rig.context.deliveries()).toBe(0);
      rig.device.registers[2] = 0b1001;
      await until(() => rig.context.deliveries() === 1, 'the part');
      expect(rig.context.of('cnc.od')[0]?.context).toEqual({ spindle: '0', bypass: '1' });
    });
  });

  it('a bad value of a part is handed over with its part, every time', async () => {
    await onRig(TAGS, async (rig) => {
      rig.makePart(1);
      poke(rig.device, 8, 'float32', Number.NaN);
      rig.begin();
      await until(() => rig.context.deliveries() === 1, 'part 1');
      poke(rig.device, 0, 'uint32', 2);
      await until(() => rig.context.deliveries() === 2, 'part 2');
      expect(rig.context.of('cnc.taper').map((r) => [r.sequence, r.quality])).toEqual([
        [1, QUALITY.BAD_VALUE],
        [2, QUALITY.BAD_VALUE],
      ]);
      expect(rig.context.good('cnc.od')).toHaveLength(2);
    });
  });

  it('text and numbers of context fields; what nobody reads stays in the block', async () => {
    await onRig(['cnc.od'], async (rig) => {
      for (const [i, word] of [0x4b53, 0x2d30, 0x3831, 0x3500].entries()) {
        rig.device.registers[12 + i] = word;
      }
      const fields = {
        ...RECORD.fields,
        sn: { address: 12, type: 'string', length: 8, role: 'context', name: 'serial' },
        temperature: { address: 16, type: 'int16', scale: 0.1, role: 'context' },
      };
      rig.device.registers[16] = 215;
      rig.makePart(1);
      rig.begin({}, record({ fields }));
      await until(() => rig.context.deliveries() === 1, 'the part');
      expect(rig.context.readings.map((r) => r.tag)).toEqual(['cnc.od']);
      const expected = { spindle: '0', serial: 'KS-0815', temperature: '21.5' };
      expect(rig.context.readings[0]?.context).toEqual(expected);
      expect(rig.device.requests[0]).toMatchObject({ address: 0, length: 17 });
    });
  });

  it('what stands there after a new connection is handed over again: the core knows it', async () => {
    await onRig(TAGS, async (rig) => {
      rig.makePart(4);
      rig.begin();
      await until(() => rig.context.deliveries() === 1, 'part 4');
      rig.device.resetAll();
      await until(() => rig.context.good('cnc.od').length === 2, 'part 4 again');
      expect(rig.context.good('cnc.od').map((r) => r.sequence)).toEqual([4, 4]);
    });
  });

  it('paused: polls nothing; a part made meanwhile is read afterwards', async () => {
    await onRig(TAGS, async (rig) => {
      rig.makePart(1);
      const source = rig.begin();
      await until(() => rig.context.deliveries() === 1, 'part 1');
      source.pause(true);
      rig.makePart(2);
      await pause(30);
      const asked = rig.device.requests.length;
      await pause(60);
      expect(rig.device.requests.length).toBe(asked);
      source.pause(false);
      await until(() => rig.context.deliveries() === 2, 'part 2');
      expect(rig.context.of('cnc.od').map((r) => r.sequence)).toEqual([1, 2]);
    });
  });
});

describe.concurrent('paused with a request under way', () => {
  it('its answer is left to the PLC and read again afterwards', async () => {
    await onRig(TAGS, async (rig) => {
      const { device, context } = rig;
      rig.makePart(1);
      device.behave = () => ({ kind: 'hold' });
      const source = rig.begin({ timeout: '2s' });
      await until(() => device.requests.length === 1, 'the request');
      source.pause(true);
      device.behave = () => null;
      device.releaseHeld();
      await until(() => (rig.counters()['droppedWhilePaused'] ?? 0) === 1, 'the answer');
      expect(context.deliveries()).toBe(0);
      source.pause(false);
      await until(() => context.deliveries() === 1, 'part 1');
      expect(context.good('cnc.od')[0]?.value).toBe(rig.odOf(1));
    });
  });
});

describe.concurrent('tags sampled by the clock', () => {
  it('reads coils, bits and numbers of all four tables without a sequence', async () => {
    await onRig(['cnc.door', 'cnc.guard', 'cnc.run', 'cnc.power'], async (rig) => {
      rig.device.coils[21] = 1;
      rig.device.registers[40] = 0b100;
      poke(rig.device, 50, 'float32', 3.5, 'CDAB');
      const tags = [
        { name: 'door', table: 'coil', address: 20, type: 'bool', every: '10ms' },
        { name: 'guard', table: 'discrete', address: 21, type: 'bool', every: '10ms' },
        { name: 'run', table: 'input', address: 40, type: 'bit', bit: 2, every: '10ms' },
        { name: 'power', address: 50, type: 'float32', order: 'CDAB', every: '10ms' },
      ];
      rig.begin({}, { records: [], tags });
      const names = tags.map((t) => `cnc.${t.name}`);
      await until(() => names.every((n) => rig.context.good(n).length > 2), 'all tags');
      expect(names.map((n) => rig.context.good(n)[0]?.value)).toEqual([0, 1, 1, 3.5]);
      expect(rig.context.readings.every((r) => Number.isNaN(r.sequence))).toBe(true);
      expect(new Set(rig.device.requests.map((r) => r.code))).toEqual(new Set([1, 2, 3, 4]));
    });
  });

  it('a change of quality is handed over once, good values every time', async () => {
    await onRig(['cnc.t'], async (rig) => {
      const limits = { sentinels: [-999], max: 50 };
      const tags = [{ name: 't', address: 0, type: 'int16', every: '10ms', ...limits }];
      const set = async (value: number) => {
        poke(rig.device, 0, 'int16', value);
        await pause(60);
      };
      poke(rig.device, 0, 'int16', 20);
      rig.begin({}, { records: [], tags });
      await until(() => rig.context.good('cnc.t').length > 2, 'good values');
      await set(-999);
      await set(60);
      await set(21);
      const changes = rig.context.readings.map((r) => r.quality).filter((q) => q !== 0);
      expect(changes).toEqual([QUALITY.BAD_SENTINEL, QUALITY.BAD_RANGE]);
      expect(rig.context.good('cnc.t').at(-1)?.value).toBe(21);
    });
  });

  it('polls nothing that nobody reads', async () => {
    await onRig(['cnc.a'], async (rig) => {
      const tags = ['a', 'b'].map((name, i) => ({ name, address: 200 * i, every: '10ms' }));
      rig.begin({}, { tags });
      await until(() => rig.context.good('cnc.a').length > 2, 'the tag');
      expect(new Set(rig.device.requests.map((r) => `${r.address}+${r.length}`))).toEqual(
        new Set(['0+1']),
      );
    });
  });

  it('each tag keeps its own period on one connection', async () => {
    await onRig(['cnc.fast', 'cnc.slow'], async (rig) => {
      const tags = [
        { name: 'fast', address: 0, every: '10ms' },
        { name: 'slow', address: 1, every: '100ms' },
      ];
      rig.begin({ timeout: '1s' }, { records: [], tags });
      await until(() => rig.context.good('cnc.slow').length >= 6, 'six slow ones');
      const { skippedCycles = 0 } = rig.counters();
      const fast = rig.context.good('cnc.fast').length + skippedCycles;
      expect(fast).toBeGreaterThanOrEqual(48);
      expect(rig.device.connections).toBe(1);
    });
  });
});
