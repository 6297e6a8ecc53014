import type { SourceEvent } from '../model.ts';
import type { Clock } from '../runtime/clock.ts';
import { sayDuration } from '../runtime/duration.ts';

/** Smaller differences are what a clock that is kept right does all the time. */
const STEP_MS = 500;
const WARN_MS = 60_000;
/** Times before 2020 are of a clock that was never set. */
const CLOCK_SET_MS = 1_577_836_800_000;

/** Knows when the wall clock was set. */
export interface ClockWatch {
  /** what there is to tell since the last look */
  look(start: boolean): SourceEvent[];
  /**
   * The time that ages of stored rows are measured against. A clock that was set once and then jumps
   * forward is not believed until the next start: it would make everything old enough to be removed.
   */
  ageMs(): number;
}

/**
 * Watches the wall clock against the monotonic one. A step is input of the reducer, so that the
 * ages it measures are true, and stands in the journal, so that times beside it can be judged.
 */
export function watchClock(clock: Clock): ClockWatch {
  let doubtMs = 0;
  let wallMs = clock.now();
  let monotonicMs = clock.monotonic();
  return {
    look(start) {
      const now = clock.now();
      const monotonic = clock.monotonic();
      const stepMs = Math.round(now - wallMs - (monotonic - monotonicMs));
      const wasSet = wallMs >= CLOCK_SET_MS;
      wallMs = now;
      monotonicMs = monotonic;
      if (start && now < CLOCK_SET_MS) return [told(now, 'warning', sayUnset(now))];
      if (Math.abs(stepMs) < STEP_MS) return [];
      if (wasSet) doubtMs = Math.max(0, doubtMs + stepMs);
      const way = stepMs > 0 ? 'forward' : 'back';
      const severity = Math.abs(stepMs) < WARN_MS ? 'info' : 'warning';
      const text = `the clock of this machine was set ${way} by ${sayDuration(Math.abs(stepMs))}`;
      return [{ ...told(now, severity, text), stepMs }];
    },
    ageMs: () => clock.now() - doubtMs,
  };
}

const told = (timeMs: number, severity: SourceEvent['severity'], text: string): SourceEvent => ({
  source: 'clock',
  kind: 'note',
  severity,
  text,
  timeMs,
});

const sayUnset = (nowMs: number) =>
  `the clock of this machine is not set: it shows ${new Date(nowMs).toISOString().slice(0, 10)}. ` +
  'Readings without a time of their own get this one until it is';
