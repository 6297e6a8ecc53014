import type { AlertPolicy } from '../alerts/policy.ts';
import type {
  AccountChange,
  Actor,
  Alert,
  AlertEvent,
  AuditEntry,
  CharacteristicSummary,
  Limits,
  SourceEvent,
  Stretch,
  SummaryChange,
} from '../model.ts';
import type { Refused } from '../store/store.ts';
import type { CharacteristicSettings } from './characteristic.ts';
import type { Checked } from './checked.ts';
import type { CycleSettings } from './cycles/settings.ts';
import type { ReducerFigures } from './figures.ts';
import type { GroupSettings } from './groups/settings.ts';

/** The seam between the shell (main thread) and the core (worker). Batches travel as buffers. */
export type ToCore =
  | { type: 'start'; options: CoreOptions }
  | { type: 'batch'; id: number; buffer: ArrayBuffer }
  /** with an id somebody waits for its commit, as for a batch; ids of both grow together */
  | { type: 'event'; event: SourceEvent; id?: number }
  | { type: 'command'; id: number; command: Command; actor?: Actor }
  | { type: 'audit'; id: number; entry: AuditEntry | null; accounts: readonly AccountChange[] }
  | { type: 'cursor'; reader: string; seq: number; ahead: readonly Stretch[] }
  | { type: 'reject'; sink: string; rows: Refused[] }
  | { type: 'forgive'; ids: readonly number[] }
  /** somebody looks at the page: summaries then come four times a second, else once */
  | { type: 'watched'; watched: boolean }
  | { type: 'stop' };

export type FromCore =
  | { type: 'ready'; ready: CoreReady }
  | { type: 'committed'; committed: Committed }
  | { type: 'recording'; recording: Recording }
  | { type: 'disk'; disk: DiskState }
  | { type: 'answer'; id: number; alert?: Alert; limits?: Limits; error?: string }
  | { type: 'stopped' }
  /** `refused`: the store cannot be used as it is, and the message says what to do */
  | { type: 'failed'; message: string; refused?: boolean };

/** What a person asks for. Journaled like a reading, so that a replay does it again. */
export type Command =
  | {
      kind: 'acknowledge';
      alert: number;
      by: string;
      cause: string;
      action: string;
      comment: string;
      timeMs: number;
    }
  | {
      kind: 'shelve';
      alert: number;
      by: string;
      reason: string;
      untilMs: number;
      timeMs: number;
    }
  | { kind: 'unshelve'; alert: number; by: string; timeMs: number }
  | { kind: 'event'; event: SourceEvent }
  | { kind: 'approve'; characteristic: string; version: number; by: string; timeMs: number }
  | { kind: 'pool-gauges'; characteristic: string; by: string; reason: string; timeMs: number };

export interface CoreReady {
  /** lasting number of every characteristic id: what sources put into `Delivery.tag` */
  numbers: Map<string, number>;
  head: number;
  /** journal transactions that were replayed to get here */
  replayed: number;
  created: boolean;
  quarantined: string | null;
  /** made with the store and kept in it: tells its sequence numbers from those of another one */
  storeId: string;
  /** ids of the characteristics that ever had a reading */
  heard: string[];
  summaries: CharacteristicSummary[];
}

export interface Committed {
  seq: number;
  /** batches and events up to and including this id are durable */
  batch: number;
  /** false: the store takes no writes; alerts and summaries are shown, and come again */
  recorded: boolean;
  alerts: AlertEvent[];
  /** what changed since the last list; empty in between, see `watched` */
  summaries: SummaryChange[];
  figures: CoreFigures;
}

/** Whether what comes in is written down. */
export interface Recording {
  /** why not; empty while it is */
  reason: string;
  /** for how long not, ms */
  forMs: number;
  /** inputs that wait in memory, unacknowledged */
  held: number;
}

/** The disk that holds the store, as of the last second. */
export interface DiskState {
  freeBytes: number;
  ballastBytes: number;
  /** less is free than the settings want */
  low: boolean;
  /** there is no room: only alarms, answers and the end are written, in place of the ballast */
  full: boolean;
}

/** Running totals since the thread began. */
export interface CoreFigures extends ReducerFigures {
  commits: number;
  store: Record<string, number>;
}

/** Shared by both threads: a number that the shell counts up once a second, negative while it stops. */
export interface ShellPulse {
  pulse: Int32Array;
  seconds: number;
}

/** What the core thread is started with. */
export interface CoreOptions {
  file: string;
  /** what the shell has checked of the settings of charts and rules */
  checked?: Checked;
  /** the pulse of the shell: when it stops for so many seconds, the core ends the process */
  shell?: ShellPulse;
  /** the checked settings, as plain data */
  settings: {
    characteristics: Record<string, CharacteristicSettings>;
    groups?: Record<string, GroupSettings>;
    cycles?: Record<string, CycleSettings>;
    alerts: AlertPolicy;
    /** names of the sources */
    sources: string[];
  };
  /** a transaction is closed after this long, or this many readings, or at once on a signal */
  commitEveryMs: number;
  commitReadings: number;
  snapshotEveryMs: number;
  /** what a store is called that has no id yet; chance is an argument */
  newStoreId: string;
  /** sinks and channels of the settings; the positions of others no longer hold the journal */
  readers: string[];
  /** bytes of the ballast file, and of free space below which people are warned */
  space: { ballastBytes: number; minFreeBytes: number };
  retention: { journalKeepMs: number; historyKeepMs: number; maxBytes: number };
}
