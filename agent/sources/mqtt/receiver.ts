import type { SourceContext } from '../source.ts';
import type { Acks } from './acks.ts';
import type { Counters } from './counters.ts';
import { type DeadLetter, deadLetters } from './dead-letters.ts';
import { createDecoder } from './decode.ts';
import { type EventReader, seenEvents } from './events.ts';
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
  /** a message arrived of an entry that should speak now and then */
  heard(entry: number): void;
}

export function createReceiver(options: ReceiverOptions): Receiver {
  const { context, counters, acks, heard } = options;
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

  const setAside = (error: unknown, topic: string, payload: Buffer, bytes: number) => {
    if (!(error instanceof PayloadError)) throw error;
    counters.deadLettered += 1;
    letters.add(context.clock.now(), topic, error.message, payload, bytes);
  };

  const takeEvent = (topic: string, payload: Buffer, meta: MessageMeta) => {
    try {
      const event = meta.retain ? null : options.events.read(topic, payload, context.clock.now());
      if (event === null) counters.unmatchedTopic += 1;
      else if (!seen.again(topic, payload, meta)) {
        counters.events += 1;
        delivered = context.deliverEvent(event);
      }
    } catch (error) {
      setAside(error, topic, payload, payload.length);
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
    const receiveMs = context.clock.now();
    try {
      if (bytes > payload.length) throw tooLarge(bytes, options.maxBytes);
      decoder.take(plan, payload, receiveMs, meta.dup);
      lastDataMs = receiveMs;
    } catch (error) {
      setAside(error, topic, payload, bytes);
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
