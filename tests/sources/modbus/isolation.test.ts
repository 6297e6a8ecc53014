import { describe, expect, it } from 'vitest';
import { QUALITY } from '../../../agent/model.ts';
import type { DeviceRequest, Fault } from '../../support/modbus-device.ts';
import { pause, until } from '../../support/source-context.ts';
import { onRig, RECORD, type Rig } from './rig.ts';

const tag = (name: string, address: number, over: Record<string, unknown> = {}) => ({
  name,
  address,
  every: '10ms',
  ...over,
});
const unit = (id: number, name: string, tags: Record<string, unknown>[]) => ({ id, name, tags });
const exception = (code: number): Fault => ({ kind: 'exception', code });
const covers = (r: DeviceRequest, address: number) =>
  r.address <= address && address < r.address + r.length;

/** Requests that `sick` picks while every tag of `names` gets `n` more good readings. */
async function askedWhile(
  rig: Rig,
  names: string[],
  n: number,
  sick: (r: DeviceRequest) => boolean,
) {
  const goal = names.map((name) => rig.context.good(name).length + n);
  const before = rig.device.requests.filter(sick).length;
  const done = () => names.every((name, i) => rig.context.good(name).length >= (goal[i] ?? 0));
  await until(done, `${n} more readings of ${names}`);
  return rig.device.requests.filter(sick).length - before;
}

describe.concurrent('one dead unit of several on a link', () => {
  it.each([
    ['silent', { kind: 'silent' } as Fault],
    ['the gateway says exception 11', exception(11)],
    ['the gateway says exception 10', exception(10)],
    ['answers nonsense', { kind: 'wrong-unit' } as Fault],
  ])('%s: the others keep their rate and the connection stays', async (_name, fault) => {
    const tags = ['a.x', 'dead.x', 'dead.y', 'b.x'];
    await onRig(tags, async (rig) => {
      rig.device.behave = (r) => (r.unit === 2 ? fault : null);
      const units = [
        unit(1, 'a', [tag('x', 0)]),
        unit(2, 'dead', [tag('x', 0), tag('y', 300)]),
        unit(3, 'b', [tag('x', 0)]),
      ];
      rig.begin({ timeout: '100ms', units });
      await until(() => rig.context.of('dead.y').length === 1, 'the dead unit is noticed');
      const asked = await askedWhile(rig, ['a.x', 'b.x'], 100, (r) => r.unit === 2);
      expect(asked).toBeLessThan(10);
      expect(rig.device.connections).toBe(1);
      expect(rig.context.of('dead.x')).toHaveLength(1);
      expect(rig.health().state).toBe('degraded');
      const parts = rig.health().parts.map((p) => [p.name, p.state]);
      expect(parts).toEqual([
        ['a', 'up'],
        ['dead', 'down'],
        ['b', 'up'],
      ]);
      rig.device.behave = () => null;
      await until(() => rig.context.good('dead.y').length > 0, 'the unit comes back');
      expect(rig.health().state).toBe('up');
    });
  });
});

describe.concurrent('a connection that went dead without a word', () => {
  it('is noticed although another unit is due in an hour only', async () => {
    await onRig(['a.x', 'b.x'], async (rig) => {
      const { device, context } = rig;
      const units = [unit(1, 'a', [tag('x', 0)]), unit(2, 'b', [tag('x', 0, { every: '1h' })])];
      rig.begin({ units });
      await until(() => context.good('b.x').length === 1, 'both units');
      device.behave = () => ({ kind: 'silent' });
      await until(() => device.connections === 2, 'a new connection');
      device.behave = () => null;
      const before = context.good('a.x').length;
      await until(() => context.good('a.x').length > before + 3, 'readings over it');
    });
  });
});

describe.concurrent('one sick request of a unit', () => {
  it.each([
    ['never answered', { kind: 'silent' } as Fault, QUALITY.BAD_TIMEOUT],
    ['exception 4', exception(4), QUALITY.BAD_DEVICE],
  ])('%s: the rest of the unit goes on', async (_name, fault, quality) => {
    await onRig(['cnc.good', 'cnc.sick'], async (rig) => {
      rig.device.behave = (r) => (covers(r, 500) ? fault : null);
      rig.begin({ timeout: '60ms' }, { records: [], tags: [tag('good', 0), tag('sick', 500)] });
      await until(() => rig.context.of('cnc.sick').length === 1, 'the sick tag is noticed');
      expect(rig.context.of('cnc.sick')[0]?.quality).toBe(quality);
      const asked = await askedWhile(rig, ['cnc.good'], 80, (r) => covers(r, 500));
      expect(asked).toBeLessThan(8);
      expect(rig.context.of('cnc.sick')).toHaveLength(1);
      expect(rig.health().state).toBe('degraded');
      rig.device.behave = () => null;
      await until(() => rig.context.good('cnc.sick').length > 0, 'the tag comes back');
    });
  });

  it('slow but in time: nothing is called bad', async () => {
    await onRig(['cnc.good', 'cnc.slow'], async (rig) => {
      rig.device.behave = (r) => (covers(r, 500) ? { kind: 'late', ms: 60 } : null);
      const tags = [tag('good', 0), tag('slow', 500, { every: '200ms' })];
      rig.begin({ timeout: '2s' }, { records: [], tags });
      await until(() => rig.context.good('cnc.slow').length >= 3, 'three slow readings');
      expect(rig.context.readings.every((r) => r.quality === 0)).toBe(true);
      const good = rig.context.good('cnc.good').length;
      // How many more depends on how busy this machine is.
      expect(good).toBeGreaterThan(rig.context.good('cnc.slow').length);
    });
  });
});

describe.concurrent('refused addresses', () => {
  const tags = Array.from({ length: 20 }, (_, i) => `cnc.t${i}`);
  const list = tags.map((t, i) => tag(t.slice(4), i * 2));

  it.each([2, 3])('exception %i: one bad tag is found, the other 19 flow', async (code) => {
    await onRig(tags, async (rig) => {
      for (let i = 0; i < 20; i += 1) rig.device.registers[2 * i] = i;
      rig.device.behave = (r) => (covers(r, 14) ? exception(code) : null);
      rig.begin({}, { records: [], tags: list });
      await until(
        () => tags.filter((t) => rig.context.good(t).length > 2).length === 19,
        '19 tags',
      );
      await pause(50);
      expect(rig.context.of('cnc.t7').map((r) => r.quality)).toEqual([QUALITY.BAD_ADDRESS]);
      for (const [i, t] of tags.entries()) {
        for (const r of rig.context.good(t)) expect(r.value).toBe(i);
      }
      expect(rig.context.events).toHaveLength(1);
      expect(rig.context.events[0]?.text).toContain('cnc.t7');
      expect(rig.health()).toMatchObject({ state: 'degraded' });
      expect(rig.device.requests.filter((r) => r.address === 14 && r.length === 1)).toHaveLength(1);
      expect(rig.device.connections).toBe(1);
    });
  });

  it('a hole that cannot be read is avoided, and no tag is bad', async () => {
    await onRig(['cnc.a', 'cnc.b'], async (rig) => {
      rig.device.behave = (r) => (covers(r, 5) ? exception(2) : null);
      rig.begin({}, { records: [], tags: [tag('a', 0), tag('b', 9)] });
      await until(() => rig.context.good('cnc.b').length > 2, 'the tag after the hole');
      expect(rig.context.readings.every((r) => r.quality === 0)).toBe(true);
      expect(rig.health().state).toBe('up');
    });
  });

  it('exception 1: the table is set aside as a whole, other tables flow', async () => {
    await onRig(['cnc.a', 'cnc.b'], async (rig) => {
      rig.device.behave = (r) => (r.code === 4 ? exception(1) : null);
      rig.begin({}, { records: [], tags: [tag('a', 0), tag('b', 0, { table: 'input' })] });
      await until(() => rig.context.good('cnc.a').length > 5, 'the other table');
      expect(rig.context.of('cnc.b').map((r) => r.quality)).toEqual([QUALITY.BAD_CONFIG]);
      expect(rig.device.requests.filter((r) => r.code === 4)).toHaveLength(1);
    });
  });

  it('a record goes on, from one answer, without the field that is refused', async () => {
    await onRig(['cnc.od', 'cnc.taper'], async (rig) => {
      rig.device.behave = (r) => (covers(r, 9) ? exception(2) : null);
      rig.makePart(1);
      rig.begin();
      await until(() => rig.context.good('cnc.od').length === 1, 'the first part');
      rig.makePart(2);
      await until(() => rig.context.good('cnc.od').length === 2, 'the second part');
      expect(rig.context.of('cnc.taper').map((r) => r.quality)).toEqual([QUALITY.BAD_ADDRESS]);
      expect(rig.context.good('cnc.od').map((r) => r.value)).toEqual([rig.odOf(1), rig.odOf(2)]);
      expect(rig.device.requests.at(-1)).toMatchObject({ address: 0, length: 8 });
      expect(rig.health().detail).toContain('cnc.taper');
    });
  });

  it('a record whose counter is refused is bad as a whole', async () => {
    await onRig(['cnc.od', 'cnc.taper'], async (rig) => {
      rig.device.behave = (r) => (covers(r, 0) ? exception(2) : null);
      rig.begin({}, { records: [RECORD] });
      await until(() => rig.context.readings.length === 2, 'both bad');
      expect(rig.context.readings.every((r) => r.quality === QUALITY.BAD_ADDRESS)).toBe(true);
      await pause(50);
      expect(rig.device.requests.length).toBeLessThan(5);
    });
  });
});

describe('ten minutes later', () => {
  it('what was refused is asked for again, and comes back', async () => {
    let aheadMs = 0;
    const clock = {
      now: () => Date.now() + aheadMs,
      monotonic: () => performance.now() + aheadMs,
    };
    const names = ['cnc.od', 'cnc.taper', 'cnc.ok', 'cnc.bad'];
    await onRig(
      names,
      async (rig) => {
        const { context, device } = rig;
        device.behave = (r) => (covers(r, 9) || covers(r, 600) ? exception(2) : null);
        rig.makePart(1);
        rig.begin({ timeout: '2s' }, { tags: [tag('ok', 300), tag('bad', 600)] });
        const bad = () => [...context.of('cnc.taper'), ...context.of('cnc.bad')];
        await until(() => bad().length === 2 && context.good('cnc.od').length === 1, 'both bad');
        device.behave = () => null;
        aheadMs = 590_000;
        await askedWhile(rig, ['cnc.ok'], 5, () => true);
        expect(bad()).toHaveLength(2);
        aheadMs = 610_000;
        rig.makePart(2);
        await until(() => context.good('cnc.bad').length > 0, 'the tag');
        rig.makePart(3);
        await until(() => context.good('cnc.taper').some((r) => r.sequence === 3), 'the field');
        expect(context.good('cnc.od').at(-1)).toMatchObject({ sequence: 3, value: rig.odOf(3) });
        await until(() => rig.health().state === 'up', 'all well');
      },
      { clock },
    );
  });
});

describe.concurrent('busy devices (exceptions 5 and 6)', () => {
  it.each([5, 6])('exception %i: that request is repeated, nothing is bad', async (code) => {
    await onRig(['cnc.a'], async (rig) => {
      rig.device.registers[0] = 7;
      rig.device.behave = (r) => (r.nth < 2 ? exception(code) : null);
      rig.begin({}, { records: [], tags: [tag('a', 0, { every: '1h' })] });
      await until(() => rig.context.readings.length === 1, 'the value, long before the next cycle');
      expect(rig.context.readings[0]).toMatchObject({ value: 7, quality: 0 });
      expect(rig.device.requests).toHaveLength(3);
    });
  });
  it('repeats have a budget; then the tag is BAD_BUSY, once', async () => {
    await onRig(['cnc.a'], async (rig) => {
      rig.device.behave = () => exception(6);
      rig.begin({}, { records: [], tags: [tag('a', 0, { every: '1h' })] });
      await until(() => rig.context.readings.length === 1, 'the bad reading');
      await pause(100);
      expect(rig.context.readings.map((r) => r.quality)).toEqual([QUALITY.BAD_BUSY]);
      expect(rig.device.requests).toHaveLength(4);
    });
  });
});
