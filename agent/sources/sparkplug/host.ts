import type { SourceContext } from '../source.ts';
import type { SparkplugCounters } from './counters.ts';
import {
  createNodes,
  deathFits,
  distrust,
  learn,
  missedBefore,
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
  nodes: Nodes;
}

export interface HostOptions {
  own: SparkplugSettings;
  context: SourceContext;
  counters: SparkplugCounters;
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
      if (address.type === 'NDEATH') {
        nodeDied(h, node, payload);
        return false;
      }
      if (address.type === 'NBIRTH') bearNode(h, node, payload);
      else noteSequence(h, node, payload.seq);
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
      }
      const values = !birth || h.own.births === 'use';
      const { number } = h;
      const message = { address, table, payload, raw, receiveMs, redelivered, values, number };
      return take(h, node, message);
    },
  };
}

function take(h: Parts, node: Node, message: Message): boolean {
  const { readings, trouble } = h.readings.take(message);
  if (trouble !== '') {
    if (trouble === 'birth') {
      stale(h, node, 'data came before a birth since we started');
    }
    h.wantBirth(node);
  } else if (node.dead && message.address.type.endsWith('DATA')) {
    // It speaks, so the death was told too early; the aliases are those of its last birth.
    node.dead = false;
  }
  return readings > 0;
}

function bearNode(h: Parts, node: Node, payload: Payload): void {
  const back = node.dead || node.stale !== '';
  nodeBorn(node, payload.seq, numberNamed(payload.metrics, 'bdSeq'));
  if (back) tell(h, 'info', `node '${node.name}' gave a birth: its values count again`);
}

function noteSequence(h: Parts, node: Node, seq: number | null): void {
  const missed = missedBefore(node, seq);
  if (missed === 0) return;
  h.counters.missedMessages += missed;
  stale(h, node, `${missed === 1 ? 'a message' : `${missed} messages`} of it got lost`);
  distrust(node, node.stale);
  h.wantBirth(node);
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
  const bdSeq = numberNamed(payload.metrics, 'bdSeq');
  if (!deathFits(node, bdSeq)) {
    h.counters.oldDeaths += 1;
    return;
  }
  h.counters.deaths += 1;
  if (node.dead) return;
  node.dead = true;
  node.nextSeq = null;
  distrust(node, node.stale);
  tell(h, 'warning', `node '${node.name}' is offline (NDEATH)`);
}

function deviceDied(h: Parts, node: Node, device: string): void {
  h.counters.deaths += 1;
  const table = node.devices.get(device);
  if (table !== undefined) table.trusted = false;
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
