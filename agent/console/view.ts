import type {
  AccountChange,
  Actor,
  Alert,
  AlertEvent,
  AlertState,
  AuditEntry,
  AuditRow,
  CharacteristicSummary,
  Gap,
  Limits,
  PlantEventKind,
  Point,
  ReactionStatus,
  RejectedRow,
  Signal,
  SinkHealth,
  SourceHealth,
  StoredEvent,
} from '../model.ts';

/** What the web page and the API may see and do. `agent.ts` gives it; tests give a small fake. */
export interface ConsoleView {
  plant(): { name: string; site: string; version: string; startedMs: number; nowMs: number };
  characteristics(): CharacteristicSummary[];
  characteristic(id: string): CharacteristicSummary | undefined;
  /** newest `limit` points with index greater than `after`, oldest first; chart: kind or all */
  points(id: string, query: PointsQuery): Promise<Point[]>;
  signals(id: string, limit: number): Promise<Signal[]>;
  limits(id: string): Promise<Limits[]>;
  readings(id: string, limit: number): Promise<ReadingRow[]>;
  histogram(id: string, limit: number): Promise<Histogram>;
  alerts(query: { state?: AlertState | 'active'; limit: number }): Promise<Alert[]>;
  /** what happened to one alert, oldest first */
  alertHistory(id: number, limit: number): Promise<AlertEvent[]>;
  gaps(limit: number): Promise<Gap[]>;
  /** what happened in the plant and at the sources, newest first */
  events(limit: number): Promise<StoredEvent[]>;
  sources(): SourceHealth[];
  sinks(): SinkHealth[];
  /** rows that the other side of a sink refused, newest first */
  rejected(sink: string, limit: number): Promise<RejectedRow[]>;
  /** sends them once more; null = all. Rejects with InputError while the sink is not up */
  retryRejected(
    sink: string,
    ids: readonly number[] | null,
    actor: Actor,
  ): Promise<{ sent: number; taken: number; refused: number }>;
  /** gives them up; resolves with how many */
  dropRejected(
    sink: string,
    ids: readonly number[] | null,
    reason: string,
    actor: Actor,
  ): Promise<number>;
  reactions(): ReactionStatus[];
  /** arms or disarms; rejects with an InputError that says why it cannot be */
  armReaction(name: string, by: string, on: boolean, actor: Actor): Promise<ReactionStatus>;
  readiness(): { ready: boolean; checks: { name: string; ok: boolean; detail: string }[] };
  metrics(): Metric[];
  /** resolves when the answer is committed; rejects with InputError when it cannot be taken */
  acknowledge(id: number, answer: Acknowledgement, actor: Actor): Promise<Alert>;
  /** puts an alert aside; resolves when that is committed, rejects with InputError with the reason */
  shelve(id: number, shelving: Shelving, actor: Actor): Promise<Alert>;
  unshelve(id: number, by: string, actor: Actor): Promise<Alert>;
  /** resolves with its source time when it is durable; rejects with InputError when it cannot be taken */
  enterReading(entry: EnteredReading, actor: Actor): Promise<number>;
  /** resolves when the event is committed */
  addEvent(event: EnteredEvent, actor: Actor): Promise<void>;
  /** context of the reading that ended a point; null when the journal no longer has it */
  occasion(id: string, seq: number, timeMs: number): Promise<Record<string, string> | null>;
  /** which values people type in, and what is plausible */
  manual(): ManualForm[];
  /** values that people typed in, newest first */
  entries(limit: number): Promise<ManualRow[]>;
  /** disk, backup, whole check, clock */
  storage(): StorageHealth;
  /** a person signs that what several gauges measured may be counted as one */
  poolGauges(id: string, by: string, reason: string, actor: Actor): Promise<void>;
  approveLimits(id: string, version: number, by: string, actor: Actor): Promise<Limits>;
  /** calls `listener` at most four times a second while something changes; returns the way off */
  subscribe(listener: (change: LiveChange) => void): () => void;
}

/** Where users, sessions, tokens and the audit log are kept. */
export interface AccountStore {
  /** everything there is: key → JSON */
  load(): Promise<Record<string, string>>;
  /** resolves when the row and the changes are durable, in one transaction */
  save(entry: AuditEntry | null, changes: readonly AccountChange[]): Promise<void>;
  /** rows of the audit log with numbers below `before`, newest first */
  rows(query: { limit: number; before?: number }): Promise<AuditRow[]>;
}

export interface PointsQuery {
  limit: number;
  chart?: string;
  after?: number;
}

export interface Acknowledgement {
  by: string;
  cause: string;
  action: string;
  comment: string;
}

/** For so long, or until then; the first that is given counts. */
export interface Shelving {
  by: string;
  reason: string;
  forMs: number | null;
  untilMs: number | null;
}

/** A value that a person typed; time null = now. */
export interface EnteredReading {
  characteristic: string;
  value: number;
  timeMs: number | null;
  operator: string;
  gauge: string;
  reason: string;
}

/** A characteristic whose values are typed in; null = any. */
export interface ManualForm {
  characteristic: string;
  gauges: readonly string[] | null;
  operators: readonly string[] | null;
  /** values outside are refused as a slip of the finger; null without a tolerance */
  least: number | null;
  most: number | null;
}

/** A value as it was typed in, from the audit log. */
export interface ManualRow {
  characteristic: string;
  value: number;
  gauge: string;
  operator: string;
  reason: string;
  /** when it was measured, ISO 8601 */
  at: string;
}

/** Whether what is recorded is kept; null = not known yet, or never done. */
export interface StorageHealth {
  disk: { freeBytes: number; low: boolean; full: boolean } | null;
  backup: { timeMs: number } | null;
  /** null: the settings ask for none */
  backupEveryMs: number | null;
  check: { timeMs: number; ok: boolean; found: string[] } | null;
  /** jumps of the wall clock since the start, and all of them together */
  clock: { steps: number; ms: number };
  sync: { p99Ms: number; slow: boolean };
}

/** What a person says has happened. */
export interface EnteredEvent {
  kind: PlantEventKind;
  text: string;
  by: string;
  timeMs: number | null;
  characteristic?: string;
  machine?: string;
}

export interface ReadingRow {
  timeMs: number;
  value: number | null;
  quality: string;
  sequence: number | null;
}

/** Counts of good readings in equal bins; below and above collect what lies outside the bins. */
export interface Histogram {
  from: number;
  to: number;
  counts: number[];
  below: number;
  above: number;
  readings: number;
}

export interface Metric {
  name: string;
  help: string;
  type: 'counter' | 'gauge';
  samples: { labels: Record<string, string>; value: number }[];
}

/** Coalesced: only what changed since the last call. */
export interface LiveChange {
  characteristics: CharacteristicSummary[];
  alerts: Alert[];
  sources: boolean;
}
