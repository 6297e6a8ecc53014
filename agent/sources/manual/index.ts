import type { Delivery } from '../../batch.ts';
import { QUALITY } from '../../model.ts';
import { kind } from '../../registry.ts';
import { InputError } from '../../runtime/errors.ts';
import type { ManualEntry, Source, SourceContext } from '../source.ts';
import { refusal } from './check.ts';
import { type ManualSettings, settings } from './settings.ts';

/** Values that people read off a gauge and type in. */
export const manual = kind<typeof settings, SourceContext, Source>({
  settings,
  create: createManualSource,
});

/** Entries that wait for their commit. */
const MOST_WAITING = 1000;

interface Waiting {
  delivery: number;
  done(): void;
}

interface State {
  waiting: Waiting[];
  running: boolean;
  stopped: boolean;
  paused: boolean;
  lastMs: number | null;
  counters: { entered: number; readings: number; refused: number };
}

/** The other side is a person: this source is up as long as the agent takes values. */
export function createManualSource(own: ManualSettings, context: SourceContext) {
  const { clock } = context;
  const sinceMs = clock.now();
  const s: State = {
    waiting: [],
    running: false,
    stopped: false,
    paused: false,
    lastMs: null,
    counters: { entered: 0, readings: 0, refused: 0 },
  };
  return {
    start() {
      s.running = true;
    },
    async stop() {
      s.running = false;
      s.stopped = true;
    },
    committed(upTo) {
      while ((s.waiting[0]?.delivery ?? Number.POSITIVE_INFINITY) <= upTo)
        s.waiting.shift()?.done();
    },
    pause(on) {
      s.paused = on;
    },
    enter: (entry) => enter(s, own, context, entry),
    health: () => ({
      name: context.name,
      kind: 'manual',
      state: s.stopped
        ? ('stopped' as const)
        : s.running
          ? ('up' as const)
          : ('connecting' as const),
      detail: s.paused ? 'waits until the agent has caught up' : '',
      sinceMs,
      lastDataMs: s.lastMs,
      counters: { ...s.counters, waiting: s.waiting.length },
      parts: [],
    }),
  } satisfies Source;
}

function enter(
  s: State,
  own: ManualSettings,
  context: SourceContext,
  entry: ManualEntry,
): Promise<void> {
  const nowMs = context.clock.now();
  const tag = context.tagNumber(entry.tag);
  const busy = s.paused || s.waiting.length >= MOST_WAITING;
  const why = !s.running
    ? 'the agent is starting or stopping; nothing was taken'
    : busy
      ? 'the agent is catching up; nothing was taken, try again in a minute'
      : tag < 0
        ? `no characteristic reads '${entry.tag}'`
        : refusal(own, entry, nowMs);
  if (why !== undefined) {
    s.counters.refused += 1;
    return Promise.reject(new InputError(why));
  }
  return new Promise((done) => {
    const delivery = context.deliver(deliveryOf(entry, tag, nowMs));
    s.counters.entered += 1;
    s.counters.readings += 1;
    s.lastMs = nowMs;
    s.waiting.push({ delivery, done });
  });
}

/** What was typed is kept whole as the bytes received. */
function deliveryOf(entry: ManualEntry, tag: number, nowMs: number): Delivery {
  const { operator, gauge, reason, value, timeMs } = entry;
  const said = { operator, gauge, ...(reason === '' ? {} : { reason }) };
  return {
    stream: 'entry',
    context: JSON.stringify(said),
    raw: Buffer.from(JSON.stringify({ tag: entry.tag, value, timeMs, ...said })),
    receiveMs: nowMs,
    modulus: 0,
    redelivered: false,
    count: 1,
    tag: [tag],
    value: [value],
    quality: [QUALITY.GOOD],
    sourceMs: [timeMs ?? nowMs],
    sequence: [Number.NaN],
  };
}
