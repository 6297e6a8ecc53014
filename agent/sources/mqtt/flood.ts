import { sayDuration } from '../../runtime/duration.ts';
import type { SourceContext } from '../source.ts';
import type { ConnectionSettings } from './connection.ts';

/**
 * Keeps one sender from taking the place of all others: a topic, and a publisher where the broker
 * names it, may send so many messages and bytes a second for long, and a store of them at once.
 * What is beyond that is left out and counted, before it is looked into.
 */
export interface FloodGate {
  /** may this message be read? `factor` of the usual rate */
  admits(topic: string, publisher: string, bytes: number, factor?: number): boolean;
  /** the connection is gone: what comes next may be what the broker kept for us meanwhile */
  away(): void;
  /** connected; `kept`: it kept a session, and hands over as much as it likes from it */
  back(kept: boolean): void;
  /** a few times a second: says when a flood begins, goes on, and is over */
  tick(): void;
  /** floods that go on, in words */
  floods(): readonly { topic: string; text: string }[];
}

export interface FloodCounters {
  floodMessages: number;
  floodBytes: number;
}

export interface FloodOptions {
  limits: ConnectionSettings['flood'];
  counters: FloodCounters;
  context: Pick<SourceContext, 'clock' | 'report'>;
}

/** Messages and bytes that may still come, and what was left out since the flood began. */
interface Bucket {
  what: string;
  topic: string;
  messages: number;
  bytes: number;
  atMs: number;
  leftOut: number;
  leftOutBytes: number;
  sinceMs: number;
  lastMs: number;
  told: boolean;
}

const MOST_BUCKETS = 20_000;
/** A flood is over when nothing had to be left out for so long. */
const QUIET_MS = 10_000;
const LONGEST_HANDOVER_MS = 600_000;
const MOST_TOLD = 20;

export function floodGate(o: FloodOptions): FloodGate {
  const { clock } = o.context;
  const report = (kind: 'device' | 'note', severity: 'warning' | 'info', text: string) =>
    o.context.report({ kind, severity, text, timeMs: clock.now() });
  const buckets = new Map<string, Bucket>();
  const flooding = new Set<Bucket>();
  const handover = { untilMs: 0, sinceMs: 0, messages: 0 };

  const bucketOf = (key: string, what: string, topic: string, now: number): Bucket => {
    const known = buckets.get(key);
    if (known !== undefined) return known;
    if (buckets.size >= MOST_BUCKETS) buckets.delete(buckets.keys().next().value ?? '');
    const made: Bucket = {
      ...{ what, topic, messages: Number.POSITIVE_INFINITY, bytes: Number.POSITIVE_INFINITY },
      ...{ atMs: now, leftOut: 0, leftOutBytes: 0, sinceMs: 0, lastMs: 0, told: false },
    };
    buckets.set(key, made);
    return made;
  };
  const refuse = (b: Bucket, bytes: number, now: number) => {
    o.counters.floodMessages += 1;
    o.counters.floodBytes += bytes;
    if (b.leftOut === 0) b.sinceMs = now;
    b.leftOut += 1;
    b.leftOutBytes += bytes;
    b.lastMs = now;
    flooding.add(b);
  };
  const away = () => {
    // What a session holds comes before we are told that we are connected.
    handover.untilMs = Number.POSITIVE_INFINITY;
    handover.sinceMs = Number.POSITIVE_INFINITY;
  };
  away();
  return {
    away,
    admits(topic, publisher, bytes, factor = 1) {
      const now = clock.monotonic();
      handover.messages += 1;
      if (now < handover.untilMs) return true;
      const own = bucketOf(topic, `topic '${topic}'`, topic, now);
      const theirs =
        publisher === ''
          ? null
          : bucketOf(`\0${publisher}`, `publisher '${publisher}'`, topic, now);
      fill(own, o.limits, now, factor);
      if (theirs !== null) fill(theirs, o.limits, now, o.limits.perPublisher);
      const short = isShort(own, bytes)
        ? own
        : theirs !== null && isShort(theirs, bytes)
          ? theirs
          : null;
      if (short !== null) {
        refuse(short, bytes, now);
        return false;
      }
      for (const b of [own, theirs]) {
        if (b === null) continue;
        b.messages -= 1;
        b.bytes -= bytes;
      }
      return true;
    },
    back(kept) {
      const now = clock.monotonic();
      handover.untilMs = kept ? now + LONGEST_HANDOVER_MS : now;
      handover.sinceMs = now;
      handover.messages = 0;
    },
    tick() {
      const now = clock.monotonic();
      endHandover(handover, o.limits.messages, now);
      for (const b of flooding) {
        if (!b.told && flooding.size <= MOST_TOLD) {
          b.told = true;
          report('device', 'warning', sayBegun(b, o.limits));
        }
        if (now - b.lastMs < QUIET_MS) continue;
        if (b.told) report('note', 'info', sayOver(b));
        flooding.delete(b);
        Object.assign(b, { leftOut: 0, leftOutBytes: 0, told: false });
      }
    },
    floods: () => [...flooding].map((b) => ({ topic: b.topic, text: sayNow(b) })),
  };
}

/** Over as soon as a second brings no more than one topic may send. */
function endHandover(
  h: { untilMs: number; sinceMs: number; messages: number },
  usual: number,
  now: number,
): void {
  if (now >= h.untilMs || now - h.sinceMs < 1000) return;
  if (h.messages <= usual) h.untilMs = now;
  h.sinceMs = now;
  h.messages = 0;
}

function fill(b: Bucket, limits: ConnectionSettings['flood'], now: number, factor: number): void {
  const seconds = (now - b.atMs) / 1000;
  const store = (limits.burst / 1000) * factor;
  b.messages = Math.min(b.messages + seconds * limits.messages * factor, limits.messages * store);
  b.bytes = Math.min(b.bytes + seconds * limits.bytes * factor, limits.bytes * store);
  b.atMs = now;
}

const isShort = (b: Bucket, bytes: number) => b.messages < 1 || b.bytes < bytes;

const sayBegun = (b: Bucket, { messages, bytes }: ConnectionSettings['flood']) =>
  `${b.what} sends more than the ${messages} messages or ${bytes} bytes a second that are read of one ` +
  '(flood): what is beyond that is left out and counted, all others are read as before. Look for a ' +
  'device or program that sends in a loop, or raise flood in the settings of this source';

const sayNow = (b: Bucket) =>
  `${b.what} floods: ${b.leftOut} messages (${b.leftOutBytes} bytes) were left out`;

const sayOver = (b: Bucket) =>
  `${b.what} sends as it should again: ${b.leftOut} messages (${b.leftOutBytes} bytes) were left out ` +
  `within ${sayDuration(b.lastMs - b.sinceMs)}`;
