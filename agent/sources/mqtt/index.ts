import { createHash } from 'node:crypto';
import { kind } from '../../registry.ts';
import type { Source, SourceContext } from '../source.ts';
import { createAcks } from './acks.ts';
import { createConsumer } from './consumer.ts';
import { startCounters } from './counters.ts';
import type { DeadLetter } from './dead-letters.ts';
import { eventReader } from './events.ts';
import { floodGate } from './flood.ts';
import { healthOf } from './health.ts';
import { compileEntry } from './plan.ts';
import { createReceiver } from './receiver.ts';
import { type MqttSettings, settings } from './settings.ts';
import { createSilence } from './silence.ts';

/** An MQTT source also shows the last messages that it could not read. */
export interface MqttSource extends Source {
  deadLetters(): readonly DeadLetter[];
}

/** Readings from an MQTT broker, acknowledged after they are durable. */
export const mqtt = kind<typeof settings, SourceContext, Source>({
  settings,
  create: createMqttSource,
});

/** Puts the parts together: consumer, receiver, acknowledgements, watchdogs. */
export function createMqttSource(own: MqttSettings, context: SourceContext): MqttSource {
  const { clock } = context;
  const counters = startCounters();
  const acks = createAcks();
  const entries = own.topics.map(compileEntry);
  const silence = silenceOf(own, context);
  const heard = (entry: number) => silence.heard(entry, clock.monotonic());
  const { maxBytes } = own;
  const events = eventReader(own.events, maxBytes);
  const flood = floodGate({ limits: own.flood, counters, context });
  const parts = { entries, maxBytes, events, context, counters, acks, flood, heard };
  const receiver = createReceiver(parts);
  const filters = [...entries.map((entry) => entry.template.filter), ...events.filters];
  const consumer = createConsumer({
    settings: own,
    context,
    filters,
    suffix: own.newSessionOnChange ? `-${hashOf(filters)}` : '',
    acks,
    counters,
    clean: context.looking !== undefined,
    message(topic, payload, ...how) {
      context.looking?.message(topic, payload);
      receiver.message(topic, payload, ...how);
    },
    up: flood.back,
    listening: () => silence.listening(clock.monotonic()),
    deaf() {
      silence.deaf();
      flood.away();
    },
    tick(nowMs) {
      silence.tick(nowMs);
      flood.tick();
    },
  });
  return {
    start: consumer.start,
    stop: consumer.stop,
    committed: acks.release,
    pause: consumer.pause,
    deadLetters: receiver.letters,
    health: () =>
      healthOf({
        name: context.name,
        link: consumer.view(),
        entries,
        refused: consumer.refused(),
        silent: silence.silent(),
        floods: flood.floods(),
        letters: receiver.letters(),
        lastDataMs: receiver.lastDataMs(),
        counters: {
          ...counters,
          unackedHeld: acks.held(),
          acksSent: acks.sent(),
          subscribed: Number(consumer.subscribed()),
        },
      }),
  };
}

function silenceOf(own: MqttSettings, context: SourceContext) {
  return createSilence({
    entries: own.topics.map((t) => ({ topic: t.topic, everyMs: t.expectEvery ?? null })),
    report: (severity, text) =>
      context.report({
        kind: severity === 'info' ? 'note' : 'device',
        severity,
        text,
        timeMs: context.clock.now(),
      }),
  });
}

/** Six letters that stand for this list of topics, whatever its order. */
function hashOf(filters: readonly string[]): string {
  return createHash('sha256')
    .update([...filters].sort().join('\n'))
    .digest('hex')
    .slice(0, 6);
}
