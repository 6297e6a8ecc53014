import type { Delivery } from '../../batch.ts';
import { QUALITY } from '../../model.ts';
import type { Counters } from './counters.ts';
import { isAhead, toSequence } from './numbers.ts';

export const NOTHING = new Uint8Array(0);
const BAD = QUALITY.BAD_VALUE;

/** What taking one payload apart works on. */
export interface Work {
  delivery: Delivery;
  deliver: (delivery: Delivery) => void;
  counters: Counters;
  payload: Buffer;
  handed: number;
  /** as the context says it: '"publisher":"…"', '' when it is not known */
  publisher: string;
  /** values of one item that are arrays; reused */
  columns: unknown[];
}

/** Adds one reading to the delivery. */
export function put(
  w: Work,
  tag: number,
  value: number,
  sequence: number,
  timeMs: number,
  quality: number,
): void {
  const d = w.delivery;
  const i = d.count;
  const bad = Number.isNaN(value);
  if (bad) w.counters.badValues += 1;
  d.tag[i] = tag;
  d.value[i] = value;
  d.quality[i] = bad ? BAD : quality;
  d.sourceMs[i] = timeMs;
  d.sequence[i] = sequence;
  d.count = i + 1;
}

/** A counter; one that is none is counted. */
export function sequenceOf(w: Work, raw: unknown): number {
  const sequence = toSequence(raw);
  if (Number.isNaN(sequence)) w.counters.badSequence += 1;
  return sequence;
}

/** The readings got the time of their arrival, because that of the message is not believed. */
export function notBelieved(w: Work, timeMs: number): void {
  w.counters.clockCorrected += 1;
  // Ahead of our clock: one of the two is wrong. Before 2000 it is theirs, and says nothing.
  if (isAhead(timeMs)) w.delivery.ownMs = timeMs;
}
