import { missedBefore, type Node } from './nodes.ts';

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
