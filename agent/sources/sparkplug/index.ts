import type { SourceHealth } from '../../model.ts';
import { kind } from '../../registry.ts';
import { createAcks } from '../mqtt/acks.ts';
import { type Consumer, clientIdOf, createConsumer } from '../mqtt/consumer.ts';
import { type DeadLetter, deadLetters } from '../mqtt/dead-letters.ts';
import { type FloodGate, floodGate } from '../mqtt/flood.ts';
import type { OnMessage } from '../mqtt/wire.ts';
import type { Source, SourceContext } from '../source.ts';
import { isUnsure } from './absence.ts';
import { startCounters } from './counters.ts';
import { createHost, type Host } from './host.ts';
import { keptBirths } from './kept.ts';
import type { Node } from './nodes.ts';
import { ProtobufError } from './protobuf.ts';
import { createRebirths } from './rebirth.ts';
import { type SparkplugSettings, settings } from './settings.ts';
import { createHostState } from './state.ts';
import { addressOf, filtersOf } from './topics.ts';

/** A Sparkplug source also shows the last messages that it could not read. */
export interface SparkplugSource extends Source {
  deadLetters(): readonly DeadLetter[];
}

/** Readings of Sparkplug B edge nodes and their devices. */
export const sparkplug = kind<typeof settings, SourceContext, Source>({
  settings,
  create: createSparkplugSource,
});

/** Nodes that health shows one by one. */
const MOST_PARTS = 100;
const POSITIONS_EVERY_MS = 10_000;

export function createSparkplugSource(
  own: SparkplugSettings,
  context: SourceContext,
): SparkplugSource {
  const counters = startCounters();
  const acks = createAcks();
  const letters = deadLetters();
  const rebirths = createRebirths(own, context, counters);
  const state = createHostState(own, context);
  const last: Last = { delivered: 0, durable: 0, dataMs: null };
  let positionsAt = Number.NEGATIVE_INFINITY;
  const flood = floodGate({ limits: own.flood, counters, context });
  const { births, release } = lastingBirths(own, context, acks, last);
  const host = createHost({
    own,
    context,
    counters,
    births,
    deliver: (delivery) => {
      last.delivered = context.deliver(delivery);
    },
    wantBirth: rebirths.want,
  });
  const named = own.nodes.filter((n) => n.group !== '+' && n.node !== '+');
  const consumer = createConsumer({
    settings: own,
    context,
    filters: filtersOf(own.nodes),
    acks,
    counters,
    clean: !lasting(own, context),
    message: receive({ own, context, counters, acks, letters, host, last, release, flood }),
    up(sessionPresent) {
      host.back(sessionPresent);
      flood.back(sessionPresent);
    },
    listening() {
      state.listening(true);
      // A birth is sent with QoS 0: one that came while we were away is lost, and must be asked for.
      for (const node of host.nodes.all()) if (isUnsure(node)) rebirths.want(node);
      for (const { group, node } of named) {
        const known = host.nodes.of(group, node);
        if (known !== null && !known.own.born) rebirths.want(known);
      }
    },
    deaf() {
      state.listening(false);
      host.away();
      flood.away();
    },
    tick(nowMs) {
      rebirths.tick(nowMs);
      flood.tick();
      if (nowMs - positionsAt < POSITIONS_EVERY_MS) return;
      positionsAt = nowMs;
      births.positions(host.nodes.all());
    },
  });
  return {
    start() {
      host.remember();
      state.start();
      consumer.start();
    },
    async stop() {
      rebirths.stop();
      await state.stop();
      await consumer.stop();
      births.positions(host.nodes.all());
      await births.settled();
    },
    committed(upTo) {
      last.durable = Math.max(last.durable, upTo);
      release();
    },
    pause: consumer.pause,
    deadLetters: letters.list,
    health: () => ({
      ...healthOf(consumer, host, letters.list(), flood),
      name: context.name,
      kind: 'sparkplug',
      lastDataMs: last.dataMs,
      counters: {
        ...counters,
        birthsNotKept: births.failures(),
        unackedHeld: acks.held(),
        subscribed: Number(consumer.subscribed()),
      },
    }),
  };
}

/** Births that are kept, and acknowledgements that wait until they are. */
function lastingBirths(
  own: SparkplugSettings,
  context: SourceContext,
  acks: ReturnType<typeof createAcks>,
  last: Last,
) {
  const births = keptBirths({
    // A host that nodes are told of begins anew with each connection, and so do they.
    shelf: lasting(own, context) ? context.shelf : undefined,
    session: `${own.url} ${clientIdOf(own, context)}`,
    wanted: (group, node) => own.nodes.some((n) => fits(n.group, group) && fits(n.node, node)),
    done: () => release(),
  });
  // A death is acknowledged when it is known for good that the aliases of its node mean nothing.
  const release = () => {
    if (!births.pending()) acks.release(last.durable);
  };
  return { births, release };
}

/** Does the broker keep a session for us while we are away? */
const lasting = (own: SparkplugSettings, context: SourceContext) =>
  own.host === undefined && context.looking === undefined;

const fits = (wanted: string, name: string) => wanted === '+' || wanted === name;

interface Last {
  delivered: number;
  durable: number;
  dataMs: number | null;
}

interface Receive {
  own: SparkplugSettings;
  context: SourceContext;
  counters: ReturnType<typeof startCounters>;
  acks: ReturnType<typeof createAcks>;
  letters: ReturnType<typeof deadLetters>;
  host: Host;
  last: Last;
  release(): void;
  flood: FloodGate;
}

function receive(r: Receive): OnMessage {
  const { counters, last } = r;
  return (topic, payload, meta, stream, bytes) => {
    counters.received += 1;
    const receiveMs = r.context.clock.now();
    const address = addressOf(topic);
    // Sparkplug forbids retained births and data: what is retained all the same is old.
    if (meta.retain) counters.retainedIgnored += 1;
    else if (address !== null && r.flood.admits(topic, meta.publisher, bytes)) {
      try {
        if (bytes > r.own.maxBytes) throw new ProtobufError(`${bytes} bytes (maxBytes)`);
        if (r.host.message(address, payload, receiveMs, meta.dup)) last.dataMs = receiveMs;
      } catch (error) {
        if (!(error instanceof ProtobufError)) throw error;
        counters.deadLettered += 1;
        r.letters.add(receiveMs, topic, error.message, payload, bytes);
      }
    }
    if (stream === null) return;
    r.acks.hold(stream, meta.messageId, last.delivered);
    setImmediate(r.release);
  };
}

function healthOf(
  consumer: Consumer,
  host: Host,
  letters: readonly DeadLetter[],
  flood: FloodGate,
) {
  const link = consumer.view();
  const up = link.state === 'up';
  const parts: SourceHealth['parts'] = [];
  for (const node of host.nodes.all()) {
    if (parts.length < MOST_PARTS) parts.push(partOf(node, up));
  }
  for (const [name, why] of consumer.refused()) {
    if (parts.length < MOST_PARTS) parts.push({ name, state: 'down', detail: why });
  }
  const troubled = parts.filter((part) => part.state !== 'up');
  const details = [link.detail, ...troubled.slice(0, 5).map((p) => `${p.name}: ${p.detail}`)];
  const floods = flood.floods();
  details.push(...floods.slice(0, 3).map(({ text }) => text));
  const letter = letters.at(-1);
  if (letter !== undefined) details.push(`not read, on ${letter.topic}: ${letter.reason}`);
  const state = up && troubled.length + floods.length > 0 ? ('degraded' as const) : link.state;
  const detail = details.filter((text) => text !== '').join('; ');
  return { state, detail, sinceMs: link.sinceMs, parts };
}

const UNSURE = 'we were away since its birth: values by alias are uncertain until its next one';

function partOf(node: Node, up: boolean): SourceHealth['parts'][number] {
  const { name } = node;
  if (!up) return { name, state: 'down', detail: 'not connected' };
  if (node.dead) return { name, state: 'down', detail: 'offline' };
  if (node.stale !== '') return { name, state: 'degraded', detail: node.stale };
  if (node.deadDevices.size > 0) {
    const detail = `offline: ${[...node.deadDevices].slice(0, 5).join(', ')}`;
    return { name, state: 'degraded', detail };
  }
  if (isUnsure(node) && !node.away) return { name, state: 'up', detail: UNSURE };
  const spoke = node.own.born || node.devices.size > 0;
  return spoke
    ? { name, state: 'up', detail: '' }
    : { name, state: 'degraded', detail: 'no birth yet' };
}
