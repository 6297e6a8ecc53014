import { describe, expect, it } from 'vitest';
import { createManualSource } from '../../../agent/sources/manual/index.ts';
import { settings } from '../../../agent/sources/manual/settings.ts';
import type { ManualEntry } from '../../../agent/sources/source.ts';
import { sourceContract } from '../../contracts/source.ts';
import { testContext } from '../../support/source-context.ts';

const entry = (over: Partial<ManualEntry> = {}): ManualEntry => ({
  ...{ tag: 'bore', value: 12.01, timeMs: null, operator: 'A. Khan (made up)', gauge: 'plug 7' },
  ...{ reason: '', lsl: 12, usl: 12.02, unit: 'mm' },
  ...over,
});

sourceContract(
  'manual',
  async () => {
    let last: ReturnType<typeof createManualSource> | null = null;
    let closed = false;
    // Somebody who is refused tries again, as people do.
    const type = () => {
      if (!closed) void last?.enter(entry()).catch(() => setTimeout(type, 20));
    };
    return {
      tags: ['bore'],
      counters: ['entered', 'readings', 'refused', 'waiting'],
      live(context) {
        last = createManualSource(settings.parse({}), context);
        return last;
      },
      ready: async () => {},
      produce: type,
      async close() {
        closed = true;
      },
    };
  },
  true,
);

describe('values that people type in', () => {
  const begin = (own: Record<string, unknown> = {}) => {
    const context = testContext(['bore']);
    const source = createManualSource(settings.parse(own), context);
    source.start();
    return { context, source };
  };

  it('are answered only when they are durable', async () => {
    const { context, source } = begin();
    let answered = 0;
    const first = source.enter(entry()).then(() => {
      answered += 1;
    });
    const second = source.enter(entry({ value: 12.02 })).then(() => {
      answered += 1;
    });
    await Promise.resolve();
    expect(context.readings).toHaveLength(2);
    expect(answered).toBe(0);
    source.committed(1);
    await first;
    expect(answered).toBe(1);
    source.committed(2);
    await second;
  });

  it('carry who measured, with what, and why', () => {
    const { context, source } = begin();
    void source.enter(entry({ reason: 'second try', timeMs: Date.now() - 60_000 }));
    const [reading] = context.readings;
    const said = { operator: 'A. Khan (made up)', gauge: 'plug 7', reason: 'second try' };
    expect(reading).toMatchObject({ value: 12.01, context: said });
    expect(reading?.sourceMs).toBeLessThan(reading?.receiveMs ?? 0);
    expect(JSON.parse(String(Buffer.from(context.raw[0] ?? [])))).toMatchObject(said);
  });

  it.each([
    ['an unknown tag', { tag: 'shaft' }, {}, 'no characteristic'],
    ['a slip of the finger', { value: 120.1 }, {}, 'slip of the finger'],
    ['a time ahead', { timeMs: Date.now() + 3_600_000 }, {}, 'ahead'],
    ['a time long ago', { timeMs: Date.now() - 30 * 86_400_000 }, {}, '7 d ago'],
    ['somebody who may not', {}, { operators: ['B'] }, 'may not'],
    ['a gauge that is not there', {}, { gauges: ['plug 8'] }, 'plug 8'],
  ])('are refused in words: %s', async (_name, over, own, text) => {
    const { context, source } = begin(own);
    await expect(source.enter(entry(over))).rejects.toThrow(text);
    expect(context.readings).toEqual([]);
    expect(source.health().counters['refused']).toBe(1);
  });

  it('may be out of tolerance: that is a reading, not a slip', () => {
    const { context, source } = begin();
    void source.enter(entry({ value: 12.05 }));
    expect(context.readings[0]?.value).toBe(12.05);
  });
});
