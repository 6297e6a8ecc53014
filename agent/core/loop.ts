import { type Batch, decodeBatch } from '../batch.ts';
import type { AlertEvent, SourceEvent } from '../model.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Writer } from '../store/store.ts';
import type { Outputs } from './outputs.ts';
import type { Command, CoreOptions, FromCore } from './protocol.ts';
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
 * comes within `commitEveryMs` or `commitReadings`, and closes at once when something fired.
 */
export interface Loop {
  batch(id: number, buffer: ArrayBuffer): void;
  event(event: SourceEvent): void;
  command(id: number, command: Command): void;
  cursor(reader: string, seq: number): void;
  tick(start: boolean): void;
  summaries(): void;
  /** commits what is open, with a snapshot */
  stop(): void;
}

const SUMMARY_EVERY_MS = 250;
const encoder = new TextEncoder();

interface Open {
  /** a transaction is open */
  active: boolean;
  readings: number;
  alerts: AlertEvent[];
  cancel: () => void;
  batch: number;
  snapshotMs: number;
  summaryMs: number;
  /** positions of readers, waiting to go along with a transaction */
  cursors: Map<string, number>;
}

export function createLoop(l: LoopOptions): Loop {
  const open: Open = {
    active: false,
    readings: 0,
    alerts: [],
    cancel: () => {},
    batch: 0,
    snapshotMs: l.clock.monotonic(),
    summaryMs: 0,
    cursors: new Map(),
  };
  const out = writing(l.writer, open);
  const json = (kind: 'tick' | 'event' | 'command', value: unknown) => {
    begin(l, open);
    l.writer.frame(kind, encoder.encode(JSON.stringify(value)));
  };
  return {
    batch(id, buffer) {
      const bytes = new Uint8Array(buffer);
      const batch = decodeBatch(bytes);
      begin(l, open);
      const fired = l.reducer.batch(batch, out);
      l.writer.frame('batch', bytes);
      open.batch = id;
      open.readings += batch.readings;
      if (fired || open.readings >= l.options.commitReadings) commit(l, open, false);
    },
    event(event) {
      json('event', event);
      l.reducer.event(event, out);
      commit(l, open, false);
    },
    command(id, command) {
      json('command', command);
      const result = l.reducer.command(command, out);
      commit(l, open, false);
      l.post({ type: 'answer', id, ...result });
    },
    cursor: (reader, seq) => {
      open.cursors.set(reader, seq);
    },
    tick(start) {
      const nowMs = l.clock.now();
      if (start || l.reducer.tickDue(nowMs)) {
        json('tick', { nowMs, start });
        l.reducer.tick(nowMs, start, out);
        commit(l, open, false);
      }
      if (open.cursors.size > 0) {
        begin(l, open);
        commit(l, open, false);
      }
      postSummaries(l, open);
    },
    summaries: () => postSummaries(l, open),
    stop() {
      begin(l, open);
      commit(l, open, true);
    },
  };
}

/** What a start found in the store. */
export interface Recovered {
  /** transactions of the journal behind the last snapshot */
  replayed: number;
  /** null in a store that has none yet */
  storeId: string | null;
}

const STORE_ID = 'store-id';

/** Replays the journal behind the last snapshot through the reducer; history alone is rewritten. */
export function recover(reducer: Reducer, writer: Writer): Recovered {
  const saved = writer.loadState();
  reducer.restore(saved.entries);
  const out = replaying(writer);
  let replayed = 0;
  let lastSeq = saved.seq;
  for (const frame of writer.frames(saved.seq)) {
    if (frame.seq !== lastSeq) replayed += 1;
    lastSeq = frame.seq;
    if (frame.kind === 'batch') reducer.batch(decodeBatch(frame.bytes) as Batch, out);
    else replayJson(reducer, frame.kind, new TextDecoder().decode(frame.bytes), out);
  }
  const storeId = saved.entries.get(STORE_ID);
  return { replayed, storeId: storeId === undefined ? null : String(JSON.parse(storeId)) };
}

/** Gives the store its id, together with a snapshot: the state is saved whole or not at all. */
export function nameStore(reducer: Reducer, writer: Writer, id: string, nowMs: number): void {
  writer.begin(nowMs);
  writer.saveState([[STORE_ID, JSON.stringify(id)] as const, ...reducer.snapshot(true)]);
  writer.commit();
}

function replayJson(reducer: Reducer, kind: string, text: string, out: Outputs): void {
  const value: unknown = JSON.parse(text);
  if (kind === 'event') reducer.event(value as SourceEvent, out);
  else if (kind === 'command') reducer.command(value as Command, out);
  else {
    const tick = value as { nowMs: number; start: boolean };
    reducer.tick(tick.nowMs, tick.start, out);
  }
}

/** The rows were committed with the frames; only the open history chunks live in memory. */
function replaying(writer: Writer): Outputs {
  return {
    point() {},
    signal() {},
    alert() {},
    limits() {},
    gap() {},
    reading: (number, sourceMs, value, quality, sequence) =>
      writer.reading(number, sourceMs, value, quality, sequence),
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
    reading: (number, sourceMs, value, quality, sequence) =>
      writer.reading(number, sourceMs, value, quality, sequence),
  };
}

function begin(l: LoopOptions, open: Open): void {
  if (open.active) return;
  l.writer.begin(l.clock.now());
  open.active = true;
  open.cancel = l.later(l.options.commitEveryMs, () => commit(l, open, false));
}

function commit(l: LoopOptions, open: Open, last: boolean): void {
  if (!open.active) return;
  open.cancel();
  const now = l.clock.monotonic();
  if (last || now - open.snapshotMs >= l.options.snapshotEveryMs) {
    l.writer.saveState(l.reducer.snapshot(last));
    open.snapshotMs = now;
  }
  for (const [reader, seq] of open.cursors) l.writer.cursor(reader, seq);
  open.cursors.clear();
  l.writer.commit();
  const alerts = open.alerts;
  open.active = false;
  open.readings = 0;
  open.alerts = [];
  const due = now - open.summaryMs >= SUMMARY_EVERY_MS || alerts.length > 0;
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
