import { goAway, misread, recallTables } from './absence.ts';
import { forget, type HostOptions, noteSequence, stale, tell } from './doubt.ts';
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
      for (const node of h.nodes.all()) goAway(node);
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
    if (misread(node, address.device, table)) tell(h, 'warning', sayMisread(node, address.device));
    h.births.changed(node);
  }
  const values = !birth || h.own.births === 'use';
  return take(h, node, { ...heard, table, values, number: h.number, kept: node.kept });
}

/** Its death would not have reached us: tables of before a restart may be anybody's. */
function startAnew(h: Parts, node: Node): void {
  node.unheard = node.away;
  if (!node.kept || !node.away) return;
  forget(h, node);
  node.nextSeq = null;
}

const sayMisread = (node: Node, device: string) =>
  `node '${node.name}'${device === '' ? '' : `, device '${device}',`} gave its aliases other meanings while we ` +
  `were away: some of the ${node.before.values} values of quality UNCERTAIN_ALIAS since then are of other metrics`;

function take(h: Parts, node: Node, message: Message): boolean {
  const unsureBefore = h.counters.unsureAliases;
  const { readings, trouble } = h.readings.take(message);
  const unsure = h.counters.unsureAliases - unsureBefore;
  node.unsureValues += unsure;
  if (unsure > 0) h.wantBirth(node);
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
  recallTables(node);
  nodeBorn(node, payload.seq, numberNamed(payload.metrics, 'bdSeq'), receiveMs);
  if (back) tell(h, 'info', `node '${node.name}' gave a birth: its values count again`);
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
