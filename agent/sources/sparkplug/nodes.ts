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
}

export interface Nodes {
  /** the node of an address, made when it speaks for the first time; null when there are too many */
  of(group: string, node: string): Node | null;
  all(): Iterable<Node>;
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
      };
      nodes.set(name, made);
      return made;
    },
    all: () => nodes.values(),
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
export function nodeBorn(node: Node, seq: number | null, bdSeq: number | null): void {
  node.own = emptyTable();
  node.devices.clear();
  node.deadDevices.clear();
  node.dead = false;
  node.stale = '';
  node.bdSeq = bdSeq;
  // What number a birth has is disputed; whatever it is, the next one follows it.
  node.nextSeq = seq === null ? null : (seq + 1) % SEQ_MODULUS;
}

/** Is this the death of the birth we know? An older one comes late from the broker. */
export function deathFits(node: Node, bdSeq: number | null): boolean {
  return node.bdSeq === null || bdSeq === null || node.bdSeq === bdSeq;
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

/** From now on aliases are not believed until the next birth. */
export function distrust(node: Node, why: string): void {
  node.stale = why;
  node.own.trusted = false;
  for (const table of node.devices.values()) table.trusted = false;
}

function emptyTable(): Table {
  return {
    born: false,
    trusted: false,
    byName: new Map(),
    byAlias: new Map(),
    context: new Map(),
  };
}
