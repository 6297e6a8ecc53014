import fc from 'fast-check';
import { expect, it } from 'vitest';
import { lineBuffer } from '../../agent/sinks/influxdb/line-protocol.ts';
import { rowLines } from '../../agent/sinks/influxdb/lines.ts';
import type { Rows } from '../../agent/sinks/sink.ts';
import {
  alert,
  characteristic,
  fakeJournal,
  limits,
  point,
  signal,
  sinkContext,
  T0,
} from '../support/sink-journal.ts';

const context = sinkContext([characteristic(), characteristic({ id: 'hardness' })]);

function linesOf(rows: Rows, lines = rowLines(context, {})): string[] {
  const out = lineBuffer();
  for (const _ of lines.lines(rows, out, () => false));
  return all(out).split('\n').slice(0, -1);
}

/** measurement + tags + time: what InfluxDB overwrites on. */
const keyOf = (line: string) => {
  const blank = /(?<!\\) /;
  return `${line.split(blank)[0]} ${line.split(' ').at(-1)}`;
};

it('gives readings of one characteristic in one millisecond different times', () => {
  // Times go forward, stand still and back; transactions hold several batches.
  const reading = fc.record({ tag: fc.nat({ max: 1 }), ms: fc.nat({ max: 3 }) });
  const transactions = fc.array(fc.array(reading, { maxLength: 40 }), { maxLength: 30 });
  fc.assert(
    fc.property(transactions, (list) => {
      const journal = fakeJournal();
      for (const readings of list) {
        journal.commit({
          deliveries: readings.map(({ tag, ms }) => ({
            value: [1],
            tag: [tag],
            sourceMs: [T0 + ms],
          })),
        });
      }
      const lines = linesOf(journal.decoded());
      expect(lines).toHaveLength(list.flat().length);
      expect(new Set(lines.map(keyOf)).size).toBe(lines.length);
    }),
  );
});

it('keeps readings of one millisecond apart, however large the transactions are', () => {
  const journal = fakeJournal();
  for (const length of [4000, 1, 1000, 25_000, 2000]) {
    journal.commit({ deliveries: [{ value: Array.from({ length }, (_, i) => i) }] });
  }
  const lines = linesOf(journal.decoded());
  expect(new Set(lines.map(keyOf)).size).toBe(32_001);
  expect(linesOf(journal.decoded(2))).toEqual(lines.slice(4001));
  expect(lines.every((line) => line.split(' ').at(-1)?.startsWith(String(T0)))).toBe(true);
});

it('gives the same lines when the same transaction is written again by the same sink', () => {
  const journal = fakeJournal();
  journal.commit({ deliveries: [{ value: [1, 2, 3] }, { value: [4] }] });
  const lines = rowLines(context, {});
  const first = linesOf(journal.decoded(), lines);
  expect(linesOf(journal.decoded(), lines)).toEqual(first);
  expect(linesOf(journal.decoded())).toEqual(first);
});

it('gives the same lines however the journal is cut', () => {
  const journal = fakeJournal();
  for (let i = 0; i < 6; i += 1) journal.commit({ deliveries: [{ value: [1, 2] }] });
  const whole = linesOf(journal.decoded());
  expect([...linesOf(journal.decoded()).slice(0, 6), ...linesOf(journal.decoded(3))]).toEqual(
    whole,
  );
});

it('writes a bad reading as its quality only, and nothing for a refused duplicate', () => {
  const journal = fakeJournal();
  journal.commit({ deliveries: [{ value: [1, 99, 3], quality: [20, 24, 255] }] });
  const lines = linesOf(journal.decoded());
  expect(lines).toHaveLength(2);
  expect(lines[0]).toContain(' quality=20i,');
  expect(lines.join()).not.toContain('value=');
});

it('reads a context without escapes as JSON.parse does', () => {
  const name = fc.constantFrom('serial', 'lot', 'tool', 'other', 'se"rial', '');
  const text = fc.oneof(fc.string(), fc.stringMatching(/^[A-Z0-9é ,:{}-]{0,70}$/));
  const value = fc.oneof(
    { weight: 8, arbitrary: text },
    fc.constantFrom(1, null, true, { a: 'b' }),
  );
  const made = fc.array(fc.tuple(name, value), { maxLength: 4 }).map((pairs) => {
    const parts = pairs.map(([key, of]) => `${JSON.stringify(key)}:${JSON.stringify(of)}`);
    return `{${parts.join(',')}}`;
  });
  const damaged = fc.tuple(made, fc.nat(40)).map(([json, at]) => json.slice(0, at));
  fc.assert(
    fc.property(fc.oneof({ weight: 3, arbitrary: made }, damaged), (json) => {
      const lines = (context: string) => {
        const journal = fakeJournal();
        journal.commit({ deliveries: [{ value: [1], sequence: [12], context }] });
        return linesOf(journal.decoded());
      };
      // Behind a blank it is not of the form that is read without parsing.
      expect(lines(json)).toEqual(lines(json === '' ? '' : ` ${json}`));
    }),
    { numRuns: 1000 },
  );
});

it('writes the serial as a field and only known keys of the context', () => {
  const journal = fakeJournal();
  const json = '{"serial":"A,1","lot":7,"part":"x","colour":"red"}';
  journal.commit({ deliveries: [{ value: [1], sequence: [12], context: json }] });
  const [line] = linesOf(journal.decoded());
  expect(line).toContain('value=1,quality=0i,seq=12i,src_delay_ms=0i,serial="A,1",lot="7" ');
  expect(line).not.toContain('red');
});

it('takes the receive time for a reading without one', () => {
  const journal = fakeJournal();
  const receiveMs = T0 + 5;
  journal.commit({ deliveries: [{ value: [1], receiveMs, sourceMs: [Number.NaN] }] });
  expect(linesOf(journal.decoded())[0]).toMatch(new RegExp(` ${receiveMs}000000$`));
});

it.each([
  [{ value: 21.9836 }, 0],
  [{ value: 21.9836, rules: 4 }, 1],
  [{ value: 21.99, rules: 1 }, 2],
  [{ spread: 0.02, spreadRules: 1 }, 2],
  [{ value: 21.9836, phase: 1 as const }, 4],
  [{ value: 21.99, rules: 1, phase: 1 as const }, 1],
  [{ ucl: null, lcl: null, spread: null, spreadUcl: null, spreadLcl: null }, 0],
])('says state of %o: %d', (part, state) => {
  const journal = fakeJournal();
  journal.commit({ points: [point(part)] });
  expect(linesOf(journal.decoded())[0]).toContain(`,state=${state}i,`);
});

it('rewrites an alert in place through its whole life', () => {
  const journal = fakeJournal();
  const lives = [
    alert(),
    alert({ severity: 'warning', rules: ['nelson-1', 'nelson-2'], count: 4 }),
    alert({ state: 'acknowledged', acknowledgedBy: 'Bilal', acknowledgedMs: T0 + 9 }),
    alert({ state: 'closed', clearedMs: T0 + 99, cause: 'insert worn' }),
  ];
  for (const one of lives) {
    const event = { seq: 0, ordinal: 0, transition: 'raised' as const, timeMs: T0, alert: one };
    journal.commit({ alerts: [event] });
  }
  const lines = linesOf(journal.decoded());
  expect(new Set(lines.map(keyOf)).size).toBe(1);
  expect(lines.map((line) => /open=(\d)i/.exec(line)?.[1])).toEqual(['1', '1', '1', '0']);
});

it('keeps points of one chart in one millisecond apart', () => {
  const journal = fakeJournal();
  const points = Array.from({ length: 50 }, (_, i) => point({ index: i + 1 }));
  journal.commit({ points });
  const lines = linesOf(journal.decoded());
  expect(new Set(lines.map(keyOf)).size).toBe(50);
});

it('keeps two signals of the same rule at one point apart when they are of two statistics', () => {
  const journal = fakeJournal();
  journal.commit({ signals: [signal(), signal({ statistic: 'spread' })] });
  expect(new Set(linesOf(journal.decoded()).map(keyOf)).size).toBe(2);
});

it('rewrites a version of limits when it is approved', () => {
  const journal = fakeJournal();
  journal.commit({ limits: [limits(), limits({ approvedBy: 'Sana', approvedAtMs: T0 + 1 })] });
  const lines = linesOf(journal.decoded());
  expect(new Set(lines.map(keyOf)).size).toBe(1);
  expect(lines[1]).toContain('approved_by="Sana"');
});

it('uses a changed characteristic at once', () => {
  let list = [characteristic()];
  const lines = rowLines({ ...context, characteristic: (n) => list[n] }, {});
  const journal = fakeJournal();
  journal.commit({ deliveries: [{ value: [1] }] });
  expect(linesOf(journal.decoded(), lines)[0]).toContain('machine=cnc-1');
  list = [characteristic({ machine: 'cnc-2' })];
  expect(linesOf(journal.decoded(), lines)[0]).toContain('machine=cnc-2');
});

function all(out: ReturnType<typeof lineBuffer>): string {
  const lines = out.take();
  return lines.body(0, lines.count);
}
