import { describe, expect, it } from 'vitest';
import { QUALITY } from '../../../agent/model.ts';
import { createRandom } from '../../../agent/plants/random.ts';
import { decoder, type FieldRule, ORDERS_32 } from '../../../agent/sources/modbus/decode.ts';
import { layoutCheck } from '../../../agent/sources/modbus/layout.ts';
import { stuckTest } from '../../../agent/sources/modbus/stuck.ts';
import { poke } from '../../support/modbus-device.ts';
import { until } from '../../support/source-context.ts';
import { onRig } from './rig.ts';

const TAGS = 100;
const random = createRandom(16);
/** Values as machines have them: any size, full of digits, limits 30 % around them. */
const VALUES = Array.from({ length: TAGS }, (_, i) => {
  const value = (i % 2 ? -1 : 1) * 10 ** (6 * random.uniform() - 2);
  const far = 0.3 * Math.abs(value);
  return { value, min: value - far, max: value + far };
});
const RULE: FieldRule = {
  ...{ type: 'float32', order: 'ABCD', bit: 0, scale: 1, offset: 0 },
  ...{ min: null, max: null, sentinels: [] },
};

/** A float32 in this order, as it stands in an answer. */
function bytesOf(value: number, order: string): DataView {
  const plain = new DataView(new ArrayBuffer(4));
  plain.setFloat32(0, value);
  const view = new DataView(new ArrayBuffer(4));
  for (let i = 0; i < 4; i += 1) view.setUint8(i, plain.getUint8(order.charCodeAt(i) - 65));
  return view;
}

/** What is said of bytes that are read by this rule. */
function looked(rule: FieldRule, view: DataView) {
  const decoded = decoder(rule)(view, 0);
  const said = layoutCheck(rule)?.(decoded, view, 0);
  return { said, ...decoded };
}

describe('the layout of registers changed', () => {
  const flips = ORDERS_32.flatMap((order) =>
    ORDERS_32.filter((o) => o !== order).map((now) => [order, now] as const),
  );
  it.each(flips)('100 tags read as %s are %s now: said at the first value', (order, now) => {
    for (const { value, min, max } of VALUES) {
      const { said, quality } = looked({ ...RULE, order, min, max }, bytesOf(value, now));
      expect([said, quality]).toEqual([now, quality]);
      expect(quality).toBeGreaterThanOrEqual(QUALITY.BAD_CONFIG);
      expect(looked({ ...RULE, order, min, max }, bytesOf(value, order))).toMatchObject({
        ...{ said: '', quality: QUALITY.GOOD, value: Math.fround(value) },
      });
    }
  });

  it('100 tags of a source that turn at once: no value gets through, told in one sentence', async () => {
    const names = VALUES.map((_, i) => `cnc.t${i}`);
    await onRig(names, async (rig) => {
      const tags = VALUES.map(({ min, max }, i) => {
        return { name: `t${i}`, address: 2 * i, type: 'float32', every: '50ms', min, max };
      });
      const write = (order: string) =>
        VALUES.forEach(({ value }, i) => void poke(rig.device, 2 * i, 'float32', value, order));
      write('ABCD');
      rig.begin({ timeout: '2s' }, { records: [], tags });
      await until(() => names.every((n) => rig.context.good(n).length > 1), 'good values');
      write('CDAB');
      const told = () => rig.context.events.map((e) => e.text).join(' ');
      await until(() => names.every((n) => rig.context.of(n).at(-1)?.quality !== 0), 'all bad');
      await until(() => told().includes('plausible as CDAB'), 'the alarm');
      for (const [i, name] of names.entries()) {
        const good = rig.context.good(name).map((r) => r.value);
        expect(new Set(good)).toEqual(new Set([Math.fround(VALUES[i]?.value ?? 0)]));
      }
      // Two requests hold the tags.
      expect(rig.context.events.length).toBeLessThanOrEqual(2);
      expect(rig.context.events[0]).toMatchObject({ kind: 'device', severity: 'alarm' });
      write('ABCD');
      await until(() => names.every((n) => rig.context.of(n).at(-1)?.quality === 0), 'well again');
    });
  });

  it.each([
    ['times 10^-3', 25_000],
    ['times 10^2', 0.25],
    ['times 2^-4', 400],
    ['', 3.3e9],
    ['', 60],
  ])('another scale: %s', (said, value) => {
    const view = new DataView(new ArrayBuffer(4));
    view.setFloat32(0, value);
    expect(looked({ ...RULE, min: 24, max: 26 }, view)).toMatchObject({
      ...{ said, quality: QUALITY.BAD_RANGE },
    });
  });

  it('a swapped float that looks like nearly 0 is not taken for one; a real 0 and noise are', () => {
    const rule = { ...RULE, min: 0, max: 50 };
    expect(looked(rule, bytesOf(25.5, 'CDAB'))).toMatchObject({ said: 'CDAB', value: Number.NaN });
    expect(looked(RULE, bytesOf(25.5, 'CDAB')).quality).toBe(QUALITY.BAD_VALUE);
    for (const value of [0, 1e-6, 3.1e-7])
      expect(looked(rule, bytesOf(value, 'ABCD')).said).toBe('');
    expect(layoutCheck(RULE)).toBeNull();
  });
});

describe('a sensor that hangs', () => {
  it('at most one false find in a million normal values, however coarse', () => {
    const found = [4, 2, 1, 0.5, 0.25].map((sigmas) => {
      const test = stuckTest(12);
      let false_ = 0;
      let was = false;
      for (let i = 0; i < 1_000_000; i += 1) {
        const now = test.next(Math.round(sigmas * random.normal()));
        if (now && !was) false_ += 1;
        was = now;
      }
      return false_;
    });
    expect(Math.max(...found)).toBeLessThanOrEqual(1);
  });

  it('is found after as many equal values as the settings say', () => {
    const test = stuckTest(12);
    for (let i = 0; i < 10_000; i += 1) test.next(Math.round(10 * random.normal()) / 10);
    expect(test.needed()).toBe(12);
    const hung = Array.from({ length: 20 }, () => test.next(7.77));
    expect(hung.indexOf(true)).toBe(11);
    expect(hung.lastIndexOf(false)).toBe(10);
    expect(test.next(7.78)).toBe(false);
  });

  it('its tag is bad and told once, and good again when it moves', async () => {
    await onRig(['cnc.t'], async (rig) => {
      const tags = [{ name: 't', address: 0, every: '5ms', stuckAfter: 12 }];
      let moving = true;
      rig.device.behave = () => {
        if (moving) rig.device.registers[0] = ((rig.device.registers[0] ?? 0) + 1) % 1000;
        return null;
      };
      rig.begin({}, { records: [], tags });
      await until(() => rig.context.good('cnc.t').length > 250, 'values');
      moving = false;
      const last = () => rig.context.of('cnc.t').at(-1)?.quality;
      await until(() => last() === QUALITY.BAD_STUCK, 'found');
      const values = rig.context.good('cnc.t').map((r) => r.value);
      expect(values.filter((v) => v === values.at(-1))).toHaveLength(11);
      expect(rig.context.events.map((e) => e.text)).toEqual([
        'the same value 12 times in a row (cnc.t); left out until it is well',
      ]);
      moving = true;
      await until(() => last() === QUALITY.GOOD, 'well again');
      expect(rig.context.events).toHaveLength(1);
    });
  });
});
