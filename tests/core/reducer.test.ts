import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { QUALITY } from '../../agent/model.ts';
import { mixedRows, randomCuts, randomInputs, runs } from '../support/random-inputs.ts';
import {
  type Collected,
  collect,
  encode,
  feed,
  type Input,
  reducerFor,
  stateOf,
} from '../support/reducer.ts';

const limits = { kind: 'baseline', subgroups: 8 };
const mixed = () =>
  reducerFor(mixedRows, {
    groups: {
      pair: {
        characteristics: ['a', 'b'],
        charts: [{ kind: 't2' }, { kind: 'mewma', h: 8 }],
        limits,
      },
      part: { characteristics: ['a', 'c', 'd'], join: 'serial', openRows: 5, limits },
    },
  });
const T0 = 1_700_000_000_000;

/** Bytes as they stand before the reducer marks them. */
const copied = (inputs: readonly Input[]): Input[] =>
  inputs.map((i) => (i.kind === 'batch' ? { kind: 'batch', bytes: i.bytes.slice() } : i));

function rows(out: Collected): string {
  const { points, signals, alerts, limitsSeen, gaps, readings } = out;
  return JSON.stringify({ points, signals, alerts, limitsSeen, gaps, readings });
}

/** All inputs through a new reducer: what came out, and the state at the end. */
function run(inputs: readonly Input[]) {
  const reducer = mixed();
  const out = collect();
  for (const input of inputs) feed(reducer, input, out);
  return { reducer, out, rows: rows(out), state: stateOf(reducer) };
}

describe('the reducer is deterministic', () => {
  it('gives the same rows and the same state for the same inputs, bit for bit', () => {
    fc.assert(
      fc.property(randomInputs, (inputs) => {
        const first = run(copied(inputs));
        const second = run(copied(inputs));
        expect(second.rows).toBe(first.rows);
        expect(second.state).toEqual(first.state);
      }),
      runs(150),
    );
  });

  it('gives them again for the journal, in which duplicates and late readings are marked', () => {
    let marked = 0;
    fc.assert(
      fc.property(randomInputs, (inputs) => {
        const journal = copied(inputs);
        const first = run(journal);
        marked += first.reducer.figures.duplicates + first.reducer.figures.late;
        const second = run(journal);
        expect(second.rows).toBe(first.rows);
        expect(second.state).toEqual(first.state);
      }),
      runs(150),
    );
    expect(marked).toBeGreaterThan(100);
  });

  it('goes on from a snapshot taken after any input as if nothing had happened', () => {
    const seen = { points: 0, signals: 0, alerts: 0 };
    fc.assert(
      fc.property(randomInputs, fc.nat(), (inputs, pick) => {
        const journal = copied(inputs);
        const at = pick % journal.length;
        const head = run(journal.slice(0, at));
        const before = head.out.points.length;
        const whole = mixed();
        const all = collect();
        for (const input of journal) feed(whole, input, all);
        const resumed = mixed();
        resumed.restore(head.state);
        const tail = collect();
        for (const input of journal.slice(at)) feed(resumed, input, tail);
        expect(stateOf(resumed)).toEqual(stateOf(whole));
        expect(tail.points).toEqual(all.points.slice(before));
        expect(tail.signals).toEqual(all.signals.slice(head.out.signals.length));
        expect(tail.alerts).toEqual(all.alerts.slice(head.out.alerts.length));
        seen.points += tail.points.length;
        seen.signals += tail.signals.length;
        seen.alerts += tail.alerts.length;
      }),
      runs(200),
    );
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(200);
  });

  it('says with every snapshot all that changed: the parts put together are the whole', () => {
    fc.assert(
      fc.property(randomInputs, fc.integer({ min: 1, max: 9 }), (inputs, every) => {
        const reducer = mixed();
        const saved = new Map(reducer.snapshot(true));
        copied(inputs).forEach((input, i) => {
          feed(reducer, input, collect());
          if (i % every === 0)
            for (const [key, json] of reducer.snapshot(false)) saved.set(key, json);
        });
        for (const [key, json] of reducer.snapshot(false)) saved.set(key, json);
        const whole = stateOf(reducer);
        expect(new Map([...saved].sort(([a], [b]) => (a < b ? -1 : 1)))).toEqual(whole);
      }),
      runs(100),
    );
  });

  it('judges the same however readings are cut into batches', () => {
    fc.assert(
      fc.property(randomCuts, ({ few, many }) => {
        const together = run(few);
        const apart = run(many);
        expect(apart.rows).toBe(together.rows);
        expect(apart.state).toEqual(together.state);
      }),
      runs(100),
    );
  });
});

describe('what ticks are for', () => {
  it('a tick is due exactly when it would change something', () => {
    const property = fc.property(randomInputs, fc.nat({ max: 3_600_000 }), (inputs, laterMs) => {
      const { reducer, state } = run(copied(inputs));
      const nowMs = T0 + 120 * 1000 + laterMs;
      const due = reducer.tickDue(nowMs);
      const out = collect();
      reducer.tick(nowMs, false, out);
      if (!due) {
        expect(out.alerts).toEqual([]);
        expect(withoutClock(stateOf(reducer))).toEqual(withoutClock(state));
      }
      expect(reducer.tickDue(nowMs)).toBe(false);
    });
    fc.assert(property, runs(150));
    // An alert that came and went before the first snapshot leaves an empty page in it.
    fc.assert(property, { seed: 1016661693, numRuns: 40 });
  });
});

/**
 * The book remembers the time of the last tick; it decides nothing by itself. A page of alerts that
 * is empty, so that what stood there goes, is as good as none.
 */
function withoutClock(state: Map<string, string>): Map<string, string> {
  const alerts = JSON.parse(state.get('alerts') ?? '{}') as { nowMs: number };
  const filled = [...state].filter(([key, json]) => !key.startsWith('alerts:') || json !== '{}');
  return new Map([...filled, ['alerts', JSON.stringify({ ...alerts, nowMs: 0 })]]);
}

describe('a settings file that changed', () => {
  const part = (number: number, values: number[]): Input => ({
    kind: 'batch',
    bytes: encode([
      {
        stream: 's/press',
        receiveMs: T0 + number * 1000,
        tag: [0, 1],
        value: values,
        quality: [QUALITY.GOOD, QUALITY.GOOD],
        sequence: [number, number],
        count: 2,
      },
    ]),
  });
  const start: Input = { kind: 'tick', nowMs: T0, start: true };
  const again: Input = { kind: 'tick', nowMs: T0 + 60_000, start: true };
  const fixed = { kind: 'fixed', center: 10, sigma: 1 };
  const single = { subgroup: { kind: 'by-count', size: 1 }, limits: fixed, rules: 'shewhart' };
  const both = { one: single, two: single };

  function restarted(state: Map<string, string>, next: Record<string, object>, numbers: number[]) {
    const reducer = reducerFor(next as typeof both, { numbers });
    reducer.restore(state);
    const out = collect();
    feed(reducer, again, out);
    return { reducer, out };
  }

  it('takes the open alerts of a removed characteristic with it, and keeps those of others', () => {
    const first = reducerFor(both);
    const out = collect();
    for (const input of [start, part(1, [14, 14])]) feed(first, input, out);
    expect(out.alerts.map((e) => [e.alert.subject, e.transition])).toEqual([
      ['one', 'raised'],
      ['two', 'raised'],
    ]);
    const second = restarted(stateOf(first), { two: single }, [1]);
    expect(second.out.alerts.map((e) => [e.alert.subject, e.transition])).toEqual([
      ['one', 'cleared'],
    ]);
    const more = collect();
    feed(second.reducer, part(2, [14, 14]), more);
    expect(more.alerts).toEqual([]);
    expect(more.points.map((p) => [p.characteristic, p.index])).toEqual([['two', 2]]);
    expect(second.reducer.figures.unknownCharacteristic).toBe(1);
  });

  it('shows the alarm until its condition has ended, not only on the point that raised it', () => {
    const reducer = reducerFor({ one: single, two: single });
    const status = () => reducer.summaries(T0 + 9000).map((s) => s.status);
    const take = (number: number, values: number[]) => {
      const out = collect();
      feed(reducer, part(number, values), out);
      return out.alerts.map((e) => e.transition);
    };
    feed(reducer, start, collect());
    expect(take(1, [13.5, 10])).toEqual(['raised']);
    expect(status()).toEqual(['alarm', 'ok']);
    expect(take(2, [10, 10])).toEqual([]);
    expect(status()).toEqual(['alarm', 'ok']);
    expect(take(3, [10, 10])).toEqual([]);
    expect(take(4, [10, 10])).toEqual(['cleared']);
    expect(status()).toEqual(['ok', 'ok']);
  });

  it('starts what judges afresh and goes on counting; new limits are a new version', () => {
    const first = reducerFor(both);
    // Eight on one side: with one more the run would be nine.
    const parts = [1, 2, 3, 4, 5, 6, 7, 8].map((number) => part(number, [10.5, 10.5]));
    for (const input of [start, ...parts]) feed(first, input, collect());
    const limits = { kind: 'fixed', center: 10.2, sigma: 1 };
    const changed = { ...single, limits, rules: 'nelson' };
    const second = restarted(stateOf(first), { one: changed, two: single }, [0, 1]);
    const out = collect();
    feed(second.reducer, part(9, [10.5, 10.5]), out);
    expect(out.points.map((p) => [p.characteristic, p.index, p.cl, p.limitsVersion])).toEqual([
      ['one', 9, 10.2, 2],
      ['two', 9, 10, 1],
    ]);
    expect(out.signals).toEqual([]);
    expect(out.limitsSeen.map((l) => [l.characteristic, l.version, l.center])).toEqual([
      ['one', 2, 10.2],
    ]);
    expect(second.reducer.summaries(T0).map((s) => s.readings)).toEqual([9, 9]);
  });

  it('keeps estimated and approved limits when only rules or pauses change', () => {
    const learning = {
      ...single,
      limits: { kind: 'baseline', subgroups: 3, requireApproval: true },
    };
    const first = reducerFor({ one: learning, two: single });
    const parts = [part(1, [10, 10]), part(2, [11, 10]), part(3, [10, 10])];
    const command = { kind: 'approve' as const, characteristic: 'one', version: 1, by: 'Sana' };
    const approved: Input = { kind: 'command', command: { ...command, timeMs: T0 + 4000 } };
    for (const input of [start, ...parts, approved]) feed(first, input, collect());
    const before = first.summaries(T0)[0]?.limits;
    expect(before).toMatchObject({ version: 1, approvedBy: 'Sana' });
    const changed = { ...learning, rules: 'nelson', maxGap: '1h' };
    const kept = restarted(stateOf(first), { one: changed, two: single }, [0, 1]);
    const out = collect();
    feed(kept.reducer, part(4, [14, 10]), out);
    expect(out.points[0]).toMatchObject({ index: 4, phase: 2, limitsVersion: 1 });
    expect(out.signals.map((s) => [s.rule, s.provisional])).toEqual([['nelson-1', false]]);
    expect(out.limitsSeen).toEqual([]);
    expect(kept.reducer.summaries(T0)[0]?.limits).toEqual(before);
    // Another size of subgroup is another process to learn.
    const pairs = { ...learning, subgroup: { kind: 'by-count', size: 2 } };
    const anew = restarted(stateOf(first), { one: pairs, two: single }, [0, 1]);
    expect(anew.reducer.summaries(T0)[0]?.limits).toBeNull();
    const relearned = collect();
    const more = [4, 5, 6, 7, 8, 9, 10, 11].map((i) => part(i, [10 + (i % 4), 10]));
    for (const input of more) feed(anew.reducer, input, relearned);
    expect(relearned.limitsSeen.map((l) => [l.characteristic, l.version])).toEqual([['one', 2]]);
    const judged = relearned.points.filter((p) => p.characteristic === 'one');
    expect(judged.at(-1)).toMatchObject({ characteristic: 'one', limitsVersion: 2 });
    // What was learned in between counts, although settings that give limits came after it.
    const back = restarted(stateOf(anew.reducer), { one: single, two: single }, [0, 1]);
    expect(back.reducer.summaries(T0)[0]?.limits?.version).toBe(3);
  });

  it('reads a snapshot in which a chart kept less, and starts what judges afresh', () => {
    const first = reducerFor(both);
    for (const number of [1, 2]) feed(first, part(number, [10, 10]), collect());
    const state = stateOf(first);
    const saved = JSON.parse(state.get('characteristic:one') ?? '{}');
    saved.state.numbers.pop();
    delete saved.state.versions;
    state.set('characteristic:one', JSON.stringify(saved));
    const second = restarted(state, both, [0, 1]);
    const out = collect();
    feed(second.reducer, part(3, [14, 10]), out);
    expect(out.points[0]).toMatchObject({ characteristic: 'one', index: 3, limitsVersion: 1 });
    expect(out.signals.map((s) => s.rule)).toEqual(['shewhart-1']);
  });

  it('keeps the state when only words change: a name judges nothing', () => {
    const first = reducerFor(both);
    for (const input of [start, part(1, [10, 10])]) feed(first, input, collect());
    const renamed = { ...single, name: 'Bore', lsl: 5, usl: 15, reactionPlan: 'call Sana' };
    const second = restarted(stateOf(first), { one: renamed, two: single }, [0, 1]);
    const out = collect();
    feed(second.reducer, part(2, [10, 10]), out);
    expect(out.points.map((p) => p.index)).toEqual([2, 2]);
  });

  it('counts nothing twice when the row comes back after a time without it', () => {
    const first = reducerFor(both);
    for (const input of [start, part(1, [10, 10])]) feed(first, input, collect());
    const without = restarted(stateOf(first), { two: single }, [1]);
    feed(without.reducer, part(2, [10, 10]), collect());
    const state = new Map([...stateOf(first), ...stateOf(without.reducer)]);
    const back = restarted(state, both, [0, 1]);
    const out = collect();
    feed(back.reducer, part(2, [10, 10]), out);
    feed(back.reducer, part(3, [10, 10]), out);
    expect(out.points.map((p) => [p.characteristic, p.index])).toEqual([
      ['one', 2],
      ['two', 3],
    ]);
  });
});
