import type { Metric } from './payload.ts';
import type { Address } from './topics.ts';

/** What a table knows of one metric since the birth. */
export interface Meta {
  name: string;
  datatype: number;
  /** tag number of the characteristic that reads it, -1 when none does */
  tag: number;
}

/** Metrics of one node or device, as its last birth told them. */
export interface Table {
  born: boolean;
  /** no message was lost since that birth, so its aliases still mean what they meant */
  trusted: boolean;
  /** we were away since that birth: another may have come unheard */
  unsure: boolean;
  byName: Map<string, Meta>;
  byAlias: Map<number, Meta>;
  /** last values of the metrics that the context is made of */
  context: Map<string, string>;
}

export interface Node {
  name: string;
  group: string;
  node: string;
  /** offline since an NDEATH */
  dead: boolean;
  own: Table;
  devices: Map<string, Table>;
  deadDevices: Set<string>;
  bdSeq: number | null;
  nextSeq: number | null;
  /** why the node is stale; '' when it is not */
  stale: string;
  /** when its last birth came, how many messages came since, and when the last of them */
  bornMs: number;
  messages: number;
  lastMs: number;
  /** we were away since its last message, and the broker kept our session meanwhile */
  away: boolean;
  /** the broker kept no session for us meanwhile: a death of it would not have reached us */
  unheard: boolean;
  /** its tables are those of before a restart */
  kept: boolean;
  /** values that were taken by aliases of unsure tables since we were away */
  unsureValues: number;
  /** the same until its last birth, and those tables by device: births tell whether they were right */
  before: { values: number; tables: Map<string, Table> };
}

export interface Nodes {
  /** the node of an address, made when it speaks for the first time; null when there are too many */
  of(group: string, node: string): Node | null;
  all(): Iterable<Node>;
  /** a node as it was before a restart */
  add(node: Node): void;
}

const MAX_NODES = 1000;
const MAX_DEVICES = 1000;
const MAX_ENTRIES = 10_000;
const SEQ_MODULUS = 256;

export function createNodes(): Nodes {
  const nodes = new Map<string, Node>();
  return {
    of(group, node) {
      const name = `${group}/${node}`;
      const known = nodes.get(name);
      if (known !== undefined) return known;
      if (nodes.size >= MAX_NODES) return null;
      const made: Node = {
        name,
        group,
        node,
        dead: false,
        own: emptyTable(),
        devices: new Map(),
        deadDevices: new Set(),
        bdSeq: null,
        nextSeq: null,
        stale: '',
        bornMs: 0,
        messages: 0,
        lastMs: 0,
        ...NO_ABSENCE(),
        kept: false,
      };
      nodes.set(name, made);
      return made;
    },
    all: () => nodes.values(),
    add(node) {
      if (nodes.size < MAX_NODES) nodes.set(node.name, node);
    },
  };
}

/** As long as we never were away. */
export const NO_ABSENCE = () => ({
  ...{ away: false, unheard: false, unsureValues: 0 },
  before: { values: 0, tables: new Map<string, Table>() },
});

/** A table before the first birth. */
export function emptyTable(): Table {
  return {
    born: false,
    trusted: false,
    unsure: false,
    byName: new Map(),
    byAlias: new Map(),
    context: new Map(),
  };
}

/** The table a message of this address speaks of; null when the node has too many devices. */
export function tableOf(node: Node, device: string): Table | null {
  if (device === '') return node.own;
  const known = node.devices.get(device);
  if (known !== undefined) return known;
  if (node.devices.size >= MAX_DEVICES) return null;
  const table = emptyTable();
  node.devices.set(device, table);
  return table;
}

/** Messages lost before this one, modulo 256: 0 when it is the one that was expected. */
export function missedBefore(node: Node, seq: number | null): number {
  if (seq === null) return 0;
  const at = seq % SEQ_MODULUS;
  const missed = node.nextSeq === null ? 0 : (at - node.nextSeq + SEQ_MODULUS) % SEQ_MODULUS;
  node.nextSeq = (at + 1) % SEQ_MODULUS;
  return missed;
}

/** A birth of the node: its own table and every device begin anew. */
export function nodeBorn(
  node: Node,
  seq: number | null,
  bdSeq: number | null,
  receiveMs: number,
): void {
  node.own = emptyTable();
  node.devices.clear();
  node.deadDevices.clear();
  node.dead = false;
  node.stale = '';
  node.bdSeq = bdSeq;
  node.bornMs = receiveMs;
  node.lastMs = receiveMs;
  node.messages = 0;
  node.away = false;
  node.unheard = false;
  node.kept = false;
  // What number a birth has is disputed; whatever it is, the next one follows it.
  node.nextSeq = seq === null ? null : (seq + 1) % SEQ_MODULUS;
}

/**
 * Is this the death of the birth we know? An older one comes late from the broker; a newer one is of
 * a birth that we did not hear. bdSeq counts 0-255, once per connection of the node.
 */
export function deathOf(node: Node, bdSeq: number | null): 'this' | 'older' | 'newer' {
  if (node.bdSeq === null || bdSeq === null || node.bdSeq === bdSeq) return 'this';
  // Of what happened while we were away nothing is known but that there was another birth.
  if (node.away) return 'newer';
  const ahead = (((bdSeq - node.bdSeq) % SEQ_MODULUS) + SEQ_MODULUS) % SEQ_MODULUS;
  return ahead <= SEQ_MODULUS / 2 ? 'newer' : 'older';
}

/** Learns the metrics of a birth; returns how many found no room. */
export function learn(
  table: Table,
  metrics: readonly Metric[],
  address: Address,
  number: (address: Address, metric: string) => number,
): number {
  table.born = true;
  table.trusted = true;
  table.unsure = false;
  table.byName.clear();
  table.byAlias.clear();
  let refused = 0;
  for (const m of metrics) {
    if (m.name === null) continue;
    if (table.byName.size >= MAX_ENTRIES) {
      refused += 1;
      continue;
    }
    const meta = { name: m.name, datatype: m.datatype, tag: number(address, m.name) };
    table.byName.set(m.name, meta);
    if (m.alias !== null) table.byAlias.set(m.alias, meta);
  }
  return refused;
}

/** What is known of its metrics is from a birth that is no longer its last one. */
export function forgetTables(node: Node): void {
  node.own = emptyTable();
  node.devices.clear();
  node.deadDevices.clear();
  node.bdSeq = null;
  node.away = false;
  node.unheard = false;
  node.kept = false;
}

/** From now on aliases are not believed until the next birth. */
export function distrust(node: Node, why: string): void {
  node.stale = why;
  node.own.trusted = false;
  for (const table of node.devices.values()) table.trusted = false;
}
