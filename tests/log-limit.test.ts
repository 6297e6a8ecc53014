import { describe, expect, it } from 'vitest';
import { limitLog } from '../agent/runtime/log-limit.ts';

/** A limited log whose time is set by hand; `told` holds what was said of repeats. */
function rig(mostPerMinute = 3) {
  let nowMs = 0;
  let waiting: { at: number; work: () => void }[] = [];
  const told: [string, number][] = [];
  const limit = limitLog({
    mostPerMinute,
    monotonic: () => nowMs,
    later: (ms, work) => void waiting.push({ at: nowMs + ms, work }),
    repeated: (key, count) => told.push([key, count]),
  });
  const pass = (ms: number) => {
    nowMs += ms;
    const due = waiting.filter((w) => w.at <= nowMs);
    waiting = waiting.filter((w) => w.at > nowMs);
    for (const w of due) w.work();
  };
  return { limit, told, pass };
}

const lines = (limit: ReturnType<typeof rig>['limit'], key: string, count: number) =>
  Array.from({ length: count }, () => limit.take(key, {})).filter((x) => x !== null).length;

describe('a log that is flooded', () => {
  it('writes so many lines of one message, and then one with the count of the rest', () => {
    const { limit, told, pass } = rig();
    expect(lines(limit, 'error down', 1000)).toBe(3);
    expect(lines(limit, 'error other', 2)).toBe(2);
    pass(60_000);
    expect(told).toEqual([['error down', 997]]);
    expect(lines(limit, 'error down', 1)).toBe(1);
    pass(60_000);
    pass(60_000);
    expect(told).toHaveLength(1);
  });

  it('keeps a bounded number of counts, however many messages differ', () => {
    const { limit, told, pass } = rig(1);
    let written = 0;
    for (let i = 0; i < 10_000; i += 1) written += lines(limit, `error ${i}`, 1);
    expect(written).toBe(501);
    pass(60_000);
    expect(told).toEqual([['others', 9499]]);
  });

  it('cuts what is long, in texts and in things, and leaves the rest alone', () => {
    const { limit } = rig();
    const fields = limit.take('x', {
      message: 'm'.repeat(100_000),
      list: Array(100_000).fill(1),
      small: { a: 1 },
      none: null,
    });
    expect(fields?.['message']).toHaveLength(4096 + '… (95904 more characters)'.length);
    expect(JSON.stringify(fields).length).toBeLessThan(13_000);
    expect(fields).toMatchObject({ small: { a: 1 }, none: null });
  });
});
