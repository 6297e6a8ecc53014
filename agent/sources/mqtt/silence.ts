import { sayDuration } from '../../runtime/duration.ts';

/** Notices that a topic which should speak does not, connected or not being no excuse. */
export interface Silence {
  heard(index: number, nowMs: number): void;
  /** the subscriptions are answered: from now on silence is the sender's */
  listening(nowMs: number): void;
  deaf(): void;
  tick(nowMs: number): void;
  /** index of a silent entry : since when it is silent, on the same clock */
  silent(): ReadonlyMap<number, number>;
}

export interface SilenceOptions {
  /** topic and expected period of each entry, null = nothing is expected */
  entries: readonly { topic: string; everyMs: number | null }[];
  /** what an entry is called, 'topic' when left out */
  what?: string;
  report(severity: 'warning' | 'info', text: string): void;
}

const TOLERATED_PERIODS = 3;

export function createSilence(options: SilenceOptions): Silence {
  const { entries, what = 'topic' } = options;
  const last = entries.map(() => Number.NEGATIVE_INFINITY);
  const silent = new Map<number, number>();
  let since = Number.POSITIVE_INFINITY;

  return {
    heard(index, nowMs) {
      last[index] = nowMs;
      const began = silent.get(index);
      if (began === undefined) return;
      silent.delete(index);
      const was = sayDuration(nowMs - began);
      options.report('info', `${what} '${entries[index]?.topic}' speaks again after ${was}`);
    },
    listening(nowMs) {
      if (since === Number.POSITIVE_INFINITY) since = nowMs;
    },
    deaf() {
      since = Number.POSITIVE_INFINITY;
    },
    tick(nowMs) {
      for (const [index, entry] of entries.entries()) {
        if (entry.everyMs === null || silent.has(index)) continue;
        const quietSince = Math.max(last[index] ?? since, since);
        if (nowMs - quietSince <= TOLERATED_PERIODS * entry.everyMs) continue;
        silent.set(index, quietSince);
        const period = sayDuration(entry.everyMs);
        options.report(
          'warning',
          `${what} '${entry.topic}' is silent: a message is expected every ${period}`,
        );
      }
    },
    silent: () => silent,
  };
}
