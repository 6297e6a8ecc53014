import { z } from 'zod';
import type { Shelf } from '../../runtime/shelf.ts';
import { emptyTable, NO_ABSENCE, type Node, type Table } from './nodes.ts';
import type { Address } from './topics.ts';

/**
 * The births of nodes over restarts: a node tells what its aliases mean only once, and need not be
 * asked again because its listener was started anew.
 */
export interface KeptBirths {
  /** nodes as they were before the restart; those that are no longer listened to are taken away */
  load(number: (address: Address, metric: string) => number): Node[];
  /** the tables of a node are others now, or are believed no more */
  changed(node: Node): void;
  /** where the counters of the nodes stand; late by some seconds does no harm */
  positions(nodes: Iterable<Node>): void;
  /** something is not on disk yet: what it follows from must not be acknowledged */
  pending(): boolean;
  /** everything that was changed so far is on disk, or cannot be written */
  settled(): Promise<void>;
  /** records that could not be written */
  failures(): number;
}

export interface KeptBirthsOptions {
  shelf: Shelf | undefined;
  /** broker and client id: what was heard in another session says nothing about this one */
  session: string;
  wanted(group: string, node: string): boolean;
  /** all that was pending is done */
  done(): void;
}

const POSITIONS = 'positions';
const LARGEST = 4_000_000;

const entries = z.array(z.tuple([z.string(), z.int().nullable(), z.int()])).max(10_000);
const record = z.object({
  session: z.string(),
  ...{ group: z.string(), node: z.string() },
  ...{ bdSeq: z.number().nullable(), bornMs: z.number() },
  ...{ nextSeq: z.int().nullable(), lastMs: z.number(), messages: z.int() },
  own: entries.nullable(),
  devices: z.array(z.tuple([z.string(), entries])).max(1000),
});
const positions = z.record(z.string(), z.tuple([z.number(), z.int(), z.number(), z.int()]));

export function keptBirths(o: KeptBirthsOptions): KeptBirths {
  const waiting = new Map<string, () => string | null>();
  let writing: Promise<void> | null = null;
  let failures = 0;
  let lastPositions = '';

  const writeAll = async (shelf: Shelf) => {
    for (const [name, text] of waiting) {
      waiting.delete(name);
      if (!(await shelf.put(name, text()))) failures += 1;
    }
    writing = null;
    o.done();
  };
  const put = (name: string, text: () => string | null) => {
    if (o.shelf === undefined) return;
    waiting.set(name, text);
    writing ??= writeAll(o.shelf);
  };
  return {
    load(number) {
      const found = o.shelf?.load() ?? new Map<string, string>();
      const at = positions.safeParse(jsonOf(found.get(POSITIONS)));
      const nodes: Node[] = [];
      for (const [name, text] of found) {
        if (name === POSITIONS) continue;
        const one = record.safeParse(jsonOf(text));
        const known = one.success && one.data.session === o.session;
        // While it was not listened to, a death of it would not have been kept for us.
        if (!known || !o.wanted(one.data.group, one.data.node)) put(name, () => null);
        else nodes.push(nodeOf(one.data, at.success ? at.data[name] : undefined, number));
      }
      return nodes;
    },
    changed(node) {
      put(node.name, () => {
        const text = textOf(node, o.session);
        return text !== null && text.length <= LARGEST ? text : null;
      });
    },
    positions(nodes) {
      const list: z.output<typeof positions> = {};
      for (const { name, bornMs, nextSeq, lastMs, messages } of nodes) {
        if (nextSeq !== null) list[name] = [bornMs, nextSeq, lastMs, messages];
      }
      const text = JSON.stringify(list);
      if (text === lastPositions) return;
      lastPositions = text;
      put(POSITIONS, () => text);
    },
    pending: () => writing !== null,
    async settled() {
      while (writing !== null) await writing;
    },
    failures: () => failures,
  };
}

/** Only tables that are believed are kept; null when there is none, or the node is gone. */
function textOf(node: Node, session: string): string | null {
  const { group, node: id, bdSeq, bornMs, nextSeq, lastMs, messages } = node;
  const devices = [...node.devices].filter(([, table]) => table.born && table.trusted);
  const own = node.own.born && node.own.trusted ? entriesOf(node.own) : null;
  if (node.dead || node.stale !== '' || (own === null && devices.length === 0)) return null;
  const head = { session, group, node: id, bdSeq, bornMs, nextSeq, lastMs, messages };
  const said = devices.map(([name, table]) => [name, entriesOf(table)]);
  return JSON.stringify({ ...head, own, devices: said } satisfies Record<string, unknown>);
}

function entriesOf(table: Table): z.output<typeof entries> {
  const aliases = new Map([...table.byAlias].map(([alias, meta]) => [meta, alias]));
  return [...table.byName.values()].map((m) => [m.name, aliases.get(m) ?? null, m.datatype]);
}

function nodeOf(
  saved: z.output<typeof record>,
  position: [number, number, number, number] | undefined,
  number: (address: Address, metric: string) => number,
): Node {
  const { group, node, bdSeq, bornMs } = saved;
  const address = (device: string): Address => ({ type: 'DDATA', group, node, device });
  const tableFrom = (list: z.output<typeof entries>, device: string) => {
    const table = { ...emptyTable(), born: true, trusted: true, unsure: true };
    for (const [name, alias, datatype] of list) {
      const meta = { name, datatype, tag: number(address(device), name) };
      table.byName.set(name, meta);
      if (alias !== null) table.byAlias.set(alias, meta);
    }
    return table;
  };
  const newer = position !== undefined && position[0] === bornMs;
  const at = { nextSeq: saved.nextSeq, lastMs: saved.lastMs, messages: saved.messages };
  if (newer) [, at.nextSeq, at.lastMs, at.messages] = position;
  return {
    ...{ name: `${group}/${node}`, group, node, bdSeq, bornMs, ...at },
    ...NO_ABSENCE(),
    ...{ dead: false, stale: '', deadDevices: new Set<string>(), away: true, kept: true },
    own: saved.own === null ? emptyTable() : tableFrom(saved.own, ''),
    devices: new Map(saved.devices.map(([name, list]) => [name, tableFrom(list, name)])),
  };
}

function jsonOf(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? 'null');
  } catch {
    return null;
  }
}
