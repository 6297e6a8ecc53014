import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decideCounted,
  decideKeyed,
  fingerprint,
  hashKey,
  keyIndex,
  startStream,
} from '../../agent/core/dedupe.ts';

const T0 = 1_700_000_000_000;
const bytes = (text: string) => new TextEncoder().encode(text);

describe('counted streams', () => {
  it('takes the first number as it is and counts on from there', () => {
    const s = startStream();
    expect({ ...decideCounted(s, 41, 0, T0, true) }).toMatchObject({ verdict: 'new', missed: 0 });
    expect({ ...decideCounted(s, 42, 0, T0 + 1, true) }).toMatchObject({ verdict: 'new' });
    expect({ ...decideCounted(s, 42, 0, T0 + 1, true) }).toMatchObject({ verdict: 'duplicate' });
  });

  it('names what was missed, and takes a late part in once', () => {
    const s = startStream();
    decideCounted(s, 1, 0, T0, true);
    const jump = { ...decideCounted(s, 5, 0, T0 + 4, true) };
    expect(jump).toEqual({ verdict: 'new', missed: 3, from: 2 });
    expect(decideCounted(s, 3, 0, T0 + 2, true).verdict).toBe('late');
    expect(decideCounted(s, 3, 0, T0 + 2, true).verdict).toBe('duplicate');
  });

  it('tells a counter that began again from a message sent again, by the source time', () => {
    const s = startStream();
    for (let i = 1; i <= 300; i += 1) decideCounted(s, i, 0, T0 + i, true);
    expect(decideCounted(s, 300, 0, T0 + 300, true).verdict).toBe('duplicate');
    expect(decideCounted(s, 120, 0, T0 + 120, true).verdict).toBe('duplicate');
    expect(decideCounted(s, 1, 0, T0 + 301, true).verdict).toBe('restart');
    expect(decideCounted(s, 2, 0, T0 + 302, true).verdict).toBe('new');
    expect(decideCounted(s, 2, 0, T0 + 302, true).verdict).toBe('duplicate');
  });

  it('takes a counter that began anew and is heard again just where it stood', () => {
    const s = startStream();
    decideCounted(s, 3, 0, T0, true, fingerprint(bytes('{"seq":3,"v":10.1}')));
    const again = fingerprint(bytes('{"seq":3,"v":10.1}'));
    expect(decideCounted(s, 3, 0, T0 + 9000, true, again).verdict).toBe('duplicate');
    const other = fingerprint(bytes('{"seq":3,"v":10.2}'));
    expect(decideCounted(s, 3, 0, T0 + 9000, true, other).verdict).toBe('restart');
    expect(decideCounted(s, 4, 0, T0 + 9001, true, other).verdict).toBe('new');
  });

  it('knows what the broker sends again from before the counter began anew', () => {
    const s = startStream();
    decideCounted(s, 204, 0, T0, true);
    decideCounted(s, 206, 0, T0 + 2000, true);
    decideCounted(s, 1, 0, T0 + 9000, true);
    const again = (seq: number, ms: number) =>
      decideCounted(s, seq, 0, ms, true, undefined, true).verdict;
    expect(again(206, T0 + 2000)).toBe('duplicate');
    expect(again(205, T0 + 1000)).toBe('late');
    expect(again(205, T0 + 1000)).toBe('duplicate');
    expect({ ...decideCounted(s, 2, 0, T0 + 9001, true) }).toMatchObject({
      verdict: 'new',
      missed: 0,
    });
  });

  it('does not hold a clock of ours that ran ahead against the time of the source', () => {
    const s = startStream();
    const years = 3e11;
    decideCounted(s, 500, 0, T0 + years, false);
    decideCounted(s, 501, 0, T0 + years + 1, false);
    decideCounted(s, 502, 0, T0 + 60_000, true);
    expect(decideCounted(s, 1, 0, T0 + 120_000, true).verdict).toBe('restart');
  });

  it('reads the same record again after a restart of the agent as the same part', () => {
    const s = startStream();
    decideCounted(s, 7, 2 ** 32, T0, true);
    // A polled record is stamped anew at each poll.
    expect(decideCounted(s, 7, 2 ** 32, T0 + 5000, true).verdict).toBe('duplicate');
  });

  it('goes across the wrap of a 16-bit counter', () => {
    const s = startStream();
    const verdicts = [65534, 65535, 0, 1, 3].map((n, i) => {
      const d = decideCounted(s, n, 65536, T0 + i, true);
      return `${d.verdict}${d.missed}`;
    });
    expect(verdicts).toEqual(['new0', 'new0', 'new0', 'new0', 'new1']);
  });

  it('counts every part exactly once, whatever is repeated within the window', () => {
    const step = fc.record({ back: fc.nat(200), repeat: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 400 }), (steps) => {
        const s = startStream();
        const taken = new Map<number, number>();
        const offer = (n: number) => {
          const verdict = decideCounted(s, n, 0, T0 + n, true).verdict;
          if (verdict !== 'duplicate') taken.set(n, (taken.get(n) ?? 0) + 1);
        };
        let high = 1000;
        offer(high);
        for (const { back, repeat } of steps) {
          if (repeat) offer(Math.max(1000, high - back));
          else {
            high += 1;
            offer(high);
          }
        }
        for (let n = 1000; n <= high; n += 1) expect(taken.get(n)).toBe(1);
        expect(taken.size).toBe(high - 999);
      }),
    );
  });

  it('takes in parts that arrive in another order, each once', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(Array.from({ length: 200 }, (_, i) => i + 1)), (order) => {
        const s = startStream();
        decideCounted(s, 0, 0, T0, true);
        // The newest first, so that everything after it is late.
        decideCounted(s, 500, 0, T0 + 500, true);
        for (const n of order) expect(decideCounted(s, n, 0, T0 + n, true).verdict).toBe('late');
        for (const n of order) {
          expect(decideCounted(s, n, 0, T0 + n, true).verdict).toBe('duplicate');
        }
      }),
    );
  });

  it('goes on the same after it was written down and read back', () => {
    const s = startStream();
    for (const n of [5, 6, 9, 12]) decideCounted(s, n, 0, T0 + n, true);
    const copy = JSON.parse(JSON.stringify(s)) as typeof s;
    for (const n of [7, 12, 8, 8, 13, 20, 2]) {
      const read = { ...decideCounted(copy, n, 0, T0 + n, true) };
      expect(read).toEqual({ ...decideCounted(s, n, 0, T0 + n, true) });
    }
    expect(copy).toEqual(s);
  });
});

describe('streams without a counter', () => {
  it('recognises the same payload of the same source time, also after a restart', () => {
    const s = startStream();
    const index = keyIndex(s);
    const key = hashKey(bytes('{"v":1}'), T0);
    expect(decideKeyed(s, key, index).verdict).toBe('new');
    expect(decideKeyed(s, key, index).verdict).toBe('duplicate');
    const again = JSON.parse(JSON.stringify(s)) as typeof s;
    expect(decideKeyed(again, key, keyIndex(again)).verdict).toBe('duplicate');
    expect(decideKeyed(s, hashKey(bytes('{"v":1}'), T0 + 1), index).verdict).toBe('new');
  });

  it('forgets the oldest keys first and never grows beyond its bound', () => {
    const s = startStream();
    const index = keyIndex(s);
    const keyOf = (i: number) => hashKey(bytes(String(i)), T0);
    for (let i = 0; i < 5000; i += 1) decideKeyed(s, keyOf(i), index);
    expect(s.keys.length).toBe(4096);
    expect(index.size).toBe(4096);
    expect(decideKeyed(s, keyOf(4999), index).verdict).toBe('duplicate');
    expect(decideKeyed(s, keyOf(0), index).verdict).toBe('new');
  });

  it('spreads different payloads over different keys', () => {
    const keys = new Set<number>();
    for (let i = 0; i < 20_000; i += 1) keys.add(hashKey(bytes(`{"v":${i / 1000}}`), T0 + (i % 7)));
    expect(keys.size).toBe(20_000);
    for (const key of keys) expect(Number.isSafeInteger(key)).toBe(true);
  });
});
