import { type Batch, FLAG_POLLED, FLAG_REDELIVERED } from '../batch.ts';
import {
  type Decision,
  decideCounted,
  decideKeyed,
  fingerprint,
  hashKey,
  type KeyIndex,
  keyIndex,
  type StreamState,
  startStream,
} from './dedupe.ts';

/** Streams remembered at most; one more evicts the one that is known longest. */
const MAX_STREAMS = 10_000;

/** All counters and keys of all streams, and which of them changed since the last snapshot. */
export interface Streams {
  /** decides on the readings of one delivery that share one sequence; the result is reused */
  decide(batch: Batch, delivery: number, stream: string, reading: number): Decision;
  /** '' instead of JSON says that a stream was forgotten */
  snapshot(all: boolean): Iterable<readonly [string, string]>;
  restore(stream: string, json: string): void;
}

interface Entry {
  /** streams are forgotten in the order in which they were first heard of, also after a restart */
  born: number;
  state: StreamState;
  index: KeyIndex | null;
  /** changed since the last snapshot */
  dirty: boolean;
}

const ACCEPT: Decision = { verdict: 'new', missed: 0, from: 0 };

/** `most`: streams remembered; smaller in tests. */
export function createStreams(most = MAX_STREAMS): Streams {
  let streams = new Map<string, Entry>();
  const dirty = new Set<string>();
  // Readings come many to a delivery, and deliveries many to a stream: looked up once.
  let newest: Entry | null = null;
  let newestName = '';
  let printOf: Batch | null = null;
  let printAt = -1;
  let print: number | undefined;
  const forgotten = new Set<string>();
  let births = 0;
  let ordered = true;

  const forgetOldest = () => {
    // Saved states come back in the order of their names.
    if (!ordered) streams = new Map([...streams].sort((a, b) => a[1].born - b[1].born));
    ordered = true;
    for (const oldest of streams.keys()) {
      streams.delete(oldest);
      newest = null;
      dirty.delete(oldest);
      forgotten.add(oldest);
      break;
    }
  };

  const entryOf = (stream: string): Entry => {
    const known = streams.get(stream);
    if (known) return known;
    while (streams.size >= most) forgetOldest();
    births += 1;
    const entry: Entry = { born: births, state: startStream(), index: null, dirty: false };
    streams.set(stream, entry);
    forgotten.delete(stream);
    return entry;
  };

  const touched = (stream: string): Entry => {
    const entry = newest !== null && stream === newestName ? newest : entryOf(stream);
    newest = entry;
    newestName = stream;
    if (!entry.dirty) dirty.add(stream);
    entry.dirty = true;
    return entry;
  };

  /** What the bytes of a delivery look like; undefined when there are none. */
  const printed = (batch: Batch, d: number): number | undefined => {
    if (batch === printOf && d === printAt) return print;
    const raw = batch.raw(d);
    printOf = batch;
    printAt = d;
    print = raw.length > 0 ? fingerprint(raw) : undefined;
    return print;
  };

  return {
    decide(batch, d, stream, i) {
      const entry = touched(stream);
      const receiveMs = batch.receiveMs[d] as number;
      const ownMs = batch.ownMs[d] as number;
      // A time that is not believed, because its clock or ours is wrong, still tells repeats apart.
      const sourceMs = Number.isNaN(ownMs) ? (batch.sourceMs[i] as number) : ownMs;
      const timed = sourceMs !== receiveMs;
      const flags = batch.flags[d] as number;
      const redelivered = (flags & FLAG_REDELIVERED) !== 0;
      const polled = (flags & FLAG_POLLED) !== 0;
      const sequence = batch.sequence[i] as number;
      if (!Number.isNaN(sequence)) {
        const own = timed && !polled ? printed(batch, d) : undefined;
        const modulus = batch.modulus[d] as number;
        return decideCounted(entry.state, sequence, modulus, sourceMs, timed, own, redelivered);
      }
      entry.index ??= keyIndex(entry.state);
      const key = hashKey(batch.raw(d), timed ? sourceMs : 0);
      // Two equal values without a time of their own are two readings, unless the broker says
      // that it sends this one again.
      if (timed || redelivered) return decideKeyed(entry.state, key, entry.index);
      decideKeyed(entry.state, key, entry.index);
      return ACCEPT;
    },
    *snapshot(all) {
      while (streams.size > most) forgetOldest();
      for (const stream of all ? streams.keys() : dirty) {
        const entry = streams.get(stream);
        if (entry === undefined) continue;
        const saved = { ...entry.state, born: entry.born };
        yield [`stream:${stream}`, JSON.stringify(saved)] as const;
      }
      for (const stream of forgotten) yield [`stream:${stream}`, ''] as const;
      for (const stream of dirty) {
        const entry = streams.get(stream);
        if (entry !== undefined) entry.dirty = false;
      }
      dirty.clear();
      forgotten.clear();
    },
    restore(stream, json) {
      if (json === '') return;
      // States saved by an older program do not say when they were first heard of.
      const { born = 0, ...state } = JSON.parse(json) as StreamState & { born?: number };
      births = Math.max(births, born);
      ordered = false;
      newest = null;
      streams.set(stream, { born, state, index: null, dirty: false });
    },
  };
}
