import { describe, expect, it } from 'vitest';
import type { Fault } from '../../support/modbus-device.ts';
import { pause, until } from '../../support/source-context.ts';
import { onRig, RECORD, type Rig } from './rig.ts';

const TAGS = ['cnc.od', 'cnc.taper', 'cnc.power'];

/** Every reading says what the device held for that very part: the one thing that must not fail. */
function expectNoWrongValue({ context, odOf }: Rig) {
  for (const r of context.readings) {
    if (r.quality !== 0) expect(r.value).toBeNaN();
    else expect(r.value).toBe(r.tag === 'cnc.od' ? odOf(r.sequence) : r.sequence);
  }
}

const partSeen = ({ context }: Rig, part: number) =>
  until(() => context.good('cnc.od').some((r) => r.sequence === part), `part ${part}`);

const FAULTS: [string, Fault][] = [
  ['an answer that comes after its time', { kind: 'late', ms: 90 }],
  ['no answer', { kind: 'silent' }],
  ['a reset', { kind: 'reset' }],
  ['an orderly end with a request under way', { kind: 'finish' }],
  ['half an answer', { kind: 'half' }],
  ['the transaction id of another request', { kind: 'wrong-id' }],
  ['the id of another unit', { kind: 'wrong-unit' }],
  ['another function', { kind: 'wrong-function' }],
  ['a byte count that does not fit', { kind: 'wrong-count' }],
  ['another protocol', { kind: 'wrong-protocol' }],
  ['a length of 0', { kind: 'corrupt-length', length: 0 }],
  ['a length of 1', { kind: 'corrupt-length', length: 1 }],
  ['a length that is too short', { kind: 'corrupt-length', length: 9 }],
  ['a length that is too long', { kind: 'corrupt-length', length: 200 }],
  ['a length beyond what Modbus allows', { kind: 'corrupt-length', length: 40_000 }],
  ...[4, 5, 6, 7, 8, 9, 10, 11].map((code): [string, Fault] => [
    `exception ${code}`,
    { kind: 'exception', code },
  ]),
];

describe.concurrent('no value is ever wrong, and the next parts come, after', () => {
  it.each(FAULTS)('%s', async (_name, fault) => {
    await onRig(TAGS, async (rig) => {
      rig.makePart(1);
      rig.begin();
      await partSeen(rig, 1);
      let left = 2;
      rig.device.behave = () => (left-- > 0 ? fault : null);
      rig.makePart(2);
      await partSeen(rig, 2);
      await pause(100);
      rig.makePart(3);
      await partSeen(rig, 3);
      expect(left).toBeLessThan(1);
      expectNoWrongValue(rig);
      expect(rig.health().state).toBe('up');
    });
  });

  it('a mix of everything, for a while', async () => {
    await onRig(TAGS, async (rig) => {
      rig.makePart(1);
      rig.begin({ depth: 4 });
      let part = 1;
      rig.device.behave = (r) =>
        r.nth % 7 === 3 ? (FAULTS[r.nth % FAULTS.length]?.[1] ?? null) : null;
      for (let i = 0; i < 60; i += 1) {
        part += 1;
        rig.makePart(part);
        await pause(15);
      }
      rig.device.behave = () => null;
      rig.makePart(part + 1);
      await partSeen(rig, part + 1);
      expectNoWrongValue(rig);
    });
  });
});

describe.concurrent('late answers and pieces', () => {
  it('a late answer is dropped and counted, and the connection kept', async () => {
    await onRig(TAGS, async (rig) => {
      rig.makePart(1);
      rig.device.behave = (r) => (r.nth === 3 ? { kind: 'hold' } : null);
      rig.begin();
      await until(() => rig.device.requests.length > 4, 'the next request: the fourth is given up');
      const before = rig.counters();
      rig.device.releaseHeld();
      const late = () => rig.counters()['lateFrames'] ?? 0;
      await until(() => late() > (before['lateFrames'] ?? 0), 'the late frame');
      rig.makePart(2);
      await partSeen(rig, 2);
      // A busy machine may be late with others too.
      expect(before['timeouts']).toBeGreaterThan(0);
      expect(late()).toBeLessThanOrEqual(rig.counters()['timeouts'] ?? 0);
      expect(rig.counters()['connections']).toBe(1);
      expectNoWrongValue(rig);
    });
  });

  it.each([1, 5, 7, 8, 9, 20, 28])('an answer cut after %i bytes is put together', async (at) => {
    await onRig(TAGS, async (rig) => {
      rig.makePart(1);
      rig.device.behave = () => ({ kind: 'split', at });
      rig.begin({ timeout: '1s' });
      await partSeen(rig, 1);
      expect(rig.counters()['timeouts']).toBe(0);
      expectNoWrongValue(rig);
    });
  });

  it('answers in one piece and in any order find their requests', async () => {
    const tags = Array.from({ length: 8 }, (_, i) => `cnc.t${i}`);
    await onRig(tags, async ({ device, context, begin, counters }) => {
      for (let i = 0; i < 8; i += 1) device.registers[i * 10] = 100 + i;
      device.behave = (r) => (r.nth < 8 ? { kind: 'hold' } : null);
      const list = tags.map((t, i) => ({ name: t.slice(4), address: i * 10, every: '10ms' }));
      begin({ depth: 8, maxHole: 0, timeout: '2s' }, { records: [], tags: list });
      await until(() => device.requests.length === 8, 'eight requests under way');
      device.releaseHeld((answers) => answers.reverse());
      await until(() => context.readings.length >= 16, 'two rounds of readings');
      for (const r of context.readings) expect(r.value).toBe(100 + tags.indexOf(r.tag));
      expect(counters()).toMatchObject({ timeouts: 0, lateFrames: 0, garbled: 0 });
    });
  });

  it('transaction ids are 16 bits wide and wrap', async () => {
    const highest = { random: () => 0.999_999 };
    await onRig(
      TAGS,
      async (rig) => {
        rig.makePart(1);
        rig.begin();
        await until(() => rig.device.requests.length >= 4, 'some requests');
        expect(rig.device.requests.slice(0, 3).map((r) => r.id)).toEqual([65_535, 0, 1]);
        rig.makePart(2);
        await partSeen(rig, 2);
        expect(rig.counters()['timeouts']).toBe(0);
      },
      highest,
    );
  });
});

describe.concurrent('connections', () => {
  it('comes up when the PLC does, and again after it was away', async () => {
    await onRig(TAGS, async (rig) => {
      const { device, context } = rig;
      await device.vanish();
      rig.begin();
      await until(() => rig.health().state === 'down', 'down');
      expect(rig.health().detail).toContain('ECONNREFUSED');
      expect(context.readings.map((r) => [r.tag, r.quality])).toEqual([
        ['cnc.od', 21],
        ['cnc.taper', 21],
      ]);
      await device.listen();
      rig.makePart(1);
      await partSeen(rig, 1);
      await device.vanish();
      await until(() => rig.health().state === 'down', 'down again');
      await device.listen();
      rig.makePart(2);
      await partSeen(rig, 2);
      expectNoWrongValue(rig);
    });
  });

  it('gives up one that never answers, and says so once', async () => {
    await onRig(TAGS, async (rig) => {
      rig.device.behave = () => ({ kind: 'silent' });
      rig.begin();
      await until(() => rig.device.connections >= 3, 'three connections');
      expect(rig.context.of('cnc.od').map((r) => r.quality)).toEqual([20]);
      rig.device.behave = () => null;
      rig.makePart(1);
      await partSeen(rig, 1);
    });
  });

  it('stops at once with a request under way, and hands over nothing afterwards', async () => {
    await onRig(TAGS, async (rig) => {
      rig.device.behave = () => ({ kind: 'hold' });
      rig.makePart(1);
      const source = rig.begin();
      await until(() => rig.device.requests.length === 1, 'the request');
      await source.stop();
      rig.device.releaseHeld();
      await pause(50);
      expect(rig.context.readings).toHaveLength(0);
      expect(rig.device.requests).toHaveLength(1);
    });
  });

  it('reads at a steady rate, however the answers dawdle', async () => {
    await onRig(TAGS, async (rig) => {
      rig.device.behave = () => ({ kind: 'late', ms: 24 });
      rig.begin({ timeout: '2s' }, { records: [RECORD] });
      await until(() => rig.device.requests.length >= 8, 'eight requests');
      // 10 ms period, 25 ms answers: two of three cycles are skipped, none is queued.
      expect(rig.counters()['skippedCycles']).toBeGreaterThanOrEqual(7);
      expect(rig.counters()['requests']).toBeGreaterThanOrEqual(7);
    });
  });
});
