import type { SourceHealth } from '../../model.ts';
import { sleep } from '../../runtime/retry.ts';
import type { SourceContext } from '../source.ts';
import type { Acks } from './acks.ts';
import { defaultClientId } from './client-options.ts';
import type { ConnectionSettings } from './connection.ts';
import { keptFilters } from './kept-filters.ts';
import { createLink } from './link.ts';
import { createOutage } from './outage.ts';
import { createSubscriptions } from './subscriptions.ts';
import type { OnMessage } from './wire.ts';

/** One client that only consumes: link, subscriptions, acknowledgements, outages. */
export interface Consumer {
  start(): void;
  stop(): Promise<void>;
  pause(on: boolean): void;
  view(): { state: SourceHealth['state']; detail: string; sinceMs: number };
  /** filter : why it is not granted */
  refused(): ReadonlyMap<string, string>;
  subscribed(): boolean;
}

/** What the consumer counts. */
export interface ConsumerCounters {
  reconnects: number;
  sessionsLost: number;
  acksDropped: number;
}

export interface ConsumerOptions {
  settings: ConnectionSettings;
  context: SourceContext;
  filters: readonly string[];
  acks: Acks;
  counters: ConsumerCounters;
  /** a session that the broker does not keep; Sparkplug hosts have one */
  clean?: boolean;
  /** added to the client id, so that a changed list of topics begins a new session */
  suffix?: string;
  message: OnMessage;
  /** connected; `sessionPresent`: the broker kept our session, and what came in it */
  up?(sessionPresent: boolean): void;
  /** the subscriptions are answered */
  listening?(): void;
  deaf?(): void;
  /** a few times a second, on the monotonic clock */
  tick?(nowMs: number): void;
}

const TICK_MS = 250;
/** Longest wait at stop for the commit of what was handed over last. */
const LAST_ACKS_MS = 500;

interface Session {
  /** the broker had, or should have had, a session of ours */
  had: boolean;
  connections: number;
  subscribed: boolean;
}

/** Puts link and subscriptions together; remembers only, until `start`. */
export function createConsumer(o: ConsumerOptions): Consumer {
  const { context, acks } = o;
  const { clock } = context;
  const session: Session = { had: context.resumed === true, connections: 0, subscribed: false };
  const { link, subscriptions } = assemble(o, session);
  const outage = createOutage((severity, text) =>
    context.report({
      kind: severity === 'info' ? 'note' : 'device',
      severity,
      text,
      timeMs: clock.now(),
    }),
  );
  let timer: NodeJS.Timeout | null = null;
  const tick = () => {
    link.tick();
    const client = link.client();
    if (client !== null) subscriptions.tick(client);
    const now = clock.monotonic();
    o.tick?.(now);
    const { state, detail } = link.view();
    outage.tick(state === 'down', detail, now);
  };
  return {
    start() {
      if (timer !== null) return;
      timer = setInterval(tick, TICK_MS);
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
    pause: link.pause,
    view: link.view,
    refused: subscriptions.faults,
    subscribed: () => session.subscribed,
  };
}

/** The name of our session at the broker. */
export function clientIdOf(own: ConnectionSettings, context: SourceContext): string {
  return own.clientId ?? defaultClientId(context.site ?? '', context.name);
}

function assemble(o: ConsumerOptions, session: Session) {
  const { context, counters } = o;
  const { clock, random, log } = context;
  const report = (event: Omit<Parameters<SourceContext['report']>[0], 'timeMs'>) =>
    context.report({ ...event, timeMs: clock.now() });
  const clientId = `${clientIdOf(o.settings, context)}${o.suffix ?? ''}`;
  const memory = o.clean === true ? undefined : context.memory;
  const subscriptions = createSubscriptions({
    filters: o.filters,
    kept: keptFilters(memory, `${o.settings.url} ${clientId}`),
    clock,
    random,
    report,
    answered() {
      session.had = true;
      session.subscribed = true;
      o.listening?.();
    },
  });
  const link = createLink({
    settings: o.settings,
    clientId,
    clean: o.clean === true,
    clock,
    random,
    log,
    message: o.message,
    dial: context.dial,
    up(client, sessionPresent) {
      if (!sessionPresent && session.had && o.clean !== true) {
        counters.sessionsLost += 1;
        report({ kind: 'session-lost', severity: 'warning', text: SESSION_LOST });
      }
      counters.reconnects = session.connections;
      session.connections += 1;
      o.up?.(sessionPresent);
      subscriptions.connected(client, sessionPresent);
    },
    down() {
      counters.acksDropped += o.acks.drop();
      session.subscribed = false;
      subscriptions.closed();
      o.deaf?.();
    },
  });
  return { link, subscriptions };
}

const SESSION_LOST =
  'the broker forgot our session: messages sent while we were away may be lost ' +
  '(turn on persistence in the broker and give it a long enough queue)';
