import { describe, expect, it } from 'vitest';
import { auditOf } from '../../agent/core/audited.ts';
import type { Command } from '../../agent/core/protocol.ts';
import type { Reducer } from '../../agent/core/reducer.ts';
import type { SourceEvent } from '../../agent/model.ts';
import { collect, encode, feed, type Input, reducerFor, stateOf } from '../support/reducer.ts';
import { individuals } from '../support/spc.ts';

const T0 = 1_772_352_000_000;
const plan = {
  subgroup: individuals,
  charts: [{ kind: 'imr' }],
  rules: 'shewhart',
  lsl: 9,
  usl: 12,
};
const rows = {
  bore: { ...plan, machine: 'cmm-1' },
  other: { ...plan, machine: 'cmm-2' },
};
/** Made-up readings about 10; gauge B reads one too much. */
const value = (i: number, gauge: string) => 10 + 0.1 * ((i * 7) % 5) + (gauge === 'B' ? 1 : 0);

function part(i: number, gauge: string, quality = 0): Input {
  const context = gauge === '' ? '' : JSON.stringify({ serial: `S${i}`, gauge });
  const one = { stream: 's/parts', receiveMs: T0 + 1000 * i, context, tag: [0], count: 1 };
  const reading = { value: [value(i, gauge)], quality: [quality], sequence: [i] };
  return { kind: 'batch', bytes: encode([{ ...one, ...reading, sourceMs: [T0 + 1000 * i] }]) };
}
const parts = (from: number, to: number, gauge: string) =>
  Array.from({ length: to - from + 1 }, (_, k) => part(from + k, gauge));
const changed = (over: Partial<SourceEvent>): Input => ({
  kind: 'event',
  event: {
    ...{ source: 'person', kind: 'gauge-change', severity: 'info', text: 'probe 8' },
    ...{ timeMs: T0, ...over },
  } as SourceEvent,
});
const sign: Command = {
  ...{ kind: 'pool-gauges', characteristic: 'bore', by: 'Q. Manager' },
  ...{ reason: 'GRR of 1 March shows no difference', timeMs: T0 },
};

function run(inputs: Input[], from?: Map<string, string>) {
  const reducer = reducerFor(rows);
  if (from !== undefined) reducer.restore(from);
  const events: SourceEvent[] = [];
  const out = { ...collect(), event: (event: SourceEvent) => void events.push(event) };
  for (const input of inputs) feed(reducer, input, out);
  return { reducer, events, out };
}
const capabilityOf = (reducer: Reducer, id = 'bore') => {
  const found = reducer.summaries(T0).find((s) => s.id === id)?.capability;
  if (found === undefined) throw new Error(`no characteristic ${id}`);
  return found;
};
/** What a characteristic that never had another gauge says of the same readings. */
const alone = (inputs: Input[]) => {
  const { note: _, apart: _apart, ...indices } = capabilityOf(run(inputs).reducer);
  return indices;
};

describe('another gauge', () => {
  const a = parts(1, 60, 'A');
  const b = parts(61, 100, 'B');

  it('begins a segment: capability is that of its readings alone', () => {
    const { reducer, events } = run([...a, ...b]);
    const { note, apart, ...indices } = capabilityOf(reducer);
    expect(indices).toEqual(alone(b));
    expect(apart).toEqual([{ gauge: 'A', readings: 60, untilMs: expect.any(Number) }]);
    expect(indices.n).toBe(40);
    expect(note).toContain("Only readings of gauge 'B' since 2026-03-01 08:01 UTC (segment 2)");
    expect(note).toContain("60 measured before, with 'A'");
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({ kind: 'gauge-change', characteristic: 'bore' });
    expect(events[0]?.text).toContain("gauge 'A' was replaced by 'B'");
  });

  it('makes no moving range of what two gauges measured', () => {
    const { out } = run([...a, ...b]);
    const first = out.points.find((p) => p.partSequence === 61);
    expect(first?.spread ?? null).toBeNull();
  });

  it('may be told by an event, of a characteristic or of a machine', () => {
    for (const about of [{ characteristic: 'bore' }, { machine: 'cmm-1' }]) {
      const { reducer } = run([...parts(1, 60, ''), changed(about), ...parts(61, 100, '')]);
      expect(capabilityOf(reducer).n).toBe(40);
      expect(capabilityOf(reducer).note).toContain('(segment 2)');
    }
    const elsewhere = run([...parts(1, 60, ''), changed({ machine: 'cmm-2' })]);
    expect(capabilityOf(elsewhere.reducer)).toMatchObject({ n: 60 });
    expect(capabilityOf(elsewhere.reducer).note).toBeUndefined();
  });

  it('that is told by an event and named by the next reading is one change', () => {
    const { reducer, events } = run([...a, changed({ characteristic: 'bore' }), ...b]);
    expect(capabilityOf(reducer).n).toBe(40);
    expect(capabilityOf(reducer).note).toContain('(segment 2)');
    expect(events.map((e) => e.source)).toEqual(['person']);
  });

  it('that only gave a bad reading has measured nothing', () => {
    const { reducer } = run([...a, part(61, 'B', 24), ...parts(62, 70, 'A')]);
    expect(capabilityOf(reducer).n).toBe(69);
  });

  it('in turn with a known one, part by part, is told once', () => {
    const inputs = [
      ...a,
      ...Array.from({ length: 20 }, (_, k) => part(61 + k, 'BA'.charAt(k % 2))),
    ];
    const { events, reducer } = run(inputs);
    expect(events).toHaveLength(1);
    expect(capabilityOf(reducer).n).toBe(1);
  });

  it('is the same after a restart anywhere', () => {
    const inputs = [...a, ...b, ...parts(101, 120, 'C')];
    const whole = stateOf(run(inputs).reducer);
    for (const cut of [1, 30, 60, 61, 100, 101, 119]) {
      const before = stateOf(run(inputs.slice(0, cut)).reducer);
      expect(stateOf(run(inputs.slice(cut), before).reducer), `cut ${cut}`).toEqual(whole);
    }
  });
});

describe('a signature that gauges measure the same', () => {
  const a = parts(1, 60, 'A');
  const b = parts(61, 100, 'B');

  it('puts their readings together, says who and why, and is in the audit log', () => {
    const { reducer } = run([...a, ...b]);
    const result = reducer.command(sign, collect());
    expect(result).toEqual({});
    const { note, n, mean } = capabilityOf(reducer);
    expect(n).toBe(100);
    const all = [...Array(100).keys()].map((k) => value(k + 1, k < 60 ? 'A' : 'B'));
    expect(mean).toBeCloseTo(all.reduce((s, x) => s + x, 0) / 100, 12);
    expect(note).toContain("'A', 'B' are counted as one, signed by Q. Manager");
    expect(note).toContain('GRR of 1 March');
    expect(auditOf(sign, result, undefined)).toMatchObject({
      ...{ what: 'gauges-pool', object: 'bore', why: sign.kind === 'pool-gauges' && sign.reason },
    });
  });

  it('holds for these gauges only', () => {
    const { reducer } = run([...a, ...b]);
    reducer.command(sign, collect());
    for (const input of [...parts(101, 110, 'A'), ...parts(111, 120, 'B')]) {
      feed(reducer, input, collect());
    }
    expect(capabilityOf(reducer).n).toBe(120);
    for (const input of parts(121, 130, 'C')) feed(reducer, input, collect());
    expect(capabilityOf(reducer).n).toBe(10);
  });

  it('is refused where nothing is kept apart', () => {
    const { reducer } = run(a);
    expect(reducer.command(sign, collect()).error).toContain('nothing is kept apart');
    const nowhere = { ...sign, characteristic: 'nowhere' };
    expect(reducer.command(nowhere, collect()).error).toContain('no characteristic');
  });

  it('bounds what is kept of gauges that change at every part', () => {
    const inputs = Array.from({ length: 500 }, (_, i) => part(i + 1, `G${i}`));
    const { reducer } = run(inputs);
    expect(capabilityOf(reducer).n).toBe(1);
    const size = [...stateOf(reducer)].find(([key]) => key === 'characteristic:bore')?.[1].length;
    expect(size).toBeLessThan(6000);
  });
});
