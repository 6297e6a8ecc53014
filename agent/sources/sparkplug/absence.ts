import { missedBefore, type Node, type Table } from './nodes.ts';

/**
 * What the first message of a node says after we were away. Its death is sent with QoS 1, so a kept
 * session would have brought it; a birth is sent with QoS 0 and is lost on who is away, but begins the
 * counter 0-255 anew. So aliases keep their meaning when the session was kept, no death was in it, and
 * the counter stands where it can have run to from where it was.
 */
export function wentOn(node: Node, seq: number | null, nowMs: number): boolean {
  if (seq === null || node.nextSeq === null) return false;
  const at = seq % MODULUS;
  const missed = (at - node.nextSeq + MODULUS) % MODULUS;
  if (missed === 0 || at >= node.nextSeq) return true;
  // It stands before where it was: had it the time to run past 255?
  return expected(node, nowMs) >= missed;
}

/**
 * Does the counter prove that the node gave no birth while we were away? It stands where it was, and
 * the node cannot have sent so many messages meanwhile that it got there anew. Four times its pace and
 * twice its births are more than it can have sent.
 */
export function saidNothing(node: Node, seq: number | null, nowMs: number): boolean {
  if (seq === null || seq % MODULUS !== node.nextSeq || node.messages < 2) return false;
  return seq % MODULUS > 4 * expected(node, nowMs) + 2 * (1 + node.devices.size);
}

/** We are away from now on: of births that come meanwhile nothing will be heard. */
export function goAway(node: Node): void {
  node.away = true;
  for (const table of tablesOf(node).values()) if (table.born) table.unsure = true;
}

/** Nothing was said while we were away: what is known is known for sure. */
export function makeSure(node: Node): void {
  for (const table of tablesOf(node).values()) table.unsure = false;
}

/** May some of its aliases mean something else by now? */
export function isUnsure(node: Node): boolean {
  if (node.own.unsure) return true;
  for (const table of node.devices.values()) if (table.unsure) return true;
  return false;
}

/** By device; '' is the node itself. */
const tablesOf = (node: Node): Map<string, Table> => new Map([['', node.own], ...node.devices]);

/** A birth of the node comes: what values were taken by until now is remembered. */
export function recallTables(node: Node): void {
  const values = node.unsureValues;
  node.before = { values, tables: values > 0 ? tablesOf(node) : new Map() };
  node.unsureValues = 0;
}

/** Were values taken by an alias that this birth gives another meaning? Asked once per table. */
export function misread(node: Node, device: string, now: Table): boolean {
  const { tables } = node.before;
  const before = tables.get(device);
  tables.delete(device);
  if (before?.unsure !== true) return false;
  return [...before.byAlias].some(([alias, { name, datatype }]) => {
    const meta = now.byAlias.get(alias);
    return meta?.name !== name || meta.datatype !== datatype;
  });
}

/** Sent again by the broker, and counted already when it was read the first time. */
export function isOld(node: Node, seq: number | null, redelivered: boolean): boolean {
  if (!redelivered || seq === null || node.nextSeq === null) return false;
  const behind = (node.nextSeq - (seq % MODULUS) + MODULUS) % MODULUS;
  return behind > 0 && behind <= MODULUS / 2;
}

/** Messages lost before this one; notes where the counter stands and how fast it runs. */
export function follow(node: Node, seq: number | null, nowMs: number): number {
  node.messages += 1;
  node.lastMs = nowMs;
  return missedBefore(node, seq);
}

const MODULUS = 256;

/** Messages that a node of its pace sends in the time since its last one. */
function expected(node: Node, nowMs: number): number {
  const spoke = node.lastMs - node.bornMs;
  if (node.messages < 2 || spoke <= 0) return 0;
  return ((nowMs - node.lastMs) * node.messages) / spoke;
}
