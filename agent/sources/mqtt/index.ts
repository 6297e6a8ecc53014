import { createHash } from 'node:crypto';
import { kind } from '../../registry.ts';
import type { Source, SourceContext } from '../source.ts';
import { createAcks } from './acks.ts';
import { createConsumer } from './consumer.ts';
import { startCounters } from './counters.ts';
import type { DeadLetter } from './dead-letters.ts';
import { eventReader } from './events.ts';
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
  const silence = createSilence({
    entries: own.topics.map((t) => ({ topic: t.topic, everyMs: t.expectEvery ?? null })),
    report: (severity, text) =>
      context.report({
        kind: severity === 'info' ? 'note' : 'device',
        severity,
        text,
        timeMs: clock.now(),
      }),
  });
  const heard = (entry: number) => silence.heard(entry, clock.monotonic());
  const { maxBytes } = own;
  const events = eventReader(own.events, maxBytes);
  const receiver = createReceiver({ entries, maxBytes, events, context, counters, acks, heard });
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
    listening: () => silence.listening(clock.monotonic()),
    deaf: silence.deaf,
    tick: silence.tick,
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

/** Six letters that stand for this list of topics, whatever its order. */
function hashOf(filters: readonly string[]): string {
  return createHash('sha256')
    .update([...filters].sort().join('\n'))
    .digest('hex')
    .slice(0, 6);
}
