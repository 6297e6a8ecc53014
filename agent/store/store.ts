import type {
  AccountChange,
  Alert,
  AlertEvent,
  AlertState,
  AuditEntry,
  AuditRow,
  Gap,
  Limits,
  Point,
  RecordedAlertEvent,
  RejectedRow,
  Signal,
  SourceEvent,
  StoredEvent,
  Stretch,
} from '../model.ts';

/**
 * What the core thread needs of the store: one transaction at a time, one writer. `seq` is the
 * number of the transaction and the one sequence of everything; rows derived in it are numbered by
 * `ordinal`. Nothing is durable, and nothing may be acknowledged, before `commit` returned.
 */
export interface Writer {
  /** seq of the last committed transaction; 0 in a new store */
  head(): number;
  /** lasting numbers of characteristic ids; unknown ids get the next free number */
  numbers(ids: readonly string[]): Map<string, number>;
  /** opens a transaction; returns its seq. `wallMs` is kept for retention by age */
  begin(wallMs: number): number;
  /** input of the reducer, kept byte for byte, in order, inside this transaction's journal row */
  frame(kind: FrameKind, bytes: Uint8Array): void;
  /** each sets `seq` and `ordinal` on its argument; arguments may be reused by the caller */
  point(point: Point): void;
  signal(signal: Signal): void;
  alert(event: AlertEvent): void;
  limits(limits: Limits): void;
  gap(gap: Gap): void;
  /** copied; the argument gets no numbers */
  event(event: SourceEvent): void;
  /** an accepted reading into the history chunk of its characteristic; NaN for a bad one */
  reading(number: number, sourceMs: number, value: number, quality: number, sequence: number): void;
  /** a row of the audit log (null: none) in this transaction, and changes of accounts */
  audit(entry: AuditEntry | null, accounts: readonly AccountChange[]): void;
  /** state as of this transaction (`key` → JSON; '' removes it), with every open history chunk */
  saveState(entries: Iterable<readonly [string, string]>): void;
  /**
   * How far a reader got: everything up to `seq`, and the stretches `ahead` of it. Joins the open
   * transaction or makes its own.
   */
  cursor(reader: string, seq: number, ahead?: readonly Stretch[]): void;
  /** keeps rows that a sink could not deliver, each once; the oldest make room and are counted */
  reject(sink: string, rows: readonly Refused[]): void;
  /** rejected rows that were taken in the end, or dropped; unknown ids are passed over */
  forgive(ids: readonly number[]): void;
  commit(): void;
  /** the last saved state and its position */
  loadState(): SavedEntries;
  /** what else tells about parts of the state that are damaged; to be closed */
  remains(): Remains;
  /** journal frames after a position, oldest first: the tail to replay */
  frames(after: number): Iterable<Frame>;
  /** bounded piece of clean-up by age and size; returns what it removed */
  retain(wallMs: number): {
    journalRows: number;
    chunks: number;
    points: number;
    /** journal rows removed, because the file was too large, before these readers had them */
    unshipped: number;
    lostBy: string[];
  };
  /** one line of the operating figures: commits, bytes, sync latency */
  figures(): Record<string, number>;
  close(): void;
}

/** A saved state. */
export interface SavedEntries {
  /** the transaction that it belongs to */
  seq: number;
  entries: Map<string, string>;
  /** keys whose text is not what was written; they are not among the entries */
  damaged?: string[];
}

/** What the rest of the store tells about a part of the saved state that is damaged. */
export interface Remains {
  /** the newest limits of a characteristic */
  limits(characteristic: string): Limits | null;
  /** index of its newest point up to the saved state */
  pointIndex(characteristic: string): number;
  /** readings of it in the history */
  readings(characteristic: string): number;
  /** alerts that were not closed at the saved state, and the highest number given until then */
  alerts(): { open: Alert[]; lastId: number };
  /** the newest of the journal up to the saved state, oldest first; damaged rows are left out */
  frames(): Iterable<Frame>;
  close(): void;
}

/** Room on the disk that holds the database, and the ballast kept there for bad hours. */
export interface Space {
  look(): { freeBytes: number; ballastBytes: number };
  /** gives the ballast's room back to the disk; false when there was none */
  release(): boolean;
  /** writes one piece of the ballast when there is room for it; true when it is whole */
  restore(): boolean;
  /** whether there is room for the ballast and for going on as usual */
  enough(): boolean;
}

/** A row the other side refused, and why. */
export interface Refused {
  row: string;
  reason: string;
  timeMs: number;
}

export type FrameKind = 'batch' | 'tick' | 'command' | 'event';

export interface Frame {
  seq: number;
  kind: FrameKind;
  bytes: Uint8Array;
}

/** Read-only questions, answered on a thread of its own. All bounded by `limit`. */
export interface Reader {
  head(): number;
  points(characteristic: string, query: { limit: number; chart?: string; after?: number }): Point[];
  signals(characteristic: string, limit: number): Signal[];
  limits(characteristic: string): Limits[];
  alerts(query: { state?: AlertState | 'active'; limit: number }): Alert[];
  alert(id: number): Alert | undefined;
  gaps(limit: number): Gap[];
  /** what happened, newest first */
  events(limit: number): StoredEvent[];
  readings(characteristic: string, limit: number): StoredReading[];
  /** context of the reading that ended a point; null when the journal no longer has it */
  occasion(characteristic: string, point: PointKey): Record<string, string> | null;
  histogram(
    characteristic: string,
    query: { limit: number; from: number; to: number; bins: number },
  ): StoredHistogram;
  /** min/max per bucket over a span of source time; uses chunk summaries where a chunk fits */
  buckets(characteristic: string, query: { fromMs: number; toMs: number; count: number }): Bucket[];
  /** whole transactions in (after, upTo], until about `maxReadings` readings or many rows */
  rows(after: number, maxReadings: number, upTo?: number): StoredRows;
  /** alert transitions after `after`, oldest first */
  alertEvents(after: number, limit: number): RecordedAlertEvent[];
  /** what happened to one alert, oldest first; the newest ones when there are more */
  alertHistory(id: number, limit: number): AlertEvent[];
  cursors(): Record<string, number>;
  /** rows of the audit log with smaller numbers than `before`, newest first */
  audit(query: { limit: number; before?: number }): AuditRow[];
  /** users, sessions and tokens: key → JSON */
  accounts(): Record<string, string>;
  /** chunks and rows that were found damaged, and left out of answers, since the start */
  damagedParts(): number;
  /** what each reader got ahead of its cursor; readers without such are left out */
  ahead(): Record<string, Stretch[]>;
  /** rows that a sink could not deliver, newest first */
  rejected(sink: string, limit: number): RejectedRow[];
}

/** Which point: its transaction, and the source time of its last reading. */
export interface PointKey {
  seq: number;
  timeMs: number;
}

export interface StoredReading {
  sourceMs: number;
  value: number | null;
  quality: number;
  sequence: number | null;
}

export interface StoredHistogram {
  from: number;
  to: number;
  counts: number[];
  below: number;
  above: number;
  readings: number;
}

export interface Bucket {
  fromMs: number;
  count: number;
  min: number;
  max: number;
  mean: number;
}

/** As `Rows` of the sink port, with batches still encoded so that they cross threads for free. */
export interface StoredRows {
  after: number;
  upTo: number;
  /** `first` numbers the readings of the journal: the first of these bytes */
  batches: { seq: number; first: number; bytes: Uint8Array }[];
  points: Point[];
  signals: Signal[];
  alerts: AlertEvent[];
  limits: Limits[];
  gaps: Gap[];
  /** seqs in the stretch whose batches are damaged on disk and therefore missing: tell people */
  damaged?: number[];
}
