import fc from 'fast-check';
import type { Delivery } from '../../agent/batch.ts';
import { QUALITY } from '../../agent/model.ts';
import { encode, type Input, type Rows } from './reducer.ts';

/** Four characteristics that between them use every part of the engine. */
export const mixedRows: Rows = {
  a: {
    subgroup: { kind: 'by-count', size: 3 },
    lsl: 7,
    usl: 13,
    rules: 'nelson',
    limits: { kind: 'fixed', center: 10, sigma: 1 },
    noDataAfter: '1m',
    maxGap: '5m',
  },
  b: {
    subgroup: { kind: 'by-count', size: 1 },
    usl: 13,
    limits: { kind: 'baseline', subgroups: 5, requireApproval: true },
    noDataAfter: '2m',
    maxGap: '5m',
  },
  c: {
    subgroup: { kind: 'by-count', size: 1 },
    charts: [{ kind: 'imr' }, { kind: 'ewma' }, { kind: 'cusum' }],
    rules: 'western-electric',
    limits: { kind: 'fixed', center: 10, sigma: 1 },
    class: 'CC',
  },
  d: {
    subgroup: { kind: 'by-count', size: 2, every: 3 },
    charts: [{ kind: 'xbar-s' }],
    limits: { kind: 'baseline', subgroups: 4 },
    maxGap: '10m',
  },
};
/** Who reads what: two counted streams and one without a counter. */
const STREAMS = [
  { name: 's/press', tags: [0, 1], counted: true },
  { name: 's/lathe', tags: [2], counted: true },
  { name: 's/gauge', tags: [3], counted: false },
];

const value = fc.integer({ min: -38, max: 38 }).map((i) => 10 + i / 10);
const values = fc.tuple(value, value);
const stream = fc.nat({ max: STREAMS.length - 1 });

/** One thing that happens. Counters and times follow from the order in which things happen. */
const happening = fc.oneof(
  {
    weight: 20,
    arbitrary: fc.record({
      what: fc.constant('part' as const),
      stream,
      skip: fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, fc.integer({ min: 1, max: 9 })),
      values,
      bad: fc.oneof({ weight: 9, arbitrary: fc.constant(false) }, fc.constant(true)),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      what: fc.constant('again' as const),
      stream,
      back: fc.integer({ min: 0, max: 12 }),
      redelivered: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ what: fc.constant('late' as const), stream, values }),
  },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('pause' as const), ms: pauseMs() }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('tick' as const), start: rarely() }) },
  {
    weight: 1,
    arbitrary: fc.record({
      what: fc.constant('event' as const),
      severity: fc.constantFrom('info' as const, 'warning' as const, 'alarm' as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ what: fc.constant('answer' as const), alert: fc.nat({ max: 6 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      what: fc.constant('approve' as const),
      characteristic: fc.constantFrom('a', 'b', 'd', 'nobody'),
    }),
  },
);
type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never;

const happenings = fc.array(fc.record({ happening, cut: fc.boolean() }), {
  minLength: 1,
  maxLength: 150,
  size: 'max',
});

/** Random inputs of a reducer for `mixedRows`, with duplicates, gaps, late and bad readings. */
export const randomInputs = happenings.map(inputsOf);

/** The same story twice: in as few batches as possible, and one delivery to a batch. */
export const randomCuts = happenings.map((list) => ({
  few: inputsOf(list.map((each) => ({ ...each, cut: false }))),
  many: inputsOf(list.map((each) => ({ ...each, cut: true }))),
}));

function pauseMs() {
  return fc.constantFrom(1000, 30_000, 90_000, 400_000, 900_000);
}

function rarely() {
  return fc.oneof({ weight: 4, arbitrary: fc.constant(false) }, fc.constant(true));
}

function inputsOf(list: { happening: Happening; cut: boolean }[]): Input[] {
  const inputs: Input[] = [{ kind: 'tick', nowMs: 1_700_000_000_000, start: true }];
  const counters = STREAMS.map(() => 0);
  const sent = STREAMS.map((): Partial<Delivery>[] => []);
  const skipped = STREAMS.map((): number[] => []);
  let open: Partial<Delivery>[] = [];
  let nowMs = 1_700_000_000_000;
  const close = () => {
    if (open.length > 0) inputs.push({ kind: 'batch', bytes: encode(open) });
    open = [];
  };
  for (const { happening: h, cut } of list) {
    nowMs += 250;
    if (h.what === 'pause') nowMs += h.ms;
    else if (h.what === 'part') {
      const number = (counters[h.stream] ?? 0) + 1 + h.skip;
      for (let n = number - h.skip; n < number; n += 1) skipped[h.stream]?.push(n);
      counters[h.stream] = number;
      const made = deliveryOf(h.stream, number, h.values, h.bad, nowMs);
      sent[h.stream]?.push(made);
      open.push(made);
    } else if (h.what === 'again') {
      const again = sent[h.stream]?.at(-1 - h.back);
      if (again) open.push({ ...again, receiveMs: nowMs, redelivered: h.redelivered });
    } else if (h.what === 'late') {
      const number = skipped[h.stream]?.pop();
      // It was measured before the newest part, so its own time is older.
      if (number) open.push(deliveryOf(h.stream, number, h.values, false, nowMs - 60_000));
    } else {
      close();
      inputs.push(otherInput(h, nowMs));
    }
    if (cut) close();
  }
  close();
  return inputs;
}

function deliveryOf(
  at: number,
  number: number,
  values: readonly number[],
  bad: boolean,
  nowMs: number,
): Partial<Delivery> {
  const { name, tags, counted } = STREAMS[at] as (typeof STREAMS)[number];
  return {
    stream: name,
    context: `{"serial":"${name}-${number}"}`,
    raw: new TextEncoder().encode(`${number}`),
    receiveMs: nowMs,
    count: tags.length,
    tag: tags,
    value: tags.map((_, i) => (bad && i === 0 ? Number.NaN : (values[i] ?? 0))),
    quality: tags.map((_, i) => (bad && i === 0 ? QUALITY.BAD_TIMEOUT : QUALITY.GOOD)),
    sourceMs: tags.map(() => nowMs - 40),
    sequence: tags.map(() => (counted ? number : Number.NaN)),
  };
}

function otherInput(
  h: Exclude<Happening, { what: 'part' | 'again' | 'late' | 'pause' }>,
  nowMs: number,
): Input {
  if (h.what === 'tick') return { kind: 'tick', nowMs, start: h.start };
  if (h.what === 'event') {
    const event = { source: 's', kind: 'device' as const, text: 'unit 3 is off', timeMs: nowMs };
    return { kind: 'event', event: { ...event, severity: h.severity } };
  }
  if (h.what === 'approve') {
    const { characteristic } = h;
    return {
      kind: 'command',
      command: { kind: 'approve', characteristic, version: 1, by: 'Sana', timeMs: nowMs },
    };
  }
  const answer = { by: 'Bilal', cause: 'insert worn', action: 'changed', comment: '' };
  return {
    kind: 'command',
    command: { kind: 'acknowledge', alert: h.alert, ...answer, timeMs: nowMs },
  };
}

/** So many runs; looking for the smallest failing story may not take for ever. */
export function runs(count: number) {
  return { numRuns: count, interruptAfterTimeLimit: 10_000 };
}
