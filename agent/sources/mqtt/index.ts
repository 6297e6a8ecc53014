import { kind } from '../../registry.ts';
import { sleep } from '../../runtime/retry.ts';
import type { Source, SourceContext } from '../source.ts';
import { createAcks } from './acks.ts';
import { defaultClientId } from './client-options.ts';
import { type Counters, startCounters } from './counters.ts';
import type { DeadLetter } from './dead-letters.ts';
import { healthOf } from './health.ts';
import { createLink } from './link.ts';
import { createOutage } from './outage.ts';
import { compileEntry } from './plan.ts';
import { createReceiver } from './receiver.ts';
import { type MqttSettings, settings } from './settings.ts';
import { createSilence } from './silence.ts';
import { createSubscriptions } from './subscriptions.ts';

/** An MQTT source also shows the last messages that it could not read. */
export interface MqttSource extends Source {
  deadLetters(): readonly DeadLetter[];
}

/** Readings from an MQTT broker, acknowledged after they are durable. */
export const mqtt = kind<typeof settings, SourceContext, Source>({
  settings,
  create: createMqttSource,
});

const TICK_MS = 250;
/** Longest wait at stop for the commit of what was handed over last. */
const LAST_ACKS_MS = 500;

type Event = Omit<Parameters<SourceContext['report']>[0], 'timeMs'>;

/** Puts the parts together: link, subscriptions, receiver, acknowledgements, watchdogs. */
export function createMqttSource(own: MqttSettings, context: SourceContext): MqttSource {
  const parts = assemble(own, context);
  const { link, acks, receiver, subscriptions, silence, session } = parts;
  let timer: NodeJS.Timeout | null = null;
  return {
    start() {
      if (timer !== null) return;
      timer = setInterval(parts.tick, TICK_MS);
      link.open();
    },
    async stop() {
      if (timer === null) return;
      clearInterval(timer);
      timer = null;
      link.pause(true);
      for (let ms = 0; ms < LAST_ACKS_MS && acks.held() > 0; ms += 10) await sleep(10);
      await link.close();
    },
    committed: acks.release,
    pause: link.pause,
    deadLetters: receiver.letters,
    health: () =>
      healthOf({
        name: context.name,
        link: link.view(),
        entries: parts.entries,
        refused: subscriptions.faults(),
        silent: silence.silent(),
        letters: receiver.letters(),
        lastDataMs: receiver.lastDataMs(),
        counters: {
          ...parts.counters,
          unackedHeld: acks.held(),
          acksSent: acks.sent(),
          subscribed: Number(session.subscribed),
        },
      }),
  };
}

interface Session {
  /** the broker had, or should have had, a session of ours */
  had: boolean;
  connections: number;
  subscribed: boolean;
}

function assemble(own: MqttSettings, context: SourceContext) {
  const { clock, log, random } = context;
  const counters = startCounters();
  const acks = createAcks();
  const entries = own.topics.map(compileEntry);
  const session: Session = { had: context.resumed === true, connections: 0, subscribed: false };
  const report = (event: Event) => context.report({ ...event, timeMs: clock.now() });
  const tell = (severity: 'warning' | 'info', text: string) =>
    report({ kind: severity === 'info' ? 'note' : 'device', severity, text });
  const silence = createSilence({
    entries: own.topics.map((t) => ({ topic: t.topic, everyMs: t.expectEvery ?? null })),
    report: tell,
  });
  const outage = createOutage(tell);
  const heard = (entry: number) => silence.heard(entry, clock.monotonic());
  const { maxBytes } = own;
  const receiver = createReceiver({ entries, maxBytes, context, counters, acks, heard });
  const filters = entries.map((entry) => entry.template.filter);
  const answered = () => {
    session.had = true;
    session.subscribed = true;
    silence.listening(clock.monotonic());
  };
  const subscriptions = createSubscriptions({ filters, clock, random, report, answered });
  const link = createLink({
    settings: own,
    clientId: own.clientId ?? defaultClientId(context.site ?? '', context.name),
    clock,
    random,
    log,
    message: receiver.message,
    up(client, sessionPresent) {
      if (!sessionPresent && session.had) sessionLost(counters, report);
      counters.reconnects = session.connections;
      session.connections += 1;
      subscriptions.connected(client);
    },
    down() {
      counters.acksDropped += acks.drop();
      session.subscribed = false;
      subscriptions.closed();
      silence.deaf();
    },
  });
  const tick = () => {
    link.tick();
    const client = link.client();
    if (client !== null) subscriptions.tick(client);
    const now = clock.monotonic();
    silence.tick(now);
    const { state, detail } = link.view();
    outage.tick(state === 'down', detail, now);
  };
  return { link, acks, receiver, subscriptions, silence, session, counters, entries, tick };
}

function sessionLost(counters: Counters, report: (event: Event) => void): void {
  counters.sessionsLost += 1;
  report({
    kind: 'session-lost',
    severity: 'warning',
    text:
      'the broker forgot our session: messages sent while we were away may be lost ' +
      '(turn on persistence in the broker and give it a long enough queue)',
  });
}
