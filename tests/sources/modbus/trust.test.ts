import { describe, expect, it } from 'vitest';
import { QUALITY } from '../../../agent/model.ts';
import { pause, until } from '../../support/source-context.ts';
import { makeSource, onRig, RECORD, type Rig } from './rig.ts';

const { BAD_SUSPECT } = QUALITY;
const tag = (name: string, address: number, over: Record<string, unknown> = {}) => ({
  name,
  address,
  every: '10ms',
  ...over,
});
const tags = [tag('beat', 100), tag('temp', 101)];
const last = (rig: Rig, name: string) => rig.context.of(name).at(-1)?.quality;

/** A PLC whose program runs: its heartbeat moves with every request. */
function beating({ device }: Rig): void {
  device.behave = () => {
    device.registers[100] = ((device.registers[100] ?? 0) + 1) & 0xffff;
    return null;
  };
}

describe.concurrent('the heartbeat of a PLC', () => {
  it('that stands still makes its values suspect, tells once, and is lifted when it moves', async () => {
    await onRig(['cnc.temp'], async (rig) => {
      beating(rig);
      rig.begin({}, { records: [], tags, heartbeat: { tag: 'beat', polls: 5 } });
      await until(() => rig.context.good('cnc.temp').length > 20, 'good values');
      expect(rig.context.events.map((e) => e.over)).toEqual([true]);
      rig.device.behave = () => null;
      await until(() => last(rig, 'cnc.temp') === BAD_SUSPECT, 'suspect');
      const bad = rig.context.of('cnc.temp').at(-1);
      expect(bad?.value).toBeNaN();
      await pause(100);
      expect(rig.context.of('cnc.temp').filter((r) => r.quality !== 0)).toHaveLength(1);
      expect(rig.context.events.slice(1)).toMatchObject([
        { severity: 'alarm', over: false, condition: 'cnc heartbeat' },
      ]);
      expect(rig.context.events[1]?.text).toContain("'cnc.beat' did not move within 5 polls");
      beating(rig);
      await until(() => last(rig, 'cnc.temp') === 0, 'good again');
      expect(rig.context.events[2]).toMatchObject({
        ...{ severity: 'info', over: true, condition: 'cnc heartbeat' },
      });
    });
  });

  it('that never moves at all is found, also for the records of the unit', async () => {
    await onRig(['cnc.od', 'cnc.temp'], async (rig) => {
      rig.makePart(1);
      rig.begin({}, { tags, heartbeat: { tag: 'beat', polls: 3 } });
      await until(() => last(rig, 'cnc.temp') === BAD_SUSPECT, 'suspect');
      rig.makePart(2);
      await until(() => rig.context.of('cnc.od').some((r) => r.sequence === 2), 'part 2');
      expect(rig.context.of('cnc.od').at(-1)).toMatchObject({ quality: BAD_SUSPECT, sequence: 2 });
      expect(rig.context.events).toHaveLength(1);
    });
  });

  it('slower than its polls, and over a connection made again, it is no fault', async () => {
    await onRig(['cnc.temp'], async (rig) => {
      let n = 0;
      rig.device.behave = () => {
        n += 1;
        if (n % 4 === 0) rig.device.registers[100] = (rig.device.registers[100] ?? 0) + 1;
        return n === 50 ? { kind: 'reset' } : null;
      };
      rig.begin({}, { records: [], tags, heartbeat: { tag: 'beat', polls: 5 } });
      await until(() => rig.context.good('cnc.temp').length > 120, 'many values');
      expect(rig.context.of('cnc.temp').some((r) => r.quality === BAD_SUSPECT)).toBe(false);
      expect(rig.device.connections).toBe(2);
    });
  });

  it('a heartbeat alone is not read: nobody would hear of it', async () => {
    await onRig([], async (rig) => {
      rig.begin({}, { records: [], tags, heartbeat: { tag: 'beat' } });
      await pause(60);
      expect(rig.device.requests).toHaveLength(0);
    });
  });
});

describe.concurrent('a status that makes values suspect', () => {
  const suspectWhile = [{ tag: 'masterFailed', of: ['od'] }];

  it('a tag: the named results, until it is well', async () => {
    await onRig(['cnc.od', 'cnc.taper'], async (rig) => {
      const { device, context } = rig;
      const master = tag('masterFailed', 300, { every: '5ms' });
      rig.makePart(1);
      rig.begin({}, { tags: [master], suspectWhile });
      await until(() => context.good('cnc.od').length === 1, 'part 1');
      device.registers[300] = 1;
      await until(() => context.events.at(-1)?.severity === 'alarm', 'the alarm');
      rig.makePart(2);
      await until(() => context.of('cnc.od').length === 2, 'part 2');
      device.registers[300] = 0;
      await until(() => context.events.at(-1)?.over === true, 'its end');
      rig.makePart(3);
      await until(() => context.of('cnc.od').length === 3, 'part 3');
      expect(context.of('cnc.od').map((r) => r.quality)).toEqual([0, BAD_SUSPECT, 0]);
      expect(context.of('cnc.taper').map((r) => r.quality)).toEqual([0, 0, 0]);
    });
  });

  it('a field of the same record counts for that very record', async () => {
    await onRig(['cnc.od', 'cnc.taper'], async (rig) => {
      const { context, device } = rig;
      const fields = { ...RECORD.fields, masterFailed: { address: 5 } };
      const is = [7, 9];
      rig.makePart(1);
      rig.begin(
        {},
        { records: [{ ...RECORD, fields }], suspectWhile: [{ tag: 'masterFailed', is }] },
      );
      for (const [part, status] of [0, 7, 8, 9, 0].entries()) {
        device.registers[5] = status;
        rig.makePart(part + 1);
        await until(() => context.of('cnc.od').some((r) => r.sequence === part + 1), 'a part');
      }
      const qualities = context.of('cnc.od').map((r) => r.quality);
      expect(qualities).toEqual([0, BAD_SUSPECT, 0, BAD_SUSPECT, 0]);
      expect(context.of('cnc.taper').map((r) => r.quality)).toEqual(qualities);
    });
  });

  it('names that are not there are mistakes of the settings', () => {
    const context = { tagNumber: () => 0 } as never;
    const unit = (over: Record<string, unknown>) => ({
      url: 'tcp://127.0.0.1',
      units: [{ name: 'cnc', records: [RECORD], tags, ...over }],
    });
    expect(() => makeSource(unit({ heartbeat: { tag: 'od' } }), context)).toThrow(/no 'od'/);
    expect(() => makeSource(unit({ suspectWhile: [{ tag: 'nope' }] }), context)).toThrow(/'nope'/);
    const of = [{ tag: 'beat', of: ['temp', 'x'] }];
    expect(() => makeSource(unit({ suspectWhile: of }), context)).toThrow(/no 'x'/);
  });
});
