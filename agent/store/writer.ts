import { crc32 } from 'node:zlib';
import { decodeBatch } from '../batch.ts';
import type { AccountChange, AuditEntry } from '../model.ts';
import {
  closeConnection,
  connect,
  endTransaction,
  fail,
  guarded,
  refuseIfStopped,
  renewLog,
  type Transaction,
  trustLog,
  type WriterState,
} from './connection.ts';
import { openFigures } from './figures.ts';
import { frameBuffer, journalRow, putFrame } from './frames.ts';
import { lockStore } from './lock.ts';
import type { Opened } from './opening.ts';
import { checkpoint, type Keep, usedBytes } from './retention.ts';
import { rows } from './rows.ts';
import { type Saved, saved } from './saved.ts';
import type { Writer } from './store.ts';

export interface StoreOptions extends Partial<Keep> {
  /** monotonic clock in ms, for the figures and for bounding clean-up */
  monotonic: () => number;
}

export interface StoreWriter extends Writer, Saved {
  readonly opened: Opened;
  /**
   * After a `StoreError` of a write: closes and opens the file again. What was not committed is
   * gone; go on as after a start, with `loadState` and `frames`.
   */
  reopen(): Opened;
}

const DAY_MS = 86_400_000;
const MARK_EVERY_MS = 3_600_000;

/** Opens or creates the store and takes the only writer's place. Throws `StoreError`. */
export function openWriter(file: string, options: StoreOptions): StoreWriter {
  const lock = lockStore(file);
  try {
    const w = openState(file, options);
    return {
      opened: w.connection.opened,
      head: () => w.head,
      ...input(w),
      ...rows(w),
      audit: (entry, accounts) => audit(w, entry, accounts),
      ...saved(w),
      ...upkeep(w, lock.release),
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}

function openState(file: string, options: StoreOptions): WriterState {
  const { monotonic } = options;
  const historyKeepMs = options.historyKeepMs ?? 400 * DAY_MS;
  const keep: Keep = {
    journalKeepMs: options.journalKeepMs ?? 30 * DAY_MS,
    historyKeepMs,
    pointsKeepMs: options.pointsKeepMs ?? historyKeepMs,
    maxBytes: options.maxBytes ?? 4e9,
  };
  const zero = { seq: 0, ordinal: 0, wallMs: 0, readings: 0 };
  const transaction: Transaction = { ...zero, frames: frameBuffer(), saves: false };
  const connection = connect(file, keep, monotonic, transaction);
  // The process before may have ended because a sync failed: only the kernel would know.
  if (connection.opened.recovered) renewLog(connection.db);
  return {
    file,
    keep,
    monotonic,
    connection,
    transaction,
    figures: openFigures(),
    failure: undefined,
    closed: false,
    head: connection.head,
    unshipped: 0,
    rejectedDropped: 0,
    checkpointsBusy: 0,
  };
}

function input(w: WriterState): Pick<Writer, 'begin' | 'frame' | 'reading' | 'commit'> {
  const t = w.transaction;
  return {
    begin: (wallMs) =>
      guarded(w, 'beginning a transaction', () => {
        if (t.seq !== 0) throw new Error('a transaction is open already');
        w.connection.db.exec('BEGIN IMMEDIATE');
        w.connection.points.clear();
        t.seq = w.head + 1;
        t.wallMs = wallMs;
        return t.seq;
      }),
    frame: (kind, bytes) =>
      guarded(w, 'keeping a frame', () => {
        if (t.seq === 0) throw new Error('no transaction is open');
        if (kind === 'batch') t.readings += decodeBatch(bytes).readings;
        putFrame(t.frames, kind, bytes);
      }),
    reading(number, sourceMs, value, quality, sequence) {
      if (w.failure !== undefined) throw w.failure;
      try {
        w.connection.history.add(number, sourceMs, value, quality, sequence);
      } catch (error) {
        throw fail(w, 'writing history', error);
      }
    },
    commit: () => guarded(w, 'committing', () => commit(w)),
  };
}

/** Nothing is durable before COMMIT returned; an error before or in it leaves nothing behind. */
function commit(w: WriterState): void {
  const t = w.transaction;
  const { db, history, points, insert } = w.connection;
  if (t.seq === 0) throw new Error('no transaction is open');
  const started = w.monotonic();
  const kept = t.frames.length > 0 || t.ordinal > 0;
  const position = kept ? t.seq : w.head;
  history.flush(position);
  if (kept) {
    const bytes = journalRow(t.frames);
    const { readings } = w.connection;
    insert.journal.run(t.seq, t.wallMs, t.readings, t.ordinal, crc32(bytes), bytes, readings);
    points.write(t.seq);
    mark(w);
  }
  if (t.saves) {
    history.saveOpen(position);
    insert.meta.run('statePosition', String(position));
  }
  db.exec('COMMIT');
  w.head = position;
  w.connection.readings += t.readings;
  if (kept) w.figures.committed(w.monotonic() - started, t.ordinal, t.frames.length);
  endTransaction(t);
}

/** Notes the time now and then: how old rows are, as far as clean-up needs to know. */
function mark(w: WriterState): void {
  const { wallMs, seq } = w.transaction;
  const { journalKeepMs, historyKeepMs, pointsKeepMs } = w.keep;
  const every = Math.min(MARK_EVERY_MS, journalKeepMs / 16, historyKeepMs / 16, pointsKeepMs / 16);
  if (Math.abs(wallMs - w.connection.markMs) < every) return;
  w.connection.markMs = wallMs;
  w.connection.insert.mark.run(seq, wallMs);
}

/** Not part of the journal: a replay must not write it twice, and clean-up must not reach it. */
function audit(w: WriterState, entry: AuditEntry | null, accounts: readonly AccountChange[]): void {
  guarded(w, 'writing the audit log', () => {
    const { seq, wallMs } = w.transaction;
    if (seq === 0) throw new Error('no transaction is open');
    w.connection.audit.add(wallMs, entry, accounts);
  });
}

function upkeep(
  w: WriterState,
  release: () => void,
): Pick<StoreWriter, 'retain' | 'figures' | 'reopen' | 'close'> {
  // The figures are asked for every second; the size changes with a commit or a clean-up only.
  let used = 0;
  let usedAt = -1;
  const size = () => {
    if (w.failure !== undefined || w.closed) return 0;
    if (usedAt !== w.head) used = usedBytes(w.connection.db);
    usedAt = w.head;
    return used;
  };
  return {
    retain: (wallMs) =>
      guarded(w, 'cleaning up', () => {
        if (w.transaction.seq !== 0) throw new Error('a transaction is open');
        usedAt = -1;
        const removed = w.connection.retain(wallMs);
        w.unshipped += removed.unshipped;
        if (!checkpoint(w.connection.db, 'PASSIVE')) w.checkpointsBusy += 1;
        return removed;
      }),
    figures: () => ({
      ...w.figures.read(),
      head: w.head,
      usedBytes: size(),
      unshippedRemoved: w.unshipped,
      rejectedDropped: w.rejectedDropped,
      checkpointsBusy: w.checkpointsBusy,
    }),
    reopen() {
      if (w.closed) refuseIfStopped(w);
      closeConnection(w);
      w.connection = connect(w.file, w.keep, w.monotonic, w.transaction);
      trustLog(w);
      w.head = w.connection.head;
      w.failure = undefined;
      return w.connection.opened;
    },
    close() {
      if (w.closed) return;
      w.closed = true;
      try {
        if (w.failure === undefined) w.connection.insert.meta.run('clean', '1');
      } catch (error) {
        // Everything is committed; only the next start will think that this one crashed.
        fail(w, 'closing', error);
      }
      closeConnection(w);
      release();
    },
  };
}
