import { describe, expect, it } from 'vitest';
import { createOvertake } from '../../../agent/sources/modbus/overtake.ts';
import { until } from '../../support/source-context.ts';
import { onRig } from './rig.ts';

const unit = (id: number, name: string) => {
  return { id, name, tags: [{ name: 'x', address: id, every: '10ms' }] };
};
const UNITS = [unit(1, 'a'), unit(2, 'late'), unit(3, 'b')];
const TAGS = ['a.x', 'late.x', 'b.x'];

describe.concurrent('a unit that is late holds up no other', () => {
  it('silent: the others are read long before its time is up', async () => {
    await onRig(TAGS, async (rig) => {
      rig.device.behave = (r) => (r.unit === 2 ? { kind: 'silent' } : null);
      rig.begin({ timeout: '60s', units: UNITS });
      await until(() => ['a.x', 'b.x'].every((t) => rig.context.good(t).length > 50), 'the others');
      expect(rig.counters()['timeouts']).toBe(0);
      expect(rig.device.requests.filter((r) => r.unit === 2)).toHaveLength(1);
    });
  });

  it('late: its answers are taken all the same', async () => {
    await onRig(TAGS, async (rig) => {
      rig.device.registers[2] = 77;
      rig.device.behave = (r) => (r.unit === 2 ? { kind: 'hold' } : null);
      rig.begin({ timeout: '60s', units: UNITS });
      const asked = () => rig.device.requests.filter((r) => r.unit === 2).length;
      const seen = (tag: string) => rig.context.good(tag).length;
      for (let n = 1; n <= 4; n += 1) {
        await until(() => asked() === n, 'the late one is asked');
        const before = seen('a.x');
        await until(() => seen('a.x') > before + 3, 'another, while the late one is waited for');
        rig.device.releaseHeld();
        await until(() => seen('late.x') === n, 'the late one');
      }
      expect(rig.context.good('late.x').every((r) => r.value === 77)).toBe(true);
      expect(rig.context.readings.every((r) => r.quality === 0)).toBe(true);
    });
  });

  it('`overtake: false`: everybody waits', async () => {
    await onRig(TAGS, async (rig) => {
      rig.device.behave = (r) => (r.unit === 2 ? { kind: 'hold' } : null);
      rig.begin({ timeout: '60s', overtake: false, units: UNITS });
      const asked = () => rig.device.requests.filter((r) => r.unit === 2).length;
      await until(() => asked() === 1, 'the late one is asked');
      await until(() => (rig.counters()['skippedCycles'] ?? 0) > 20, 'cycles of the others go by');
      expect(rig.device.requests.at(-1)?.unit).toBe(2);
      expect(asked()).toBe(1);
    });
  });
});

describe('how long is late', () => {
  const at = (nowMs: number) => ({ now: () => nowMs, monotonic: () => nowMs });

  it('the usual round trip and four deviations, at least 2 ms; not before one is known', () => {
    const overtake = createOvertake(at(0));
    expect(overtake.patienceMs()).toBe(Number.POSITIVE_INFINITY);
    overtake.answered(10);
    expect(overtake.patienceMs()).toBe(30);
    for (let i = 0; i < 100; i += 1) overtake.answered(10);
    expect(overtake.patienceMs()).toBeCloseTo(11, 5);
    for (let i = 0; i < 100; i += 1) overtake.answered(0.1);
    expect(overtake.patienceMs()).toBe(2);
  });

  it('late answers do not make it wait longer for the next, a slower link does', () => {
    const overtake = createOvertake(at(0));
    for (let i = 0; i < 300; i += 1) overtake.answered(i % 10 === 5 ? 500 : 10);
    expect(overtake.patienceMs()).toBeLessThan(20);
    for (let i = 0; i < 300; i += 1) overtake.answered(80);
    expect(overtake.patienceMs()).toBeGreaterThan(80);
    expect(overtake.patienceMs()).toBeLessThan(160);
  });

  it('one slow unit of ten does not stretch it for all', () => {
    const overtake = createOvertake(at(0));
    for (let i = 0; i < 1000; i += 1) overtake.answered(i % 10 === 5 ? 500 : 5);
    expect(overtake.patienceMs()).toBeLessThan(15);
  });

  it('a gateway that loses what went ahead is left alone for ten minutes', () => {
    let nowMs = 0;
    const overtake = createOvertake({ now: () => nowMs, monotonic: () => nowMs });
    overtake.answered(10);
    for (let i = 0; i < 30; i += 1) overtake.ended(i % 3 > 0);
    expect(overtake.patienceMs()).toBe(30);
    for (let i = 0; i < 6; i += 1) overtake.ended(false);
    expect(overtake.patienceMs()).toBe(Number.POSITIVE_INFINITY);
    nowMs = 599_999;
    expect(overtake.patienceMs()).toBe(Number.POSITIVE_INFINITY);
    nowMs = 600_000;
    expect(overtake.patienceMs()).toBe(30);
  });
});
