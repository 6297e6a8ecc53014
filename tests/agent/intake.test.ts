import { afterEach, describe, expect, it, vi } from 'vitest';
import { type Delivery, decodeBatch } from '../../agent/batch.ts';
import { createIntake } from '../../agent/intake.ts';

const delivery = (value: number, stream = 's'): Delivery => ({
  stream,
  context: '',
  raw: new Uint8Array(100),
  receiveMs: 1000,
  modulus: 0,
  redelivered: false,
  count: 1,
  tag: [3],
  value: [value],
  quality: [0],
  sourceMs: [900],
  sequence: [value],
});

function setUp(options: { maxHeldBytes?: number; maxReadings?: number } = {}) {
  const posted: { id: number; values: number[]; streams: string[] }[] = [];
  let nowMs = 0;
  const intake = createIntake({
    post(buffer, id) {
      const batch = decodeBatch(new Uint8Array(buffer));
      const streams = Array.from({ length: batch.deliveries }, (_, d) => batch.stream(d));
      posted.push({ id, values: [...batch.value], streams });
    },
    monotonic: () => nowMs,
    spacingMs: 5,
    maxReadings: options.maxReadings ?? 1000,
    maxHeldBytes: options.maxHeldBytes ?? 1e9,
  });
  return { posted, intake, pass: (ms: number) => (nowMs += ms) };
}

afterEach(() => {
  vi.useRealTimers();
});

describe('intake', () => {
  it('puts what comes together into one batch and says of each source how far it went', () => {
    const { posted, intake } = setUp();
    const a: number[] = [];
    const b: number[] = [];
    const { deliver: giveA } = intake.join('a', { committed: (n) => a.push(n), pause() {} });
    const { deliver: giveB } = intake.join('b', { committed: (n) => b.push(n), pause() {} });
    expect(giveA(delivery(1))).toBe(1);
    expect(giveB(delivery(2))).toBe(1);
    expect(giveA(delivery(3))).toBe(2);
    intake.flush();
    expect(posted).toEqual([{ id: 1, values: [1, 2, 3], streams: ['a/s', 'b/s', 'a/s'] }]);
    expect(a).toEqual([]);
    intake.committed(1);
    expect(a).toEqual([2]);
    expect(b).toEqual([1]);
  });

  it('releases nothing that was delivered after the batch which was committed', () => {
    const { intake } = setUp();
    const done: number[] = [];
    const { deliver: give } = intake.join('a', { committed: (n) => done.push(n), pause() {} });
    give(delivery(1));
    intake.flush();
    give(delivery(2));
    intake.flush();
    give(delivery(3));
    intake.committed(1);
    expect(done).toEqual([1]);
    intake.committed(2);
    expect(done).toEqual([1, 2]);
  });

  it('sends a full batch at once', () => {
    const { posted, intake } = setUp({ maxReadings: 3 });
    const { deliver: give } = intake.join('a', { committed() {}, pause() {} });
    for (let i = 0; i < 7; i += 1) give(delivery(i));
    expect(posted.map((p) => p.values.length)).toEqual([3, 3]);
    intake.stop();
    expect(posted.map((p) => p.values.length)).toEqual([3, 3, 1]);
  });

  it('pauses every source while too much is on its way, and lets them go on afterwards', () => {
    const { intake } = setUp({ maxHeldBytes: 1000 });
    const heard: string[] = [];
    const { deliver: give } = intake.join('a', {
      committed() {},
      pause: (on) => heard.push(`a ${on}`),
    });
    intake.join('b', { committed() {}, pause: (on) => heard.push(`b ${on}`) });
    for (let i = 0; i < 6; i += 1) {
      give(delivery(i));
      intake.flush();
    }
    expect(heard).toEqual(['a true', 'b true']);
    expect(intake.figures().pauses).toBe(1);
    intake.committed(6);
    expect(heard).toEqual(['a true', 'b true', 'a false', 'b false']);
    expect(intake.figures().heldBytes).toBe(0);
  });

  it('sends an event behind what was delivered before it, and says when it is durable', () => {
    const { posted, intake } = setUp();
    const done: number[] = [];
    const { deliver, event } = intake.join('a', { committed: (n) => done.push(n), pause() {} });
    deliver(delivery(1));
    const told = event((id) => void posted.push({ id, values: [], streams: ['lot'] }));
    expect(told).toBe(2);
    expect(deliver(delivery(2))).toBe(3);
    intake.flush();
    expect(posted.map((p) => [p.id, ...p.values, ...p.streams])).toEqual([
      [1, 1, 'a/s'],
      [2, 'lot'],
      [3, 2, 'a/s'],
    ]);
    intake.committed(1);
    expect(done).toEqual([1]);
    intake.committed(2);
    expect(done).toEqual([1, 2]);
  });

  it('leaves the delivery as the source made it', () => {
    const { intake } = setUp();
    const { deliver: give } = intake.join('a', { committed() {}, pause() {} });
    const d = delivery(1, 'counter');
    give(d);
    expect(d.stream).toBe('counter');
  });
});
