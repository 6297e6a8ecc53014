import type { Delivery } from '../../agent/batch.ts';
import type { SourceEvent } from '../../agent/model.ts';
import { systemClock } from '../../agent/runtime/clock.ts';
import { silentLog } from '../../agent/runtime/log.ts';
import type { SourceContext } from '../../agent/sources/source.ts';

/** One reading as a test likes to look at it; the delivery's own fields are repeated. */
export interface SeenReading {
  tag: string;
  value: number;
  quality: number;
  sourceMs: number;
  receiveMs: number;
  sequence: number;
  stream: string;
  modulus: number;
  context: Record<string, string>;
  redelivered: boolean;
  delivery: number;
}

/** A source context that remembers everything handed over. */
export interface TestContext extends SourceContext {
  readings: SeenReading[];
  raw: Uint8Array[];
  events: Omit<SourceEvent, 'source'>[];
  deliveries(): number;
  of(tag: string): SeenReading[];
  good(tag: string): SeenReading[];
}

/** Every tag in `tags` is read by some characteristic; numbers are the positions in the list. */
export function testContext(tags: readonly string[], over: Partial<SourceContext> = {}) {
  let count = 0;
  const context: TestContext = {
    name: 'under-test',
    tags,
    tagNumber: (tag) => tags.indexOf(tag),
    deliver(d) {
      count += 1;
      context.raw.push(d.raw.slice());
      for (let i = 0; i < d.count; i += 1) context.readings.push(seen(d, i, tags, count));
      return count;
    },
    deliverEvent(event) {
      count += 1;
      context.events.push(event);
      return count;
    },
    report: (event) => void context.events.push(event),
    clock: systemClock,
    random: Math.random,
    log: silentLog,
    readings: [],
    raw: [],
    events: [],
    deliveries: () => count,
    of: (tag) => context.readings.filter((r) => r.tag === tag),
    good: (tag) => context.readings.filter((r) => r.tag === tag && r.quality === 0),
    ...over,
  };
  return context;
}

/** Waits until `condition` holds; fails with `what` after a minute. */
export async function until(condition: () => boolean, what: string): Promise<void> {
  const end = systemClock.monotonic() + 60_000;
  while (!condition()) {
    if (systemClock.monotonic() > end) throw new Error(`waited in vain: ${what}`);
    await pause(2);
  }
}

export const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

function seen(d: Delivery, i: number, tags: readonly string[], delivery: number): SeenReading {
  return {
    tag: tags[d.tag[i] ?? -1] ?? `unknown tag number ${d.tag[i]}`,
    value: d.value[i] ?? Number.NaN,
    quality: d.quality[i] ?? -1,
    sourceMs: d.sourceMs[i] ?? Number.NaN,
    receiveMs: d.receiveMs,
    sequence: d.sequence[i] ?? Number.NaN,
    stream: d.stream,
    modulus: d.modulus,
    context: d.context === '' ? {} : (JSON.parse(d.context) as Record<string, string>),
    redelivered: d.redelivered,
    delivery,
  };
}
