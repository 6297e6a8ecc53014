import { createHash } from 'node:crypto';
import type { Outputs } from '../../agent/core/outputs.ts';
import { createRandom } from '../../agent/plants/random.ts';
import { encode, feed, reducerFor, stateOf } from '../support/reducer.ts';
import type { Scenario } from './scenario.ts';

const STREAMS = 10;
const MESSAGES = 1_000_000;
const SHORT = 100_000;
const PER_BATCH = 500;
const REPEATED = 0.3;
const MOVED = 0.1;
/** How far behind its place a message may come, in messages of all streams. */
const FURTHEST = 400;
const T0 = 1_700_000_000_000;

interface Message {
  stream: number;
  sequence: number;
  value: number;
}

/**
 * A million messages, 30 % of them sent again and 10 % out of order: duplicates leave no trace in the
 * state, and what comes late is recorded once, where a chart that goes on is not rewritten.
 */
export const disorder: Scenario = {
  name: 'disorder',
  async run(o) {
    const count = o.short ? SHORT : MESSAGES;
    const clean = messages(count, o.seed);
    const moved = outOfOrder(clean, o.seed + 1);
    const found: string[] = [];
    const check = (what: string, holds: boolean) => {
      if (!holds) found.push(what);
    };
    const [a, b] = [take(clean), take(repeated(clean, o.seed + 2))];
    o.say(`in order: ${b.figures.duplicates} of ${count} sent again; state ${a.hash} / ${b.hash}`);
    check('repeats changed the state', a.hash === b.hash);
    const [c, d] = [take(moved), take(repeated(moved, o.seed + 3))];
    o.say(`out of order: ${c.figures.late} late; state ${c.hash} / ${d.hash} with repeats`);
    check('repeats changed the state of what came out of order', c.hash === d.hash);
    for (const run of [a, b, c, d]) {
      check(`${run.figures.readings} readings of ${count}`, run.figures.readings === count);
      check('a reading was recorded twice or never', run.recorded.size === count);
    }
    return found;
  },
};

/** Streams in turn, each counting its own parts, all in control. */
function messages(count: number, seed: number): Message[] {
  const random = createRandom(seed);
  return Array.from({ length: count }, (_, i) => ({
    stream: i % STREAMS,
    sequence: 1 + Math.floor(i / STREAMS),
    value: 10 + random.normal(),
  }));
}

function outOfOrder(all: readonly Message[], seed: number): Message[] {
  const random = createRandom(seed);
  return all
    .map((message, i) => {
      const late = random.uniform() < MOVED ? 1 + random.uniform() * FURTHEST : 0;
      return { message, at: i + late };
    })
    .sort((a, b) => a.at - b.at)
    .map(({ message }) => message);
}

function repeated(all: readonly Message[], seed: number): Message[] {
  const random = createRandom(seed);
  const out: Message[] = [];
  const waiting: { message: Message; at: number }[] = [];
  for (const [i, message] of all.entries()) {
    out.push(message);
    if (random.uniform() < REPEATED) {
      waiting.push({ message, at: i + random.uniform() * FURTHEST });
    }
    for (let w = waiting.length - 1; w >= 0; w -= 1) {
      const due = waiting[w];
      if (due === undefined || (due.at > i && i + 1 < all.length)) continue;
      out.push(due.message);
      waiting.splice(w, 1);
    }
  }
  return out;
}

function take(all: readonly Message[]) {
  const rows = Object.fromEntries(
    Array.from({ length: STREAMS }, (_, i) => [
      `od-${i}`,
      {
        lsl: 0,
        usl: 20,
        charts: [{ kind: 'xbar-r' }],
        subgroup: { kind: 'by-count', size: 5 },
        limits: { kind: 'fixed', center: 10, sigma: 1 },
        rules: 'shewhart',
      },
    ]),
  );
  const reducer = reducerFor(rows);
  const recorded = new Set<string>();
  const out: Outputs = {
    point() {},
    signal() {},
    alert() {},
    limits() {},
    gap() {},
    event() {},
    reading: (number, _ms, _value, _quality, sequence) =>
      void recorded.add(`${number}/${sequence}`),
  };
  for (let from = 0; from < all.length; from += PER_BATCH) {
    const deliveries = all.slice(from, from + PER_BATCH).map((m) => ({
      stream: `s/${m.stream}`,
      receiveMs: T0 + m.sequence * 10,
      sourceMs: [T0 + m.sequence * 10],
      tag: [m.stream],
      value: [m.value],
      sequence: [m.sequence],
    }));
    feed(reducer, { kind: 'batch', bytes: encode(deliveries) }, out);
  }
  // How many were sent again is counted, and is all that may differ.
  const text = [...stateOf(reducer)].map(([key, value]) => `${key}=${value}`).join('\n');
  const state = text.replace(/"duplicates":\d+/, '');
  const hash = createHash('sha256').update(state).digest('hex').slice(0, 16);
  return { hash, recorded, figures: reducer.figures };
}
