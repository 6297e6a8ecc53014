import type { Batch } from '../batch.ts';
import type {
  AlertEvent,
  Characteristic,
  CharacteristicSummary,
  Gap,
  Limits,
  Point,
  Signal,
  SinkHealth,
  SourceHealth,
} from '../model.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';

/** One stretch of the journal, whole transactions, in order: what a sink writes in one go. */
export interface Rows {
  /** journal positions covered: (after, upTo] */
  after: number;
  upTo: number;
  /** accepted readings by transaction; duplicates that the core refused have quality 255 */
  /** `first` is the number of the first reading in the journal: it never changes */
  batches: { seq: number; first: number; batch: Batch }[];
  points: Point[];
  signals: Signal[];
  alerts: AlertEvent[];
  limits: Limits[];
  gaps: Gap[];
}

export const QUALITY_DUPLICATE = 255;

/**
 * The port of every way out for data. All or nothing, and safe to repeat: the same rows written
 * twice must leave the same state. Errors: `RetryError` try again (afterMs when the server named
 * it), `HoldError` keep all and probe (wrong token, no such database), `PermanentError` this batch
 * can never be written. A sink splits a batch itself to find a bad row and returns it as rejected.
 */
export interface Sink {
  open(): Promise<void>;
  write(rows: Rows, signal: AbortSignal): Promise<WriteResult>;
  /** rows of `WriteResult.rejected`, sent once more because somebody mended the other side */
  again?(rows: readonly string[], signal: AbortSignal): Promise<WriteResult>;
  /** health of the agent itself, written now and then; never retried */
  beat?(sources: SourceHealth[], signal: AbortSignal, own?: OwnHealth): Promise<void>;
  close(): Promise<void>;
}

/** What else a beat may tell: the sink's own runner, and the characteristics of the overview. */
export interface OwnHealth {
  health: SinkHealth;
  summaries: CharacteristicSummary[];
}

export interface WriteResult {
  written: number;
  rejected: { row: string; reason: string }[];
}

export interface SinkContext {
  name: string;
  site: string;
  /** characteristic of a number used in `Batch.characteristic`; undefined when it was removed */
  characteristic(number: number): Characteristic | undefined;
  characteristicById(id: string): Characteristic | undefined;
  clock: Clock;
  log: Log;
}
