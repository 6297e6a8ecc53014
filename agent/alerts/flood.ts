import type { AlertEvent } from '../model.ts';
import { type Digest, MAX_CRITICAL, MAX_SUBJECTS } from './notice.ts';

export interface FloodOptions {
  /** notices in one window before the rest is held for a digest */
  notices: number;
  windowMs: number;
}

/**
 * Keeps a storm of messages off people. Times are monotonic milliseconds. In a rolling window so many
 * notices pass, and then one digest for all the rest. Warnings never use up the room of first alarms,
 * nor these the room of critical ones, which have as many again: more than that nobody can act on,
 * and the digest names every critical one.
 */
export interface Flood {
  /** true: send it now; false: it was counted into the digest */
  admit(event: AlertEvent, nowMs: number): boolean;
  /** a notice went out */
  sent(nowMs: number): void;
  /** what is held back, null when nothing is */
  held(): Digest | null;
  /** how long until the digest may go; 0 = now, Infinity = nothing is held */
  waitMs(nowMs: number): number;
  /** the digest was delivered, or never can be */
  release(nowMs: number): void;
}

/** Held alarms are told no later than this, unless a digest went out in this window already. */
const ALARM_DIGEST_MS = 60_000;

/** The storm guard of one channel. */
export function flood(options: FloodOptions): Flood {
  /** times of the newest notices, of the first alarms among them, and of critical ones beyond */
  const times: number[] = [];
  const alarms: number[] = [];
  const beyond: number[] = [];
  let digest: Digest | null = null;
  let heldSinceMs = 0;
  let alarmSinceMs = Number.POSITIVE_INFINITY;
  let lastDigestMs = Number.NEGATIVE_INFINITY;
  const recent = (list: number[], nowMs: number) => {
    while (list.length > 0 && nowMs - (list[0] ?? 0) >= options.windowMs) list.shift();
    return list.length;
  };
  const hasRoom = (list: number[], nowMs: number) => recent(list, nowMs) < options.notices;
  const roomInMs = (nowMs: number) => {
    if (recent(times, nowMs) < options.notices) return 0;
    return (times[0] ?? 0) + options.windowMs - nowMs;
  };
  return {
    admit(event, nowMs) {
      const first = isFirstAlarm(event);
      const into = event.alert.class === 'CC' && !hasRoom(alarms, nowMs) ? beyond : alarms;
      if (first ? hasRoom(into, nowMs) : digest === null && roomInMs(nowMs) === 0) {
        if (first) into.push(nowMs);
        return true;
      }
      if (digest === null) {
        digest = startDigest(event);
        heldSinceMs = nowMs;
      }
      if (first) alarmSinceMs = Math.min(alarmSinceMs, nowMs);
      collect(digest, event);
      return false;
    },
    sent(nowMs) {
      times.push(nowMs);
      if (times.length > options.notices) times.shift();
    },
    held: () => digest,
    waitMs(nowMs) {
      if (digest === null) return Number.POSITIVE_INFINITY;
      const soon = Math.min(heldSinceMs + options.windowMs, alarmSinceMs + ALARM_DIGEST_MS);
      // One digest in a window, however long the storm lasts.
      const at = Math.max(soon, lastDigestMs + options.windowMs);
      return Math.max(0, Math.min(roomInMs(nowMs), at - nowMs));
    },
    release(nowMs) {
      digest = null;
      // A summary is a message too.
      alarms.push(nowMs);
      alarmSinceMs = Number.POSITIVE_INFINITY;
      lastDigestMs = nowMs;
    },
  };
}

/** A summary that begins with this event, and counts none yet. */
export function startDigest(event: AlertEvent): Digest {
  return { first: event, last: event, count: 0, subjects: new Map(), critical: [] };
}

/** Counts an event into a summary. */
export function collect(digest: Digest, event: AlertEvent): void {
  digest.last = event;
  digest.count += 1;
  const { subject, title, class: ofClass } = event.alert;
  const known = digest.subjects.get(subject);
  if (known !== undefined || digest.subjects.size < MAX_SUBJECTS) {
    digest.subjects.set(subject, (known ?? 0) + 1);
  }
  const critical = ofClass === 'CC' && isFirstAlarm(event);
  if (critical && digest.critical.length < MAX_CRITICAL) digest.critical.push(title);
}

const URGENT: AlertEvent['transition'][] = [
  'raised',
  'worsened',
  'returned',
  'escalated',
  'unshelved',
];

function isFirstAlarm(event: AlertEvent): boolean {
  if (event.alert.severity !== 'alarm') return false;
  return URGENT.includes(event.transition);
}
