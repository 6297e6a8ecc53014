import type { SourceContext } from '../source.ts';
import { follow, isOld, wentOn } from './absence.ts';
import type { SparkplugCounters } from './counters.ts';
import type { KeptBirths } from './kept.ts';
import {
  createNodes,
  deathOf,
  distrust,
  forgetTables,
  learn,
  type Node,
  type Nodes,
  nodeBorn,
  tableOf,
} from './nodes.ts';
import { decodePayload, type Payload } from './payload.ts';
import { createReadings, type Message, type Readings } from './readings.ts';
import type { SparkplugSettings } from './settings.ts';
import { type Address, tagOf } from './topics.ts';
import { numberNamed } from './values.ts';

/** The state machine of a host: births, data, deaths; readings come out of it. */
export interface Host {
  /** throws a ProtobufError when the payload is none */
  message(address: Address, raw: Buffer, receiveMs: number, redelivered: boolean): boolean;
  /** the connection is gone; what a session holds comes before we are told of the next one */
  away(): void;
  /** we are connected again; `kept`: the broker kept our session and the deaths in it */
  back(kept: boolean): void;
  /** takes up the births of before a restart */
  remember(): void;
  nodes: Nodes;
}

export interface HostOptions {
  own: SparkplugSettings;
  context: SourceContext;
  counters: SparkplugCounters;
  births: Pick<KeptBirths, 'load' | 'changed'>;
  deliver: Parameters<typeof createReadings>[1];
  /** this node should tell its metrics again */
  wantBirth(node: Node): void;
}

interface Parts extends HostOptions {
  nodes: Nodes;
  readings: Readings;
  number(address: Address, metric: string): number;
}

/** Makes the host; `message` returns whether readings were handed over. */
export function createHost(o: HostOptions): Host {
  const h: Parts = {
    ...o,
    nodes: createNodes(),
    readings: createReadings(o.own, o.deliver, o.counters),
    number: (address, metric) => o.context.tagNumber(tagOf(o.own.tag, address, metric)),
  };
  return {
    nodes: h.nodes,
    message(address, raw, receiveMs, redelivered) {
      const payload = decodePayload(raw);
      const node = h.nodes.of(address.group, address.node);
      if (node === null) {
        h.counters.noRoom += 1;
        return false;
      }
      return takeMessage(h, node, { address, payload, raw, receiveMs, redelivered });
    },
    remember() {
      for (const node of o.births.load(h.number)) h.nodes.add(node);
    },
    away() {
      for (const node of h.nodes.all()) node.away = true;
    },
    back(kept) {
      if (!kept) for (const node of h.nodes.all()) startAnew(h, node);
    },
  };
}

type Heard = Pick<Message, 'address' | 'payload' | 'raw' | 'receiveMs' | 'redelivered'>;

function takeMessage(h: Parts, node: Node, heard: Heard): boolean {
  const { address, payload, receiveMs, redelivered } = heard;
  if (address.type === 'NDEATH') {
    nodeDied(h, node, payload);
    return false;
  }
  if (address.type === 'NBIRTH') bearNode(h, node, payload, receiveMs);
  else noteSequence(h, node, payload.seq, receiveMs, redelivered);
  if (address.type === 'DDEATH') {
    deviceDied(h, node, address.device);
    return false;
  }
  const table = tableOf(node, address.device);
  if (table === null) {
    h.counters.noRoom += 1;
    return false;
  }
  const birth = address.type.endsWith('BIRTH');
  if (birth) {
    h.counters.births += 1;
    h.counters.noRoom += learn(table, payload.metrics, address, h.number);
    if (address.device !== '') deviceBorn(h, node, address.device);
    h.births.changed(node);
  }
  const values = !birth || h.own.births === 'use';
  return take(h, node, { ...heard, table, values, number: h.number, kept: node.kept });
}

/** Its death would not have reached us: tables of before a restart may be anybody's. */
function startAnew(h: Parts, node: Node): void {
  const { kept, away } = node;
  node.away = false;
  if (!kept || !away) return;
  forget(h, node);
  node.nextSeq = null;
}

function forget(h: Parts, node: Node): void {
  forgetTables(node);
  h.births.changed(node);
}

function take(h: Parts, node: Node, message: Message): boolean {
  const { readings, trouble } = h.readings.take(message);
  if (trouble !== '') {
    if (trouble === 'misfit') forget(h, node);
    if (trouble !== 'alias') {
      const why = trouble === 'misfit' ? MISFIT : 'data came before a birth since we started';
      stale(h, node, why);
    }
    h.wantBirth(node);
  } else if (node.dead && message.address.type.endsWith('DATA')) {
    // It speaks, so the death was told too early; the aliases are those of its last birth.
    node.dead = false;
  }
  return readings > 0;
}

const MISFIT = 'it speaks otherwise than in its birth of before our restart';

function bearNode(h: Parts, node: Node, payload: Payload, receiveMs: number): void {
  const back = node.dead || node.stale !== '';
  nodeBorn(node, payload.seq, numberNamed(payload.metrics, 'bdSeq'), receiveMs);
  if (back) tell(h, 'info', `node '${node.name}' gave a birth: its values count again`);
}

function noteSequence(
  h: Parts,
  node: Node,
  seq: number | null,
  receiveMs: number,
  redelivered: boolean,
): void {
  if (isOld(node, seq, redelivered)) return;
  const { away } = node;
  const believed = away && wentOn(node, seq, receiveMs);
  const missed = follow(node, seq, receiveMs);
  node.away = false;
  h.counters.missedMessages += missed;
  const lost = missed === 1 ? 'a message' : `${missed} messages`;
  if (believed) {
    if (node.kept || missed > 0) goOn(h, node, missed === 0 ? 'no message' : lost);
    return;
  }
  if (node.kept && away) {
    forget(h, node);
    stale(h, node, 'its counter began anew while we were away, so it may have given a new birth');
    h.wantBirth(node);
    return;
  }
  if (missed === 0) return;
  stale(h, node, `${lost} of it got lost`);
  distrust(node, node.stale);
  h.births.changed(node);
  h.wantBirth(node);
}

function goOn(h: Parts, node: Node, lost: string): void {
  if (node.kept) h.counters.birthsKept += 1;
  const since = new Date(node.bornMs).toISOString();
  const text =
    `node '${node.name}' goes on with the aliases of its birth of ${since}: the broker kept our ` +
    `session and no death of it was in it; ${lost} of it got lost while we were away`;
  tell(h, 'info', text);
}

function stale(h: Parts, node: Node, why: string): void {
  if (node.stale !== '') return;
  const advice =
    h.own.rebirth === undefined
      ? 'values by alias wait for its next birth; allow rebirth: {} to ask for one'
      : 'it is asked for a birth';
  node.stale = `${why}; ${advice}`;
  tell(h, 'warning', `node '${node.name}' is stale: ${node.stale}`);
}

function nodeDied(h: Parts, node: Node, payload: Payload): void {
  const death = deathOf(node, numberNamed(payload.metrics, 'bdSeq'));
  if (death === 'older') {
    h.counters.oldDeaths += 1;
    return;
  }
  h.counters.deaths += 1;
  // The death of a birth that we have not heard: what we know is older still.
  if (death === 'newer') forgetTables(node);
  const told = node.dead;
  node.dead = true;
  node.nextSeq = null;
  distrust(node, node.stale);
  h.births.changed(node);
  if (!told) tell(h, 'warning', `node '${node.name}' is offline (NDEATH)`);
}

function deviceDied(h: Parts, node: Node, device: string): void {
  h.counters.deaths += 1;
  const table = node.devices.get(device);
  if (table !== undefined) table.trusted = false;
  h.births.changed(node);
  if (node.deadDevices.has(device) || node.deadDevices.size >= 1000) return;
  node.deadDevices.add(device);
  tell(h, 'warning', `device '${device}' of node '${node.name}' is offline (DDEATH)`);
}

function deviceBorn(h: Parts, node: Node, device: string): void {
  if (node.deadDevices.delete(device)) {
    tell(h, 'info', `device '${device}' of node '${node.name}' is online again`);
  }
  if (node.stale === '' || node.dead) return;
  const waiting = [...node.devices.values()].some((table) => !table.trusted);
  if (!waiting && (node.own.trusted || !node.own.born)) node.stale = '';
}

function tell(h: Parts, severity: 'warning' | 'info', text: string): void {
  const kind = severity === 'info' ? 'note' : 'device';
  h.context.report({ kind, severity, text, timeMs: h.context.clock.now() });
}
