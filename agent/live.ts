import type { LiveChange } from './console/view.ts';
import type { AlertEvent, CharacteristicSummary, SummaryChange } from './model.ts';

/** The newest summary of everything, and who wants to hear when it changes. */
export interface LiveState {
  summaries(): CharacteristicSummary[];
  summary(id: string): CharacteristicSummary | undefined;
  /** takes in what the core committed */
  take(summaries: readonly SummaryChange[], alerts: readonly AlertEvent[]): void;
  sourcesChanged(): void;
  subscribe(listener: (change: LiveChange) => void): () => void;
  stop(): void;
}

const EVERY_MS = 250;

/** `watched` is told when the first listener comes and when the last one goes. */
export function createLiveState(
  first: readonly CharacteristicSummary[],
  now: () => number,
  watched: (watched: boolean) => void,
): LiveState {
  const byId = new Map(first.map((s) => [s.id, s]));
  const listeners = new Set<(change: LiveChange) => void>();
  const changed = new Set<string>();
  let alerts = new Map<number, AlertEvent['alert']>();
  let sources = false;
  let timer: NodeJS.Timeout | null = null;

  const tell = () => {
    timer = null;
    const change: LiveChange = {
      characteristics: [...changed].flatMap((id) => byId.get(id) ?? []),
      alerts: [...alerts.values()],
      sources,
    };
    changed.clear();
    alerts = new Map();
    sources = false;
    for (const listener of listeners) listener(change);
  };
  const schedule = () => {
    timer ??= setTimeout(tell, EVERY_MS);
  };

  return {
    summaries: () => [...byId.values()].map((s) => fresh(s, now())),
    summary(id) {
      const found = byId.get(id);
      return found === undefined ? undefined : fresh(found, now());
    },
    take(summaries, events) {
      for (const s of summaries) {
        const before = byId.get(s.id);
        if (before === undefined) continue;
        byId.set(s.id, { ...before, ...s });
      }
      // Who comes later gets a snapshot first: kept for nobody, alerts would grow without a bound
      // and be told as news to the first page that opens.
      if (listeners.size === 0 || summaries.length + events.length === 0) return;
      for (const s of summaries) if (byId.has(s.id)) changed.add(s.id);
      for (const event of events) alerts.set(event.alert.id, event.alert);
      schedule();
    },
    sourcesChanged() {
      if (listeners.size === 0) return;
      sources = true;
      schedule();
    },
    subscribe(listener) {
      listeners.add(listener);
      if (listeners.size === 1) watched(true);
      return () => {
        if (listeners.delete(listener) && listeners.size === 0) watched(false);
      };
    },
    stop() {
      if (timer !== null) clearTimeout(timer);
      listeners.clear();
    },
  };
}

/** A summary does not age by itself: silence is seen here, when somebody looks. */
function fresh(s: CharacteristicSummary, nowMs: number): CharacteristicSummary {
  if (s.lastReadingAt === null || s.status === 'stale') return s;
  return nowMs - s.lastReadingAt > s.noDataAfterMs ? { ...s, status: 'stale' } : s;
}
