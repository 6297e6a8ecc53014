import type { SourceContext } from '../source.ts';
import { follow, isOld, isUnsure, makeSure, saidNothing, wentOn } from './absence.ts';
import type { SparkplugCounters } from './counters.ts';
import type { KeptBirths } from './kept.ts';
import { distrust, forgetTables, type Node } from './nodes.ts';
import type { createReadings } from './readings.ts';
import type { SparkplugSettings } from './settings.ts';

/** What a host is made with. */
export interface HostOptions {
  own: SparkplugSettings;
  context: SourceContext;
  counters: SparkplugCounters;
  births: Pick<KeptBirths, 'load' | 'changed'>;
  deliver: Parameters<typeof createReadings>[1];
  /** this node should tell its metrics again */
  wantBirth(node: Node): void;
}

/** The counter 0-255: what it says of messages that did not reach us, and of aliases. */
export function noteSequence(
  h: HostOptions,
  node: Node,
  seq: number | null,
  receiveMs: number,
  redelivered: boolean,
): void {
  if (isOld(node, seq, redelivered)) return;
  const { away, unheard } = node;
  const proven = away && saidNothing(node, seq, receiveMs);
  if (proven) makeSure(node);
  const believed = proven || (away && !unheard && wentOn(node, seq, receiveMs));
  const missed = follow(node, seq, receiveMs);
  node.away = false;
  node.unheard = false;
  h.counters.missedMessages += missed;
  const lost = missed === 1 ? 'a message' : `${missed} messages`;
  if (believed) {
    if (node.kept || missed > 0 || isUnsure(node))
      goOn(h, node, missed === 0 ? 'no message' : lost);
    return;
  }
  if (node.kept && away) {
    forget(h, node);
    stale(h, node, 'its counter began anew while we were away, so it may have given a new birth');
    h.wantBirth(node);
    return;
  }
  const forgotten = away && unheard && isUnsure(node);
  if (missed === 0 && !forgotten) return;
  stale(h, node, forgotten ? FORGOTTEN : `${lost} of it got lost`);
  distrust(node, node.stale);
  h.births.changed(node);
  h.wantBirth(node);
}

const FORGOTTEN =
  'the broker forgot our session, so a death and a birth of it may have come while we were away';

function goOn(h: HostOptions, node: Node, lost: string): void {
  if (node.kept) h.counters.birthsKept += 1;
  const since = new Date(node.bornMs).toISOString();
  const text =
    `node '${node.name}' goes on with the aliases of its birth of ${since}: the broker kept our ` +
    `session and no death of it was in it; ${lost} of it got lost while we were away` +
    (isUnsure(node) ? '; until its next birth values by alias are uncertain' : '');
  tell(h, 'info', text);
}

/** Until its next birth a node is stale; told once. */
export function stale(h: HostOptions, node: Node, why: string): void {
  if (node.stale !== '') return;
  const advice =
    h.own.rebirth === undefined
      ? 'values by alias wait for its next birth; allow rebirth: {} to ask for one'
      : 'it is asked for a birth';
  node.stale = `${why}; ${advice}`;
  tell(h, 'warning', `node '${node.name}' is stale: ${node.stale}`);
}

/** What it said of its metrics is believed no more, here and on disk. */
export function forget(h: HostOptions, node: Node): void {
  forgetTables(node);
  h.births.changed(node);
}

/** Something about a node that people should know. */
export function tell(h: HostOptions, severity: 'warning' | 'info', text: string): void {
  const kind = severity === 'info' ? 'note' : 'device';
  h.context.report({ kind, severity, text, timeMs: h.context.clock.now() });
}
