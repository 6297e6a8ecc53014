import { afterEach, describe, expect, it } from 'vitest';
import { reactionSettings, reactionsSettings } from '../../../agent/alerts/reaction/settings.ts';
import { PermanentError } from '../../../agent/runtime/errors.ts';
import { until } from '../../support/source-context.ts';
import { type ReactionRig, reactionRig, STOP, writesOf } from './rig.ts';

let rig: ReactionRig | null = null;
afterEach(async () => {
  await rig?.close();
  rig = null;
});
const open = async (settings: Record<string, unknown> = {}) => {
  rig = await reactionRig(settings);
  return rig;
};

describe('what it does', () => {
  it('sets the coil of its unit, reads it back, and writes no second time while it is set', async () => {
    const { alert, device, reaction } = await open();
    expect(await alert()).toBe(null);
    expect(await alert()).toBe(null);
    expect(device.coils[12]).toBe(1);
    const writes = writesOf(device);
    expect(writes.map((w) => [w.unit, w.code, w.address, w.length])).toEqual([[7, 5, 12, 0xff00]]);
    expect(device.requests.at(-1)?.code).toBe(1);
    expect(reaction.figures()).toEqual({ writes: 1, verified: 2, unverified: 0 });
  });

  it('sets a register to its level', async () => {
    const { alert, device } = await open({ write: { register: 40, value: 3 } });
    expect(await alert()).toBe(null);
    expect(device.registers[40]).toBe(3);
    expect(writesOf(device).map((w) => w.code)).toEqual([6]);
  });

  it('does nothing for alerts of others, too old ones, and while it is not enabled', async () => {
    const { alert, device } = await open();
    expect(await alert({ subject: 'another' })).toBe(null);
    expect(String(await alert({ ageMs: 61_000 }))).toContain('too old');
    expect(device.requests).toEqual([]);
    await rig?.close();
    const off = await open({ enabled: false });
    expect(String(await off.alert())).toContain('not enabled');
    expect(off.device.requests).toEqual([]);
  });

  it('never takes the level back', async () => {
    const { alert, device } = await open();
    await alert();
    for (const transition of ['cleared', 'closed', 'acknowledged'] as const) {
      await alert({ transition });
    }
    expect(writesOf(device)).toHaveLength(1);
    expect(device.coils[12]).toBe(1);
  });

  it('counts a heartbeat register up while it lives', async () => {
    const { device } = await open({ heartbeat: { register: 90, every: '500ms' } });
    await until(() => (device.registers[90] ?? 0) >= 2, 'two beats');
    expect(new Set(writesOf(device).map((w) => `${w.code} ${w.address}`))).toEqual(
      new Set(['6 90']),
    );
  });
});

describe('what it does not believe', () => {
  it('a write that reads back as unset: alarm at once, bounded repeats, then it says so', async () => {
    const { alert, device, events, reaction } = await open({ within: '10m' });
    device.onWrite = (address) => {
      device.coils[address] = 0;
    };
    const thrown = await alert();
    expect(thrown).toBeInstanceOf(PermanentError);
    expect(String(thrown)).toContain('written 3 times');
    expect(writesOf(device)).toHaveLength(3);
    expect(events).toHaveLength(1);
    expect(events[0]?.severity).toBe('alarm');
    expect(events[0]?.text).toContain('not certain to be set');
    expect(reaction.figures().verified).toBe(0);
  });

  it('a confirmed write without a read back is not done, and is not repeated blindly', async () => {
    const { alert, device, reaction } = await open();
    let reads = 0;
    device.behave = (r) => {
      if (r.code !== 1) return null;
      reads += 1;
      return reads > 1 ? { kind: 'exception', code: 4 } : null;
    };
    expect(await alert()).toBeInstanceOf(PermanentError);
    expect(writesOf(device)).toHaveLength(1);
    expect(reaction.figures()).toEqual({ writes: 1, verified: 0, unverified: 1 });
  });

  it('an answer that was lost is found by reading, without a second write', async () => {
    const { alert, device, events } = await open();
    device.behave = (r) => (r.code === 5 ? { kind: 'late', ms: 90 } : null);
    expect(await alert()).toBe(null);
    expect(writesOf(device)).toHaveLength(1);
    expect(events.map((e) => e.severity)).toEqual(['alarm']);
  });

  it('a PLC that is not there: alarm, no write later than the alert allows', async () => {
    const { alert, device, events } = await open();
    await device.vanish();
    expect(await alert()).toBeInstanceOf(PermanentError);
    expect(events[0]?.text).toContain('cannot be read');
    expect(device.requests.filter((r) => r.code > 4)).toEqual([]);
    await device.listen();
  });
});

describe('rate', () => {
  it('one write in ten seconds and six in an hour, whatever happens', async () => {
    const { alert, device, nowMs, skip } = await open({ within: '2h', attempts: 6 });
    const times: number[] = [];
    device.onWrite = (address) => {
      times.push(nowMs());
      device.coils[address] = 0;
    };
    for (let i = 0; i < 12; i += 1) {
      await alert();
      skip(20_000);
    }
    expect(times.length).toBeGreaterThan(12);
    for (let i = 1; i < times.length; i += 1) {
      expect((times[i] ?? 0) - (times[i - 1] ?? 0)).toBeGreaterThanOrEqual(10_000 - 1);
    }
    for (let i = 6; i < times.length; i += 1) {
      expect((times[i] ?? 0) - (times[i - 6] ?? 0)).toBeGreaterThanOrEqual(3_600_000 - 1);
    }
  });
});

describe('a line stop is armed by two people', () => {
  const stop = { action: 'stop', approvedBy: 'Sana Malik', armFor: '8h' };

  it('does nothing until another person has armed it, and nothing after that has run out', async () => {
    const { alert, device, reaction, skip } = await open(stop);
    expect(String(await alert())).toContain('not armed');
    expect(() => reaction.arming.arm('sana  MALIK')).toThrow('another person');
    expect(String(await alert())).toContain('not armed');
    expect(device.requests).toEqual([]);
    reaction.arming.arm('Imran Shah');
    expect(await alert()).toBe(null);
    expect(device.coils[12]).toBe(1);
    device.coils[12] = 0;
    skip(8 * 3_600_000);
    expect(String(await alert())).toContain('not armed');
    expect(device.coils[12]).toBe(0);
  });

  it('stops acting at once when somebody disarms it', async () => {
    const { alert, device, reaction } = await open(stop);
    reaction.arming.arm('Imran Shah');
    reaction.arming.disarm();
    expect(String(await alert())).toContain('not armed');
    expect(device.requests).toEqual([]);
  });
});

describe('settings', () => {
  const good = { ...STOP, plc: 'tcp://10.0.0.5' };
  it.each([
    ['an interval below ten seconds', { every: '9s' }],
    ['more than six in an hour', { perHour: 7 }],
    ['a broadcast', { unit: 0 }],
    ['two places', { write: { coil: 1, register: 2 } }],
    ['no place', { write: {} }],
    ['taking back', { write: { register: 1, value: 0 } }],
    ['a coil with another level', { write: { coil: 1, value: 2 } }],
    ['a stop that nobody approved', { action: 'stop' }],
    ['no subject', { when: { subjects: [] } }],
    [
      'alerts about sources, which it raises itself',
      { when: { subjects: ['x'], kinds: ['source'] } },
    ],
    ['a heartbeat in its own place', { write: { register: 9 }, heartbeat: { register: 9 } }],
    ['a web address', { plc: 'http://10.0.0.5' }],
    ['a key that is not known', { release: true }],
  ])('refuse %s', (_name, more) => {
    expect(reactionSettings.safeParse({ ...good, ...more }).success).toBe(false);
  });

  it('are off when nothing is said', () => {
    const { enabled: _, ...rest } = good;
    expect(reactionSettings.parse(rest).enabled).toBe(false);
    expect(reactionsSettings.parse(undefined)).toEqual({});
  });

  it('refuse two reactions on one place', () => {
    expect(reactionsSettings.safeParse({ a: good, b: good }).success).toBe(false);
    const other = { ...good, write: { coil: 13 } };
    expect(reactionsSettings.safeParse({ a: good, b: other }).success).toBe(true);
  });
});
