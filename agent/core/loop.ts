import { decodeBatch } from '../batch.ts';
import type { AccountChange, Actor, AlertEvent, AuditEntry, SourceEvent } from '../model.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Writer } from '../store/store.ts';
import { auditOf } from './audited.ts';
import type { Outputs } from './outputs.ts';
import type { Command, CoreOptions, FromCore } from './protocol.ts';
import { createReaders, type Readers } from './readers.ts';
import type { Reducer } from './reducer.ts';

export interface LoopOptions {
  reducer: Reducer;
  writer: Writer;
  clock: Clock;
  post(message: FromCore): void;
  /** calls back after so many ms; returns the way to cancel. The worker gives timers */
  later(ms: number, work: () => void): () => void;
  options: Omit<CoreOptions, 'file' | 'settings'>;
}

/**
 * Input → reducer → one transaction → acknowledgements. A transaction takes in everything that
 * comes within `commitEveryMs` or `commitReadings`, and closes at once when something fired and
 * nothing more waits: under load one sync of the disk serves all that has come meanwhile.
 */
export interface Loop extends Pick<Readers, 'cursor' | 'reject' | 'forgive'> {
  /** `more`: another batch waits and is handed over next, so that the commit may wait for it */
  batch(id: number, buffer: ArrayBuffer, more?: boolean): void;
  event(event: SourceEvent): void;
  command(id: number, command: Command, actor?: Actor): void;
  /** no input of the reducer: a row of the audit log and the accounts it changes */
  audit(id: number, entry: AuditEntry, accounts: readonly AccountChange[]): void;
  tick(start: boolean): void;
  summaries(): void;
  /** commits what is open, with a snapshot; nothing is taken in afterwards */
  stop(): void;
  /** a bounded piece of clean-up, between two transactions */
  retain(): void;
  stopped(): boolean;
}

const SUMMARY_EVERY_MS = 250;
/** Under load batches that wait already go along: up to so many times `commitReadings`. */
const MOST_TOGETHER = 4;
const encoder = new TextEncoder();

interface Open {
  /** a transaction is open, since this moment of the monotonic clock */
  active: boolean;
  begunMs: number;
  /** it should be committed as soon as nothing more waits */
  due: boolean;
  readings: number;
  alerts: AlertEvent[];
  cancel: () => void;
  batch: number;
  snapshotMs: number;
  summaryMs: number;
  readers: Readers;
}

export function createLoop(l: LoopOptions): Loop {
  const open: Open = {
    active: false,
    begunMs: 0,
    due: false,
    readings: 0,
    alerts: [],
    cancel: () => {},
    batch: 0,
    snapshotMs: l.clock.monotonic(),
    summaryMs: 0,
    readers: createReaders(),
  };
  let ended = false;
  const out = writing(l.writer, open);
  const json = (kind: 'tick' | 'event' | 'command', value: unknown) => {
    begin(l, open);
    l.writer.frame(kind, encoder.encode(JSON.stringify(value)));
  };
  return {
    batch(id, buffer, more = false) {
      const bytes = new Uint8Array(buffer);
      const batch = decodeBatch(bytes);
      begin(l, open);
      const fired = l.reducer.batch(batch, out);
      l.writer.frame('batch', bytes);
      open.batch = id;
      open.readings += batch.readings;
      open.due ||= fired || open.readings >= l.options.commitReadings;
      if (open.due && !(more && mayWait(l, open))) commit(l, open, false);
    },
    event(event) {
      json('event', event);
      l.reducer.event(event, out);
      commit(l, open, false);
    },
    command(id, command, actor) {
      json('command', command);
      const result = l.reducer.command(command, out);
      const entry = auditOf(command, result, actor);
      if (entry !== null) l.writer.audit(entry, []);
      commit(l, open, false);
      l.post({ type: 'answer', id, ...result });
    },
    audit(id, entry, accounts) {
      begin(l, open);
      l.writer.audit(entry, accounts);
      commit(l, open, false);
      l.post({ type: 'answer', id });
    },
    cursor: open.readers.cursor,
    reject: open.readers.reject,
    forgive: open.readers.forgive,
    tick(start) {
      const nowMs = l.clock.now();
      if (start || l.reducer.tickDue(nowMs)) {
        json('tick', { nowMs, start });
        l.reducer.tick(nowMs, start, out);
        commit(l, open, false);
      }
      if (open.readers.moved()) {
        begin(l, open);
        commit(l, open, false);
      }
      postSummaries(l, open);
    },
    summaries: () => postSummaries(l, open),
    retain() {
      commit(l, open, false);
      const { unshipped, lostBy } = l.writer.retain(l.clock.now());
      if (unshipped > 0) this.event(sayLost(unshipped, lostBy, l.clock.now()));
    },
    stop() {
      begin(l, open);
      commit(l, open, true);
      ended = true;
    },
    stopped: () => ended,
  };
}

function writing(writer: Writer, open: Open): Outputs {
  return {
    point: (point) => writer.point(point),
    signal: (signal) => writer.signal(signal),
    alert(event) {
      writer.alert(event);
      open.alerts.push(event);
    },
    limits: (limits) => writer.limits(limits),
    gap: (gap) => writer.gap(gap),
    event: (event) => writer.event(event),
    reading: (number, sourceMs, value, quality, sequence) =>
      writer.reading(number, sourceMs, value, quality, sequence),
  };
}

/** Nothing that somebody still waits for goes silently: it is an alert like any other. */
function sayLost(transactions: number, lostBy: readonly string[], timeMs: number): SourceEvent {
  const text =
    `the database reached store.maxBytes: ${transactions} transactions were removed before ` +
    `${lostBy.join(', ')} had them. They stay in the history here, and are missing there`;
  return { source: 'store', kind: 'device', severity: 'alarm', text, timeMs };
}

function begin(l: LoopOptions, open: Open): void {
  if (open.active) return;
  l.writer.begin(l.clock.now());
  open.active = true;
  open.begunMs = l.clock.monotonic();
  open.cancel = l.later(l.options.commitEveryMs, () => commit(l, open, false));
}

/** Timers do not run while batches wait, so the time is looked at here. */
function mayWait(l: LoopOptions, open: Open): boolean {
  const { commitEveryMs, commitReadings } = l.options;
  const inTime = l.clock.monotonic() - open.begunMs < commitEveryMs;
  return inTime && open.readings < MOST_TOGETHER * commitReadings;
}

function commit(l: LoopOptions, open: Open, last: boolean): void {
  if (!open.active) return;
  open.cancel();
  const now = l.clock.monotonic();
  if (last || now - open.snapshotMs >= l.options.snapshotEveryMs) {
    l.writer.saveState(l.reducer.snapshot(last));
    open.snapshotMs = now;
  }
  open.readers.save(l.writer);
  l.writer.commit();
  const alerts = open.alerts;
  open.active = false;
  open.due = false;
  open.readings = 0;
  open.alerts = [];
  const due = now - open.summaryMs >= SUMMARY_EVERY_MS;
  post(l, open, alerts, due, now);
}

function postSummaries(l: LoopOptions, open: Open): void {
  const now = l.clock.monotonic();
  if (now - open.summaryMs >= SUMMARY_EVERY_MS) post(l, open, [], true, now);
}

function post(l: LoopOptions, open: Open, alerts: AlertEvent[], due: boolean, now: number): void {
  if (due) open.summaryMs = now;
  l.post({
    type: 'committed',
    committed: {
      seq: l.writer.head(),
      batch: open.active ? 0 : open.batch,
      alerts,
      summaries: due ? l.reducer.summaries(l.clock.now(), false) : [],
      figures: {
        ...l.reducer.figures,
        commits: l.writer.head(),
        store: due ? l.writer.figures() : {},
      },
    },
  });
}
