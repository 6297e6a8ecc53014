import type { Stretch } from '../model.ts';

/**
 * What a sink has: everything up to `seq`, and stretches ahead of it that were shipped first. Between
 * them are holes. In order, apart from each other; the last one ends where the live lane is.
 */
export interface Position {
  seq: number;
  ahead: readonly Stretch[];
}

/** More than so many outages within one drain: the smallest stretch is forgotten and sent again. */
const MOST_STRETCHES = 64;

/** Where the live lane is. */
export const liveOf = (p: Position): number => p.ahead.at(-1)?.upTo ?? p.seq;

/** The oldest hole, null when there is none: then the sink is one cursor. */
export function holeOf(p: Position): Stretch | null {
  const next = p.ahead[0];
  return next === undefined ? null : { after: p.seq, upTo: next.after };
}

/** Transactions that were left out so far. */
export function behindOf(p: Position): number {
  let from = p.seq;
  let behind = 0;
  for (const { after, upTo } of p.ahead) {
    behind += after - from;
    from = upTo;
  }
  return behind;
}

/** The live lane goes on behind `head`; what lies before it becomes a hole, or widens the last. */
export function jumped(p: Position, head: number): Position {
  const last = p.ahead.at(-1);
  const kept = last !== undefined && last.after === last.upTo ? p.ahead.slice(0, -1) : p.ahead;
  return { seq: p.seq, ahead: [...bounded(kept), { after: head, upTo: head }] };
}

/** The position once (after, upTo] is shipped too. */
export function shipped(p: Position, { after, upTo }: Stretch): Position {
  const all = [...p.ahead, { after, upTo }].sort((a, b) => a.after - b.after);
  let seq = p.seq;
  const ahead: Stretch[] = [];
  for (const stretch of all) {
    const last = ahead.at(-1);
    if (stretch.after <= seq) seq = Math.max(seq, stretch.upTo);
    else if (last !== undefined && stretch.after <= last.upTo) {
      last.upTo = Math.max(last.upTo, stretch.upTo);
    } else ahead.push({ ...stretch });
  }
  return { seq, ahead };
}

function bounded(ahead: readonly Stretch[]): readonly Stretch[] {
  if (ahead.length < MOST_STRETCHES) return ahead;
  const width = (s: Stretch) => s.upTo - s.after;
  const smallest = ahead.reduce((a, b) => (width(b) < width(a) ? b : a));
  return ahead.filter((stretch) => stretch !== smallest);
}
