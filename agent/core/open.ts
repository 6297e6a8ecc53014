import type { Actor, AlertEvent, SourceEvent } from '../model.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Writer } from '../store/store.ts';
import type { Outputs } from './outputs.ts';
import type { Command, CoreOptions, FromCore } from './protocol.ts';
import { createReaders, type Readers } from './readers.ts';
import type { CommandResult, Reducer } from './reducer.ts';
import type { Reserve } from './reserve.ts';

/** What the loop is made of. */
export interface LoopOptions {
  reducer: Reducer;
  writer: Writer;
  clock: Clock;
  post(message: FromCore): void;
  /** calls back after so many ms; returns the way to cancel. The worker gives timers */
  later(ms: number, work: () => void): () => void;
  options: Omit<CoreOptions, 'file' | 'settings' | 'space'>;
  /** the way back when the disk fails; without it every failure of the store ends the core */
  rescue?: Rescue;
  /** room for alarms when the disk is full */
  reserve?: Reserve;
}

export interface Rescue {
  /** why the store failed, when that may pass (disk full, input/output error); null for the rest */
  passing(error: unknown): string | null;
  /** opens and verifies the store again; the reducer as of its last transaction. Throws */
  reopen(): Reducer;
}

/** One input, kept until it is durable. */
export type Input =
  | { type: 'batch'; id: number; buffer: ArrayBuffer }
  | { type: 'event'; event: SourceEvent; id?: number }
  | {
      type: 'command';
      id: number;
      command: Command;
      actor: Actor | undefined;
      result?: CommandResult;
    }
  | { type: 'tick'; nowMs: number; start: boolean };

/** The store takes no writes. */
export interface Lost {
  reason: string;
  /** monotonic */
  sinceMs: number;
  /** a transaction whose COMMIT failed may be in the file all the same: its inputs and alerts */
  landing: { seq: number; inputs: number; alerts: AlertEvent[] } | null;
  /** times that it was tried to open it again */
  tries: number;
  /** people were told of it */
  alarmed: boolean;
}

/** The open transaction and everything else the loop remembers. */
export interface Open {
  /** replaced when the store was opened again */
  reducer: Reducer;
  /** a transaction is open, since this moment of the monotonic clock */
  active: boolean;
  begunMs: number;
  seq: number;
  /** it should be committed as soon as nothing more waits */
  due: boolean;
  readings: number;
  alerts: AlertEvent[];
  cancel: () => void;
  batch: number;
  snapshotMs: number;
  summaryMs: number;
  /** somebody looks at the page */
  watched: boolean;
  readers: Readers;
  /** inputs since the last commit, in order */
  held: Input[];
  lost: Lost | null;
  /** tries at once to open the store again: room was made */
  soon: () => void;
}

export function startOpen(l: LoopOptions): Open {
  return {
    reducer: l.reducer,
    active: false,
    begunMs: 0,
    seq: 0,
    due: false,
    readings: 0,
    alerts: [],
    cancel: () => {},
    batch: 0,
    snapshotMs: l.clock.monotonic(),
    summaryMs: 0,
    watched: false,
    readers: createReaders(),
    held: [],
    lost: null,
    soon: () => {},
  };
}

/** Runs a write of the store. Once it has failed nothing is written until it is open again. */
export function attempt(l: LoopOptions, open: Open, write: () => void): void {
  if (open.lost !== null) return;
  try {
    write();
  } catch (error) {
    lose(l, open, error);
  }
}

/**
 * The open transaction is gone. Its inputs stay in memory, unacknowledged, and the reducer goes on
 * with them and what comes after: people go on seeing their process, told that nothing is recorded.
 */
export function lose(l: LoopOptions, open: Open, error: unknown): void {
  const reason = l.rescue?.passing(error) ?? null;
  if (reason === null) throw error;
  open.cancel();
  open.active = false;
  open.due = false;
  open.readings = 0;
  open.lost = { reason, sinceMs: l.clock.monotonic(), landing: null, tries: 0, alarmed: false };
  tellRecording(l, open);
  if (l.reserve?.make(error) === true) open.soon();
}

/** Says whether what comes in is recorded, and if not, why and how much waits for it. */
export function tellRecording(l: LoopOptions, open: Open, before = open.lost): void {
  const reason = open.lost?.reason ?? l.reserve?.reason() ?? '';
  const sinceMs = before?.sinceMs ?? (reason === '' ? undefined : l.reserve?.sinceMs());
  const forMs = sinceMs === undefined ? 0 : l.clock.monotonic() - sinceMs;
  l.post({ type: 'recording', recording: { reason, forMs, held: open.held.length } });
}

/** Where the reducer puts what it finds: into the store, while it takes it. */
export function writing(l: LoopOptions, open: Open): Outputs {
  const { writer } = l;
  const keep =
    <A>(write: (row: A) => void) =>
    (row: A) =>
      attempt(l, open, () => write(row));
  return {
    // Like `reading` the ones that come by the thousand: no function is made for each.
    point(row) {
      if (open.lost !== null) return;
      try {
        writer.point(row);
      } catch (error) {
        lose(l, open, error);
      }
    },
    signal: keep(writer.signal),
    alert(event) {
      attempt(l, open, () => writer.alert(event));
      open.alerts.push(event);
    },
    limits: keep(writer.limits),
    gap: keep(writer.gap),
    event: keep(writer.event),
    reading(number, sourceMs, value, quality, sequence) {
      if (open.lost !== null) return;
      try {
        writer.reading(number, sourceMs, value, quality, sequence);
      } catch (error) {
        lose(l, open, error);
      }
    },
  };
}
