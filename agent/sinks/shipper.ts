import type { CharacteristicSummary, SinkHealth, SourceHealth } from '../model.ts';
import type { Clock } from '../runtime/clock.ts';
import { duration } from '../runtime/duration.ts';
import { HoldError, messageOf, PermanentError, RetryError } from '../runtime/errors.ts';
import type { Log } from '../runtime/log.ts';
import { backoff, sleep } from '../runtime/retry.ts';
import { decodeRows, type ShipperRows } from './rows.ts';
import type { Sink, WriteResult } from './sink.ts';
import { createSleeper, type Sleeper } from './sleeper.ts';

/** Settings that every kind of sink has; a kind spreads them into its own schema. */
export const shipperSettings = {
  flushEvery: duration('1s').describe(
    'longest time a row waits before it is sent, unless 1 000 readings wait already',
  ),
};

export interface ShipperOptions {
  name: string;
  kind: string;
  sink: Sink;
  /** whole transactions after `after`, about `maxReadings` readings; from the reader thread */
  rows(after: number, maxReadings: number): Promise<ShipperRows>;
  /** makes the position lasting; called only after the sink took everything up to it */
  saveCursor(seq: number): void | Promise<void>;
  /** position at which an earlier run stopped; 0 = nothing shipped yet */
  cursor: number;
  flushEveryMs: number;
  clock: Clock;
  random: () => number;
  log: Log;
  /** readings fetched and written in one go */
  maxReadings?: number;
}

interface RejectedRow {
  row: string;
  reason: string;
  atMs: number;
}

/** The runner of one sink: a cursor over the journal that moves only after the sink said yes. */
export interface Shipper {
  /** called at each commit; `readings` = readings in it, so that a full batch need not wait */
  wake(head: number, readings?: number): void;
  health(): SinkHealth;
  /** the last rows that the other side refused, newest last, at most 100 */
  rejected(): readonly RejectedRow[];
  /** writes the agent's own health now; never retried, never throws */
  beat(sources: SourceHealth[], summaries?: CharacteristicSummary[]): Promise<void>;
  /** ships what is there until the deadline, then stops; what is left stays in the store */
  stop(deadlineMs: number): Promise<void>;
}

const ENOUGH_READINGS = 1000;
const FETCH_READINGS = 10_000;
const REJECTED_KEPT = 100;
const REASONS_LOGGED = 100;
const FIRST_BACKOFF_MS = 500;
const STOP_GRACE_MS = 500;
const MAX_BACKOFF_MS = 60_000;

interface State {
  cursor: number;
  head: number;
  waiting: number;
  /** monotonic time from which `flushEvery` counts */
  sinceMs: number;
  /** receive time of the oldest unsent row, as far as known; null when nothing waits */
  oldestMs: number | null;
  state: SinkHealth['state'];
  detail: string;
  written: number;
  rejectedCount: number;
  rejected: RejectedRow[];
  reasons: Set<string>;
  stopping: boolean;
}

/** Starts the runner; it sleeps until `wake` says that the journal is ahead of the cursor. */
export function shipper(options: ShipperOptions): Shipper {
  const { clock, log, sink } = options;
  const s = initial(options.cursor);
  const sleeper = createSleeper();
  const abort = new AbortController();
  const running = run(options, s, sleeper, abort.signal);
  const health = () => healthOf(options, s);
  return {
    wake(head, readings = 0) {
      if (head <= s.head) return;
      if (s.head === s.cursor) {
        s.sinceMs = clock.monotonic();
        s.oldestMs = clock.now();
      }
      s.head = head;
      s.waiting += readings;
      sleeper.ring();
    },
    health,
    rejected: () => s.rejected,
    async beat(sources, summaries = []) {
      if (sink.beat === undefined || s.stopping || s.state !== 'up') return;
      try {
        await sink.beat(sources, abort.signal, { health: health(), summaries });
      } catch (error) {
        log.debug('sink-beat-failed', { sink: options.name, reason: messageOf(error) });
      }
    },
    async stop(deadlineMs) {
      s.stopping = true;
      sleeper.ring();
      const ended = new AbortController();
      const deadline = sleep(deadlineMs, ended.signal).then(() => abort.abort());
      const grace = deadline.then(() => sleep(STOP_GRACE_MS, ended.signal));
      await Promise.race([running, grace]);
      ended.abort();
      abort.abort();
      await sink.close();
      s.state = 'stopped';
    },
  };
}

function initial(cursor: number): State {
  return {
    cursor,
    head: cursor,
    waiting: 0,
    sinceMs: 0,
    oldestMs: null,
    state: 'up',
    detail: '',
    written: 0,
    rejectedCount: 0,
    rejected: [],
    reasons: new Set(),
    stopping: false,
  };
}

function healthOf(options: ShipperOptions, s: State): SinkHealth {
  return {
    name: options.name,
    kind: options.kind,
    state: s.state,
    detail: s.detail,
    cursor: s.cursor,
    head: s.head,
    rowsWritten: s.written,
    rowsRejected: s.rejectedCount,
    oldestUnsentMs: s.oldestMs,
  };
}

async function run(o: ShipperOptions, s: State, sleeper: Sleeper, signal: AbortSignal) {
  const retry = backoff({ firstMs: FIRST_BACKOFF_MS, maxMs: MAX_BACKOFF_MS, random: o.random });
  let opened = false;
  let more = true;
  while (!signal.aborted) {
    if (s.cursor >= s.head) {
      if (s.stopping) return;
      await sleeper.until(() => s.stopping || s.cursor < s.head, null);
      more = false;
      continue;
    }
    if (!more) {
      const left = o.flushEveryMs - (o.clock.monotonic() - s.sinceMs);
      const enough = () => s.stopping || s.waiting >= ENOUGH_READINGS;
      if (left > 0) await sleeper.until(enough, left);
    }
    try {
      if (!opened) await o.sink.open();
      opened = true;
      more = await shipOnce(o, s, signal);
      retry.reset();
    } catch (error) {
      const pauseMs = failed(o, s, error, () => retry.next());
      if (pauseMs === null || s.stopping) return;
      more = true;
      await sleeper.until(() => s.stopping, pauseMs);
    }
  }
}

/** One fetch, one write, one step of the cursor. True when more waits than one fetch holds. */
async function shipOnce(o: ShipperOptions, s: State, signal: AbortSignal): Promise<boolean> {
  const target = s.head;
  const stored = await o.rows(s.cursor, o.maxReadings ?? FETCH_READINGS);
  if (signal.aborted) return false;
  const { rows, readings, firstMs, lastMs } = decodeRows(stored);
  if (firstMs !== null) s.oldestMs = Math.min(firstMs, s.oldestMs ?? firstMs);
  const result = await o.sink.write(rows, signal);
  await o.saveCursor(stored.upTo);
  count(o, s, result);
  s.cursor = stored.upTo;
  s.head = Math.max(s.head, s.cursor);
  s.sinceMs = o.clock.monotonic();
  const idle = s.cursor === s.head;
  s.waiting = idle ? 0 : Math.max(0, s.waiting - readings);
  s.oldestMs = idle ? null : (lastMs ?? s.oldestMs);
  if (s.state !== 'up') o.log.info('sink-up', { sink: o.name, cursor: s.cursor, head: s.head });
  s.state = 'up';
  s.detail = '';
  return s.cursor < target;
}

function count(o: ShipperOptions, s: State, result: WriteResult): void {
  s.written += result.written;
  s.rejectedCount += result.rejected.length;
  for (const { row, reason } of result.rejected) {
    s.rejected.push({ row, reason, atMs: o.clock.now() });
    if (s.rejected.length > REJECTED_KEPT) s.rejected.shift();
    const sort = reason.replace(/'[^']*'|"[^"]*"|\d+/g, '…');
    if (s.reasons.has(sort) || s.reasons.size >= REASONS_LOGGED) continue;
    s.reasons.add(sort);
    o.log.warn('sink-row-rejected', { sink: o.name, reason, row });
  }
}

/** Notes what went wrong; returns how long to wait, null = never again in this run. */
function failed(o: ShipperOptions, s: State, error: unknown, next: () => number): number | null {
  const detail = messageOf(error);
  const note = (state: SinkHealth['state'], event: string) => {
    if (s.state !== state || (state !== 'retrying' && s.detail !== detail)) {
      o.log.warn(event, { sink: o.name, reason: detail, cursor: s.cursor, head: s.head });
    }
    s.state = state;
    s.detail = detail;
  };
  if (error instanceof HoldError) {
    note('held', 'sink-held');
    return error.probeMs;
  }
  if (error instanceof PermanentError) {
    note('stopped', 'sink-stopped');
    return null;
  }
  note('retrying', 'sink-retrying');
  const own = next();
  // Not before the time the server named; the jitter after it keeps many agents apart.
  const after = error instanceof RetryError ? error.afterMs : null;
  return after === null ? own : after + Math.min(own, 1000);
}
