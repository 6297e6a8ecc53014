import { type Batch, FLAG_REDELIVERED } from '../batch.ts';
import {
  type Decision,
  decideCounted,
  decideKeyed,
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
  snapshot(all: boolean): Iterable<readonly [string, string]>;
  restore(stream: string, json: string): void;
}

interface Entry {
  state: StreamState;
  index: KeyIndex | null;
}

const ACCEPT: Decision = { verdict: 'new', missed: 0, from: 0 };

export function createStreams(): Streams {
  const streams = new Map<string, Entry>();
  const dirty = new Set<string>();

  const entryOf = (stream: string): Entry => {
    const known = streams.get(stream);
    if (known) return known;
    if (streams.size >= MAX_STREAMS) {
      for (const oldest of streams.keys()) {
        streams.delete(oldest);
        break;
      }
    }
    const entry: Entry = { state: startStream(), index: null };
    streams.set(stream, entry);
    return entry;
  };

  return {
    decide(batch, d, stream, i) {
      const entry = entryOf(stream);
      dirty.add(stream);
      const receiveMs = batch.receiveMs[d] as number;
      const sourceMs = batch.sourceMs[i] as number;
      const timed = sourceMs !== receiveMs;
      const sequence = batch.sequence[i] as number;
      if (!Number.isNaN(sequence)) {
        return decideCounted(entry.state, sequence, batch.modulus[d] as number, sourceMs, timed);
      }
      const redelivered = ((batch.flags[d] as number) & FLAG_REDELIVERED) !== 0;
      entry.index ??= keyIndex(entry.state);
      const key = hashKey(batch.raw(d), timed ? sourceMs : 0);
      // Two equal values without a time of their own are two readings, unless the broker says
      // that it sends this one again.
      if (timed || redelivered) return decideKeyed(entry.state, key, entry.index);
      decideKeyed(entry.state, key, entry.index);
      return ACCEPT;
    },
    *snapshot(all) {
      for (const stream of all ? streams.keys() : dirty) {
        const entry = streams.get(stream);
        if (entry) yield [`stream:${stream}`, JSON.stringify(entry.state)] as const;
      }
      dirty.clear();
    },
    restore(stream, json) {
      streams.set(stream, { state: JSON.parse(json) as StreamState, index: null });
    },
  };
}
