import type { AlertEvent } from '../model.ts';
import { type Digest, MAX_SUBJECTS } from './notice.ts';

export interface FloodOptions {
  /** notices in one window before the rest is held for a digest */
  notices: number;
  windowMs: number;
}

/**
 * Keeps a storm of messages off people. Times are monotonic milliseconds. New alarms always pass at
 * once; everything else passes while the rolling window has room, and is counted into one digest
 * from then on until the window has room again, or one window passed: alarms may fill it for ever.
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
  release(): void;
}

/** The storm guard of one channel. */
export function flood(options: FloodOptions): Flood {
  /** times of the newest notices, oldest first, never more than the window may hold */
  const times: number[] = [];
  let digest: Digest | null = null;
  let heldSinceMs = 0;
  const waitMs = (nowMs: number) => {
    while (times.length > 0 && nowMs - (times[0] ?? 0) >= options.windowMs) times.shift();
    if (times.length < options.notices) return 0;
    return (times[0] ?? 0) + options.windowMs - nowMs;
  };
  return {
    admit(event, nowMs) {
      if (isFirstAlarm(event)) return true;
      if (digest === null && waitMs(nowMs) === 0) return true;
      if (digest === null) {
        digest = { first: event, last: event, count: 0, subjects: new Map() };
        heldSinceMs = nowMs;
      }
      digest.last = event;
      digest.count += 1;
      const { subject } = event.alert;
      const known = digest.subjects.get(subject);
      if (known !== undefined || digest.subjects.size < MAX_SUBJECTS) {
        digest.subjects.set(subject, (known ?? 0) + 1);
      }
      return false;
    },
    sent(nowMs) {
      times.push(nowMs);
      if (times.length > options.notices) times.shift();
    },
    held: () => digest,
    waitMs(nowMs) {
      if (digest === null) return Number.POSITIVE_INFINITY;
      return Math.max(0, Math.min(waitMs(nowMs), heldSinceMs + options.windowMs - nowMs));
    },
    release() {
      digest = null;
    },
  };
}

function isFirstAlarm(event: AlertEvent): boolean {
  if (event.alert.severity !== 'alarm') return false;
  return event.transition === 'raised' || event.transition === 'worsened';
}
