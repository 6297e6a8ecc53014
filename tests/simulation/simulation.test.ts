import { describe, expect, it } from 'vitest';
import type { Mutation } from './life.ts';
import { simulate } from './simulate.ts';
import type { SinkMutation } from './supervisor.ts';

const HOURS = 3;
const MOST_SEEDS = 12;

/** Seeds that once found a fault of the agent, with timers every 3 s, and what it was. */
const FOUND = [
  [1, 8, 'our clock was behind: repeats were counted twice, a counter begun anew was lost'],
  [1011, 12, 'messages sent again from before a counter began anew were counted twice'],
  [2, 10, 'a counter begun anew and first heard where it stood was taken for a repeat'],
] as const;

describe('the whole agent in a simulation', () => {
  it('tells the same story again from the same seed, to the last byte', async () => {
    const once = await simulate({ seed: 101, hours: HOURS });
    const again = await simulate({ seed: 101, hours: HOURS });
    expect(again).toEqual(once);
    expect(once.problems).toEqual([]);
    expect(once.figures.stored).toBeGreaterThan(50);
    const other = await simulate({ seed: 102, hours: HOURS });
    expect(other.hash).not.toBe(once.hash);
    expect(other.problems).toEqual([]);
  });

  it.each(FOUND)(
    'seed %i over %i hours: %s',
    async (seed, hours) => {
      const { problems } = await simulate({ seed, hours, coarseMs: 3000 });
      expect(problems).toEqual([]);
    },
    60_000,
  );
});

/** Each is wrong in a way that only shows when something fails at the wrong moment. */
describe('a fault put in on purpose is found', () => {
  const found = async (mutation: () => Mutation & SinkMutation, words: RegExp) => {
    for (let seed = 1; seed <= MOST_SEEDS; seed += 1) {
      const { problems } = await simulate({ seed, hours: HOURS, mutation: mutation() });
      const said = problems.find((text) => words.test(text));
      if (said === undefined) continue;
      console.log(`found by seed ${seed} over ${HOURS} hours: ${said.slice(0, 80)}`);
      return;
    }
    expect.fail(`none of ${MOST_SEEDS} seeds found it`);
  };

  it(
    'acknowledged before the commit',
    () => found(ackBeforeCommit, /acknowledged and not stored/),
    120_000,
  );
  it('dedupe forgotten at a restart', () => found(forgetful, /counted twice/), 120_000);
  it('cursor advanced before the delivery', () => found(hasty, /not in InfluxDB/), 120_000);
});

function ackBeforeCommit(): Mutation {
  let last: Parameters<NonNullable<Mutation['fromCore']>>[0] | null = null;
  return {
    fromCore(message) {
      if (message.type === 'committed') last = message;
    },
    toCore(message, answer) {
      if (message.type !== 'batch' || last?.type !== 'committed') return;
      const { committed } = last;
      answer({
        type: 'committed',
        committed: { ...committed, batch: message.id, alerts: [], summaries: [] },
      });
    },
  };
}

function forgetful(): Mutation {
  return {
    store: (store) => ({
      ...store,
      loadState() {
        const { seq, entries } = store.loadState();
        const kept = [...entries].filter(([key]) => !key.startsWith('stream:'));
        return { seq, entries: new Map(kept) };
      },
    }),
  };
}

function hasty(): SinkMutation {
  return {
    sink: (sink) => ({
      ...sink,
      async write(rows, signal) {
        void sink.write(rows, signal).catch(() => {});
        return { written: 0, rejected: [] };
      },
    }),
  };
}
