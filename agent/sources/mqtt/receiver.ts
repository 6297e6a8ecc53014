import type { SourceContext } from '../source.ts';
import type { Acks } from './acks.ts';
import type { Counters } from './counters.ts';
import { type DeadLetter, deadLetters } from './dead-letters.ts';
import { createDecoder } from './decode.ts';
import { type EventReader, seenEvents } from './events.ts';
import type { FloodGate } from './flood.ts';
import type { MessageMeta } from './frames.ts';
import { PayloadError, tooLarge } from './payload.ts';
import { type Entry, planner } from './plan.ts';
import type { OnMessage } from './wire.ts';

/** Takes each message apart, hands its readings over, and lets its acknowledgement wait. */
export interface Receiver {
  message: OnMessage;
  letters(): readonly DeadLetter[];
  /** receive time of the last readings, null before the first */
  lastDataMs(): number | null;
}

export interface ReceiverOptions {
  entries: readonly Entry[];
  maxBytes: number;
  events: EventReader;
  context: SourceContext;
  counters: Counters;
  acks: Acks;
  flood: FloodGate;
  /** a message arrived of an entry that should speak now and then */
  heard(entry: number): void;
}

/** Each event is a transaction, and nobody changes fifty tools a second. */
const EVENTS_SHARE = 0.02;

export function createReceiver(options: ReceiverOptions): Receiver {
  const { context, counters, acks, flood, heard } = options;
  const planFor = planner(options.entries, context.tagNumber);
  const letters = deadLetters();
  let delivered = 0;
  let lastDataMs: number | null = null;
  let flushing = false;
  const seen = seenEvents();

  const decoder = createDecoder(
    (delivery) => {
      delivered = context.deliver(delivery);
    },
    counters,
    options.maxBytes,
  );

  const flush = () => {
    flushing = false;
    acks.flush();
  };

  const setAside = (
    error: unknown,
    topic: string,
    payload: Buffer,
    bytes: number,
    publisher: string,
  ) => {
    if (!(error instanceof PayloadError)) throw error;
    counters.deadLettered += 1;
    letters.add(context.clock.now(), topic, error.message, payload, bytes, publisher);
  };

  const takeEvent = (topic: string, payload: Buffer, meta: MessageMeta) => {
    try {
      if (meta.retain || !options.events.wants(topic)) {
        counters.unmatchedTopic += 1;
        return;
      }
      if (!flood.admits(topic, meta.publisher, payload.length, EVENTS_SHARE)) return;
      const event = options.events.read(topic, payload, context.clock.now());
      if (event !== null && !seen.again(topic, payload, meta)) {
        counters.events += 1;
        const by = meta.publisher === '' ? {} : { by: meta.publisher };
        delivered = context.deliverEvent({ ...by, ...event });
      }
    } catch (error) {
      setAside(error, topic, payload, payload.length, meta.publisher);
    }
  };

  const take = (topic: string, payload: Buffer, meta: MessageMeta, bytes: number) => {
    counters.received += 1;
    if (meta.dup) counters.duplicatesFlagged += 1;
    const plan = planFor(topic);
    if (plan === null) {
      takeEvent(topic, payload, meta);
      return;
    }
    if (meta.retain && plan.entry.settings.retained === 'ignore') {
      counters.retainedIgnored += 1;
      return;
    }
    if (plan.entry.settings.expectEvery !== undefined) heard(plan.entry.index);
    if (plan.tags.length === 0) {
      counters.unusedMessages += 1;
      return;
    }
    if (!flood.admits(topic, meta.publisher, bytes)) return;
    const receiveMs = context.clock.now();
    try {
      if (bytes > payload.length) throw tooLarge(bytes, options.maxBytes);
      decoder.take(plan, payload, receiveMs, meta.dup, meta.publisher);
      lastDataMs = receiveMs;
    } catch (error) {
      setAside(error, topic, payload, bytes, meta.publisher);
    }
  };

  return {
    message(topic, payload, meta, stream, bytes) {
      const before = delivered;
      take(topic, payload, meta, bytes);
      if (stream === null) return;
      acks.hold(stream, meta.messageId, delivered);
      if (delivered !== before || flushing) return;
      // Without a reading it waits only for the messages before it, which may be durable already.
      flushing = true;
      setImmediate(flush);
    },
    letters: letters.list,
    lastDataMs: () => lastDataMs,
  };
}
