import type { AlertEvent } from '../model.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Waiting } from './backlog.ts';

/**
 * What one channel tells while the store takes no writes. Each event comes again, with a place in
 * the journal, once it is recorded: those told by then are not told twice. Everything is in memory
 * and bounded; what finds no room is told when it is recorded, as if nobody had tried before.
 */
export interface Unrecorded {
  /** events of inputs that could not be recorded, in order; known ones are passed over */
  offer(events: readonly AlertEvent[]): void;
  /** the oldest that is not told, null when there is none */
  next(): Waiting | null;
  /** people know of it, or nobody here wants it */
  told(event: AlertEvent): void;
  wasTold(event: AlertEvent): boolean;
  /** it is recorded, and told under its place in the journal; true when it was told before */
  recorded(event: AlertEvent): boolean;
  /** events that found no room */
  overflowed(): number;
}

const MOST_WAITING = 1000;
const MOST_REMEMBERED = 10_000;

export function createUnrecorded(clock: Clock): Unrecorded {
  const waiting = new Map<string, Waiting>();
  const told = new Set<string>();
  let overflowed = 0;
  return {
    offer(events) {
      for (const event of events) {
        const key = unrecordedKey(event);
        if (told.has(key) || waiting.has(key)) continue;
        if (waiting.size >= MOST_WAITING) overflowed += 1;
        else waiting.set(key, { event: marked(event), knownMs: clock.monotonic() });
      }
    },
    next: () => waiting.values().next().value ?? null,
    told(event) {
      const key = unrecordedKey(event);
      waiting.delete(key);
      told.add(key);
      const oldest = told.size > MOST_REMEMBERED ? told.values().next().value : undefined;
      if (oldest !== undefined) told.delete(oldest);
    },
    wasTold: (event) => told.has(unrecordedKey(event)),
    recorded(event) {
      // Most of the time, nothing ever failed.
      if (told.size === 0 && waiting.size === 0) return false;
      const key = unrecordedKey(event);
      if (waiting.delete(key)) told.add(key);
      else return told.has(key);
      return false;
    },
    overflowed: () => overflowed,
  };
}

/**
 * The same for an event before and after it is recorded: the core puts what it held through the same
 * reducer again, from the same state, so that alerts get the same numbers, times and counts.
 */
export function unrecordedKey({ alert, transition, timeMs }: AlertEvent): string {
  return `${alert.id}-${transition}-unrecorded-${timeMs}-${alert.count}`;
}

/** It has no place in the journal, whatever the transaction that failed had given it. */
const marked = (event: AlertEvent): AlertEvent => ({
  ...event,
  ...{ seq: 0, ordinal: 0, unrecorded: true },
});
